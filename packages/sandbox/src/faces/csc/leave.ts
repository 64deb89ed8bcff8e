/** What the signing service has given out: access tokens, and leave to sign (SAD) that is good once and for its digests alone. */
import { type Clock, equalBytes, type Secret, secret, toBase64Url } from '@zhicheng/core'

const seconds = 1000

/** How long things last, in seconds. */
export const lifetimes = { token: 3600, refresh: 86_400, leave: 300 } as const

// A test that never uses what it asks for must not fill the memory.
const maxHeld = 1000

/** What a leave to sign is for. */
export interface Leave {
  readonly credentialId: string
  readonly hashes: readonly Uint8Array[]
}

/** Keeps what was given out, in memory. */
export interface LeaveKeeper {
  /** A new access token with the token that renews it. */
  issueToken(): { accessToken: Secret; refreshToken: Secret }
  isToken(text: string): boolean
  /** Takes a refresh token away; false if there is none such. */
  takeRefresh(text: string): boolean
  issueLeave(leave: Leave): Secret
  /** Takes a leave away; false unless it is for exactly these digests of this credential. */
  takeLeave(text: string, leave: Leave): boolean
}

/** Makes the keeper. */
export function createLeaveKeeper(clock: Clock): LeaveKeeper {
  const tokens = createShelf<true>(clock, lifetimes.token)
  const refreshTokens = createShelf<true>(clock, lifetimes.refresh)
  const leaves = createShelf<Leave>(clock, lifetimes.leave)
  return {
    issueToken: () => ({ accessToken: tokens.put(true), refreshToken: refreshTokens.put(true) }),
    isToken: (text) => tokens.get(text) === true,
    takeRefresh: (text) => refreshTokens.take(text) === true,
    issueLeave: (leave) => leaves.put(leave),
    takeLeave(text, { credentialId, hashes }) {
      const given = leaves.take(text)
      return (
        given !== undefined &&
        given.credentialId === credentialId &&
        given.hashes.length === hashes.length &&
        given.hashes.every((hash, index) => equalBytes(hash, hashes[index]!))
      )
    },
  }
}

function createShelf<Value>(clock: Clock, lifetime: number) {
  const held = new Map<string, { value: Value; end: number }>()
  const get = (name: string): Value | undefined => {
    const entry = held.get(name)
    return entry && entry.end > clock.now().getTime() ? entry.value : undefined
  }
  return {
    get,
    take(name: string): Value | undefined {
      const value = get(name)
      held.delete(name)
      return value
    },
    put(value: Value): Secret {
      if (held.size >= maxHeld) held.delete(held.keys().next().value!)
      const name = toBase64Url(crypto.getRandomValues(new Uint8Array(24)))
      held.set(name, { value, end: clock.now().getTime() + lifetime * seconds })
      return secret(name)
    },
  }
}
