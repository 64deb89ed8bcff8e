/** The codes of this package, and the one way its files make errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the errors that `@zhicheng/provider-wechat` throws. */
export type WechatErrorCode =
  | 'ERR_WECHAT_CONFIGURATION'
  | 'ERR_WECHAT_API_KEY_LENGTH'
  | 'ERR_WECHAT_SIGNATURE_HEADERS'
  | 'ERR_WECHAT_SIGNATURE_TYPE'
  | 'ERR_WECHAT_SERIAL_UNKNOWN'
  | 'ERR_WECHAT_CERTIFICATE_EXPIRED'
  | 'ERR_WECHAT_TIMESTAMP'
  | 'ERR_WECHAT_SIGNATURE'
  | 'ERR_WECHAT_CIPHER'
  | 'ERR_WECHAT_DECRYPTION'
  | 'ERR_WECHAT_EVENT'
  | 'ERR_WECHAT_MESSAGE'
  | 'ERR_WECHAT_REFUSED'

/** Makes an error of this package. */
export function wechatError(
  code: WechatErrorCode,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<WechatErrorCode> {
  return new ZhichengError(code, message, options)
}
