/** A timestamp service asked over HTTP (RFC 3161, 3.4). */
import { composePolicies, fetchTransport, retryPolicy, timeoutPolicy } from '@zhicheng/core'
import { createTimestampSource, type TimestampSource } from '@zhicheng/crypto'
import { supportError } from './errors.ts'

/** Options of {@link tsa}. */
export interface TsaOptions {
  /** Address of the service, https; plain http only makes sense on an intranet, for the token is signed anyway. */
  url: string
  fetch?: typeof globalThis.fetch
  timeoutMilliseconds?: number
}

/**
 * A source that asks the service at `url`. Throws `ERR_SUPPORT_CONFIGURATION` for an address that is none, and
 * `ERR_SUPPORT_TIMESTAMP` when the service answers with anything but a timestamp response.
 *
 * @example
 * ```ts
 * const support = await createSupport({ …, timestamps: tsa({ url: 'https://tsa.example.gov.cn' }) })
 * ```
 */
export function tsa({ url, fetch = globalThis.fetch, timeoutMilliseconds = 15_000 }: TsaOptions): TimestampSource {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw supportError('ERR_SUPPORT_CONFIGURATION', 'The timestamp service wants an http or https address.')
  }
  // A timestamp may be asked for twice: the second one does no harm.
  const send = composePolicies(
    [retryPolicy(), timeoutPolicy(timeoutMilliseconds)],
    fetchTransport({ fetch, maxBytes: 262_144 }),
  )
  return createTimestampSource({
    async send(request, { signal } = {}) {
      const { status, headers, body } = await send({
        operation: 'timestamp.request',
        method: 'POST',
        url,
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: new Uint8Array(request),
        idempotent: true,
        ...(signal ? { signal } : {}),
      })
      if (status === 200 && headers.get('content-type')?.startsWith('application/timestamp-reply')) return body
      throw supportError(
        'ERR_SUPPORT_TIMESTAMP',
        `The timestamp service answered with status ${status} and no timestamp.`,
        {
          retryable: true,
          outcome: 'refused',
        },
      )
    },
  })
}
