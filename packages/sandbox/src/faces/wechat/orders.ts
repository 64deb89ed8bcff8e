/** The platform's orders: what was asked for, what was paid, and the rules between. */
import { type Clock, formatTime, toHex } from '@zhicheng/core'
import type { PrepayRequest, WechatTransaction } from '@zhicheng/provider-wechat'

/** One order at the platform. */
export interface WechatOrder {
  readonly request: PrepayRequest
  /** Names the order in its `code_url`. */
  readonly token: string
  state: 'NOTPAY' | 'SUCCESS' | 'CLOSED'
  transactionId?: string
  /** Time with offset. */
  paidAt?: string
}

/** A refusal in the platform's words. @unverified The codes are from memory of the official pages. */
export type WechatRefusal =
  | { status: 400; code: 'ORDERPAID' | 'ORDER_CLOSED' | 'PARAM_ERROR'; message: string }
  | { status: 403; code: 'OUT_TRADE_NO_USED'; message: string }
  | { status: 404; code: 'ORDER_NOT_EXIST'; message: string }

const paid: WechatRefusal = { status: 400, code: 'ORDERPAID', message: '该订单已支付' }
const closed: WechatRefusal = { status: 400, code: 'ORDER_CLOSED', message: '该订单已关闭' }
const absent: WechatRefusal = { status: 404, code: 'ORDER_NOT_EXIST', message: '该订单不存在' }
const used: WechatRefusal = { status: 403, code: 'OUT_TRADE_NO_USED', message: '商户订单号重复' }

/** The platform's books. */
export interface WechatOrders {
  /** Takes a new order; the same request again answers the same order. */
  prepay(request: PrepayRequest): WechatOrder | WechatRefusal
  find(outTradeNo: string): WechatOrder | WechatRefusal
  close(outTradeNo: string): WechatOrder | WechatRefusal
  byToken(token: string): WechatOrder | undefined
  /** Books a payment; false if the order cannot be paid any more. */
  pay(order: WechatOrder): boolean
}

/** Opens empty books. */
export function createWechatOrders(clock: Clock): WechatOrders {
  const orders = new Map<string, WechatOrder>()
  const tokens = new Map<string, WechatOrder>()
  let count = 0

  /** An order whose time is over closes by itself. @unverified So do the official pages say, from memory. */
  const current = (order: WechatOrder): WechatOrder => {
    const { time_expire } = order.request
    if (order.state === 'NOTPAY' && time_expire && new Date(time_expire) <= clock.now()) order.state = 'CLOSED'
    return order
  }
  const find = (outTradeNo: string): WechatOrder | WechatRefusal => {
    const order = orders.get(outTradeNo)
    return order ? current(order) : absent
  }

  return {
    find,
    prepay(request) {
      const before = orders.get(request.out_trade_no)
      if (before) {
        if (JSON.stringify(before.request) !== JSON.stringify(request)) return used
        const { state } = current(before)
        return state === 'NOTPAY' ? before : state === 'SUCCESS' ? paid : closed
      }
      if (request.time_expire && new Date(request.time_expire) <= clock.now()) {
        return { status: 400, code: 'PARAM_ERROR', message: '订单失效时间已过' }
      }
      const token = toHex(crypto.getRandomValues(new Uint8Array(8)))
      const order: WechatOrder = { request, token, state: 'NOTPAY' }
      orders.set(request.out_trade_no, order)
      tokens.set(token, order)
      return order
    },
    close(outTradeNo) {
      const order = find(outTradeNo)
      if (isRefusal(order)) return order
      if (order.state !== 'NOTPAY') return order.state === 'SUCCESS' ? paid : closed
      order.state = 'CLOSED'
      return order
    },
    byToken(token) {
      const order = tokens.get(token)
      return order && current(order)
    },
    pay(order) {
      if (current(order).state !== 'NOTPAY') return false
      count += 1
      order.state = 'SUCCESS'
      order.paidAt = formatTime(clock.now())
      order.transactionId = `42000000${order.paidAt.slice(0, 10).replaceAll('-', '')}${toHex(crypto.getRandomValues(new Uint8Array(4)))}${String(count).padStart(4, '0')}`
      return true
    },
  }
}

/** True for a refusal. */
export function isRefusal(answer: WechatOrder | WechatRefusal): answer is WechatRefusal {
  return 'status' in answer
}

const descriptions = { NOTPAY: '订单未支付', SUCCESS: '支付成功', CLOSED: '订单已关闭' } as const

/** The order as the platform shows it to the merchant. */
export function formatTransaction({ request, state, transactionId, paidAt }: WechatOrder): WechatTransaction {
  return {
    appid: request.appid,
    mchid: request.mchid,
    out_trade_no: request.out_trade_no,
    trade_type: 'NATIVE',
    trade_state: state,
    trade_state_desc: descriptions[state],
    ...(state === 'SUCCESS'
      ? {
          transaction_id: transactionId,
          success_time: paidAt,
          amount: { total: request.amount.total, currency: 'CNY' },
        }
      : {}),
  }
}
