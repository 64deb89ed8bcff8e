/** Orders and attempts: the nouns of this package, and what an order must look like before it is taken. */
import { type Money, sumMoney } from '@zhicheng/core'
import { payError } from './errors.ts'
import type { OrderStatus, PaymentAction } from './wire.ts'

/** Who pays, by reference: the identifier at the platform that vouches for them. Never a name or a document number. */
export interface PayerReference {
  issuer: string
  id: string
}

/** One charge item (收费项目). */
export interface OrderItem {
  code: string
  name: string
  amount: Money
}

/** An order: one thing to be paid once, however many attempts that takes. */
export interface Order {
  id: string
  status: OrderStatus
  title: string
  /** Sum of the items. */
  amount: Money
  items: readonly OrderItem[]
  payer: PayerReference
  /** Who charges the fee (执收单位). */
  payee: string
  /** Pay code (缴款识别码); an opaque text, for each region has its own form. */
  payCode?: string
  createdAt: Date
  expiresAt?: Date
  paidAt?: Date
  /** The attempt that was paid, and the channel's number of that payment. */
  payment?: { attemptId: string; channel: string; transactionId: string }
}

/** Input of an order. */
export interface CreateOrderInput {
  payer: PayerReference
  title: string
  items: readonly OrderItem[]
  payee: string
  payCode?: string
  expiresAt?: Date
  /**
   * Your own number of the thing to be paid, such as the case number with the charge. The same key with the same content
   * returns the same order, so that a repeated call never charges twice; with other content it is refused.
   */
  key?: string
}

/** One attempt (支付单) to collect an order through a channel. Its id is the merchant order number at the channel. */
export interface Attempt {
  id: string
  orderId: string
  channel: string
  /**
   * `preparing`: the channel may or may not know it; `open`: the payer can pay; `paid`, `closed`: settled;
   * `review`: money came that does not fit.
   */
  state: 'preparing' | 'open' | 'paid' | 'closed' | 'review'
  createdAt: Date
  expiresAt: Date
  action?: PaymentAction
}

/** Refuses with `ERR_PAY_ORDER_INVALID` what no channel could collect or no payer understand. */
export function checkOrderInput(
  { title, items, payee, payer, payCode, expiresAt, key }: CreateOrderInput,
  now: Date,
): void {
  const texts: [string, string | undefined, number][] = [
    ['title', title, 120],
    ['payee', payee, 120],
    ['payer.issuer', payer.issuer, 256],
    ['payer.id', payer.id, 256],
    ['payCode', payCode, 64],
    ['key', key, 200],
    ...items.flatMap(({ code, name }): [string, string, number][] => [
      ['items.code', code, 64],
      ['items.name', name, 120],
    ]),
  ]
  for (const [field, text, limit] of texts) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    if (text !== undefined && (text.length === 0 || text.length > limit || /[\0-\x1f\x7f]|\p{Surrogate}/u.test(text))) {
      throw invalid(field, `${field} must have 1 to ${limit} characters and no control characters`)
    }
  }
  if (items.length === 0 || items.length > 100) throw invalid('items', 'an order has 1 to 100 items')
  const total = sumMoney(items.map(({ amount }) => amount))
  if (total === 0n || total >= 10n ** 15n) throw invalid('items', 'the sum of the items is zero or beyond any fee')
  if (expiresAt && !(expiresAt.getTime() > now.getTime())) throw invalid('expiresAt', 'expiresAt is not in the future')
}

function invalid(field: string, what: string): Error {
  return payError('ERR_PAY_ORDER_INVALID', `The order cannot be made: ${what}.`, { facts: { field } })
}

/** What must be equal when an order's key is used again. Not the time limit: a repeated call may count it from its own now. */
export function describeContent({ payer, title, items, payee, payCode }: CreateOrderInput): string {
  return JSON.stringify([
    payer.issuer,
    payer.id,
    title,
    items.map(({ code, name, amount }) => [code, name, amount.toString()]),
    payee,
    payCode ?? null,
  ])
}
