/** The page of a food operation licence (食品经营许可证): A4 landscape, frame and guilloche drawn as paths, no state emblem. */
import type { Colour, DocumentDescription, PageItem, TextItem } from './description.ts'
import { fretBorder, rosette, waves } from './ornament.ts'

/** What stands on the licence. */
export interface LicenceContent {
  /** 经营者名称 */
  operatorName: string
  /** 统一社会信用代码 */
  uscc: string
  /** 法定代表人（负责人） */
  legalRepresentative: string
  /** 住所; the line is left out when absent. */
  address?: string
  /** 经营场所 */
  premises: string
  /** 主体业态 */
  businessForm: string
  /** 经营项目 */
  scope: string
  /** 许可证编号 */
  number: string
  /** 有效期至, a day such as `2031-11-23`. */
  validUntil: string
  /** 发证机关 */
  authority: string
  /** 发证日期, a day such as `2026-11-24`. */
  issuedOn: string
}

/** Options of {@link licenceDocument}. */
export interface LicenceOptions {
  content: LicenceContent
  /** A serif (宋体) font with Chinese characters. */
  font: Uint8Array
  createdAt: Date
  /** True prints 样例 · 测试专用 on the page: for everything that is not issued by an authority. */
  sample: boolean
  /** Modules of a QR code, row by row, dark ones true; the area stays empty when absent. */
  qrCode?: readonly (readonly boolean[])[]
  /** Title of the licence; 食品经营许可证 when absent. */
  title?: string
}

const page = { width: 297, height: 210 }
const ink: Colour = [34, 32, 30]
const labelInk: Colour = [112, 78, 38]
const gold: Colour = [176, 136, 72]
const valueSize = 4.6
const valueWidth = 96
const red: Colour = [186, 32, 38]

/** Where the seal of the authority belongs, in mm from the top-left corner: over its name and the date. */
export const licenceSealArea: { page: number; x: number; y: number; width: number; height: number } = {
  page: 1,
  x: 205,
  y: 132,
  width: 42,
  height: 42,
}

/**
 * Describes a licence, for PDF and OFD alike.
 *
 * @example
 * ```ts
 * const pdf = await createPdf(licenceDocument({ content, font, createdAt: new Date(), sample: true }))
 * ```
 */
export function licenceDocument(options: LicenceOptions): DocumentDescription {
  const { content, font, createdAt, sample, qrCode, title = '食品经营许可证' } = options
  const items: PageItem[] = [
    ...background(),
    text(title, { x: page.width / 2 + 2, y: 52, size: 14, align: 'center', letterSpacing: 4, color: ink }),
    { kind: 'line', x1: 112, y1: 58.5, x2: 185, y2: 58.5, width: 0.35, color: gold },
    { kind: 'line', x1: 104, y1: 59.7, x2: 193, y2: 59.7, width: 0.15, color: gold },
    ...mainColumn(content),
    ...sideColumn(content),
    ...(qrCode ? [qrPath(qrCode)] : []),
    text('本证由发证机关电子签章，扫码或核验文件可辨真伪。', {
      x: page.width / 2,
      y: 186.5,
      size: 2.9,
      align: 'center',
      color: labelInk,
    }),
    ...(sample
      ? [
          text('样例 · 测试专用', {
            x: page.width / 2,
            y: 180.5,
            size: 4.6,
            align: 'center',
            letterSpacing: 0.8,
            color: red,
          }),
        ]
      : []),
  ]
  return {
    title: `${title} ${content.number}`,
    author: content.authority,
    subject: sample ? '样例 · 测试专用' : title,
    createdAt,
    fonts: { serif: font },
    pages: [{ ...page, items }],
  }
}

function text(value: string, rest: Omit<TextItem, 'kind' | 'text' | 'font'>): TextItem {
  return { kind: 'text', text: value, font: 'serif', ...rest }
}

function background(): PageItem[] {
  return [
    { kind: 'rectangle', x: 0, y: 0, ...page, fill: [253, 251, 245] },
    { kind: 'path', d: waves({ x: 20, y: 20, width: 257, height: 170 }), stroke: [240, 233, 216], lineWidth: 0.12 },
    { kind: 'path', d: rosette({ x: 148.5, y: 112, radius: 58 }), stroke: [233, 220, 190], lineWidth: 0.14 },
    { kind: 'rectangle', x: 8, y: 8, width: 281, height: 194, stroke: gold, lineWidth: 0.9 },
    { kind: 'path', d: fretBorder({ x: 9.6, y: 9.6, width: 277.8, height: 190.8 }), stroke: gold, lineWidth: 0.42 },
    { kind: 'rectangle', x: 17.2, y: 17.2, width: 262.6, height: 175.6, stroke: gold, lineWidth: 0.25 },
    { kind: 'rectangle', x: 18.4, y: 18.4, width: 260.2, height: 173.2, stroke: gold, lineWidth: 0.6 },
  ]
}

function mainColumn(content: LicenceContent): PageItem[] {
  const rows: [label: string, value: string][] = [
    ['经营者名称', content.operatorName],
    ['统一社会信用代码', content.uscc],
    ['法定代表人', content.legalRepresentative],
    ...(content.address === undefined ? [] : ([['住所', content.address]] satisfies [string, string][])),
    ['经营场所', content.premises],
    ['主体业态', content.businessForm],
    ['经营项目', content.scope],
  ]
  const lines = rows.map(([, value]) => Math.ceil(widthInEm(value) / (valueWidth / valueSize - 1)))
  const lineHeight = valueSize * 1.5
  const gap = (106 - lines.reduce((sum, each) => sum + each, 0) * lineHeight) / rows.length
  let y = 76
  return rows.flatMap(([label, value], index) => {
    const items = field(label, value, { x: 34, y, width: valueWidth })
    y += lines[index]! * lineHeight + Math.max(1, gap)
    return items
  })
}

/** Enough to tell how many lines a value takes before the font is opened: ASCII is about half as wide as a Chinese character. */
function widthInEm(value: string): number {
  return [...value].reduce((sum, character) => sum + (character < '\u0100' ? 0.56 : 1), 0)
}

function sideColumn(content: LicenceContent): PageItem[] {
  return [
    ...field('许可证编号', content.number, { x: 178, y: 76, width: 56, labelWidth: 26 }),
    ...field('有效期至', chineseDay(content.validUntil), { x: 178, y: 90.5, width: 56, labelWidth: 26 }),
    ...field('发证机关', content.authority, { x: 178, y: 148, width: 56, labelWidth: 26 }),
    ...field('发证日期', chineseDay(content.issuedOn), { x: 178, y: 161, width: 56, labelWidth: 26 }),
  ]
}

/** A label whose characters are spread over a fixed width, as forms have it, and its value. */
function field(
  label: string,
  value: string,
  { x, y, width, labelWidth = 37 }: { x: number; y: number; width: number; labelWidth?: number },
): PageItem[] {
  const size = 4.4
  const spread = label.length > 1 ? (labelWidth - 3 - label.length * size) / (label.length - 1) : 0
  return [
    text(label, { x, y, size, letterSpacing: Math.max(0, spread), color: labelInk }),
    text(value, { x: x + labelWidth, y, size: valueSize, maxWidth: width, color: ink }),
  ]
}

function chineseDay(day: string): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  return match ? `${match[1]}年${match[2]}月${match[3]}日` : day
}

function qrPath(modules: readonly (readonly boolean[])[]): PageItem {
  const [left, top, side] = [236, 26, 28]
  const module = side / Math.max(1, modules.length)
  let d = ''
  for (const [row, cells] of modules.entries()) {
    for (const [column, dark] of cells.entries()) {
      if (!dark) continue
      const x = (left + column * module).toFixed(3)
      const y = (top + row * module).toFixed(3)
      d += `M${x} ${y}h${module.toFixed(3)}v${module.toFixed(3)}h-${module.toFixed(3)}z`
    }
  }
  return { kind: 'path', d, fill: [20, 20, 20] }
}
