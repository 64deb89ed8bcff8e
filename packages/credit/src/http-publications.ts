/** Sends publication records over HTTP, as the operation `submitPublication` of `./wire` says. */
import {
  checkPart,
  composePolicies,
  fetchTransport,
  fromUtf8,
  isZhichengError,
  type PlatformResponse,
  type RetryOptions,
  retryPolicy,
  timeoutPolicy,
  utf8,
} from '@zhicheng/core'
import { creditError } from './errors.ts'
import type { PublicationSink } from './publication.ts'
import { submitPublication } from './wire.ts'

/** Options of {@link httpPublications}. */
export interface HttpPublicationsOptions {
  /** Address that takes the records: `https://credit.example.gov.cn/credit/publications`. */
  url: string
  headers?: Readonly<Record<string, string>>
  /** Limit of one try; 8 seconds unless told. */
  timeoutMilliseconds?: number
  retry?: RetryOptions
}

/**
 * Makes a sink that posts each record. Sending again does no harm, for the record's key goes with it.
 *
 * @example
 * ```ts
 * const credit = createCredit({ provider, store, publications: httpPublications({ url }) })
 * ```
 */
export function httpPublications({
  url,
  headers = {},
  timeoutMilliseconds = 8000,
  retry = {},
}: HttpPublicationsOptions): PublicationSink {
  const operation = submitPublication.id
  return {
    async publish(input, { clock, fetch, signal }) {
      const send = composePolicies(
        [retryPolicy({ clock, ...retry }), timeoutPolicy(timeoutMilliseconds)],
        fetchTransport({ fetch, maxBytes: 65_536 }),
      )
      const response = await send({
        operation,
        method: 'POST',
        url,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        body: utf8(JSON.stringify(input)),
        idempotent: true,
        signal,
      }).catch((cause: unknown) => {
        throw creditError('ERR_CREDIT_PLATFORM_UNREACHABLE', 'The publication record got no answer.', {
          cause,
          outcome: 'unknown',
          retryable: true,
          facts: { operation, code: isZhichengError(cause) ? cause.code : 'unknown' },
        })
      })
      return readReceipt(response)
    },
  }
}

function readReceipt({ status, body }: PlatformResponse): { receipt: string } {
  const facts = { operation: submitPublication.id, status }
  if (status >= 400 && status < 500) {
    throw creditError('ERR_CREDIT_PLATFORM_REFUSED', `The publication record was refused with status ${status}.`, {
      outcome: 'refused',
      facts,
    })
  }
  try {
    if (status === 200)
      return checkPart(submitPublication, 'response', submitPublication.response, JSON.parse(fromUtf8(body)))
  } catch (cause) {
    throw unusable(facts, cause)
  }
  throw unusable(facts)
}

function unusable(facts: { operation: string; status: number }, cause?: unknown): Error {
  return creditError(
    'ERR_CREDIT_PLATFORM_ANSWER_INVALID',
    `The answer to a publication record (status ${facts.status}) is not as agreed.`,
    { cause, outcome: 'unknown', retryable: true, facts },
  )
}
