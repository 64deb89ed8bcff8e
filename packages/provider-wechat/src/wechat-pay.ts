/** WeChat Pay APIv3 (微信支付) as a payment channel: Native prepay, query, close and the payment notification. */
import { type Clock, type PlatformRequest, type Secret, systemClock, utf8 } from '@zhicheng/core'
import type { PaymentProviderV1 } from '@zhicheng/pay'
import { verifyAnswer } from './answer.ts'
import { wechatError } from './errors.ts'
import { configuration, parseApiKey, parseMerchantKey, parsePlatformKeys } from './keys.ts'
import { parseNotification } from './notification.ts'
import { buildPrepayRequest, parsePrepayAnswer } from './prepay.ts'
import { formatAuthorization } from './request-signature.ts'
import { parseTransaction } from './transaction.ts'

/** Options of {@link wechatPay}. */
export interface WechatPayOptions {
  /** Merchant number (商户号). */
  merchantId: string
  /** Application number (公众账号 or 小程序 AppID). */
  appId: string
  /** APIv3 key (APIv3 密钥), exactly 32 bytes. */
  apiV3Key: string | Secret<string>
  /** Private key of the merchant's API certificate (apiclient_key.pem) and that certificate's serial. */
  merchantKey: { pem: string | Secret<string>; serial: string }
  /** What WeChat signs with: certificate serial or `PUB_KEY_ID_…` to PEM. Give the old and the new one in a migration. */
  platformKeys: Readonly<Record<string, string>>
  /** Where WeChat sends notifications: https, without a query. Plain http only on loopback. */
  notifyUrl: string
  /** `https://api.mch.weixin.qq.com` unless told; another host, or a sandbox. */
  baseUrl?: string
  clock?: Clock
  random?: (length: number) => Uint8Array
}

/** A signed answer of this code says that the platform has no such order. @unverified The code is from memory. */
const absentCodes = ['ORDER_NOT_EXIST', 'ORDERNOTEXIST']

/**
 * Makes the channel. Throws `ERR_WECHAT_CONFIGURATION` and `ERR_WECHAT_API_KEY_LENGTH` at once rather than at the first
 * payment. An answer or notification is believed only after its signature, its time (300 s in either direction) and its
 * key were verified; a `code_url` of Native payment lives two hours.
 *
 * @example
 * ```ts
 * const provider = wechatPay({
 *   merchantId: '1900000001', appId: 'wx0000000000000001',
 *   apiV3Key: secret(process.env.WECHAT_API_KEY!),
 *   merchantKey: { pem: await readFile('apiclient_key.pem', 'utf8'), serial: '5F1C72E2A8931B72A2E13AF8DEE92471EB397115' },
 *   platformKeys: { PUB_KEY_ID_0000000001: await readFile('wechatpay.pem', 'utf8') },
 *   notifyUrl: 'https://unit.example/pay/notifications/wechat',
 * })
 * ```
 */
export function wechatPay({
  merchantId,
  appId,
  apiV3Key,
  merchantKey,
  platformKeys: platformPems,
  notifyUrl,
  baseUrl: base = 'https://api.mch.weixin.qq.com',
  clock = systemClock,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
}: WechatPayOptions): PaymentProviderV1 {
  if (!/^[0-9A-Za-z]{1,32}$/.test(merchantId)) throw configuration('the merchant number is malformed')
  if (!/^[0-9A-Za-z]{1,32}$/.test(appId)) throw configuration('the application number is malformed')
  if (!/^[0-9A-Fa-f]{1,64}$/.test(merchantKey.serial)) throw configuration('the serial of the merchant key is not hex')
  checkAddress(notifyUrl, 'notifyUrl')
  checkAddress(base, 'baseUrl')
  const baseUrl = base.replace(/\/$/, '')
  const merchant = { merchantId, appId }
  const apiKey = parseApiKey(apiV3Key)
  const privateKey = parseMerchantKey(merchantKey.pem)
  const platformKeys = parsePlatformKeys(platformPems)
  const verification = { platformKeys, clock }
  const orderUrl = `${baseUrl}/v3/pay/transactions/out-trade-no/`

  return {
    specification: 'v1',
    channel: 'wechat',
    name: '微信支付',
    actionLifetime: 7_200_000,

    async sign(request) {
      const { method, url, headers, body = new Uint8Array() } = request
      const { serial } = merchantKey
      const input = { method, url, body, merchantId, serial, privateKey, clock, random }
      return { ...request, headers: { ...headers, authorization: await formatAuthorization(input) } }
    },

    buildPrepay: (input) => buildPrepayRequest(input, { ...merchant, notifyUrl, baseUrl }),
    parsePrepay: (response, { expiresAt }) => parsePrepayAnswer(response, { ...verification, expiresAt }),

    buildQuery: (attemptId): PlatformRequest => ({
      operation: 'wechat.query',
      method: 'GET',
      url: `${orderUrl}${encodeURIComponent(attemptId)}?mchid=${merchantId}`,
      headers: { accept: 'application/json' },
      idempotent: true,
    }),
    async parseQuery(response, attemptId) {
      const refusal = await verifyAnswer(response, { ...verification, expected: absentCodes })
      if (refusal) return { attemptId, payee: 'ours', state: 'absent' }
      const transaction = parseTransaction(response.body, merchant)
      if (transaction.attemptId !== attemptId) {
        throw wechatError('ERR_WECHAT_MESSAGE', 'The answer is about another order than the one that was asked for.')
      }
      return transaction
    },

    buildClose: (attemptId): PlatformRequest => ({
      operation: 'wechat.close',
      method: 'POST',
      url: `${orderUrl}${encodeURIComponent(attemptId)}/close`,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      body: utf8(JSON.stringify({ mchid: merchantId })),
      idempotent: true,
    }),
    async parseClose(response) {
      await verifyAnswer(response, verification)
    },

    parseNotification: (notification) => parseNotification(notification, { ...verification, apiKey, merchant }),

    formatNotificationAnswer: (answer) =>
      answer.accepted
        ? new Response(null, { status: 204 })
        : Response.json({ code: 'FAIL', message: answer.code }, { status: answer.status }),
  }
}

function checkAddress(address: string, name: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const loopback = url && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && loopback))) {
    throw configuration(`${name} is not an https address, nor one of this machine`)
  }
  if (url.search || url.hash || url.username || url.password) {
    throw configuration(`${name} has a query, a fragment or a password`)
  }
}
