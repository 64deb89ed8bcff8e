/** A small invented case: what is in it is 样例, and nobody real. */
import { utf8 } from '@zhicheng/core'
import { writeZip } from '@zhicheng/formats'
import type { CaseDescription } from '../case-description.ts'
import type { CaseFile } from '../pack-case.ts'

/** The smallest PDF that our light check calls readable. */
export const samplePdf: Uint8Array = utf8(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
)

/** The smallest OFD that our light check calls readable. */
function createSampleOfd(): Promise<Uint8Array> {
  return writeZip([
    { name: 'OFD.xml', content: utf8('<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>') },
  ])
}

/** Description of the sample case. */
export const sampleDescription: CaseDescription = {
  number: 'ZW-2026-000001',
  caseNumber: '330100-2026-11-000001',
  title: '样例公司食品经营许可',
  item: { code: '330131024001', name: '食品经营许可（样例）', version: '1' },
  department: { name: '样例市市场监督管理局', uscc: '91330110MA2AXY0E7F', regionCode: '330100' },
  applicant: { name: '样例科技有限公司', uscc: '91330110MA2AXY0E7F' },
  year: 2026,
  retention: 'D30',
  completedAt: '2026-11-24T10:00:00+08:00',
  result: '准予许可',
  events: [
    { name: '受理', at: '2026-11-23T09:00:00+08:00', actor: '样例窗口' },
    { name: '办结', at: '2026-11-24T10:00:00+08:00' },
  ],
}

/** Files of the sample case. */
export async function createSampleFiles(): Promise<CaseFile[]> {
  return [
    { kind: 'application', name: '申请表.pdf', title: '食品经营许可申请表', content: samplePdf },
    { kind: 'materials', name: '说明 100%.txt', content: utf8('样例材料\n') },
    { kind: 'result', name: '许可证.ofd', title: '食品经营许可证', content: await createSampleOfd() },
  ]
}
