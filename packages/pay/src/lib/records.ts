/** Orders and attempts as the store keeps them: JSON, amounts as texts in yuan, times in ISO. */
import { formatYuan, yuan } from '@zhicheng/core'
import type { ReadView, Transaction } from '@zhicheng/store'
import { payError } from '../errors.ts'
import type { Attempt, Order, OrderItem } from '../order.ts'
import type { OrderStatus } from '../wire.ts'

/** Names of collections; `order-keys` maps a department's own key to the order made under it. */
export const collections = { orders: 'pay.orders', attempts: 'pay.attempts', orderKeys: 'pay.order-keys' } as const

type OrderRecord = Omit<Order, 'amount' | 'items' | 'createdAt' | 'expiresAt' | 'paidAt'> & {
  amount: string
  items: (Omit<OrderItem, 'amount'> & { amount: string })[]
  createdAt: string
  expiresAt?: string
  paidAt?: string
}

type AttemptRecord = Omit<Attempt, 'createdAt' | 'expiresAt'> & { createdAt: string; expiresAt: string }

/** One line of an order's history. */
export interface OrderHistoryEntry {
  /** ISO time. */
  at: string
  event: 'create' | 'attempt' | 'open' | 'pay' | 'mismatch' | 'extra-payment' | 'attempt-closed' | 'close' | 'expire'
  status: OrderStatus
  attemptId?: string
  /** What told us: a notification, our own question, the department, or the time. */
  source: 'department' | 'notification' | 'query' | 'clock'
  transactionId?: string
  /** The channel's amount in yuan. */
  amount?: string
  reason?: string
}

/** Reads an order; throws `ERR_PAY_ORDER_UNKNOWN`. */
export function getOrder(view: ReadView, orderId: string): Order {
  const record = view.get<OrderRecord>(collections.orders, orderId)
  if (!record) throw payError('ERR_PAY_ORDER_UNKNOWN', 'There is no order of this id.', { facts: { orderId } })
  const { amount, items, createdAt, expiresAt, paidAt, ...same } = record
  return {
    ...same,
    amount: yuan(amount),
    items: items.map((item) => ({ ...item, amount: yuan(item.amount) })),
    createdAt: new Date(createdAt),
    ...(expiresAt ? { expiresAt: new Date(expiresAt) } : {}),
    ...(paidAt ? { paidAt: new Date(paidAt) } : {}),
  }
}

/** Writes an order. */
export function putOrder(tx: Transaction, order: Order): void {
  const { amount, items, createdAt, expiresAt, paidAt, ...same } = order
  const record: OrderRecord = {
    ...same,
    amount: formatYuan(amount),
    items: items.map(({ code, name, amount }) => ({ code, name, amount: formatYuan(amount) })),
    createdAt: createdAt.toISOString(),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
    ...(paidAt ? { paidAt: paidAt.toISOString() } : {}),
  }
  tx.put(collections.orders, order.id, record, { status: order.status })
}

/** Reads an attempt. */
export function getAttempt(view: ReadView, attemptId: string): Attempt | undefined {
  const record = view.get<AttemptRecord>(collections.attempts, attemptId)
  return record && readAttempt(record)
}

/** The attempts of an order that may still bring money, oldest first. */
export function listLiveAttempts(view: ReadView, orderId: string): Attempt[] {
  return view
    .find<AttemptRecord>(collections.attempts, { index: 'live', equals: orderId })
    .map(readAttempt)
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

/** Writes an attempt. */
export function putAttempt(tx: Transaction, attempt: Attempt): void {
  const { createdAt, expiresAt, ...same } = attempt
  const record: AttemptRecord = {
    ...same,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
  tx.put(collections.attempts, attempt.id, record, isLive(attempt) ? { live: attempt.orderId } : {})
}

/** True while the channel may still take money for it in the ordinary way. */
export function isLive({ state }: Attempt): boolean {
  return state === 'preparing' || state === 'open'
}

/** Adds a line to an order's history. */
export function addHistory(tx: Transaction, orderId: string, entry: OrderHistoryEntry): void {
  tx.append(historyOf(orderId), entry)
}

/** The stream of an order's history. */
export function historyOf(orderId: string): string {
  return `pay.order.${orderId}`
}

function readAttempt({ createdAt, expiresAt, ...same }: AttemptRecord): Attempt {
  return { ...same, createdAt: new Date(createdAt), expiresAt: new Date(expiresAt) }
}
