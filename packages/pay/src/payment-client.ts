/** Sends a provider's requests through the pipeline: retry outside, signing inside, one time limit for each try. */
import {
  composePolicies,
  fetchTransport,
  type PlatformRequest,
  type PlatformResponse,
  type Policy,
  type RetryOptions,
  retryPolicy,
  timeoutPolicy,
} from '@zhicheng/core'
import type { ChannelTransaction, PaymentProviderV1, PrepayInput } from './provider.ts'
import type { PaymentAction } from './wire.ts'

/** Options of {@link createPaymentClient}. */
export interface PaymentClientOptions {
  fetch?: typeof globalThis.fetch
  /** Limit of one try; 8 seconds unless told. */
  timeoutMilliseconds?: number
  retry?: RetryOptions
}

/** Options of a call. */
export interface PaymentCallOptions {
  signal?: AbortSignal | undefined
}

/** A channel that can be called. */
export interface PaymentClient {
  prepay(input: PrepayInput, options?: PaymentCallOptions): Promise<PaymentAction>
  query(attemptId: string, options?: PaymentCallOptions): Promise<ChannelTransaction>
  close(attemptId: string, options?: PaymentCallOptions): Promise<void>
}

/**
 * Joins a provider with `fetch`.
 *
 * @example
 * ```ts
 * const client = createPaymentClient(wechatPay({ … }))
 * const { state } = await client.query('202611240a1b2c3d4e5f')
 * ```
 */
export function createPaymentClient(
  provider: PaymentProviderV1,
  { fetch, timeoutMilliseconds = 8000, retry = {} }: PaymentClientOptions = {},
): PaymentClient {
  const sign: Policy = { name: 'sign', handle: async (request, next) => next(await provider.sign(request)) }
  const send = composePolicies(
    [retryPolicy(retry), timeoutPolicy(timeoutMilliseconds), sign],
    fetchTransport({ ...(fetch ? { fetch } : {}), maxBytes: 1_048_576 }),
  )
  const call = async <Result>(
    request: PlatformRequest,
    parse: (response: PlatformResponse) => Promise<Result>,
    { signal }: PaymentCallOptions = {},
  ): Promise<Result> => parse(await send(signal ? { ...request, signal } : request))
  return {
    prepay: (input, options) =>
      call(provider.buildPrepay(input), (response) => provider.parsePrepay(response, input), options),
    query: (attemptId, options) =>
      call(provider.buildQuery(attemptId), (response) => provider.parseQuery(response, attemptId), options),
    close: (attemptId, options) =>
      call(provider.buildClose(attemptId), (response) => provider.parseClose(response, attemptId), options),
  }
}
