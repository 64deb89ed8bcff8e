/** Chinese texts of this package's errors, for people. */
import type { WechatErrorCode } from './errors.ts'

/** One sentence for each code. */
export const wechatMessages: Readonly<Record<WechatErrorCode, string>> = {
  ERR_WECHAT_CONFIGURATION: '微信支付配置有误，请检查商户号、应用号、密钥和通知地址。',
  ERR_WECHAT_API_KEY_LENGTH: 'APIv3 密钥必须恰好是 32 个字节。',
  ERR_WECHAT_SIGNATURE_HEADERS: '报文缺少签名头，或签名头重复、格式不对。',
  ERR_WECHAT_SIGNATURE_TYPE: '报文的签名类型不是所配置的类型。',
  ERR_WECHAT_SERIAL_UNKNOWN: '报文使用了未配置的平台证书或公钥。',
  ERR_WECHAT_CERTIFICATE_EXPIRED: '报文使用的平台证书不在有效期内，请更新平台证书。',
  ERR_WECHAT_TIMESTAMP: '报文的时间与本机相差超过 300 秒，请检查服务器时间。',
  ERR_WECHAT_SIGNATURE: '报文签名验证不通过，已拒绝。',
  ERR_WECHAT_CIPHER: '报文的加密算法不是所配置的算法。',
  ERR_WECHAT_DECRYPTION: '报文无法解密，请检查 APIv3 密钥。',
  ERR_WECHAT_EVENT: '不处理这种类型的通知。',
  ERR_WECHAT_MESSAGE: '微信支付的报文内容不符合约定。',
  ERR_WECHAT_REFUSED: '微信支付拒绝了请求。',
}
