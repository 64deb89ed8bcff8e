/** The codes of this package, and the one way its files make errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the errors that `@zhicheng/pay` throws. Providers have codes of their own. */
export type PayErrorCode =
  | 'ERR_PAY_ORDER_INVALID'
  | 'ERR_PAY_ORDER_UNKNOWN'
  | 'ERR_PAY_ORDER_NOT_PAYABLE'
  | 'ERR_PAY_KEY_REUSED'
  | 'ERR_PAY_CHANNEL_UNKNOWN'
  | 'ERR_PAY_CHANNEL_DUPLICATE'
  | 'ERR_PAY_ATTEMPT_UNKNOWN'
  | 'ERR_PAY_ATTEMPT_UNSETTLED'

/** Makes an error of this package. */
export function payError(
  code: PayErrorCode,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<PayErrorCode> {
  return new ZhichengError(code, message, options)
}
