import { toBase64, utf8 } from '@zhicheng/core'
import { generateKeyPair, parsePrivateKey } from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { parseApiKey } from './keys.ts'
import { signMessage } from './message-signature.ts'
import { encryptResource } from './resource.ts'
import { apiV3Key, createTestPlatform, paidTransaction, readVector } from './test-support/platform.ts'

describe('a genuine notification', () => {
  it('says what was paid', async () => {
    const { provider, notification } = createTestPlatform()
    expect(await provider.parseNotification(await notification())).toEqual({
      id: 'n-1',
      transaction: {
        attemptId: paidTransaction.out_trade_no,
        payee: 'ours',
        state: 'paid',
        payment: {
          transactionId: '4200000000202403010000000001',
          amount: 12000n,
          currency: 'CNY',
          paidAt: new Date('2024-03-01T00:00:00Z'),
        },
      },
    })
  })

  it('may be signed with the old certificate or the new public key during a migration', async () => {
    const { provider, notification, signer } = createTestPlatform()
    const message = await notification({}, { signer: { ...signer, serial: 'PUB_KEY_ID_0000000001' } })
    expect((await provider.parseNotification(message)).transaction.state).toBe('paid')
  })

  it.each([300, -300])('is accepted when its time differs by exactly 300 seconds (%d)', async (seconds) => {
    const { provider, notification, clock } = createTestPlatform()
    const message = await notification()
    clock.advance(seconds * 1000)
    expect((await provider.parseNotification(message)).transaction.state).toBe('paid')
  })

  it('may leave out its signature type and its associated data', async () => {
    const { provider, signer } = createTestPlatform()
    const resource = await encryptResource(utf8(JSON.stringify(paidTransaction)), {
      key: parseApiKey(apiV3Key),
      nonce: '0123456789ab',
    })
    const { associated_data: _empty, ...rest } = resource
    const body = utf8(JSON.stringify({ id: 'n-1', event_type: 'TRANSACTION.SUCCESS', resource: rest }))
    const { 'wechatpay-signature-type': _type, ...headers } = await signMessage(body, signer)
    const message = { headers: new Headers(headers), body }
    expect((await provider.parseNotification(message)).transaction.state).toBe('paid')
  })

  it.each([
    ['merchant', { mchid: '1900000002' }],
    ['application', { appid: 'wx0000000000000002' }],
  ])('for another %s says that the money is not ours', async (_title, change) => {
    const { provider, notification } = createTestPlatform()
    const { transaction } = await provider.parseNotification(await notification(change))
    expect(transaction).toMatchObject({ payee: 'foreign', state: 'paid' })
  })
})

describe('a notification is refused', () => {
  it('when any bit of its body is changed', async () => {
    const { provider, notification } = createTestPlatform()
    const { headers, body } = await notification()
    // Every byte, one bit each: the signature is over all of them.
    for (let index = 0; index < body.length; index += 1) {
      const changed = body.slice()
      changed[index]! ^= 1 << (index % 8)
      await expect(provider.parseNotification({ headers, body: changed })).rejects.toMatchObject({
        code: 'ERR_WECHAT_SIGNATURE',
      })
    }
  })

  it('when a framework wrote its body again', async () => {
    const { provider, notification } = createTestPlatform()
    const { headers, body } = await notification()
    const rewritten = utf8(JSON.stringify(JSON.parse(new TextDecoder().decode(body)), null, 1))
    await expect(provider.parseNotification({ headers, body: rewritten })).rejects.toMatchObject({
      code: 'ERR_WECHAT_SIGNATURE',
    })
  })

  const flip = (text: string) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`)

  it.each([
    ['nonce is changed', 'wechatpay-nonce', flip, 'ERR_WECHAT_SIGNATURE'],
    [
      'time is changed inside the window',
      'wechatpay-timestamp',
      (text: string) => `${Number(text) + 1}`,
      'ERR_WECHAT_SIGNATURE',
    ],
    ['signature is changed', 'wechatpay-signature', flip, 'ERR_WECHAT_SIGNATURE'],
    ['signature is empty', 'wechatpay-signature', () => '', 'ERR_WECHAT_SIGNATURE_HEADERS'],
    [
      'signature is a probe of the platform',
      'wechatpay-signature',
      (text: string) => `WECHATPAY/SIGNTEST/${text.slice(19)}`,
      'ERR_WECHAT_SIGNATURE',
    ],
    ['signature is cut', 'wechatpay-signature', (text: string) => text.slice(4), 'ERR_WECHAT_SIGNATURE'],
    ['signature is not Base64', 'wechatpay-signature', () => 'A', 'ERR_WECHAT_SIGNATURE_HEADERS'],
    ['serial is not known', 'wechatpay-serial', flip, 'ERR_WECHAT_SERIAL_UNKNOWN'],
    ['serial is a field of every object', 'wechatpay-serial', () => '__proto__', 'ERR_WECHAT_SERIAL_UNKNOWN'],
    ['serial is another key’s', 'wechatpay-serial', () => 'PUB_KEY_ID_0000000002', 'ERR_WECHAT_SIGNATURE'],
    [
      'signature type is another',
      'wechatpay-signature-type',
      () => 'WECHATPAY2-SM2-WITH-SM3',
      'ERR_WECHAT_SIGNATURE_TYPE',
    ],
    [
      'signature type is repeated',
      'wechatpay-signature-type',
      (text: string) => `${text}, ${text}`,
      'ERR_WECHAT_SIGNATURE_TYPE',
    ],
    ['time is no number', 'wechatpay-timestamp', () => '1e9', 'ERR_WECHAT_SIGNATURE_HEADERS'],
  ])('when its %s', async (_title, header, change, code) => {
    const other = await generateKeyPair('rsa-2048')
    const { provider, notification } = createTestPlatform({
      platformKeys: {
        '440024045C4A427599D09BB4E3DE0279F2E813FD': readVector('wechat_pay_certificate.pem'),
        PUB_KEY_ID_0000000002: `-----BEGIN PUBLIC KEY-----\n${toBase64(other.publicKey.spki)}\n-----END PUBLIC KEY-----\n`,
      },
    })
    const { headers, body } = await notification()
    headers.set(header, change(headers.get(header) ?? ''))
    await expect(provider.parseNotification({ headers, body })).rejects.toMatchObject({ code })
  })

  it.each(['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'])(
    'when its header %s is missing or repeated',
    async (header) => {
      const { provider, notification } = createTestPlatform()
      const { headers, body } = await notification()
      headers.append(header, headers.get(header) ?? '')
      await expect(provider.parseNotification({ headers, body })).rejects.toMatchObject({
        code: 'ERR_WECHAT_SIGNATURE_HEADERS',
        facts: { header },
      })
      headers.delete(header)
      await expect(provider.parseNotification({ headers, body })).rejects.toMatchObject({
        code: 'ERR_WECHAT_SIGNATURE_HEADERS',
      })
    },
  )

  it.each([301, -301, 157_680_000])(
    'when its time differs by %d seconds, though the signature is right',
    async (seconds) => {
      const { provider, notification, clock } = createTestPlatform({
        platformKeys: { '440024045C4A427599D09BB4E3DE0279F2E813FD': readVector('wechat_pay_public_key.pem') },
      })
      const message = await notification()
      clock.advance(seconds * 1000)
      await expect(provider.parseNotification(message)).rejects.toMatchObject({
        code: 'ERR_WECHAT_TIMESTAMP',
        facts: { seconds },
      })
    },
  )

  it.each(['2022-05-01T00:00:00Z', '2026-01-01T00:00:00Z'])(
    'when the platform certificate is not valid at %s',
    async (time) => {
      const { provider, notification, clock } = createTestPlatform()
      clock.set(time)
      await expect(provider.parseNotification(await notification())).rejects.toMatchObject({
        code: 'ERR_WECHAT_CERTIFICATE_EXPIRED',
      })
    },
  )

  it('when somebody else’s key signed it under the platform’s serial', async () => {
    const { provider, notification, signer } = createTestPlatform()
    const privateKey = parsePrivateKey(readVector('merchant_private_key.pem'))
    const message = await notification({}, { signer: { ...signer, privateKey } })
    await expect(provider.parseNotification(message)).rejects.toMatchObject({ code: 'ERR_WECHAT_SIGNATURE' })
  })

  it('when it was encrypted under another APIv3 key', async () => {
    const { provider, notification } = createTestPlatform()
    const message = await notification({}, { key: '0'.repeat(32) })
    await expect(provider.parseNotification(message)).rejects.toMatchObject({ code: 'ERR_WECHAT_DECRYPTION' })
  })

  const resourceCases: [string, (resource: Record<string, string>) => object, string][] = [
    ['has another cipher', (resource) => ({ ...resource, algorithm: 'AEAD_SM4_GCM' }), 'ERR_WECHAT_CIPHER'],
    [
      'has no tag',
      ({ ciphertext = '', ...rest }) => ({ ...rest, ciphertext: ciphertext.slice(0, -24) }),
      'ERR_WECHAT_DECRYPTION',
    ],
    [
      'has a short tag',
      ({ ciphertext = '', ...rest }) => ({ ...rest, ciphertext: `${ciphertext.slice(0, -8)}` }),
      'ERR_WECHAT_DECRYPTION',
    ],
    [
      'has a wrong tag',
      ({ ciphertext = '', ...rest }) => ({ ...rest, ciphertext: `${ciphertext.slice(0, -4)}AAA=` }),
      'ERR_WECHAT_DECRYPTION',
    ],
    ['is empty', (resource) => ({ ...resource, ciphertext: '' }), 'ERR_WECHAT_DECRYPTION'],
    ['is not Base64', (resource) => ({ ...resource, ciphertext: '*' }), 'ERR_WECHAT_DECRYPTION'],
    ['has a nonce of 16 bytes', (resource) => ({ ...resource, nonce: '0123456789abcdef' }), 'ERR_WECHAT_DECRYPTION'],
    ['has other associated data', (resource) => ({ ...resource, associated_data: 'refund' }), 'ERR_WECHAT_DECRYPTION'],
    ['is missing', () => [], 'ERR_WECHAT_MESSAGE'],
  ]

  it.each(resourceCases)('when its resource %s, though the signature is right', async (_title, change, code) => {
    const { provider, notification, signer } = createTestPlatform()
    const { body } = await notification()
    const envelope = JSON.parse(new TextDecoder().decode(body))
    const changed = utf8(JSON.stringify({ ...envelope, resource: change(envelope.resource) }))
    const headers = new Headers(await signMessage(changed, signer))
    await expect(provider.parseNotification({ headers, body: changed })).rejects.toMatchObject({ code })
  })

  it('when it is about something else than a payment', async () => {
    const { provider, notification, signer } = createTestPlatform()
    const { body } = await notification()
    const other = utf8(new TextDecoder().decode(body).replace('TRANSACTION.SUCCESS', 'REFUND.SUCCESS'))
    const headers = new Headers(await signMessage(other, signer))
    await expect(provider.parseNotification({ headers, body: other })).rejects.toMatchObject({
      code: 'ERR_WECHAT_EVENT',
    })
  })

  it.each([
    ['its transaction has no number', { transaction_id: undefined }],
    ['its transaction has no amount', { amount: undefined }],
    ['its transaction has no time', { success_time: 'yesterday' }],
    ['its amount is a fraction', { amount: { total: 0.5 } }],
    ['its amount is negative', { amount: { total: -1 } }],
    ['its state is not known', { trade_state: 'PAID' as never }],
  ])('when %s', async (_title, change) => {
    const { provider, notification } = createTestPlatform()
    await expect(provider.parseNotification(await notification(change))).rejects.toMatchObject({
      code: 'ERR_WECHAT_MESSAGE',
    })
  })

  it('when it is signed but not JSON, and says nothing of its content', async () => {
    const { provider, signer } = createTestPlatform()
    const body = utf8('<xml>secret</xml>')
    const error = await provider
      .parseNotification({ headers: new Headers(await signMessage(body, signer)), body })
      .catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'ERR_WECHAT_MESSAGE' })
    expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain('secret')
  })
})

it('the answer to a notification is empty on success, and on failure a status that makes the platform send again', async () => {
  const { provider } = createTestPlatform()
  expect(provider.formatNotificationAnswer({ accepted: true }).status).toBe(204)
  const refused = provider.formatNotificationAnswer({ accepted: false, status: 401, code: 'ERR_WECHAT_SIGNATURE' })
  expect([refused.status, await refused.json()]).toEqual([401, { code: 'FAIL', message: 'ERR_WECHAT_SIGNATURE' }])
})
