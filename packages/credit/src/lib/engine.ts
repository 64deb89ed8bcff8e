/** What the parts of a credit desk share. */
import { type Clock, type Logger, toHex } from '@zhicheng/core'
import type { Store } from '@zhicheng/store'
import type { CreditEnvironment, CreditProviderV1 } from '../provider.ts'

/** Everything that came in from outside. */
export interface Engine {
  readonly provider: CreditProviderV1
  readonly store: Store
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  readonly logger: Logger
  readonly random: (length: number) => Uint8Array
  readonly timeoutMilliseconds: number
  readonly maxAgeMilliseconds: number
}

/** 128 random bits in hex. */
export function randomId({ random }: Engine): string {
  return toHex(random(16))
}

/**
 * Runs a call to the outside and ends it at the time limit or with `signal`, even if the one called does not listen.
 * `timedOut` tells afterwards whether it was the limit.
 */
export async function callOutside<Result>(
  { clock, fetch, timeoutMilliseconds }: Engine,
  call: (environment: CreditEnvironment) => Promise<Result>,
  {
    signal,
    limit = AbortSignal.timeout(timeoutMilliseconds),
  }: { signal?: AbortSignal | undefined; limit?: AbortSignal } = {},
): Promise<Result> {
  const both = signal ? AbortSignal.any([signal, limit]) : limit
  both.throwIfAborted()
  let stop = (): void => {}
  const ended = new Promise<never>((_, reject) => {
    stop = () => reject(both.reason as Error)
    both.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([call({ clock, fetch, signal: both }), ended])
  } finally {
    both.removeEventListener('abort', stop)
  }
}
