import { spawnSync } from 'node:child_process'
import { isZhichengError, utf8 } from '@zhicheng/core'
import { describe, expect, test } from 'vitest'
import { attribute, childElements, firstChild, textOf } from './xml-query.ts'
import { parseXml } from './xml-reader.ts'

function codeOf(input: string | Uint8Array, limits = {}): string {
  try {
    parseXml(input, limits)
    return 'accepted'
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
}

test('elements, texts, attributes and namespaces are read', () => {
  const root = parseXml(
    '\ufeff<?xml version="1.0" encoding="UTF-8"?><!-- note --><o:a xmlns:o="urn:x" xmlns="urn:y" k="1&#x20;2"><b>样&lt;例</b><![CDATA[<raw>]]><?pi data?></o:a>\n',
  )
  expect([root.name, root.prefix, root.localName, root.namespace]).toEqual(['o:a', 'o', 'a', 'urn:x'])
  expect(attribute(root, 'k')).toBe('1 2')
  expect(firstChild(root, 'b')?.namespace).toBe('urn:y')
  expect(childElements(root).length).toBe(1)
  expect(textOf(root)).toBe('样<例<raw>')
})

describe('byte offsets', () => {
  test('cut an element out of UTF-8 with a byte order mark', () => {
    const bytes = utf8('\ufeff<?xml version="1.0"?><根 a="𠀀样"><x>例</x>text<y k="é"/></根>')
    const root = parseXml(bytes)
    const slice = (name: string) => {
      const { start, end } = firstChild(root, name)!
      return new TextDecoder().decode(bytes.subarray(start, end))
    }
    expect(slice('x')).toBe('<x>例</x>')
    expect(slice('y')).toBe('<y k="é"/>')
    expect(root.end).toBe(bytes.length)
  })

  test('cut an element out of GB18030, two and four bytes a character', () => {
    const head = utf8('<?xml version="1.0" encoding="GB18030"?><a>')
    const tail = utf8('<b/></a>')
    // 支撑 in two bytes each, then U+20000 in four.
    const body = Uint8Array.of(0xd6, 0xa7, 0xb3, 0xc5, 0x95, 0x32, 0x82, 0x36)
    const bytes = new Uint8Array([...head, ...body, ...tail])
    const root = parseXml(bytes)
    expect(textOf(root)).toBe('支撑\u{20000}')
    const b = firstChild(root, 'b')!
    expect(new TextDecoder().decode(bytes.subarray(b.start, b.end))).toBe('<b/>')
  })
})

describe('what is refused', () => {
  test.each([
    ['<!DOCTYPE a><a/>'],
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['<?xml version="1.0"?><!doctype a><a/>'],
  ])('a document type: %s', (text) => {
    expect(codeOf(text)).toBe('ERR_XML_DOCTYPE')
  })

  test.each([
    ['an undefined entity', '<a>&nbsp;</a>'],
    ['an entity named like a property of every object', '<a>&constructor;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a reference to NUL', '<a>&#0;</a>'],
    ['a reference to a surrogate', '<a>&#xD800;</a>'],
    ['a reference beyond Unicode', '<a>&#x110000;</a>'],
    ['a control character', '<a>\u0001</a>'],
    ['a tag that is not closed', '<a><b></a>'],
    ['nothing', ''],
    ['text alone', 'hello'],
    ['two roots', '<a/><b/>'],
    ['text behind the root', '<a/>x'],
    ['a CDATA section outside the root', '<![CDATA[x]]><a/>'],
    ['"]]>" in text', '<a>]]></a>'],
    ['"--" in a comment', '<a><!-- a -- b --></a>'],
    ['an attribute twice', '<a k="1" k="2"/>'],
    ['an attribute twice by namespace', '<a xmlns:p="u" xmlns:q="u" p:k="1" q:k="2"/>'],
    ['"<" in an attribute', '<a k="<"/>'],
    ['an attribute without quotes', '<a k=1/>'],
    ['attributes without a space between', '<a k="1"l="2"/>'],
    ['a prefix that is not declared', '<p:a/>'],
    ['a prefix that is declared as nothing', '<p:a xmlns:p=""/>'],
    ['a name that begins with a digit', '<1a/>'],
    ['a name with two colons', '<a:b:c xmlns:a="u"/>'],
    ['a declaration that is not at the start', ' <?xml version="1.0"?><a/>'],
    ['an unknown declaration', '<a><!ELEMENT b></a>'],
    ['a tag that ends in a slash', '<a/ >'],
    ['a document that ends in a tag', '<a k="1"'],
  ])('%s', (_, text) => {
    expect(codeOf(text)).toBe('ERR_XML_MALFORMED')
  })

  test('another encoding, and bytes that are not what they say', () => {
    expect(codeOf('<?xml version="1.0" encoding="UTF-16"?><a/>')).toBe('accepted')
    expect(codeOf(utf8('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'))).toBe('ERR_XML_ENCODING')
    expect(codeOf(Uint8Array.of(0xff, 0xfe, 0x3c, 0, 0x61, 0))).toBe('ERR_XML_ENCODING')
    expect(codeOf(Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e))).toBe('ERR_XML_ENCODING')
  })

  test('more bytes, depth or nodes than allowed', () => {
    const deep = '<a>'.repeat(100_000)
    expect(codeOf(deep)).toBe('ERR_XML_LIMIT')
    expect(codeOf('<a><b/></a>', { maxDepth: 1 })).toBe('ERR_XML_LIMIT')
    expect(codeOf(`<a>${'<b/>'.repeat(20)}</a>`, { maxNodes: 20 })).toBe('ERR_XML_LIMIT')
    expect(codeOf(`<a ${Array.from({ length: 30 }, (_, i) => `k${i}=""`).join(' ')}/>`, { maxNodes: 20 })).toBe(
      'ERR_XML_LIMIT',
    )
    expect(codeOf('<a/>', { maxBytes: 3 })).toBe('ERR_XML_LIMIT')
  })
})

test('malformed documents that xmllint refuses are refused here too (needs xmllint)', ({ skip }) => {
  if (spawnSync('xmllint', ['--version']).error) {
    if (process.env['CI'] === 'true') throw new Error('xmllint is missing')
    skip()
  }
  const seed = '<?xml version="1.0"?><r xmlns:p="u" k="v &amp; w"><p:a x=\'1\'/>t&#65;<b><![CDATA[c]]></b><!--n--></r>'
  let refused = 0
  for (let at = 21; at < seed.length; at += 1) {
    const broken = seed.slice(0, at) + seed.slice(at + 1)
    const lint = spawnSync('xmllint', ['--nonet', '--noout', '-'], { input: broken })
    const accepted = lint.status === 0 && !String(lint.stderr).includes('namespace error')
    expect([broken, codeOf(broken) === 'accepted']).toEqual([broken, accepted])
    if (!accepted) refused += 1
  }
  expect(refused).toBeGreaterThan(30)
})
