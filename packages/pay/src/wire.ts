/** Operations the cashier (收银台) calls. Amounts are decimal texts in yuan. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import * as v from 'valibot'

/** States of a payment order as the payer sees them. */
export type OrderStatus =
  | 'created'
  | 'paying'
  | 'paid'
  | 'paid_after_close'
  | 'closed'
  | 'expired'
  | 'review'
  | 'refunding'
  | 'partially_refunded'
  | 'refunded'

/** An order as the payer may see it: no payer identity, no channel secrets. */
export interface OrderView {
  id: string
  title: string
  status: OrderStatus
  /** Yuan with two decimals: `120.00`. */
  amount: string
  currency: 'CNY'
  items: { code: string; name: string; amount: string }[]
  /** Who charges the fee (执收单位). */
  payee: string
  /** Pay code (缴款识别码). */
  payCode?: string
  /** ISO times with offset. */
  createdAt: string
  expiresAt?: string
  paidAt?: string
  channels: { id: string; name: string }[]
}

/** What the payer does next: scan a code, or open an address. */
export type PaymentAction = { kind: 'scan'; content: string; expiresAt?: string } | { kind: 'open'; url: string }

const amount = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,12})\.[0-9]{2}$/))

/** The schema of an {@link OrderView}. */
export const orderView: Schema<OrderView> = v.object({
  id: v.string(),
  title: v.string(),
  status: v.picklist([
    'created',
    'paying',
    'paid',
    'paid_after_close',
    'closed',
    'expired',
    'review',
    'refunding',
    'partially_refunded',
    'refunded',
  ]),
  amount,
  currency: v.literal('CNY'),
  items: v.array(v.object({ code: v.string(), name: v.string(), amount })),
  payee: v.string(),
  payCode: v.exactOptional(v.string()),
  createdAt: v.string(),
  expiresAt: v.exactOptional(v.string()),
  paidAt: v.exactOptional(v.string()),
  channels: v.array(v.object({ id: v.string(), name: v.string() })),
})

const orderId: Schema<{ order: string }> = v.object({ order: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)) })

/** Reads an order. */
export const readOrder: Operation<{ params: { order: string }; response: OrderView }> = operation({
  id: 'pay.order.read',
  method: 'GET',
  path: '/pay/orders/{order}',
  summary: 'Reads a payment order.',
  params: orderId,
  response: orderView,
})

/** Starts an attempt to pay through a channel. */
export const startPayment: Operation<{
  params: { order: string }
  body: { channel: string }
  response: { order: OrderView; action: PaymentAction }
}> = operation({
  id: 'pay.order.start',
  method: 'POST',
  path: '/pay/orders/{order}/attempts',
  summary: 'Starts a payment attempt and returns what the payer scans or opens.',
  params: orderId,
  body: v.object({ channel: v.string() }),
  response: v.object({
    order: orderView,
    action: v.variant('kind', [
      v.object({ kind: v.literal('scan'), content: v.string(), expiresAt: v.exactOptional(v.string()) }),
      v.object({ kind: v.literal('open'), url: v.string() }),
    ]),
  }),
})

/** Asks the channel now instead of waiting for its notification. */
export const refreshOrder: Operation<{ params: { order: string }; response: OrderView }> = operation({
  id: 'pay.order.refresh',
  method: 'POST',
  path: '/pay/orders/{order}/refresh',
  summary: 'Asks the payment channel for the state of the order and returns it.',
  params: orderId,
  response: orderView,
})
