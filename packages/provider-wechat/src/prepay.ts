/** Native prepay (Native 下单), both halves of request and answer. */
import { type Clock, formatTime, type PlatformRequest, type PlatformResponse, type Schema, utf8 } from '@zhicheng/core'
import type { PaymentAction, PrepayInput } from '@zhicheng/pay'
import * as v from 'valibot'
import { verifyAnswer } from './answer.ts'
import { wechatError } from './errors.ts'
import type { PlatformKeys } from './keys.ts'
import { parseMessage } from './lib/parse-message.ts'
import type { WechatMerchant } from './transaction.ts'

/** Body of the request. */
export interface PrepayRequest {
  appid: string
  mchid: string
  description: string
  out_trade_no: string
  time_expire?: string | undefined
  notify_url: string
  /** Whole fen. */
  amount: { total: number; currency?: string | undefined }
}

const requestSchema: Schema<PrepayRequest> = v.object({
  appid: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  mchid: v.pipe(v.string(), v.minLength(1), v.maxLength(32)),
  description: v.pipe(v.string(), v.minLength(1), v.maxLength(127)),
  out_trade_no: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_\-|*]{6,32}$/)),
  time_expire: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  notify_url: v.pipe(v.string(), v.url(), v.maxLength(255)),
  amount: v.object({
    total: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    currency: v.optional(v.literal('CNY')),
  }),
})

const answerSchema: Schema<{ code_url: string }> = v.object({
  code_url: v.pipe(v.string(), v.regex(/^[!-~]{1,512}$/)),
})

/** Makes the request, unsigned. It is not sent twice by itself: after a lost answer one asks, or starts again on purpose. */
export function buildPrepayRequest(
  { attemptId, title, amount, expiresAt }: PrepayInput,
  { merchantId, appId, notifyUrl, baseUrl }: WechatMerchant & { notifyUrl: string; baseUrl: string },
): PlatformRequest {
  const body: PrepayRequest = {
    appid: appId,
    mchid: merchantId,
    description: title,
    out_trade_no: attemptId,
    time_expire: formatTime(expiresAt),
    notify_url: notifyUrl,
    amount: { total: Number(amount), currency: 'CNY' },
  }
  const wrong = v.safeParse(requestSchema, body).issues?.[0]
  if (wrong) {
    throw wechatError('ERR_WECHAT_MESSAGE', `WeChat Pay takes no such ${v.getDotPath(wrong)}.`, { outcome: 'not_sent' })
  }
  return {
    operation: 'wechat.prepay.native',
    method: 'POST',
    url: `${baseUrl}/v3/pay/transactions/native`,
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: utf8(JSON.stringify(body)),
    idempotent: false,
  }
}

/** Reads the request, as the platform does. Throws `ERR_WECHAT_MESSAGE`. */
export function parsePrepayRequest(body: Uint8Array): PrepayRequest {
  return parseMessage(body, requestSchema, 'The prepay request')
}

/** Reads the answer: the payer scans its `code_url`. */
export async function parsePrepayAnswer(
  response: PlatformResponse,
  { platformKeys, clock, expiresAt }: { platformKeys: PlatformKeys; clock: Clock; expiresAt: Date },
): Promise<PaymentAction> {
  await verifyAnswer(response, { platformKeys, clock })
  const { code_url } = parseMessage(response.body, answerSchema, 'The prepay answer')
  return { kind: 'scan', content: code_url, expiresAt: formatTime(expiresAt) }
}
