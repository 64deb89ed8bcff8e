/** The order as the cashier shows it: no payer, no channel secrets, channels only while it can be paid. */
import { formatTime, formatYuan } from '@zhicheng/core'
import type { Order } from './order.ts'
import { nextOrderStatus } from './order-transitions.ts'
import type { PaymentProviderV1 } from './provider.ts'
import type { OrderView } from './wire.ts'

/** Makes the view. */
export function formatOrderView(
  { id, title, status, amount, items, payee, payCode, createdAt, expiresAt, paidAt }: Order,
  providers: readonly Pick<PaymentProviderV1, 'channel' | 'name'>[],
): OrderView {
  const payable = nextOrderStatus(status, 'start') !== undefined
  return {
    id,
    title,
    status,
    amount: formatYuan(amount),
    currency: 'CNY',
    items: items.map(({ code, name, amount }) => ({ code, name, amount: formatYuan(amount) })),
    payee,
    ...(payCode === undefined ? {} : { payCode }),
    createdAt: formatTime(createdAt),
    ...(expiresAt ? { expiresAt: formatTime(expiresAt) } : {}),
    ...(paidAt ? { paidAt: formatTime(paidAt) } : {}),
    channels: payable ? providers.map(({ channel, name }) => ({ id: channel, name })) : [],
  }
}
