import fontkit from '@pdf-lib/fontkit'
import { toHex } from '@zhicheng/core'
import { attribute, childElements, firstChild, parseXml, textOf, type XmlElement } from '@zhicheng/formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { filesOf, pixel, sampleDescription, sampleOfd } from '../../test/ofd-support.ts'
import { chineseFont, codeOf, hasTool, runTool } from '../../test/support.ts'
import { createOfd } from './create.ts'

let files: Map<string, Uint8Array>

beforeAll(async () => {
  files = await filesOf(await sampleOfd())
})

function root(name: string): XmlElement {
  return parseXml(files.get(name)!)
}

function objects(page: number): XmlElement[] {
  const content = firstChild(root(`Doc_0/Pages/Page_${page}/Content.xml`), 'Content')!
  return childElements(childElements(content, 'Layer')[0]!)
}

function numbers(element: XmlElement, name: string): number[] {
  return attribute(element, name)!.split(' ').map(Number)
}

describe('a document that was made', () => {
  test('has the same bytes for the same description', async () => {
    expect(toHex(await createOfd(sampleDescription()))).toBe(toHex(await sampleOfd()))
  })

  test('says in its entry file what the description says', () => {
    const info = firstChild(firstChild(root('OFD.xml'), 'DocBody')!, 'DocInfo')!
    const values = Object.fromEntries(childElements(info).map((element) => [element.localName, textOf(element)]))
    expect(values).toMatchObject({
      Title: '样例许可证',
      Author: '样例机关',
      CreationDate: '2026-11-24',
      Creator: 'Zhicheng',
    })
    expect(values['DocID']).toMatch(/^[0-9a-f]{32}$/)
  })

  test('keeps the size of each page and the order of its items', () => {
    const area = (page: number) => textOf(firstChild(root(`Doc_0/Pages/Page_${page}/Content.xml`), 'Area')!)
    expect([area(0), area(1)]).toEqual(['0 0 210 297', '0 0 297 210'])
    expect(objects(0).map(({ localName }) => localName)).toEqual([
      'PathObject',
      'TextObject',
      'PathObject',
      'ImageObject',
      'PathObject',
    ])
  })

  test('gives every object an identifier of its own, none above MaxUnitID', () => {
    const ids: number[] = []
    const collect = (element: XmlElement): void => {
      const id = attribute(element, 'ID')
      if (id !== undefined) ids.push(Number(id))
      for (const child of childElements(element)) collect(child)
    }
    for (const name of files.keys()) if (name.endsWith('.xml')) collect(root(name))
    expect(new Set(ids).size).toBe(ids.length)
    const common = firstChild(root('Doc_0/Document.xml'), 'CommonData')!
    expect(Number(textOf(firstChild(common, 'MaxUnitID')!))).toBe(Math.max(...ids))
  })

  test('refers to nothing that is not there', () => {
    const media = (name: string) =>
      childElements(root(name))
        .flatMap((group) => childElements(group))
        .map(textOf)
    for (const file of [...media('Doc_0/PublicRes.xml'), ...media('Doc_0/DocumentRes.xml')]) {
      expect([file, files.has(`Doc_0/Res/${file}`)]).toEqual([file, true])
    }
    expect([...files.values()].some((content) => toHex(content) === toHex(pixel))).toBe(true)
  })

  test('places characters by the widths of the embedded font', () => {
    const [text] = objects(0).filter(({ localName }) => localName === 'TextObject')
    const code = firstChild(text!, 'TextCode')!
    const content = textOf(code)
    expect(content).toBe('食品经营许可证')
    const font = fontkit.create([...files].find(([name]) => /font_\d+\./.test(name))![1])
    const expected = [...content].map(
      (character) => (font.glyphForCodePoint(character.codePointAt(0)!).advanceWidth / font.unitsPerEm) * 10,
    )
    const deltas = numbers(code, 'DeltaX')
    expect(deltas).toHaveLength(content.length - 1)
    for (const [index, delta] of deltas.entries()) expect(delta).toBeCloseTo(expected[index]!, 2)
    const [left, , width] = numbers(text!, 'Boundary') as [number, number, number]
    const total = expected.reduce((sum, each) => sum + each, 0)
    expect(left + total / 2).toBeCloseTo(105, 2)
    expect(width).toBeGreaterThanOrEqual(total - 0.001)
    for (const character of content) expect(font.hasGlyphForCodePoint(character.codePointAt(0)!)).toBe(true)
  })

  test('adds letter spacing to the distances', () => {
    const [text] = objects(1)
    expect(numbers(firstChild(text!, 'TextCode')!, 'DeltaX')).toEqual([6])
  })

  test('draws in the coordinates of each boundary', () => {
    const [rectangle, line, path] = objects(0).filter(({ localName }) => localName === 'PathObject')
    expect(attribute(rectangle!, 'Boundary')).toBe('9.9 9.9 190.2 277.2')
    expect(textOf(firstChild(rectangle!, 'AbbreviatedData')!)).toBe('M 0.1 0.1 L 190.1 0.1 L 190.1 277.1 L 0.1 277.1 C')
    expect(attribute(line!, 'Boundary')).toBe('19.85 69.85 170.3 0.3')
    expect(attribute(path!, 'Stroke')).toBe('false')
    expect(textOf(firstChild(path!, 'AbbreviatedData')!)).toBe('M 20 120 L 30 120 L 30 130 L 20 130 C')
  })

  test.skipIf(!hasTool('xmllint'))(
    'is XML that xmllint reads, in a zip that unzip tests (needs xmllint, unzip)',
    async () => {
      for (const [name, content] of files) {
        if (!name.endsWith('.xml')) continue
        expect(runTool('xmllint', ['--noout', '--nonet', 'x'], { x: content })).toEqual({ status: 0, output: '' })
      }
      expect(runTool('unzip', ['-t', 'x.ofd'], { 'x.ofd': await sampleOfd() }).output).toContain('No errors detected')
    },
  )
})

describe('what makes no document', () => {
  test('a character that the font lacks, named by itself', async () => {
    const description = sampleDescription()
    description.pages[0]!.items.push({ kind: 'text', text: '\u{2a6d6}', x: 1, y: 1, size: 3, font: 'serif' })
    expect(await codeOf(createOfd(description))).toBe('ERR_SEAL_GLYPH_MISSING')
  })

  test('a path that is none, and a document without pages', async () => {
    const description = sampleDescription()
    description.pages[0]!.items.push({ kind: 'path', d: 'M1' })
    expect(await codeOf(createOfd(description))).toBe('ERR_OFD_PATH_DATA')
    expect(await codeOf(createOfd({ ...description, pages: [] }))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    expect(await codeOf(createOfd({ ...sampleDescription(), fonts: { serif: chineseFont().subarray(0, 100) } }))).toBe(
      'ERR_SEAL_FONT_UNREADABLE',
    )
  })
})
