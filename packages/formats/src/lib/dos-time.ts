/** MS-DOS date and time of zip headers. They carry no zone; read and written as UTC, so that bytes never depend on one. */

/** The date of a header's two fields. A header without a sensible date gives 1980-01-01. */
export function fromDosTime(time: number, date: number): Date {
  const month = ((date >> 5) & 15) - 1
  const day = date & 31
  if (month < 0 || month > 11 || day === 0) return new Date(Date.UTC(1980, 0, 1))
  return new Date(Date.UTC(1980 + (date >> 9), month, day, time >> 11, (time >> 5) & 63, (time & 31) * 2))
}

/** The two fields of a date; what lies outside 1980 to 2107 is moved to the nearest that can be written. */
export function toDosTime(at: Date): { time: number; date: number } {
  const year = at.getUTCFullYear()
  if (!(year >= 1980)) return { time: 0, date: 0x21 }
  if (year > 2107) return { time: 0xbf7d, date: 0xff9f }
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  }
}
