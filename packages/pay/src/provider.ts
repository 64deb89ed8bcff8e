/**
 * What a payment channel is to the order engine: pure halves that make requests and read answers. A provider opens no
 * socket and keeps no state, so each half runs against recorded bytes; {@link createPaymentClient} does the sending.
 */
import type { Money, PlatformRequest, PlatformResponse } from '@zhicheng/core'
import type { PaymentAction } from './wire.ts'

/** What a channel is asked to collect. */
export interface PrepayInput {
  /** Our number of this attempt (商户订单号), unique for ever: the channel refuses to collect twice under it. */
  attemptId: string
  title: string
  amount: Money
  /** When the channel must stop accepting the payment. */
  expiresAt: Date
}

/** What a channel says about one attempt, its authenticity verified. */
export type ChannelTransaction = {
  attemptId: string
  /** Whether the money goes to the configured merchant. `foreign` is never taken for a payment. */
  payee: 'ours' | 'foreign'
} & (
  | {
      /** `refunded`: it was paid, and money went back without this engine; never taken for a payment. */
      state: 'paid' | 'refunded'
      payment: ChannelPayment
    }
  | {
      /** `absent`: the channel has no such attempt, and said so in a signed answer. */
      state: 'pending' | 'closed' | 'absent'
    }
)

/** A payment as the channel booked it. */
export interface ChannelPayment {
  /** The channel's own number, unique within the channel. */
  transactionId: string
  amount: Money
  currency: string
  paidAt: Date
}

/** A notification whose signature, time and content were verified; what did not pass was thrown, never returned. */
export interface VerifiedNotification {
  /** The channel's identifier of the notification, for logs. */
  id: string
  transaction: ChannelTransaction
}

/** A notification as it came in: the raw bytes, for signatures are over bytes. */
export interface RawNotification {
  headers: Headers
  body: Uint8Array
}

/**
 * A payment channel. `build…` makes the unsigned request and `sign` signs it anew at each try; `parse…` verifies the
 * answer before it reads it, and throws a coded error otherwise.
 */
export interface PaymentProviderV1 {
  readonly specification: 'v1'
  /** Short name in addresses and records: `wechat`. */
  readonly channel: string
  /** Chinese name for payers: `微信支付`. */
  readonly name: string
  /** How long the channel keeps what the payer scans or opens, in milliseconds. */
  readonly actionLifetime: number
  sign(request: PlatformRequest): Promise<PlatformRequest>
  buildPrepay(input: PrepayInput): PlatformRequest
  parsePrepay(response: PlatformResponse, input: PrepayInput): Promise<PaymentAction>
  buildQuery(attemptId: string): PlatformRequest
  parseQuery(response: PlatformResponse, attemptId: string): Promise<ChannelTransaction>
  buildClose(attemptId: string): PlatformRequest
  /** Resolves when the channel will take no more money for the attempt; throws otherwise, also when it was paid. */
  parseClose(response: PlatformResponse, attemptId: string): Promise<void>
  parseNotification(notification: RawNotification): Promise<VerifiedNotification>
  /** What the channel wants to read: done, or an error's code with the HTTP status that makes it send again. */
  formatNotificationAnswer(answer: { accepted: true } | { accepted: false; status: number; code: string }): Response
}
