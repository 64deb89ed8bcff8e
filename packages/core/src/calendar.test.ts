import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chinaCalendar } from './calendar.ts'

const calendar = chinaCalendar()
const material = process.env.ZHICHENG_MATERIAL

test.runIf(material)('every day of the notices of 2025 and 2026 is as its data says', () => {
  for (const year of [2025, 2026]) {
    const path = join(material!, `credit-intake/calendar/holiday-cn-${year}.json`)
    const { days } = JSON.parse(readFileSync(path, 'utf8')) as { days: { date: string; isOffDay: boolean }[] }
    const ruled = new Map(days.map(({ date, isOffDay }) => [date, !isOffDay]))
    for (let time = Date.UTC(year, 0, 1); time < Date.UTC(year + 1, 0, 1); time += 86_400_000) {
      const day = new Date(time).toISOString().slice(0, 10)
      const weekday = new Date(time).getUTCDay()
      expect([day, calendar.isWorkingDay(day).working]).toEqual([day, ruled.get(day) ?? (weekday > 0 && weekday < 6)])
    }
  }
})

test('a holiday is skipped, and a worked Saturday counts', () => {
  expect(calendar.addWorkingDays('2026-09-30', 1)).toEqual({ day: '2026-10-08', known: true })
  expect(calendar.isWorkingDay('2026-10-10')).toEqual({ working: true, known: true })
  expect(calendar.addWorkingDays('2026-10-08', 2)).toEqual({ day: '2026-10-10', known: true })
  expect(calendar.countWorkingDays('2026-09-30', '2026-10-10')).toEqual({ count: 3, known: true })
})

test('days that no notice rules yet are answered provisionally', () => {
  expect(calendar.isWorkingDay('2027-01-01')).toEqual({ working: true, known: false })
  expect(calendar.addWorkingDays('2026-12-25', 5).known).toBe(false)
  expect(calendar.isWorkingDay('2026-12-31').known).toBe(false)
  expect(calendar.isWorkingDay('2024-12-31').known).toBe(false)
})

test('counting and adding agree over two years', () => {
  let day = '2025-01-01'
  for (let step = 0; step < 100; step += 1) {
    const next = calendar.addWorkingDays(day, 5).day
    expect(calendar.countWorkingDays(day, next).count).toBe(5)
    day = next
  }
})

test.each(['2026-02-30', '2026-1-1', '', '20260101'])('%j is not a day', (day) => {
  expect(() => calendar.isWorkingDay(day)).toThrow(expect.objectContaining({ code: 'ERR_CALENDAR_INPUT' }))
})

test('counts beyond reason are refused instead of computed', () => {
  expect(() => calendar.addWorkingDays('2026-01-01', 1e9)).toThrow(
    expect.objectContaining({ code: 'ERR_CALENDAR_INPUT' }),
  )
  expect(() => calendar.addWorkingDays('2026-01-01', -1)).toThrow(
    expect.objectContaining({ code: 'ERR_CALENDAR_INPUT' }),
  )
  expect(() => calendar.countWorkingDays('0001-01-01', '9999-12-31')).toThrow(
    expect.objectContaining({ code: 'ERR_CALENDAR_INPUT' }),
  )
})
