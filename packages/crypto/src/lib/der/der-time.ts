/** UTCTime and GeneralizedTime in the one form that DER has for each moment (ITU-T X.690, clauses 11.7 and 11.8). */
import { type DerNode, derError, derTag } from './der-node.ts'
import { isUniversal } from './der-read.ts'

/** A UTCTime or GeneralizedTime in UTC. Two-digit years from 50 on are of the 20th century (RFC 5280, 4.1.2.5.1). */
export function readTime(node: DerNode | undefined, what = 'A time'): Date {
  const utc = isUniversal(node, derTag.utcTime)
  if (node === undefined || (!utc && !isUniversal(node, derTag.generalizedTime)))
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  const { content, offset } = node
  const yearDigits = utc ? 2 : 4
  const year = digits(content, 0, yearDigits)
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) => digits(content, yearDigits + at, 2))
  const milliseconds = fraction(content.subarray(yearDigits + 10), utc)
  const date = new Date(
    Date.UTC(
      utc && year >= 50 ? year + 1900 : utc ? year + 2000 : year,
      month! - 1,
      day,
      hour,
      minute,
      second,
      milliseconds,
    ),
  )
  // A year below 100 means another to Date.UTC.
  if (!utc && year < 100) date.setUTCFullYear(year, month! - 1, day)
  if (Number.isNaN(date.getTime())) throw derError(`${what} is not in the form DER prescribes`, offset)
  if (
    date.getUTCMonth() + 1 !== month ||
    date.getUTCDate() !== day ||
    date.getUTCHours() !== hour ||
    date.getUTCMinutes() !== minute ||
    date.getUTCSeconds() !== second
  ) {
    throw derError(`${what} names a day or hour that does not exist`, offset)
  }
  return date
}

/** A decimal number of exactly `count` digits, or NaN. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0
  for (let index = start; index < start + count; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** Milliseconds of what follows the seconds: `Z`, or in a GeneralizedTime also `.5Z`, never with zeros at its end. NaN for anything else. */
function fraction(rest: Uint8Array, utc: boolean): number {
  const last = rest.length - 1
  if (rest[last] !== 0x5a) return Number.NaN
  if (last === 0) return 0
  if (utc || rest[0] !== 0x2e || last < 2 || last > 10 || rest[last - 1] === 0x30) return Number.NaN
  return Math.floor((digits(rest, 1, last - 1) * 1000) / 10 ** (last - 1))
}
