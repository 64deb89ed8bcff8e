/**
 * What a channel's word does to an order: inbox row, attempt, order, history and the effect's job, all in the caller's one
 * transaction. Notifications and answers to queries come through here alike, so whichever is second changes nothing.
 */
import { formatYuan } from '@zhicheng/core'
import type { Transaction } from '@zhicheng/store'
import { payError } from '../errors.ts'
import type { Attempt, Order } from '../order.ts'
import { nextOrderStatus } from '../order-transitions.ts'
import type { ChannelTransaction } from '../provider.ts'
import { addHistory, getAttempt, getOrder, isLive, type OrderHistoryEntry, putAttempt, putOrder } from './records.ts'

/** Topic of the jobs that carry effects to the department. */
export const effectTopic = 'pay.effect'

/** What happened to an order that somebody must act on. */
export type OrderEffectKind = 'paid' | 'paid-after-close' | 'review' | 'extra-payment'

/** Payload of an effect's job. */
export interface EffectPayload {
  kind: OrderEffectKind
  orderId: string
  attemptId: string
  channel: string
  transactionId: string
  /** What the channel says it took, in yuan. */
  amount: string
  reason?: MismatchReason
}

/** Why money does not fit its order. */
export type MismatchReason = 'amount' | 'currency' | 'payee' | 'transaction-reused' | 'refunded'

/** Where the word came from, and when. */
export interface ApplyContext {
  channel: string
  source: 'notification' | 'query'
  now: Date
  /** True after the channel was told to close: from then on `absent` is final. */
  final?: boolean
}

type Settled = Extract<ChannelTransaction, { state: 'paid' | 'refunded' }>

/** Applies it; throws `ERR_PAY_ATTEMPT_UNKNOWN` for an attempt that this channel never got from us. */
export function applyTransaction(tx: Transaction, transaction: ChannelTransaction, context: ApplyContext): void {
  const attempt = getAttempt(tx, transaction.attemptId)
  if (attempt?.channel !== context.channel) {
    throw payError('ERR_PAY_ATTEMPT_UNKNOWN', `No attempt of this number was made through ${context.channel}.`, {
      facts: { channel: context.channel, attemptId: transaction.attemptId },
    })
  }
  if (transaction.state === 'paid' || transaction.state === 'refunded') {
    applyPayment(tx, attempt, { transaction, context })
  } else if (isLive(attempt) && (transaction.state === 'closed' || (transaction.state === 'absent' && context.final))) {
    putAttempt(tx, { ...attempt, state: 'closed' })
    const { status } = getOrder(tx, attempt.orderId)
    record(tx, attempt, context, { event: 'attempt-closed', status })
  }
}

function applyPayment(
  tx: Transaction,
  attempt: Attempt,
  { transaction, context }: { transaction: Settled; context: ApplyContext },
): void {
  const { payee, state, payment } = transaction
  const { transactionId, currency } = payment
  const amount = formatYuan(payment.amount)
  const fingerprint = [transactionId, attempt.id, amount, currency, payee, state].join(':')
  if (tx.inbox(context.channel, `payment:${fingerprint}`, fingerprint) !== 'new') return
  const reused = tx.inbox(context.channel, `transaction:${transactionId}`, fingerprint) === 'conflict'

  const order = getOrder(tx, attempt.orderId)
  const reason = findMismatch(order, transaction) ?? (reused ? 'transaction-reused' : undefined)
  const status = nextOrderStatus(order.status, reason ? 'mismatch' : 'pay')
  // Money that came is never taken back from the attempt by a later word that does not fit.
  if (attempt.state !== 'paid') putAttempt(tx, { ...attempt, state: reason ? 'review' : 'paid' })
  if (status) {
    const { id: attemptId, channel } = attempt
    const paid = reason ? {} : { paidAt: payment.paidAt, payment: { attemptId, channel, transactionId } }
    putOrder(tx, { ...order, status, ...paid })
  }
  const kind = reason ? 'review' : effectOf(status)
  record(tx, attempt, context, {
    event: reason ? 'mismatch' : kind === 'extra-payment' ? 'extra-payment' : 'pay',
    status: status ?? order.status,
    transactionId,
    amount,
    ...(reason ? { reason } : {}),
  })
  const payload: EffectPayload = {
    kind,
    orderId: order.id,
    attemptId: attempt.id,
    channel: attempt.channel,
    transactionId,
    amount,
    ...(reason ? { reason } : {}),
  }
  // An order is paid once, so its key is the order's; the others can each happen once for every attempt.
  const once = kind === 'paid' || kind === 'paid-after-close'
  tx.outbox(effectTopic, once ? `${order.id}:${kind}` : `${order.id}:${kind}:${attempt.id}`, payload)
}

function findMismatch(order: Order, { payee, state, payment }: Settled): MismatchReason | undefined {
  if (payee !== 'ours') return 'payee'
  if (state !== 'paid') return 'refunded'
  if (payment.currency !== 'CNY') return 'currency'
  return payment.amount === order.amount ? undefined : 'amount'
}

function effectOf(status: Order['status'] | undefined): OrderEffectKind {
  if (status === 'paid') return 'paid'
  return status === 'paid_after_close' ? 'paid-after-close' : 'extra-payment'
}

function record(
  tx: Transaction,
  attempt: Attempt,
  { now, source }: ApplyContext,
  entry: Omit<OrderHistoryEntry, 'at' | 'source' | 'attemptId'>,
): void {
  addHistory(tx, attempt.orderId, { at: now.toISOString(), source, attemptId: attempt.id, ...entry })
}
