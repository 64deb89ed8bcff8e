/**
 * The State Council's holiday notices (国务院办公厅关于节假日安排的通知) for 2025 and 2026, as exceptions to the week.
 *
 * Data from NateScarlet/holiday-cn (MIT), which names the notices:
 * 2025: https://www.gov.cn/zhengce/zhengceku/202411/content_6986383.htm
 * 2026: https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm
 */

interface Notice {
  year: number
  /** Days or ranges of days off. */
  off: readonly string[]
  /** Saturdays and Sundays that are worked. */
  worked: readonly string[]
}

const notices: readonly Notice[] = [
  {
    year: 2025,
    off: [
      '2025-01-01',
      '2025-01-28/2025-02-04',
      '2025-04-04/2025-04-06',
      '2025-05-01/2025-05-05',
      '2025-05-31/2025-06-02',
      '2025-10-01/2025-10-08',
    ],
    worked: ['2025-01-26', '2025-02-08', '2025-04-27', '2025-09-28', '2025-10-11'],
  },
  {
    year: 2026,
    off: [
      '2026-01-01/2026-01-03',
      '2026-02-15/2026-02-23',
      '2026-04-04/2026-04-06',
      '2026-05-01/2026-05-05',
      '2026-06-19/2026-06-21',
      '2026-09-25/2026-09-27',
      '2026-10-01/2026-10-07',
    ],
    worked: ['2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  },
]

/** Years whose notice is here, ascending and without gaps. */
export const noticeYears: readonly number[] = notices.map(({ year }) => year)

/** Names the data, for records of how a deadline was computed. */
export const version: string = `china-holidays-${noticeYears.join('-')}`

/** Each day that differs from the week: true when it is worked. */
export const exceptions: ReadonlyMap<string, boolean> = new Map(
  notices.flatMap(({ off, worked }) => [
    ...off.flatMap((range) => daysOf(range).map((day) => [day, false] as const)),
    ...worked.flatMap((range) => daysOf(range).map((day) => [day, true] as const)),
  ]),
)

function daysOf(range: string): string[] {
  const [from = '', to = from] = range.split('/')
  const days: string[] = []
  for (let time = Date.parse(from); time <= Date.parse(to); time += 86_400_000) {
    days.push(new Date(time).toISOString().slice(0, 10))
  }
  return days
}
