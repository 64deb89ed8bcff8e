/** A fetch for answers of platforms: no redirect is followed, the body is bounded, and waiting ends. */
import { readBody } from '@zhicheng/core'
import { identityError } from '../errors.ts'

const maxBytes = 524_288
const maxMilliseconds = 10_000

/** What the callers here pass: as `RequestInit`, with a body of any kind a library makes. */
export type LimitedInit = Omit<RequestInit, 'body' | 'signal'> & {
  body?: unknown
  signal?: AbortSignal | null | undefined
}

/** Wraps a fetch; whatever goes wrong on the way is `ERR_IDENTITY_PLATFORM_UNREACHABLE`. */
export function limitedFetch(
  fetch: typeof globalThis.fetch,
  signal?: AbortSignal,
): (url: string, init?: LimitedInit) => Promise<Response> {
  return async (url, init) => {
    const limit = AbortSignal.timeout(maxMilliseconds)
    try {
      const response = await fetch(url, {
        ...(init as RequestInit | undefined),
        redirect: 'manual',
        signal: AbortSignal.any([limit, ...(signal ? [signal] : []), ...(init?.signal ? [init.signal] : [])]),
      })
      // Statuses that may not have a body, and opaque redirects, which have none to read.
      if (response.status === 0 || response.body === null) return response
      const body = await readBody(response, maxBytes)
      return new Response(body.length === 0 ? null : body, { status: response.status, headers: response.headers })
    } catch (cause) {
      throw identityError(
        'ERR_IDENTITY_PLATFORM_UNREACHABLE',
        `The identity platform at ${new URL(url).host} gave no usable answer within ${maxMilliseconds} ms and ${maxBytes} bytes; try again later.`,
        { cause, outcome: 'unknown', retryable: true, facts: { host: new URL(url).host } },
      )
    }
  }
}
