/** The payment notification (支付通知), both halves: what the platform sends, and what a merchant may believe of it. */
import { type Clock, type Schema, toHex, utf8 } from '@zhicheng/core'
import type { RawNotification, VerifiedNotification } from '@zhicheng/pay'
import * as v from 'valibot'
import { wechatError } from './errors.ts'
import type { ApiKey, PlatformKeys } from './keys.ts'
import { parseMessage } from './lib/parse-message.ts'
import { type PlatformSigner, signMessage, verifyMessage } from './message-signature.ts'
import { decryptResource, type EncryptedResource, encryptResource } from './resource.ts'
import { parseTransaction, type WechatMerchant, type WechatTransaction } from './transaction.ts'

/** The event of a payment. @unverified Its name is from memory of the official pages. */
const paidEvent = 'TRANSACTION.SUCCESS'

interface Envelope {
  id: string
  event_type: string
  resource: EncryptedResource
}

const text = v.pipe(v.string(), v.maxLength(1024))

const envelopeSchema: Schema<Envelope> = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  event_type: text,
  resource: v.object({
    algorithm: text,
    ciphertext: v.pipe(v.string(), v.maxLength(65_536)),
    nonce: text,
    associated_data: v.optional(text),
    original_type: v.optional(text),
  }),
})

/**
 * Verifies and opens a notification. Nothing is decrypted before the signature and the time have passed; nothing is
 * returned that was not verified.
 */
export async function parseNotification(
  { headers, body }: RawNotification,
  {
    platformKeys,
    apiKey,
    clock,
    merchant,
  }: { platformKeys: PlatformKeys; apiKey: ApiKey; clock: Clock; merchant: WechatMerchant },
): Promise<VerifiedNotification> {
  await verifyMessage({ headers, body }, { platformKeys, clock })
  const { id, event_type, resource } = parseMessage(body, envelopeSchema, 'The notification')
  const plaintext = await decryptResource(resource, apiKey)
  if (event_type !== paidEvent) {
    throw wechatError('ERR_WECHAT_EVENT', 'The notification is not of a payment; nothing here deals with it.', {
      facts: { notificationId: id },
    })
  }
  return { id, transaction: parseTransaction(plaintext, merchant) }
}

/** Input of {@link buildNotification}. */
export interface NotificationInput {
  /** The same at each repetition. */
  id: string
  transaction: WechatTransaction
  apiKey: ApiKey
  signer: PlatformSigner
}

/** Makes a notification, as the platform sends it: encrypted, then signed. */
export async function buildNotification({
  id,
  transaction,
  apiKey,
  signer,
}: NotificationInput): Promise<{ headers: Record<string, string>; body: Uint8Array<ArrayBuffer> }> {
  const resource = await encryptResource(utf8(JSON.stringify(transaction)), {
    key: apiKey,
    nonce: toHex(signer.random(6)),
    associatedData: 'transaction',
    originalType: 'transaction',
  })
  const body = utf8(
    JSON.stringify({
      id,
      create_time: signer.clock.now().toISOString(),
      resource_type: 'encrypt-resource',
      event_type: paidEvent,
      summary: '支付成功',
      resource,
    }),
  )
  return { headers: { 'content-type': 'application/json', ...(await signMessage(body, signer)) }, body }
}
