/** The companies that the sandbox's credit platform knows. Names are invented, codes are sample codes. */
import type { CreditRecord } from '@zhicheng/credit'

/** A company and what the platform has about it. */
export interface SampleCompany {
  uscc: string
  /** Level of its assessment (公共信用评价). */
  level: string
  records: readonly CreditRecord[]
}

/** One company without adverse records, and one with a serious record in force, a repaired and an expired one. */
export const sampleCompanies: readonly SampleCompany[] = [
  {
    uscc: '91330110MA2AXY0E7F',
    level: '优秀',
    records: [
      {
        id: 'SC-0001',
        nature: 'favourable',
        title: 'A级纳税人（样例）',
        authority: '样例市税务局',
        decidedOn: '2026-04-20',
      },
    ],
  },
  {
    uscc: '91330110MA2AXY109W',
    level: '较差',
    records: [
      {
        id: 'SX-0001',
        nature: 'adverse',
        title: '行政处罚：无证经营（样例）',
        authority: '样例市市场监督管理局',
        decidedOn: '2026-06-10',
        severity: 'serious',
        publishedUntil: '2029-06-10',
      },
      {
        id: 'SX-0002',
        nature: 'adverse',
        title: '行政处罚：未按期公示（样例）',
        authority: '样例市市场监督管理局',
        decidedOn: '2026-01-05',
        severity: 'general',
        publishedUntil: '2027-01-05',
        repairedOn: '2026-08-01',
      },
      {
        id: 'SX-0003',
        nature: 'adverse',
        title: '行政处罚：计量违法（样例）',
        authority: '样例市市场监督管理局',
        decidedOn: '2024-03-01',
        severity: 'general',
        publishedUntil: '2025-03-01',
      },
    ],
  },
]
