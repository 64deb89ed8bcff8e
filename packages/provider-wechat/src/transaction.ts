/** A transaction as WeChat writes it, in answers to queries and inside notifications. */
import { fen, type Schema } from '@zhicheng/core'
import type { ChannelTransaction } from '@zhicheng/pay'
import * as v from 'valibot'
import { wechatError } from './errors.ts'
import { parseMessage } from './lib/parse-message.ts'

/** Trade states. `REFUND` was paid and then refunded, in part or whole. */
export type WechatTradeState =
  | 'SUCCESS'
  | 'REFUND'
  | 'NOTPAY'
  | 'CLOSED'
  | 'REVOKED'
  | 'USERPAYING'
  | 'PAYERROR'
  | 'ACCEPT'

/** The fields that are read. Amounts are whole fen. */
export interface WechatTransaction {
  appid: string
  mchid: string
  out_trade_no: string
  trade_state: WechatTradeState
  trade_state_desc?: string | undefined
  trade_type?: string | undefined
  transaction_id?: string | undefined
  /** RFC 3339 with offset. */
  success_time?: string | undefined
  amount?: { total: number; currency?: string | undefined } | undefined
}

const name = (length: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(length))

const transactionSchema: Schema<WechatTransaction> = v.object({
  appid: name(32),
  mchid: name(32),
  out_trade_no: name(32),
  trade_state: v.picklist(['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR', 'ACCEPT']),
  trade_state_desc: v.optional(v.string()),
  trade_type: v.optional(v.string()),
  transaction_id: v.optional(v.pipe(v.string(), v.maxLength(32))),
  success_time: v.optional(v.pipe(v.string(), v.maxLength(64))),
  amount: v.optional(
    v.object({
      total: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      currency: v.optional(v.pipe(v.string(), v.maxLength(16))),
    }),
  ),
})

/** Who the money must have gone to. */
export interface WechatMerchant {
  merchantId: string
  appId: string
}

/** Reads a transaction whose authenticity was verified. Throws `ERR_WECHAT_MESSAGE`. */
export function parseTransaction(bytes: Uint8Array, { merchantId, appId }: WechatMerchant): ChannelTransaction {
  const transaction = parseMessage(bytes, transactionSchema, 'The transaction')
  const { mchid, appid, out_trade_no: attemptId } = transaction
  const payee = mchid === merchantId && appid === appId ? 'ours' : 'foreign'
  switch (transaction.trade_state) {
    case 'SUCCESS':
      return { attemptId, payee, state: 'paid', payment: readPayment(transaction) }
    case 'REFUND':
      return { attemptId, payee, state: 'refunded', payment: readPayment(transaction) }
    case 'CLOSED':
    case 'REVOKED':
      return { attemptId, payee, state: 'closed' }
    default:
      // PAYERROR too: the payer may try again until the order is closed.
      return { attemptId, payee, state: 'pending' }
  }
}

function readPayment({ transaction_id, amount, success_time }: WechatTransaction) {
  const paidAt = new Date(success_time ?? '')
  if (!transaction_id || !amount || Number.isNaN(paidAt.getTime())) {
    throw wechatError('ERR_WECHAT_MESSAGE', 'The transaction is paid, but without its number, its amount or its time.')
  }
  // Answers leave the currency out when it is the only one there is.
  return { transactionId: transaction_id, amount: fen(amount.total), currency: amount.currency ?? 'CNY', paidAt }
}
