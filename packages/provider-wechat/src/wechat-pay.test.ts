import { inspect } from 'node:util'
import { fromUtf8, secret, utf8, yuan } from '@zhicheng/core'
import { parseCertificate } from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { signMessage } from './message-signature.ts'
import { parsePrepayRequest } from './prepay.ts'
import { verifyRequest } from './request-signature.ts'
import {
  apiV3Key,
  createTestPlatform,
  merchantSerial,
  paidTransaction,
  platformSerial,
  readVector,
} from './test-support/platform.ts'

const attemptId = paidTransaction.out_trade_no
const input = {
  attemptId,
  title: '工本费（样例）',
  amount: yuan('120.00'),
  expiresAt: new Date('2024-03-01T02:00:00Z'),
}

async function answer(signer: Parameters<typeof signMessage>[1], value: unknown, status = 200) {
  const body = value === undefined ? new Uint8Array() : utf8(JSON.stringify(value))
  return { status, headers: new Headers(await signMessage(body, signer)), body }
}

describe('a prepay request', () => {
  it('asks for whole fen until the time limit, and is signed so that the platform accepts it', async () => {
    const { provider, clock } = createTestPlatform()
    const request = await provider.sign(provider.buildPrepay(input))
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://api.mch.weixin.qq.com/v3/pay/transactions/native',
      idempotent: false,
    })
    expect(parsePrepayRequest(request.body!)).toEqual({
      appid: 'wx0000000000000001',
      mchid: '1900000001',
      description: '工本费（样例）',
      out_trade_no: attemptId,
      time_expire: '2024-03-01T10:00:00+08:00',
      notify_url: 'https://unit.example/pay/notifications/wechat',
      amount: { total: 12000, currency: 'CNY' },
    })
    const { publicKey } = parseCertificate(readVector('merchant_certificate.pem'))
    const headers = new Headers(request.headers)
    const findKey = ({ serial }: { serial: string }) => (serial === merchantSerial ? publicKey : undefined)
    await expect(verifyRequest({ ...request, headers, body: request.body! }, { findKey, clock })).resolves.toEqual({
      merchantId: '1900000001',
    })
    await expect(
      verifyRequest(
        { ...request, headers, body: utf8(fromUtf8(request.body!).replace('12000', '1')) },
        { findKey, clock },
      ),
    ).rejects.toMatchObject({ code: 'ERR_WECHAT_SIGNATURE' })
    await expect(
      verifyRequest({ ...request, headers, body: request.body! }, { findKey: () => undefined, clock }),
    ).rejects.toMatchObject({ code: 'ERR_WECHAT_SERIAL_UNKNOWN' })
    clock.advance(301_000)
    await expect(verifyRequest({ ...request, headers, body: request.body! }, { findKey, clock })).rejects.toMatchObject(
      { code: 'ERR_WECHAT_TIMESTAMP' },
    )
  })

  it('is signed anew at each try', async () => {
    const { provider } = createTestPlatform()
    const request = provider.buildPrepay(input)
    const [one, two] = [await provider.sign(request), await provider.sign(request)]
    expect(one.headers['authorization']).not.toBe(two.headers['authorization'])
  })

  it('is not made for what the platform does not take', () => {
    const { provider } = createTestPlatform()
    for (const change of [{ attemptId: 'a b c d' }, { title: '' }, { amount: yuan('0') }]) {
      expect(() => provider.buildPrepay({ ...input, ...change })).toThrow(
        expect.objectContaining({ code: 'ERR_WECHAT_MESSAGE', outcome: 'not_sent' }),
      )
    }
  })

  it.each([
    ['no header', null, 'ERR_WECHAT_SIGNATURE_HEADERS'],
    ['another type', 'Bearer abc', 'ERR_WECHAT_SIGNATURE_TYPE'],
    ['a field twice', 'WECHATPAY2-SHA256-RSA2048 mchid="1",mchid="2"', 'ERR_WECHAT_SIGNATURE_HEADERS'],
    ['a field without quotes', 'WECHATPAY2-SHA256-RSA2048 mchid=1', 'ERR_WECHAT_SIGNATURE_HEADERS'],
    ['a missing field', 'WECHATPAY2-SHA256-RSA2048 mchid="1"', 'ERR_WECHAT_SIGNATURE_HEADERS'],
  ])('with %s in place of its signature is refused by the platform', async (_title, header, code) => {
    const { clock } = createTestPlatform()
    const headers = new Headers(header === null ? {} : { authorization: header })
    await expect(
      verifyRequest(
        { method: 'GET', url: 'https://x.example/', headers, body: new Uint8Array() },
        { findKey: () => undefined, clock },
      ),
    ).rejects.toMatchObject({ code })
  })
})

describe('an answer', () => {
  it('to a prepay gives what the payer scans', async () => {
    const { provider, signer } = createTestPlatform()
    const response = await answer(signer, { code_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz' })
    expect(await provider.parsePrepay(response, input)).toEqual({
      kind: 'scan',
      content: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz',
      expiresAt: '2024-03-01T10:00:00+08:00',
    })
  })

  it('with success but without a signature, or with a wrong one, is not believed: the outcome is unknown', async () => {
    const { provider, signer } = createTestPlatform()
    const response = await answer(signer, { code_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz' })
    await expect(provider.parsePrepay({ ...response, headers: new Headers() }, input)).rejects.toMatchObject({
      code: 'ERR_WECHAT_SIGNATURE_HEADERS',
      outcome: 'unknown',
    })
    const body = utf8('{"code_url":"https://attacker.example/"}')
    await expect(provider.parsePrepay({ ...response, body }, input)).rejects.toMatchObject({
      code: 'ERR_WECHAT_SIGNATURE',
      outcome: 'unknown',
    })
  })

  it.each([
    ['SUCCESS', 'paid'],
    ['REFUND', 'refunded'],
    ['NOTPAY', 'pending'],
    ['USERPAYING', 'pending'],
    ['ACCEPT', 'pending'],
    ['PAYERROR', 'pending'],
    ['CLOSED', 'closed'],
    ['REVOKED', 'closed'],
  ] as const)('to a query with the state %s means %s', async (trade_state, state) => {
    const { provider, signer } = createTestPlatform()
    const transaction = await provider.parseQuery(await answer(signer, { ...paidTransaction, trade_state }), attemptId)
    expect(transaction.state).toBe(state)
  })

  it('to a query about another order than the one asked for is refused', async () => {
    const { provider, signer } = createTestPlatform()
    await expect(provider.parseQuery(await answer(signer, paidTransaction), 'another')).rejects.toMatchObject({
      code: 'ERR_WECHAT_MESSAGE',
    })
  })

  it('that there is no such order counts only when it is signed', async () => {
    const { provider, signer } = createTestPlatform()
    const response = await answer(signer, { code: 'ORDER_NOT_EXIST', message: '订单不存在' }, 404)
    expect(await provider.parseQuery(response, attemptId)).toEqual({ attemptId, payee: 'ours', state: 'absent' })
    await expect(provider.parseQuery({ ...response, headers: new Headers() }, attemptId)).rejects.toMatchObject({
      code: 'ERR_WECHAT_REFUSED',
      facts: { signed: false, status: 404 },
    })
  })

  it.each([
    [400, 'PARAM_ERROR', 'refused', false],
    [401, 'SIGN_ERROR', 'refused', false],
    [403, 'NO_AUTH', 'refused', false],
    [429, 'FREQUENCY_LIMITED', 'unknown', true],
    [500, 'SYSTEM_ERROR', 'unknown', true],
  ])('of %d %s is an error whose outcome is %s', async (status, code, outcome, retryable) => {
    const { provider, signer } = createTestPlatform()
    const response = await answer(signer, { code, message: '样例' }, status)
    response.headers.set('request-id', '08F0D8A106-0')
    await expect(provider.parsePrepay(response, input)).rejects.toMatchObject({
      code: 'ERR_WECHAT_REFUSED',
      outcome,
      retryable,
      facts: { status, channelCode: code, requestId: '08F0D8A106-0' },
    })
  })

  it('to a close is empty and signed', async () => {
    const { provider, signer } = createTestPlatform()
    const response = await answer(signer, undefined, 204)
    await expect(provider.parseClose(response, attemptId)).resolves.toBeUndefined()
    await expect(provider.parseClose({ ...response, headers: new Headers() }, attemptId)).rejects.toMatchObject({
      code: 'ERR_WECHAT_SIGNATURE_HEADERS',
    })
  })
})

it('asks for one order under the merchant, and closes it, at the agreed addresses', () => {
  const { provider } = createTestPlatform({ baseUrl: 'https://api2.wechatpay.cn/' })
  expect(provider.buildQuery('a|b')).toMatchObject({
    method: 'GET',
    url: 'https://api2.wechatpay.cn/v3/pay/transactions/out-trade-no/a%7Cb?mchid=1900000001',
    idempotent: true,
  })
  const close = provider.buildClose('a1')
  expect(close.url).toBe('https://api2.wechatpay.cn/v3/pay/transactions/out-trade-no/a1/close')
  expect(fromUtf8(close.body!)).toBe('{"mchid":"1900000001"}')
})

describe('the configuration', () => {
  it.each([
    ['a key of 31 bytes', { apiV3Key: apiV3Key.slice(1) }, 'ERR_WECHAT_API_KEY_LENGTH'],
    ['a key of 32 characters that are more bytes', { apiV3Key: `密${apiV3Key.slice(1)}` }, 'ERR_WECHAT_API_KEY_LENGTH'],
    ['no platform key', { platformKeys: {} }, 'ERR_WECHAT_CONFIGURATION'],
    [
      'a certificate under another serial',
      { platformKeys: { [merchantSerial]: readVector('wechat_pay_certificate.pem') } },
      'ERR_WECHAT_CONFIGURATION',
    ],
    ['a notification address with a query', { notifyUrl: 'https://unit.example/n?a=b' }, 'ERR_WECHAT_CONFIGURATION'],
    ['a notification address on plain http', { notifyUrl: 'http://unit.example/n' }, 'ERR_WECHAT_CONFIGURATION'],
    ['an address that is none', { baseUrl: 'api.mch.weixin.qq.com' }, 'ERR_WECHAT_CONFIGURATION'],
    ['a merchant number with a quote', { merchantId: '1"' }, 'ERR_WECHAT_CONFIGURATION'],
    ['an application number with a space', { appId: 'wx 1' }, 'ERR_WECHAT_CONFIGURATION'],
    [
      'a serial that is not hex',
      { merchantKey: { pem: readVector('merchant_private_key.pem'), serial: 'x' } },
      'ERR_WECHAT_CONFIGURATION',
    ],
  ])('is refused at once with %s', (_title, change, code) => {
    expect(() => createTestPlatform(change)).toThrow(expect.objectContaining({ code }))
  })

  it('shows no secret when the channel is printed, nor in the error about a wrong key', () => {
    const { provider } = createTestPlatform({ apiV3Key: secret(apiV3Key) })
    const shown = inspect(provider, { depth: 9, showHidden: true }) + JSON.stringify(provider)
    expect(shown).not.toContain(apiV3Key)
    expect(() => createTestPlatform({ apiV3Key: 'short-canary' })).toThrow(/12 bytes/)
    try {
      createTestPlatform({ apiV3Key: 'short-canary' })
    } catch (error) {
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('short-canary')
    }
  })

  it('takes a certificate’s serial in either case', async () => {
    const { provider, notification } = createTestPlatform({
      platformKeys: { [platformSerial.toLowerCase()]: readVector('wechat_pay_certificate.pem') },
    })
    expect((await provider.parseNotification(await notification())).transaction.state).toBe('paid')
  })
})
