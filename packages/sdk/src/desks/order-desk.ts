/** Payment orders for the cashier: whose they are is the payer's reference against the session's subject. */
import { isZhichengError } from '@zhicheng/core'
import type { OrderDesk } from '@zhicheng/host'
import type { Order, Pay } from '@zhicheng/pay'

/** Wires the order engine into the host. */
export function createOrderDesk(pay: Pay): OrderDesk {
  return {
    async access(id, { subject }) {
      let order: Order
      try {
        order = await pay.readOrder(id)
      } catch (error) {
        if (isZhichengError(error) && error.code === 'ERR_PAY_ORDER_UNKNOWN') return 'absent'
        throw error
      }
      return order.payer.issuer === subject.issuer && order.payer.id === subject.id ? 'granted' : 'foreign'
    },
    read: async (id) => pay.view(await pay.readOrder(id)),
    async start(id, channel) {
      const { order, action } = await pay.startPayment(id, channel)
      return { order: pay.view(order), action }
    },
    refresh: async (id) => pay.view(await pay.refresh(id)),
    notify: (channel, request) => pay.handleNotification(channel, request),
  }
}
