/** What the applicant hands in: a filled form and two materials. Names are invented, the company code is a sample code. */
import type { JsonValue } from '@zhicheng/formats'
import { createPdf, type PageItem } from '@zhicheng/seal/document'
import { readFont } from '../department/licence.ts'

export const sampleForm: JsonValue = {
  operator: { name: '杭州样例科技有限公司（样例）', uscc: '91330110MA2AXY0E7F', representative: '张三（样例）' },
  premises: { division: '330199', address: '样例市样例区样例路1号', area: 120 },
  business: { kind: '餐饮服务', scopes: ['热食类食品制售', '冷食类食品制售'], onlineSales: false },
  contact: { name: '王五（样例）', mobile: '13700009050' },
  declaration: true,
}

/** A plan of the premises and the list of safety rules, as PDF. */
export async function sampleMaterials(): Promise<{ code: string; name: string; content: Uint8Array }[]> {
  const font = await readFont()
  const make = (title: string, items: readonly PageItem[]): Promise<Uint8Array> =>
    createPdf({
      title,
      createdAt: new Date('2026-11-24T00:00:00Z'),
      fonts: { serif: font },
      pages: [
        {
          width: 210,
          height: 297,
          items: [
            { kind: 'text', text: `${title}（样例）`, x: 105, y: 30, size: 7, font: 'serif', align: 'center' },
            ...items,
          ],
        },
      ],
    })
  const room = (text: string, x: number, y: number, width: number, height: number): PageItem[] => [
    { kind: 'rectangle', x, y, width, height, lineWidth: 0.4, stroke: [40, 40, 40] },
    { kind: 'text', text, x: x + width / 2, y: y + height / 2, size: 4, font: 'serif', align: 'center' },
  ]
  const rules = ['从业人员健康管理制度', '食品安全自查制度', '进货查验记录制度', '餐具清洗消毒制度']
  return [
    {
      code: 'layout-plan',
      name: '布局图.pdf',
      content: await make('经营场所布局图', [
        ...room('厨房', 30, 60, 70, 60),
        ...room('餐厅', 100, 60, 80, 100),
        ...room('库房', 30, 120, 70, 40),
      ]),
    },
    {
      code: 'safety-rules',
      name: '制度清单.pdf',
      content: await make(
        '食品安全管理制度清单',
        rules.map(
          (text, index): PageItem => ({
            kind: 'text',
            text: `${index + 1}. ${text}`,
            x: 30,
            y: 55 + index * 12,
            size: 4.2,
            font: 'serif',
          }),
        ),
      ),
    },
  ]
}
