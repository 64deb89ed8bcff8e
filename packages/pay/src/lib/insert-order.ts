/** Writes a new order down, once for each key of the department. */
import { sumMoney } from '@zhicheng/core'
import type { Transaction } from '@zhicheng/store'
import { payError } from '../errors.ts'
import { type CreateOrderInput, checkOrderInput, describeContent, type Order } from '../order.ts'
import { addHistory, collections, getOrder, putOrder } from './records.ts'

/** Topic of the jobs that end orders when their time is over. */
export const expireTopic = 'pay.expire'

/** Inserts the order, or answers the one that was made under the same key with the same content. */
export function insertOrder(
  tx: Transaction,
  input: CreateOrderInput,
  { now, createId }: { now: Date; createId: () => string },
): Order {
  const content = describeContent(input)
  const { key } = input
  if (key !== undefined) {
    const before = tx.get<{ orderId: string; content: string }>(collections.orderKeys, key)
    if (before?.content === content) return getOrder(tx, before.orderId)
    if (before) {
      throw payError('ERR_PAY_KEY_REUSED', 'An order with other content was made under this key; use a new key.', {
        facts: { orderId: before.orderId },
      })
    }
  }
  // After the lookup: a repeated call must get its order back even when its time is over by now.
  checkOrderInput(input, now)
  const { payer, title, items, payee, payCode, expiresAt } = input
  const order: Order = {
    id: createId(),
    status: 'created',
    title,
    amount: sumMoney(items.map(({ amount }) => amount)),
    items: items.map(({ code, name, amount }) => ({ code, name, amount })),
    payer: { issuer: payer.issuer, id: payer.id },
    payee,
    ...(payCode === undefined ? {} : { payCode }),
    createdAt: now,
    ...(expiresAt ? { expiresAt } : {}),
  }
  putOrder(tx, order)
  if (key !== undefined) tx.insert(collections.orderKeys, key, { orderId: order.id, content })
  if (expiresAt) tx.outbox(expireTopic, order.id, null, { runAt: expiresAt })
  addHistory(tx, order.id, { at: now.toISOString(), event: 'create', status: 'created', source: 'department' })
  return order
}
