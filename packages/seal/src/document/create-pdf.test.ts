import { describe, expect, it } from 'vitest'
import { chineseFont, codeOf, hasTool, makePng, now, runTool, text } from '../../test/support.ts'
import { createPdf, type DocumentDescription, licenceDocument, licenceSealArea, type PageItem } from '../document.ts'

const font = chineseFont()

function page(...items: PageItem[]): DocumentDescription {
  return { title: '样例', createdAt: now, fonts: { serif: font }, pages: [{ width: 210, height: 297, items }] }
}

function line(value: string, rest: Partial<Extract<PageItem, { kind: 'text' }>> = {}): PageItem {
  return { kind: 'text', text: value, x: 20, y: 40, size: 6, font: 'serif', ...rest }
}

const licence = licenceDocument({
  font,
  createdAt: now,
  sample: true,
  content: {
    operatorName: '杭州样例餐饮管理有限公司',
    uscc: '91330110MA2AXY0E7F',
    legalRepresentative: '王样例',
    premises: '浙江省杭州市余杭区样例街道样例路1号',
    businessForm: '餐饮服务经营者',
    scope: '热食类食品制售，自制饮品制售',
    number: 'JY23301100000001',
    validUntil: '2031-11-23',
    authority: '样例区市场监督管理局',
    issuedOn: '2026-11-24',
  },
})

describe('making a PDF', () => {
  it('gives the same bytes for the same description', async () => {
    expect(await createPdf(licence)).toEqual(await createPdf(licence))
  })

  it('names the characters that a font lacks instead of drawing boxes', async () => {
    const promise = createPdf(page(line('𠮷野家')))
    await expect(promise).rejects.toMatchObject({ code: 'ERR_SEAL_GLYPH_MISSING', facts: { characters: ['𠮷'] } })
  })

  it('refuses what it cannot make, with a code', async () => {
    expect(await codeOf(createPdf({ ...page(), pages: [] }))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    expect(await codeOf(createPdf(page(line('a', { x: Number.NaN }))))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    expect(await codeOf(createPdf(page(line('a', { font: 'sans' }))))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    expect(await codeOf(createPdf(page({ kind: 'path', d: 'M0 0<script>' })))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    const image = {
      kind: 'image',
      x: 0,
      y: 0,
      width: 9,
      height: 9,
      data: new Uint8Array(9),
      mediaType: 'image/png',
    } as const
    expect(await codeOf(createPdf(page(image)))).toBe('ERR_SEAL_DOCUMENT_INVALID')
    const broken = { ...page(line('a')), fonts: { serif: new Uint8Array(20) } }
    expect(await codeOf(createPdf(broken))).toBe('ERR_SEAL_FONT_UNREADABLE')
  })

  it('marks a sample on the page and in the document information', async () => {
    const items = licence.pages[0]!.items
    expect(items.some((item) => item.kind === 'text' && item.text === '样例 · 测试专用')).toBe(true)
    expect(licence.subject).toBe('样例 · 测试专用')
    expect(licenceSealArea.x + licenceSealArea.width).toBeLessThan(licence.pages[0]!.width)
  })
})

describe.skipIf(!hasTool('pdftotext') || !hasTool('qpdf') || !hasTool('pdffonts'))(
  'a PDF as others read it (needs poppler and qpdf)',
  () => {
    it('gives back its text, word for word', async () => {
      const words = runTool('pdftotext', ['-layout', '%', '-'], await createPdf(licence)).output
      for (const expected of [
        '食品经营许可证',
        '杭州样例餐饮管理有限公司',
        '91330110MA2AXY0E7F',
        '2031年11月23日',
        '样例 · 测试专用',
      ]) {
        expect(words).toContain(expected)
      }
    })

    it('has embedded subset fonts with Unicode and no structural warning', async () => {
      const pdf = await createPdf(
        page(line('中文 and Latin'), {
          kind: 'image',
          x: 9,
          y: 9,
          width: 9,
          height: 9,
          data: makePng(3, 3),
          mediaType: 'image/png',
        }),
      )
      const check = runTool('qpdf', ['--check', '%'], pdf)
      expect(check.status, check.output).toBe(0)
      expect(check.output).not.toContain('WARNING')
      expect(runTool('pdffonts', ['%'], pdf).output).toMatch(/CID TrueType\s+Identity-H\s+yes yes yes/)
      expect(pdf.length).toBeLessThan(20_000)
    })

    it('breaks long texts at the width and keeps punctuation at the end of a line', async () => {
      const pdf = await createPdf(page(line('一二三四五，六七八九十。', { maxWidth: 31 })))
      const lines = runTool('pdftotext', ['-layout', '%', '-'], pdf).output.trim().split('\n')
      expect(lines.map((each) => each.trim())).toEqual(['一二三四', '五，六七八', '九十。'])
    })

    it('draws every kind of item', async () => {
      const pdf = await createPdf(
        page(
          {
            kind: 'rectangle',
            x: 10,
            y: 10,
            width: 50,
            height: 20,
            stroke: [255, 0, 0],
            fill: [0, 255, 0],
            lineWidth: 1,
          },
          { kind: 'line', x1: 10, y1: 50, x2: 60, y2: 50, width: 0.5, color: [0, 0, 255] },
          { kind: 'path', d: 'M10 60 h20 v20 a5 5 0 0 1 -5 5 z', fill: [9, 9, 9], stroke: [1, 1, 1] },
          line('右', { align: 'right', letterSpacing: 1, color: [200, 0, 0] }),
        ),
      )
      expect(runTool('qpdf', ['--check', '%'], pdf).status).toBe(0)
      expect(text(pdf)).toContain('/Title')
    })
  },
)
