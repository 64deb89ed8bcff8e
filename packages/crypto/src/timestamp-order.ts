/** The order of timestamps (时间戳先后, RFC 3161, section 2.4.2). */
import { sameName } from './lib/certificates/names.ts'
import type { TimestampToken } from './timestamp-token.ts'

/**
 * Whether one timestamp is certainly older than another: `undefined` where their accuracies leave it open, or where an
 * authority does not state its own (RFC 3161, section 2.4.2). Both tokens have to be verified first.
 *
 * @example
 * ```ts
 * isTimestampBefore(signatureTimestamp, archiveTimestamp) // true, false, or undefined when nobody can tell
 * ```
 */
export function isTimestampBefore(earlier: TimestampToken, later: TimestampToken): boolean | undefined {
  const distance = later.time.getTime() - earlier.time.getTime()
  const sameAuthority =
    earlier.authorityName && later.authorityName && sameName(earlier.authorityName, later.authorityName)
  if (earlier.ordering && later.ordering && sameAuthority && distance !== 0) return distance > 0
  if (earlier.accuracy === undefined || later.accuracy === undefined) return undefined
  const blur = earlier.accuracy + later.accuracy
  return Math.abs(distance) > blur ? distance > 0 : undefined
}
