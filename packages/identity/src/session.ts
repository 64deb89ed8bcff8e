/** What a logged-in browser is: a subject with limits in time, sealed in a cookie. */
import { type Clock, formatTime, fromUtf8, type Secret, type Subject, utf8 } from '@zhicheng/core'
import { identityError } from './errors.ts'
import { createCookieSeal } from './lib/cookie-seal.ts'

/** Who is logged in, by which platform, and until when. Times are ISO with offset. */
export interface Session {
  /** New at each login; ended sessions are remembered by it. */
  readonly id: string
  /** Id of the provider that vouches. */
  readonly provider: string
  readonly subject: Subject
  readonly createdAt: string
  /** The earlier of the idle and the absolute limit. */
  readonly expiresAt: string
}

/** How sessions are sealed and how long they last. */
export interface SessionOptions {
  /** At least 32 characters each. The first seals, all open: put a new one in front, drop the old one a day later. */
  secrets: readonly Secret[]
  /** Minutes without a request after which a session ends. Default 30. */
  idleMinutes?: number
  /** Minutes after login at which a session ends in any case. Default 480. */
  absoluteMinutes?: number
  /** Without the `__Host-` prefix, which is put in front on https. Default `zc-session`. */
  cookieName?: string
}

/** Seals sessions into cookie values and opens them. */
export interface SessionCodec {
  create(input: { provider: string; subject: Subject; random: (length: number) => Uint8Array }): Session
  seal(session: Session): Promise<string>
  /** `undefined` for whatever is not a live session: foreign, altered, too old. */
  open(value: string): Promise<Session | undefined>
  /** The session with its idle limit moved on, or `undefined` while that is not worth a new cookie. */
  extend(session: Session): Session | undefined
}

// Browsers keep 4096 bytes of a cookie with its name and attributes.
const maxCookieValue = 3800

/** Makes the {@link SessionCodec} of some options; throws `ERR_IDENTITY_CONFIGURATION` for limits that make no sense. */
export function createSessionCodec(options: SessionOptions, clock: Clock): SessionCodec {
  const { secrets, idleMinutes = 30, absoluteMinutes = 480 } = options
  if (!(idleMinutes > 0 && absoluteMinutes >= idleMinutes)) {
    throw identityError(
      'ERR_IDENTITY_CONFIGURATION',
      'idleMinutes must be above zero and absoluteMinutes not below it.',
      { facts: { idleMinutes, absoluteMinutes } },
    )
  }
  const idle = idleMinutes * 60_000
  const absolute = absoluteMinutes * 60_000
  const box = createCookieSeal(secrets, 'session')
  const expiry = (createdAt: number): number => Math.min(clock.now().getTime() + idle, createdAt + absolute)
  return {
    create({ provider, subject, random }) {
      const now = clock.now()
      return {
        id: Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join(''),
        provider,
        subject,
        createdAt: formatTime(now),
        expiresAt: formatTime(new Date(expiry(now.getTime()))),
      }
    },
    async seal(session) {
      const value = await box.seal(utf8(JSON.stringify(session)))
      if (value.length > maxCookieValue) {
        throw identityError(
          'ERR_IDENTITY_SESSION_TOO_LARGE',
          `The session takes ${value.length} bytes and a cookie holds ${maxCookieValue}; map fewer claims.`,
          { facts: { bytes: value.length, maxBytes: maxCookieValue } },
        )
      }
      return value
    },
    async open(value) {
      if (value.length > maxCookieValue) return undefined
      const bytes = await box.open(value)
      if (!bytes) return undefined
      const session = JSON.parse(fromUtf8(bytes)) as Session
      const now = clock.now().getTime()
      // The absolute limit is judged anew, so that a shorter one set today also ends yesterday's sessions.
      const live = now < Date.parse(session.expiresAt) && now < Date.parse(session.createdAt) + absolute
      return live ? session : undefined
    },
    extend(session) {
      const next = expiry(Date.parse(session.createdAt))
      return next - Date.parse(session.expiresAt) < idle / 10
        ? undefined
        : { ...session, expiresAt: formatTime(new Date(next)) }
    },
  }
}
