/**
 * The request pipeline of outgoing platform calls: an explicit, ordered array of policies. Retry stands outside and
 * signing inside, so that every try is signed afresh; the bytes that were signed are the bytes that are sent.
 */
import { type Clock, systemClock } from './clock.ts'
import { isZhichengError, ZhichengError } from './errors.ts'
import { readBody } from './operation.ts'

/** A request as immutable data. The body is bytes before it is signed. */
export interface PlatformRequest {
  /** For logs and errors: `wechat.prepay.native`. */
  readonly operation: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** True if sending it twice does no harm: a read, or a write that carries its own key. */
  readonly idempotent: boolean
  readonly signal?: AbortSignal
}

/** An answer with its raw bytes, for signatures are over bytes. */
export interface PlatformResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array<ArrayBuffer>
}

/** Sends a request. */
export type Send = (request: PlatformRequest) => Promise<PlatformResponse>

/** One named step around the sending. */
export interface Policy {
  readonly name: string
  handle(request: PlatformRequest, next: Send): Promise<PlatformResponse>
}

/** Joins policies, outermost first, around a transport. */
export function composePolicies(policies: readonly Policy[], transport: Send): Send {
  return policies.reduceRight<Send>((next, policy) => (request) => policy.handle(request, next), transport)
}

/** Sends with `fetch`. No redirect is followed, for a signature is for one address. Answers above `maxBytes` are refused. */
export function fetchTransport({
  fetch = globalThis.fetch,
  maxBytes = 16_777_216,
}: {
  fetch?: typeof globalThis.fetch
  maxBytes?: number
} = {}): Send {
  return async (request) => {
    let response: Response
    try {
      response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        redirect: 'manual',
        ...(request.body ? { body: request.body } : {}),
        ...(request.signal ? { signal: request.signal } : {}),
      })
    } catch (cause) {
      throw new ZhichengError('ERR_NETWORK', `The request ${request.operation} got no answer.`, {
        cause,
        outcome: 'unknown',
        retryable: request.idempotent,
        facts: { operation: request.operation },
      })
    }
    return { status: response.status, headers: response.headers, body: await readBody(response, maxBytes) }
  }
}

/** Ends each try after `milliseconds` with `ERR_TIMEOUT`, outcome unknown. */
export function timeoutPolicy(milliseconds: number): Policy {
  return {
    name: 'timeout',
    async handle(request, next) {
      const limit = AbortSignal.timeout(milliseconds)
      try {
        return await next({ ...request, signal: request.signal ? AbortSignal.any([request.signal, limit]) : limit })
      } catch (cause) {
        if (!limit.aborted) throw cause
        throw new ZhichengError(
          'ERR_TIMEOUT',
          `The request ${request.operation} had no answer within ${milliseconds} ms.`,
          {
            cause,
            outcome: 'unknown',
            retryable: request.idempotent,
            facts: { operation: request.operation, milliseconds },
          },
        )
      }
    },
  }
}

/** Options of {@link retryPolicy}. */
export interface RetryOptions {
  /** Tries in all, the first included. */
  attempts?: number
  baseMilliseconds?: number
  sleep?: (milliseconds: number) => Promise<void>
  random?: () => number
  clock?: Clock
}

/** Tries idempotent requests again after 408, 429, 5xx and retryable errors, with full jitter and the server's `Retry-After`. */
export function retryPolicy({
  attempts = 3,
  baseMilliseconds = 200,
  sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  random = Math.random,
  clock = systemClock,
}: RetryOptions = {}): Policy {
  return {
    name: 'retry',
    async handle(request, next) {
      for (let attempt = 1; ; attempt += 1) {
        const last = attempt >= attempts || !request.idempotent || request.signal?.aborted === true
        let wait = random() * baseMilliseconds * 2 ** (attempt - 1)
        try {
          const response = await next(request)
          const again = response.status === 408 || response.status === 429 || response.status >= 500
          if (last || !again) return response
          wait = retryAfter(response.headers.get('retry-after'), clock) ?? wait
        } catch (error) {
          if (last || !isZhichengError(error) || !error.retryable) throw error
        }
        await sleep(wait)
      }
    },
  }
}

function retryAfter(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined
  const milliseconds = /^[0-9]+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now().getTime()
  return Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 0), 30_000) : undefined
}
