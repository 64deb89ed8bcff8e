/** What a login platform is to the capability: two steps and an optional logout, without sockets, clock or cookies. */
import type { Clock, Subject } from '@zhicheng/core'

/** What comes in from outside at each step. */
export interface LoginEnvironment {
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  /** Random bytes of the length asked for. */
  readonly random: (length: number) => Uint8Array
  readonly signal?: AbortSignal
}

/** The first step: send the browser away. */
export interface LoginStartInput extends LoginEnvironment {
  /** Where the platform sends the browser back to. */
  readonly callbackUrl: string
  /** Random, bound to the browser, accepted once. It must come back in {@link IdentityProviderV1.stateParameter}. */
  readonly state: string
}

/** Where the browser goes, and what the second step needs again. `data` travels in an encrypted cookie. */
export interface LoginStart {
  readonly url: string
  readonly data: Readonly<Record<string, string>>
}

/** The second step: the browser came back, its state was right, fresh and unused, and no parameter stood twice. */
export interface LoginFinishInput extends LoginStartInput {
  readonly parameters: URLSearchParams
  readonly data: Readonly<Record<string, string>>
  /** Spends a value for `seconds`; `false` if it was spent before. The value itself is not kept, only its digest. */
  useOnce(value: string, seconds: number): Promise<boolean>
}

/** Who logged in. */
export interface LoginResult {
  readonly subject: Subject
}

/**
 * A login platform behind the capability. A provider is a plain object; a new version of the interface is a new type.
 */
export interface IdentityProviderV1 {
  readonly specification: 'v1'
  /** Part of addresses and session: lower-case letters, digits, hyphens. */
  readonly id: string
  /** For people: `浙里办`. */
  readonly name: string
  /** The callback parameter that carries the state: `state`, or what a platform without one passes through. */
  readonly stateParameter: string
  start(input: LoginStartInput): Promise<LoginStart>
  finish(input: LoginFinishInput): Promise<LoginResult>
  /** Address that logs out at the platform and comes back, if it has one. No token and no number may stand in it. */
  logoutUrl?(input: LoginEnvironment & { readonly returnUrl: string }): Promise<string | undefined>
}
