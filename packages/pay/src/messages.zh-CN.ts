/** Chinese texts of this package's errors, for people. */
import type { PayErrorCode } from './errors.ts'

/** One sentence for each code. */
export const payMessages: Readonly<Record<PayErrorCode, string>> = {
  ERR_PAY_ORDER_INVALID: '订单内容不合规：请检查收费项目、金额、标题和有效期。',
  ERR_PAY_ORDER_UNKNOWN: '没有这个订单。',
  ERR_PAY_ORDER_NOT_PAYABLE: '该订单已支付、已关闭或已过期，不能再支付。',
  ERR_PAY_KEY_REUSED: '同一业务号已用于内容不同的订单，请核对后使用新的业务号。',
  ERR_PAY_CHANNEL_UNKNOWN: '没有开通这个支付渠道。',
  ERR_PAY_CHANNEL_DUPLICATE: '同一支付渠道配置了两次。',
  ERR_PAY_ATTEMPT_UNKNOWN: '支付通知所指的支付单不存在。',
  ERR_PAY_ATTEMPT_UNSETTLED: '支付渠道尚未确认上一次支付的结果，请稍后再试。',
}
