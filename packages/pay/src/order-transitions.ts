/** How an order may change, as data. What is not in the table does not happen: an order never goes backwards. */
import type { OrderStatus } from './wire.ts'

/** What can befall an order. `mismatch`: money came whose amount, currency or payee is not what was asked for. */
export type OrderEvent = 'start' | 'pay' | 'mismatch' | 'close' | 'expire'

/** One row: in this status, on this event, to that status. */
export interface OrderTransition {
  readonly from: OrderStatus
  readonly on: OrderEvent
  readonly to: OrderStatus
}

/** The whole table. A late payment wins over `closed` and `expired`: the money is there, so somebody must deal with it. */
export const orderTransitions: readonly OrderTransition[] = [
  { from: 'created', on: 'start', to: 'paying' },
  { from: 'created', on: 'close', to: 'closed' },
  { from: 'created', on: 'expire', to: 'expired' },
  { from: 'paying', on: 'start', to: 'paying' },
  { from: 'paying', on: 'pay', to: 'paid' },
  { from: 'paying', on: 'mismatch', to: 'review' },
  { from: 'paying', on: 'close', to: 'closed' },
  { from: 'paying', on: 'expire', to: 'expired' },
  { from: 'closed', on: 'pay', to: 'paid_after_close' },
  { from: 'closed', on: 'mismatch', to: 'review' },
  { from: 'expired', on: 'pay', to: 'paid_after_close' },
  { from: 'expired', on: 'mismatch', to: 'review' },
]

/** The status after an event; undefined when the event changes nothing in this status. */
export function nextOrderStatus(from: OrderStatus, on: OrderEvent): OrderStatus | undefined {
  return orderTransitions.find((transition) => transition.from === from && transition.on === on)?.to
}
