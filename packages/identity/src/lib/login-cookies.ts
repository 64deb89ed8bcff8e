/** The cookie of one login under way: it binds the state to the browser, for ten minutes, one cookie per attempt. */
import { type Clock, equalBytes, utf8 } from '@zhicheng/core'
import { identityError } from '../errors.ts'
import { type CookieSeal, openJson } from './cookie-seal.ts'
import { formatCookie, readCookies } from './cookies.ts'

/** How long a user may take at the platform. */
export const loginSeconds = 600

// Browsers send all of them with each request; a reader with more open tabs starts afresh.
const maxLogins = 4

/** What is remembered of a login under way. */
interface LoginTransaction {
  state: string
  provider: string
  returnTo: string
  data: Readonly<Record<string, string>>
  startedAt: number
}

/** Writes, reads and clears the cookies of logins under way. */
export interface LoginCookies {
  create(transaction: LoginTransaction): Promise<string>
  read(request: Request, expected: { state: string; provider: string }): Promise<LoginTransaction>
  clear(state: string): string
  clearOld(request: Request): string[]
}

/** Cookies are named after the state's first characters, so that two tabs do not end each other's login. */
export function createLoginCookies({
  seal,
  name,
  secure,
  clock,
}: {
  seal: CookieSeal
  name: string
  secure: boolean
  clock: Clock
}): LoginCookies {
  const nameOf = (state: string): string => `${name}-${state.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 12)}`
  const expire = (cookie: string): string => formatCookie(cookie, '', { secure, maxAge: 0 })
  return {
    async create(transaction) {
      const sealed = await seal.seal(utf8(JSON.stringify(transaction)))
      return formatCookie(nameOf(transaction.state), sealed, { secure, maxAge: loginSeconds })
    },
    async read(request, { state, provider }) {
      const sealed = readCookies(request).get(nameOf(state))
      const transaction = sealed ? await openJson<LoginTransaction>(seal, sealed) : undefined
      if (!transaction) {
        throw identityError(
          'ERR_IDENTITY_STATE_UNBOUND',
          'This browser did not start the login that comes back; start it again in the same browser.',
        )
      }
      if (transaction.provider !== provider || !equalBytes(utf8(transaction.state), utf8(state))) {
        throw identityError('ERR_IDENTITY_STATE_MISMATCH', 'The state is not the one of this login; start it again.')
      }
      if (clock.now().getTime() >= transaction.startedAt + loginSeconds * 1000) {
        throw identityError(
          'ERR_IDENTITY_STATE_EXPIRED',
          `The login took longer than ${loginSeconds} seconds; start it again.`,
          { facts: { seconds: loginSeconds } },
        )
      }
      return transaction
    },
    clear: (state) => expire(nameOf(state)),
    clearOld(request) {
      const open = [...readCookies(request).keys()].filter((cookie) => cookie.startsWith(`${name}-`))
      return open.length < maxLogins ? [] : open.map(expire)
    },
  }
}
