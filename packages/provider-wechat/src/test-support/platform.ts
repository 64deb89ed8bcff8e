/** A merchant and a platform with the published test keys, for tests. */
import { readFileSync } from 'node:fs'
import { fixedClock, secret } from '@zhicheng/core'
import { parsePrivateKey } from '@zhicheng/crypto'
import type { PaymentProviderV1 } from '@zhicheng/pay'
import { parseApiKey } from '../keys.ts'
import type { PlatformSigner } from '../message-signature.ts'
import { buildNotification } from '../notification.ts'
import type { WechatTransaction } from '../transaction.ts'
import { type WechatPayOptions, wechatPay } from '../wechat-pay.ts'

/** Reads a published vector. */
export function readVector(name: string): string {
  return readFileSync(new URL(`../../test/vectors/${name}`, import.meta.url), 'utf8')
}

/** Inside of the validity of the published certificates. */
const testTime = '2024-03-01T00:00:00Z'
export const platformSerial = '440024045C4A427599D09BB4E3DE0279F2E813FD'
export const merchantSerial = '5F1C72E2A8931B72A2E13AF8DEE92471EB397115'
export const apiV3Key = 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb'

export const paidTransaction: WechatTransaction = {
  appid: 'wx0000000000000001',
  mchid: '1900000001',
  out_trade_no: '20240301aaaaaaaaaaaaaaaaaaaaaaaa',
  transaction_id: '4200000000202403010000000001',
  trade_state: 'SUCCESS',
  success_time: '2024-03-01T08:00:00+08:00',
  amount: { total: 12000, currency: 'CNY' },
}

/** Everything a test of the channel needs, on one clock. */
export function createTestPlatform(options: Partial<WechatPayOptions> = {}): {
  clock: ReturnType<typeof fixedClock>
  provider: PaymentProviderV1
  signer: PlatformSigner
  notification: (
    change?: Partial<WechatTransaction>,
    options?: { signer?: PlatformSigner; key?: string },
  ) => Promise<{ headers: Headers; body: Uint8Array<ArrayBuffer> }>
} {
  const clock = fixedClock(testTime)
  let count = 0
  const random = (length: number) => {
    count += 1
    return new Uint8Array(length).fill(count)
  }
  const provider = wechatPay({
    merchantId: '1900000001',
    appId: 'wx0000000000000001',
    apiV3Key: secret(apiV3Key),
    merchantKey: { pem: readVector('merchant_private_key.pem'), serial: merchantSerial },
    platformKeys: {
      [platformSerial]: readVector('wechat_pay_certificate.pem'),
      PUB_KEY_ID_0000000001: readVector('wechat_pay_public_key.pem'),
    },
    notifyUrl: 'https://unit.example/pay/notifications/wechat',
    clock,
    random,
    ...options,
  })
  const signer: PlatformSigner = {
    serial: platformSerial,
    privateKey: parsePrivateKey(readVector('wechat_pay_private_key.pem')),
    clock,
    random,
  }
  const notification = async (
    change: Partial<WechatTransaction> = {},
    { signer: other = signer, key = apiV3Key }: { signer?: PlatformSigner; key?: string } = {},
  ) => {
    const transaction = { ...paidTransaction, ...change }
    const { headers, body } = await buildNotification({
      id: 'n-1',
      transaction,
      apiKey: parseApiKey(key),
      signer: other,
    })
    return { headers: new Headers(headers), body }
  }
  return { clock, provider, signer, notification }
}
