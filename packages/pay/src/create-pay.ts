/** The order engine: takes orders, collects them through channels, and tells the department once they are paid. */
import {
  type Clock,
  formatDay,
  type Logger,
  type Money,
  type RetryOptions,
  silentLogger,
  systemClock,
  toHex,
  yuan,
} from '@zhicheng/core'
import { createOutboxRunner, type Job, type OutboxRunner, type OutboxRunnerOptions, type Store } from '@zhicheng/store'
import { payError } from './errors.ts'
import { type EffectPayload, effectTopic, type MismatchReason, type OrderEffectKind } from './lib/apply-transaction.ts'
import { expireTopic, insertOrder } from './lib/insert-order.ts'
import { receiveNotification } from './lib/notification.ts'
import { defaultPollSchedule, type PollPayload, type PollSchedule, poll, pollTopic } from './lib/poll.ts'
import { getOrder, historyOf, listLiveAttempts, type OrderHistoryEntry } from './lib/records.ts'
import { type Channel, type Engine, endOrder, queryAttempt } from './lib/settlement.ts'
import { startAttempt } from './lib/start-payment.ts'
import type { CreateOrderInput, Order } from './order.ts'
import { formatOrderView } from './order-view.ts'
import type { PayPoint } from './pay-point.ts'
import { createPaymentClient } from './payment-client.ts'
import type { PaymentProviderV1 } from './provider.ts'
import type { OrderView, PaymentAction } from './wire.ts'

/** What happened to an order, for the department to act on. It may arrive more than once, always under the same key. */
export interface OrderEffect {
  /** Give it to whatever you call as its idempotency key, or remember it, so that a repetition does nothing. */
  key: string
  /**
   * `paid`: go on with the case. `paid-after-close`: money came for an order that was closed or expired. `review`: money
   * came that does not fit. `extra-payment`: a second payment of one order. The last three need a person.
   */
  kind: OrderEffectKind
  /** The order as it is now. */
  order: Order
  attemptId: string
  channel: string
  transactionId: string
  /** What the channel says it took. */
  amount: Money
  /** Only with `review`. */
  reason?: MismatchReason
}

/** Options of {@link createPay}. */
export interface CreatePayOptions {
  store: Store
  providers: readonly PaymentProviderV1[]
  /** Does the department's part. When it throws, it is called again later. */
  orderEffects: (effect: OrderEffect, options: { signal: AbortSignal }) => Promise<void>
  clock?: Clock
  fetch?: typeof globalThis.fetch
  /** Makes random bytes for order and attempt numbers. */
  random?: (length: number) => Uint8Array
  logger?: Logger
  /** When to ask a channel that has not notified, in milliseconds after the start of the attempt. */
  pollSchedule?: PollSchedule
  retry?: RetryOptions
  /** How jobs are run; see the store's outbox runner. */
  runner?: Pick<OutboxRunnerOptions, 'leaseMilliseconds' | 'pollMilliseconds' | 'concurrency' | 'backoff'>
  /** Observation hook: called, synchronously, at each {@link PayPoint}. */
  probe?: (point: PayPoint) => void
}

/** The order engine. */
export interface Pay {
  createOrder(input: CreateOrderInput): Promise<Order>
  /** Throws `ERR_PAY_ORDER_UNKNOWN`. Whether the asker may see the order is the caller's question: see `order.payer`. */
  readOrder(orderId: string): Promise<Order>
  /** What happened to the order so far, oldest first. */
  readHistory(orderId: string): Promise<OrderHistoryEntry[]>
  /**
   * Starts an attempt, or continues the one that runs: asking twice returns what the payer scans again. Attempts through
   * other channels are closed first. Throws `ERR_PAY_ORDER_NOT_PAYABLE`, and the provider's errors.
   */
  startPayment(
    orderId: string,
    channel: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ order: Order; action: PaymentAction }>
  /** Asks the channels now. Throws the provider's errors; the order is then unchanged. */
  refresh(orderId: string, options?: { signal?: AbortSignal }): Promise<Order>
  /** Ends an order that shall not be paid; answers it as paid if the payer was faster. */
  closeOrder(orderId: string): Promise<Order>
  /** Answers a channel's notification. Mount it without anything that reads or rewrites the body before. */
  handleNotification(channel: string, request: Request): Promise<Response>
  /** The order as the payer may see it. */
  view(order: Order): OrderView
  /** Runs effects, polls and expiry: `runner.start()` in one process at least, or nothing of that happens. */
  readonly runner: OutboxRunner
}

/**
 * Makes the order engine. State lives in the store alone; any number of processes may share it.
 *
 * @example
 * ```ts
 * const pay = createPay({
 *   store: sqliteStore({ file: './zhicheng.db' }),
 *   providers: [wechatPay({ … })],
 *   orderEffects: async ({ kind, order, key }) => { if (kind === 'paid') await issueLicence(order.id, key) },
 * })
 * pay.runner.start()
 * const order = await pay.createOrder({
 *   payer: { issuer: 'zhejiang', id: 'u-1' }, title: '食品经营许可工本费', payee: '样例市市场监督管理局',
 *   items: [{ code: '103044901', name: '工本费', amount: yuan('120.00') }],
 * })
 * const { action } = await pay.startPayment(order.id, 'wechat') // { kind: 'scan', content: 'weixin://…' }
 * ```
 */
export function createPay({
  store,
  providers,
  orderEffects,
  clock = systemClock,
  fetch,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
  logger = silentLogger,
  pollSchedule = defaultPollSchedule,
  retry = {},
  runner: runnerOptions = {},
  probe = () => {},
}: CreatePayOptions): Pay {
  const channels = new Map<string, Channel>()
  for (const provider of providers) {
    if (channels.has(provider.channel)) {
      throw payError('ERR_PAY_CHANNEL_DUPLICATE', `Two providers are configured for ${provider.channel}.`)
    }
    const client = createPaymentClient(provider, { retry, ...(fetch ? { fetch } : {}) })
    channels.set(provider.channel, { provider, client })
  }
  const engine: Engine = {
    store,
    clock,
    channel(name) {
      const found = channels.get(name)
      if (found) return found
      throw payError('ERR_PAY_CHANNEL_UNKNOWN', 'No provider is configured for this channel.', {
        facts: { channels: [...channels.keys()] },
      })
    },
  }
  // 8 digits of the day and 96 random bits: 32 characters, the most that channels take.
  const createId = () => formatDay(clock.now()).replaceAll('-', '') + toHex(random(12))

  const runEffect = async (job: Job, options: { signal: AbortSignal }): Promise<void> => {
    const { kind, orderId, attemptId, channel, transactionId, amount, reason } = job.payload as EffectPayload
    const order = await store.read((view) => getOrder(view, orderId))
    const effect: OrderEffect = {
      key: job.key,
      kind,
      order,
      attemptId,
      channel,
      transactionId,
      amount: yuan(amount),
      ...(reason ? { reason } : {}),
    }
    probe('effect.before')
    await orderEffects(effect, options)
    probe('effect.after')
  }

  const runner = createOutboxRunner(store, {
    clock,
    logger,
    ...runnerOptions,
    handlers: {
      [effectTopic]: runEffect,
      [pollTopic]: ({ payload }, { signal }) =>
        poll(engine, payload as PollPayload, { schedule: pollSchedule, signal }),
      [expireTopic]: async ({ key }) => {
        await endOrder(engine, key, 'expire')
      },
    },
  })

  return {
    runner,
    createOrder: (input) => store.transaction((tx) => insertOrder(tx, input, { now: clock.now(), createId })),
    readOrder: (orderId) => store.read((view) => getOrder(view, orderId)),
    readHistory: (orderId) =>
      store.read((view) => {
        getOrder(view, orderId)
        return view.events<OrderHistoryEntry>(historyOf(orderId)).map(({ event }) => event)
      }),
    startPayment: (orderId, channel, { signal } = {}) =>
      startAttempt(orderId, channel, { engine, createId, pollSchedule, signal }),
    async refresh(orderId, { signal } = {}) {
      for (const attempt of await store.read((view) => listLiveAttempts(view, orderId))) {
        await queryAttempt(engine, attempt, { signal })
      }
      return store.read((view) => getOrder(view, orderId))
    },
    closeOrder: (orderId) => endOrder(engine, orderId, 'close'),
    async handleNotification(channel, request) {
      const known = channels.get(channel)
      if (!known) return new Response(null, { status: 404 })
      if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } })
      return receiveNotification(request, { engine, provider: known.provider, logger, probe })
    },
    view: (order) =>
      formatOrderView(
        order,
        [...channels.values()].map(({ provider }) => provider),
      ),
  }
}
