/** Operations the cashier (收银台) calls. Amounts are decimal texts in yuan. */
import { operation } from '@zhicheng/core'
import * as v from 'valibot'

/** States of a payment order as the payer sees them. */
export const orderStatus = v.picklist([
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
])

const amount = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,12})\.[0-9]{2}$/))

/** An order as the payer may see it: no payer identity, no channel secrets. */
export const orderView = v.object({
  id: v.string(),
  title: v.string(),
  status: orderStatus,
  amount,
  currency: v.literal('CNY'),
  items: v.array(v.object({ code: v.string(), name: v.string(), amount })),
  /** Who charges the fee (执收单位). */
  payee: v.string(),
  /** Pay code (缴款识别码). */
  payCode: v.optional(v.string()),
  createdAt: v.string(),
  expiresAt: v.optional(v.string()),
  paidAt: v.optional(v.string()),
  channels: v.array(v.object({ id: v.string(), name: v.string() })),
})

/** An order as the payer may see it. */
export type OrderView = v.InferOutput<typeof orderView>

const orderId = v.object({ order: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)) })

/** Reads an order. */
export const readOrder = operation({
  id: 'pay.order.read',
  method: 'GET',
  path: '/pay/orders/{order}',
  summary: 'Reads a payment order.',
  params: orderId,
  response: orderView,
})

/** Starts an attempt to pay through a channel. */
export const startPayment = operation({
  id: 'pay.order.start',
  method: 'POST',
  path: '/pay/orders/{order}/attempts',
  summary: 'Starts a payment attempt and returns what the payer scans or opens.',
  params: orderId,
  body: v.object({ channel: v.string() }),
  response: v.object({
    order: orderView,
    /** What the payer does next: scan a code, or open an address. */
    action: v.variant('kind', [
      v.object({ kind: v.literal('scan'), content: v.string(), expiresAt: v.optional(v.string()) }),
      v.object({ kind: v.literal('open'), url: v.string() }),
    ]),
  }),
})

/** Asks the channel now instead of waiting for its notification. */
export const refreshOrder = operation({
  id: 'pay.order.refresh',
  method: 'POST',
  path: '/pay/orders/{order}/refresh',
  summary: 'Asks the payment channel for the state of the order and returns it.',
  params: orderId,
  response: orderView,
})
