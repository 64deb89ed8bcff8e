import { chinaCalendar } from '@zhicheng/core/calendar'
import { describe, expect, it } from 'vitest'
import { computeDeadline, formatDeadline, type Pause } from './clock.ts'

const calendar = chinaCalendar()
function deadline(
  acceptedAt: string,
  workingDays: number,
  { now = acceptedAt, pauses = [] as [string, string?][] } = {},
) {
  return formatDeadline(
    computeDeadline({
      acceptedAt: at(acceptedAt),
      workingDays,
      now: at(now),
      calendar,
      pauses: pauses.map(([from, to]): Pause => ({ from: at(from), ...(to ? { to: at(to) } : {}) })),
    }),
  )
}
const at = (text: string): Date => new Date(`${text}:00+08:00`)

describe('the working-day clock', () => {
  it.each([
    // 30 September, then the holiday to 7 October, 8, 9, the worked Saturday 10, Monday 12.
    ['over National Day 2026', '2026-09-29T10:00', 5, '2026-10-12T18:00:00+08:00', false],
    ['accepted on the last day before National Day', '2026-09-30T17:59', 1, '2026-10-08T18:00:00+08:00', false],
    ['accepted in the holiday', '2026-10-03T10:00', 1, '2026-10-08T18:00:00+08:00', false],
    ['accepted after business', '2026-11-24T23:59', 1, '2026-11-25T18:00:00+08:00', false],
    ['over a weekend', '2026-11-27T09:00', 1, '2026-11-30T18:00:00+08:00', false],
    ['into the days that the next notice rules', '2026-12-25T09:00', 2, '2026-12-29T18:00:00+08:00', true],
    ['over the end of the year, by the plain week', '2026-12-24T09:00', 6, '2027-01-01T18:00:00+08:00', true],
    ['up to the last day that is known', '2026-12-25T09:00', 1, '2026-12-28T18:00:00+08:00', false],
  ])('ends %s', (_title, accepted, days, due, provisional) => {
    expect(deadline(accepted, days)).toMatchObject({ dueAt: due, provisional, calendarVersion: calendar.version })
  })

  it('counts today until it closes', () => {
    const left = (now: string) => deadline('2026-11-24T09:00', 2, { now }).remainingWorkingDays
    expect(['2026-11-24T09:00', '2026-11-25T17:59', '2026-11-25T18:01', '2026-11-26T18:01'].map(left)).toEqual([
      2, 2, 1, 0,
    ])
  })

  it('is overdue after the closing time of the last day, and not at it', () => {
    expect(deadline('2026-11-24T09:00', 1, { now: '2026-11-25T18:00' }).overdue).toBe(false)
    expect(deadline('2026-11-24T09:00', 1, { now: '2026-11-25T18:01' })).toMatchObject({ overdue: true, used: 1 })
  })

  it.each([
    [
      'leaves out the day it begins on and counts the day it ends on',
      [['2026-11-25T10:00', '2026-11-27T10:00']],
      '2026-12-01',
    ],
    ['does not matter within one business day', [['2026-11-25T10:00', '2026-11-25T17:00']], '2026-11-27'],
    ['does not matter at night', [['2026-11-25T19:00', '2026-11-26T08:00']], '2026-11-27'],
    ['does not matter on days that are not worked', [['2026-11-27T19:00', '2026-11-30T08:00']], '2026-11-27'],
    [
      'adds up with others',
      [
        ['2026-11-25T10:00', '2026-11-26T10:00'],
        ['2026-11-27T10:00', '2026-11-30T10:00'],
      ],
      '2026-12-01',
    ],
  ] as [string, [string, string][], string][])('a pause %s', (_title, pauses, day) => {
    expect(deadline('2026-11-24T09:00', 3, { pauses, now: '2026-12-10T09:00' }).dueAt).toBe(`${day}T18:00:00+08:00`)
  })

  it('moves the end on while it is paused, and never becomes overdue by that', () => {
    const pauses: [string][] = [['2026-11-25T10:00']]
    expect(deadline('2026-11-24T09:00', 1, { pauses, now: '2026-12-24T10:00' })).toMatchObject({
      dueAt: '2026-12-24T18:00:00+08:00',
      paused: true,
      overdue: false,
      remainingWorkingDays: 1,
    })
  })

  it('stays overdue when it is paused too late', () => {
    const pauses: [string][] = [['2026-11-26T10:00']]
    expect(deadline('2026-11-24T09:00', 1, { pauses, now: '2026-12-24T10:00' })).toMatchObject({
      overdue: true,
      paused: true,
    })
  })
})
