/** Working days (工作日) by the State Council's holiday notices, with an answer to the question whether a day is ruled yet. */
import { exceptions, noticeYears, version } from './calendar/notices.ts'
import { ZhichengError } from './errors.ts'

/** Counts working days. Days are `2026-11-24`, in China's calendar. */
export interface WorkingDayCalendar {
  /** Which notices were read. */
  readonly version: string
  /** The last day that a published notice rules. */
  readonly knownThrough: string
  /** `known` is false for days that no notice rules yet: then the answer follows the plain week. */
  isWorkingDay(day: string): { working: boolean; known: boolean }
  /** The day `count` working days after `day`, which is not counted itself. `known` is false as soon as one day on the way is. */
  addWorkingDays(day: string, count: number): { day: string; known: boolean }
  /** Working days after `from`, up to and including `to`. */
  countWorkingDays(from: string, to: string): { count: number; known: boolean }
}

const longest = 3660

/**
 * The calendar of the notices for 2025 and 2026. The last days of December belong to the next year's notice, so a year
 * is known through 28 December until the next notice is out.
 *
 * @example
 * ```ts
 * chinaCalendar().addWorkingDays('2026-09-30', 1) // { day: '2026-10-08', known: true }
 * ```
 */
export function chinaCalendar(): WorkingDayCalendar {
  const knownFrom = `${noticeYears[0]}-01-01`
  // Eight days from 29 to 31 December were ruled by the next year's notice between 2007 and 2026.
  const knownThrough = `${noticeYears.at(-1)}-12-28`

  function isWorkingDay(day: string): { working: boolean; known: boolean } {
    const ruled = exceptions.get(day)
    const weekday = new Date(parseDay(day)).getUTCDay()
    return { working: ruled ?? (weekday !== 0 && weekday !== 6), known: day >= knownFrom && day <= knownThrough }
  }

  return {
    version,
    knownThrough,
    isWorkingDay,
    addWorkingDays(day, count) {
      if (!Number.isInteger(count) || count < 0 || count > longest) {
        throw calendarError(`A number of working days is a whole number from 0 to ${longest}.`)
      }
      let current = day
      let known = isWorkingDay(day).known
      for (let left = count; left > 0; ) {
        current = nextDay(current)
        const answer = isWorkingDay(current)
        known &&= answer.known
        if (answer.working) left -= 1
      }
      return { day: current, known }
    },
    countWorkingDays(from, to) {
      if ((parseDay(to) - parseDay(from)) / 86_400_000 > longest) throw calendarError('The days lie too far apart.')
      let count = 0
      let known = isWorkingDay(from).known
      for (let current = from; current < to; ) {
        current = nextDay(current)
        const answer = isWorkingDay(current)
        known &&= answer.known
        if (answer.working) count += 1
      }
      return { count, known }
    },
  }
}

function parseDay(day: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(day))
    throw calendarError(`"${day}" is not a day such as 2026-11-24.`)
  return time
}

function nextDay(day: string): string {
  return new Date(parseDay(day) + 86_400_000).toISOString().slice(0, 10)
}

function calendarError(message: string): ZhichengError<'ERR_CALENDAR_INPUT'> {
  return new ZhichengError('ERR_CALENDAR_INPUT', message)
}
