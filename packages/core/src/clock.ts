/** Time comes in from outside: a clock is passed to whatever needs one, so that tests and replays are exact. */

/** Tells the present. */
export interface Clock {
  now(): Date
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands, and moves only when told to. */
export function fixedClock(
  at: Date | string,
): Clock & { set(at: Date | string): void; advance(milliseconds: number): void } {
  let current = new Date(at).getTime()
  return {
    now: () => new Date(current),
    set(next) {
      current = new Date(next).getTime()
    },
    advance(milliseconds) {
      current += milliseconds
    },
  }
}

const shanghaiOffset = 8 * 3_600_000

/**
 * ISO 8601 with the offset of China Standard Time, to the second: `2026-11-24T08:00:00+08:00`.
 * China has had no daylight-saving time since 1991, so the offset is constant for every date this project handles.
 */
export function formatTime(date: Date): string {
  return `${new Date(date.getTime() + shanghaiOffset).toISOString().slice(0, 19)}+08:00`
}

/** The calendar day in China, `2026-11-24`. */
export function formatDay(date: Date): string {
  return new Date(date.getTime() + shanghaiOffset).toISOString().slice(0, 10)
}
