import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { textOf } from './xml-query.ts'
import { parseXml } from './xml-reader.ts'
import { formatXml, xml } from './xml-writer.ts'

const sample = xml(
  'o:root',
  { 'xmlns:o': 'urn:x', title: 'a"b<c>&\n样例', count: 3, absent: undefined },
  xml('o:item', null, ' x < y & z\r\n'),
  [xml('o:empty', { flag: 'true' }), undefined],
)

test('what is written is read back as it was', () => {
  const root = parseXml(formatXml(sample))
  expect(root.attributes.get('title')).toBe('a"b<c>&\n样例')
  expect(root.attributes.get('count')).toBe('3')
  expect(root.attributes.has('absent')).toBe(false)
  expect(textOf(root)).toBe(' x < y & z\r\n')
})

test('indenting never adds to text', () => {
  const text = new TextDecoder().decode(formatXml(sample, { indent: true, declaration: false }))
  expect(text).toContain('\n  <o:item> x &lt; y &amp; z&#13;\n</o:item>\n  <o:empty flag="true"/>\n</o:root>\n')
})

test('names and characters that XML does not have are refused', () => {
  const refused = { code: 'ERR_XML_UNWRITABLE' }
  expect(() => xml('a b', null)).toThrow(expect.objectContaining(refused))
  expect(() => xml('a', { '1': 'x' })).toThrow(expect.objectContaining(refused))
  expect(() => xml('a', { k: '\u0000' })).toThrow(expect.objectContaining(refused))
  expect(() => xml('a', { k: Number.NaN })).toThrow(expect.objectContaining(refused))
  expect(() => formatXml(xml('a', null, '\ud800'))).toThrow(expect.objectContaining(refused))
  expect(() => formatXml('text')).toThrow(expect.objectContaining(refused))
})

test('xmllint accepts what is written (needs xmllint)', ({ skip }) => {
  if (spawnSync('xmllint', ['--version']).error) {
    if (process.env['CI'] === 'true') throw new Error('xmllint is missing')
    skip()
  }
  for (const indent of [false, true]) {
    const lint = spawnSync('xmllint', ['--noout', '--nonet', '-'], { input: formatXml(sample, { indent }) })
    expect([lint.status, String(lint.stderr)]).toEqual([0, ''])
  }
})
