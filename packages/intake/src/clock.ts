/**
 * The working-day clock of a case (办理时限), as pure functions.
 *
 * The rules: periods of licences are working days (行政许可法 82); the day of acceptance is not counted (民法典 201); the
 * period ends with the closing of business on its last day (民法典 203), 18:00 here. A working day counts when the clock runs
 * at its closing time: of a pause, the day it begins on is not counted, and the day it ends on is.
 *
 * @unverified The articles are cited from memory, and the counting of days a pause touches is our own rule.
 */
import { formatDay, formatTime } from '@zhicheng/core'
import type { WorkingDayCalendar } from '@zhicheng/core/calendar'

/** A time in which the clock stands still; without `to` it still does. */
export interface Pause {
  from: Date
  to?: Date
}

/** What the clock needs to know of a case. */
export interface ClockInput {
  acceptedAt: Date
  workingDays: number
  pauses?: readonly Pause[]
  now: Date
  calendar: WorkingDayCalendar
}

/** Where a deadline stands. */
export interface Deadline {
  /** The last moment. While the clock is paused: as if it went on now. */
  dueAt: Date
  /** Working days that are left, today included until it closes. */
  remainingWorkingDays: number
  overdue: boolean
  paused: boolean
  /** True while a day on the way is ruled by no holiday notice yet: the date may still move. */
  provisional: boolean
  /** Part of the time that is used up, 0 to 1; for warnings at a half and at four fifths. */
  used: number
  calendarVersion: string
}

const closing = '18:00:00+08:00'
const longestWalk = 3660

/** The moment at which business closes on a day such as `2026-11-24`. */
export function closingTime(day: string): Date {
  return new Date(`${day}T${closing}`)
}

/**
 * Computes a deadline.
 *
 * @example
 * ```ts
 * const { dueAt, provisional } = computeDeadline({
 *   acceptedAt: new Date('2026-09-29T10:00:00+08:00'), workingDays: 5, now: new Date(), calendar: chinaCalendar(),
 * })
 * formatTime(dueAt) // '2026-10-12T18:00:00+08:00': 30 September, 8, 9, 10 (a worked Saturday) and 12 October
 * ```
 */
export function computeDeadline({ acceptedAt, workingDays, pauses = [], now, calendar }: ClockInput): Deadline {
  const paused = pauses.some(({ from, to }) => from <= now && (to === undefined || to > now))
  const stands = (moment: Date): boolean => pauses.some(({ from, to = now }) => from <= moment && moment < to)
  let day = formatDay(acceptedAt)
  let known = calendar.isWorkingDay(day).known
  let counted = 0
  let elapsed = 0
  for (let walked = 0; counted < workingDays && walked < longestWalk; walked += 1) {
    day = nextDay(day)
    const answer = calendar.isWorkingDay(day)
    known &&= answer.known
    const end = closingTime(day)
    if (!answer.working || stands(end)) continue
    counted += 1
    if (end < now) elapsed += 1
  }
  const dueAt = closingTime(day)
  return {
    dueAt,
    remainingWorkingDays: workingDays - elapsed,
    overdue: now > dueAt,
    paused,
    provisional: !known || counted < workingDays,
    used: elapsed / workingDays,
    calendarVersion: calendar.version,
  }
}

/** A deadline as JSON, the time in ISO with offset. */
export function formatDeadline({ dueAt, ...rest }: Deadline): Omit<Deadline, 'dueAt'> & { dueAt: string } {
  return { dueAt: formatTime(dueAt), ...rest }
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}
