import { fixedClock, fromUtf8, silentLogger, yuan } from '@zhicheng/core'
import { parseCertificate } from '@zhicheng/crypto'
import { createPay, createPaymentClient, type OrderEffect } from '@zhicheng/pay'
import { decryptResource, parseApiKey, wechatPay } from '@zhicheng/provider-wechat'
import { memoryStore } from '@zhicheng/store/memory'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWechatFace, createWechatTestKeys, type WechatFace, type WechatTestKeys } from './index.ts'

const origin = 'http://127.0.0.1:4600'
const notifyUrl = 'http://127.0.0.1:4700/pay/notifications/wechat'

let keys: WechatTestKeys
const faces: WechatFace[] = []
beforeAll(async () => {
  keys = await createWechatTestKeys(fixedClock('2026-11-24T00:00:00Z'))
})
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close?.()
})

/** A department with a real order engine and the face, joined without sockets. */
async function setUp({ chaos = [] as string[], retryDelays = [0, 0, 0] } = {}) {
  const clock = fixedClock('2026-11-24T00:00:00Z')
  const faults = new Set(chaos)
  const effects: OrderEffect[] = []
  const answers: number[] = []
  const waiters: (() => void)[] = []
  let down = 0
  const face = await createWechatFace(
    {
      origin,
      clock,
      logger: silentLogger,
      chaos: (name, request) => faults.has(name) || request?.headers.get('x-sandbox-chaos') === name,
      async fetch(url, init) {
        if (down > 0) {
          down -= 1
          throw new TypeError('connection refused')
        }
        const answer = await pay.handleNotification('wechat', new Request(url, init))
        answers.push(answer.status)
        for (const wake of waiters.splice(0)) wake()
        return answer
      },
    },
    { keys, retryDelays, lateMilliseconds: 1 },
  )
  faces.push(face)
  const provider = wechatPay({ ...face.account, notifyUrl, clock })
  const toFace: typeof fetch = (url, init) => face.fetch(new Request(url, init))
  const pay = createPay({
    store: memoryStore(),
    providers: [provider],
    clock,
    fetch: toFace,
    retry: { attempts: 1 },
    orderEffects: async (effect) => void effects.push(effect),
  })
  const start = async () => {
    const { id } = await pay.createOrder({
      payer: { issuer: 'zhejiang', id: 'u-1' },
      title: '工本费<b>（样例）',
      payee: '样例市市场监督管理局',
      items: [{ code: '103044901', name: '工本费', amount: yuan('120.00') }],
    })
    const { action } = await pay.startPayment(id, 'wechat')
    const attemptId = (await pay.readHistory(id)).at(-1)?.attemptId ?? ''
    return { id, attemptId, codeUrl: (action as { content: string }).content }
  }
  return {
    face,
    clock,
    pay,
    provider,
    client: createPaymentClient(provider, { fetch: toFace, retry: { attempts: 1 } }),
    effects,
    answers,
    start,
    visit: (codeUrl: string, init?: RequestInit) => face.fetch(new Request(codeUrl, init)),
    /** Resolves when the department has answered so many notifications in all. */
    async answered(count: number) {
      while (answers.length < count) await new Promise<void>((resolve) => waiters.push(resolve))
    },
    failNotifications(count: number) {
      down = count
    },
    statusOf: async (id: string) => (await pay.readOrder(id)).status,
  }
}

describe('a payment', () => {
  it('goes from the code over the payer’s page and a real notification to a paid order', async () => {
    const { pay, effects, start, visit, answered, answers, statusOf } = await setUp()
    const { id, codeUrl } = await start()
    const page = await (await visit(codeUrl)).text()
    for (const text of ['待支付', '120.00', '确认支付', '测试专用', '工本费&#60;b&#62;（样例）'])
      expect(page).toContain(text)

    const paid = await visit(codeUrl, { method: 'POST' })
    expect([paid.status, paid.headers.get('location')]).toEqual([303, new URL(codeUrl).pathname])
    await answered(1)
    expect(answers).toEqual([204])
    expect(await statusOf(id)).toBe('paid')
    await pay.runner.runDue()
    expect(effects.map(({ kind }) => kind)).toEqual(['paid'])

    const after = await (await visit(codeUrl)).text()
    expect(after).toContain('支付成功')
    expect(after).not.toContain('确认支付')
    await visit(codeUrl, { method: 'POST' })
    expect(answers).toEqual([204])
  })

  it('is notified again until the merchant answers with success', async () => {
    const { start, visit, answered, failNotifications, answers, statusOf } = await setUp()
    const { id, codeUrl } = await start()
    failNotifications(2)
    await visit(codeUrl, { method: 'POST' })
    await answered(1)
    expect(answers).toEqual([204])
    expect(await statusOf(id)).toBe('paid')
  })

  it('is not possible at a code that was closed, has run out or never was', async () => {
    const { start, visit, pay, clock, answers } = await setUp()
    const one = await start()
    await pay.closeOrder(one.id)
    expect(await (await visit(one.codeUrl)).text()).toContain('订单已关闭')
    const two = await start()
    clock.advance(7_200_000)
    await visit(two.codeUrl, { method: 'POST' })
    expect(await (await visit(two.codeUrl)).text()).toContain('订单已关闭')
    const nowhere = await visit(`${origin}/wechat/pay/0123456789abcdef`)
    expect([nowhere.status, await nowhere.text()]).toEqual([404, expect.stringContaining('二维码已失效')])
    expect(answers).toEqual([])
  })
})

describe('misbehaviour', () => {
  const run = async (fault: string, expected: { answers: number[]; status: string; afterRefresh: string }) => {
    const { pay, effects, start, visit, answered, answers, statusOf } = await setUp({ retryDelays: [0] })
    const { id, codeUrl } = await start()
    await visit(codeUrl, { method: 'POST', headers: { 'x-sandbox-chaos': fault } })
    await answered(expected.answers.length)
    expect(answers).toEqual(expected.answers)
    expect(await statusOf(id)).toBe(expected.status)
    expect((await pay.refresh(id)).status).toBe(expected.afterRefresh)
    await pay.runner.runDue()
    return effects.map(({ kind }) => kind)
  }

  it.each([
    ['notify-drop', { answers: [], status: 'paying', afterRefresh: 'paid' }],
    ['notify-twice', { answers: [204, 204], status: 'paid', afterRefresh: 'paid' }],
    ['notify-late', { answers: [204], status: 'paid', afterRefresh: 'paid' }],
    ['notify-bad-signature', { answers: [401, 401], status: 'paying', afterRefresh: 'paid' }],
    ['notify-old-timestamp', { answers: [401, 401], status: 'paying', afterRefresh: 'paid' }],
  ])('%s does not lose or double the payment', async (fault, expected) => {
    expect(await run(fault, expected)).toEqual(['paid'])
  })

  it('notify-wrong-amount puts the order to review, and the true amount afterwards does not clear it', async () => {
    expect(await run('notify-wrong-amount', { answers: [204], status: 'review', afterRefresh: 'review' })).toEqual([
      'review',
    ])
  })

  it('answer-bad-signature is not believed, though the call was carried out', async () => {
    const { pay, start, face } = await setUp({ chaos: ['answer-bad-signature'] })
    await expect(start()).rejects.toMatchObject({ code: 'ERR_WECHAT_SIGNATURE', outcome: 'unknown' })
    expect(face.faults['answer-bad-signature']).toBeDefined()
    expect(await pay.runner.runDue()).toBe(0)
  })

  it('answer-500 leaves the outcome unknown, and the order goes on under the same number', async () => {
    const { pay, client, clock, start } = await setUp({ chaos: ['answer-500'] })
    await expect(start()).rejects.toMatchObject({ code: 'ERR_WECHAT_REFUSED', outcome: 'unknown', retryable: true })
    clock.advance(5000)
    await pay.runner.runDue()
    await expect(client.query('x23456')).rejects.toMatchObject({ facts: { status: 500, channelCode: 'SYSTEM_ERROR' } })
  })

  it('has a sentence for each of its names', async () => {
    const { face } = await setUp()
    expect(Object.keys(face.faults).sort()).toEqual([
      'answer-500',
      'answer-bad-signature',
      'notify-bad-signature',
      'notify-drop',
      'notify-late',
      'notify-old-timestamp',
      'notify-twice',
      'notify-wrong-amount',
    ])
  })
})

describe('the merchant’s calls', () => {
  const input = { title: '样例', amount: yuan('1.00'), expiresAt: new Date('2026-11-24T01:00:00Z') }

  it('answer the same code for the same request, and refuse the number for another one', async () => {
    const { client } = await setUp()
    const first = await client.prepay({ ...input, attemptId: 'abcdef01' })
    expect(await client.prepay({ ...input, attemptId: 'abcdef01' })).toEqual(first)
    await expect(client.prepay({ ...input, attemptId: 'abcdef01', amount: yuan('2.00') })).rejects.toMatchObject({
      outcome: 'refused',
      facts: { channelCode: 'OUT_TRADE_NO_USED', signed: true },
    })
  })

  it('follow an order from unpaid to closed, and know no other', async () => {
    const { client } = await setUp()
    await client.prepay({ ...input, attemptId: 'abcdef01' })
    expect((await client.query('abcdef01')).state).toBe('pending')
    await client.close('abcdef01')
    expect((await client.query('abcdef01')).state).toBe('closed')
    await expect(client.close('abcdef01')).rejects.toMatchObject({ facts: { channelCode: 'ORDER_CLOSED' } })
    await expect(client.prepay({ ...input, attemptId: 'abcdef01' })).rejects.toMatchObject({
      facts: { channelCode: 'ORDER_CLOSED' },
    })
    expect((await client.query('abcdef02')).state).toBe('absent')
    await expect(client.close('abcdef02')).rejects.toMatchObject({ facts: { channelCode: 'ORDER_NOT_EXIST' } })
  })

  it('say after the payment what was paid, and close nothing any more', async () => {
    const { client, face } = await setUp({ chaos: ['notify-drop'] })
    const action = await client.prepay({ ...input, attemptId: 'abcdef01' })
    await face.fetch(new Request((action as { content: string }).content, { method: 'POST' }))
    expect(await client.query('abcdef01')).toMatchObject({
      state: 'paid',
      payee: 'ours',
      payment: { amount: 100n, currency: 'CNY', paidAt: new Date('2026-11-24T00:00:00Z') },
    })
    await expect(client.close('abcdef01')).rejects.toMatchObject({ facts: { channelCode: 'ORDERPAID' } })
  })

  it.each([
    ['without a signature', {}, 401],
    ['with a signature of another type', { authorization: 'Bearer x' }, 401],
  ])('%s are refused, and that answer alone is unsigned', async (_title, headers, status) => {
    const { face } = await setUp()
    const response = await face.fetch(new Request(`${origin}/wechat/v3/certificates`, { headers }))
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code: 'SIGN_ERROR' })
    expect(response.headers.has('wechatpay-signature')).toBe(false)
  })

  it('with one changed byte, or under another serial, are refused', async () => {
    const { face, provider, clock } = await setUp()
    const request = await provider.sign(provider.buildPrepay({ ...input, attemptId: 'abcdef01' }))
    const send = (body: Uint8Array<ArrayBuffer>) =>
      face.fetch(new Request(request.url, { method: 'POST', headers: request.headers, body }))
    const changed = request.body!.slice()
    changed[10]! ^= 1
    expect((await send(changed)).status).toBe(401)
    expect((await send(request.body!)).status).toBe(200)
    const other = wechatPay({
      ...face.account,
      merchantKey: { pem: keys.merchant.privateKeyPem, serial: '01' },
      notifyUrl,
      clock,
    })
    const foreign = await other.sign(other.buildQuery('abcdef01'))
    expect((await face.fetch(new Request(foreign.url, { headers: foreign.headers }))).status).toBe(401)
  })

  it('for another application or merchant, of another form, or at no address, are refused with their code', async () => {
    const { face, clock } = await setUp()
    const codeOf = async (change: object, call: 'buildQuery' | 'buildClose' | 'buildPrepay') => {
      const other = wechatPay({ ...face.account, notifyUrl, clock, ...change })
      const request = await other.sign(
        call === 'buildPrepay' ? other.buildPrepay({ ...input, attemptId: 'abcdef01' }) : other[call]('abcdef01'),
      )
      const response = await face.fetch(
        new Request(request.url, { ...request, ...(request.body ? { body: request.body } : {}) }),
      )
      return ((await response.json()) as { code: string }).code
    }
    expect(await codeOf({ appId: 'wx2' }, 'buildPrepay')).toBe('APPID_MCHID_NOT_MATCH')
    expect(await codeOf({ merchantId: '1900000002' }, 'buildQuery')).toBe('SIGN_ERROR')
    expect(await codeOf({ baseUrl: `${origin}/wechat/v3` }, 'buildQuery')).toBe('RESOURCE_NOT_EXISTS')
  })

  it('get the platform certificate encrypted, in an answer signed with that certificate’s key', async () => {
    const { face, provider } = await setUp()
    const { url, headers } = await provider.sign({
      operation: 'wechat.certificates',
      method: 'GET',
      url: `${origin}/wechat/v3/certificates`,
      headers: {},
      idempotent: true,
    })
    const response = await face.fetch(new Request(url, { headers }))
    const { data } = (await response.json()) as { data: { serial_no: string; encrypt_certificate: never }[] }
    const pem = fromUtf8(await decryptResource(data[0]!.encrypt_certificate, parseApiKey(face.account.apiV3Key)))
    expect(parseCertificate(pem).serialNumber.toUpperCase()).toBe(data[0]!.serial_no)
    expect(parseCertificate(pem).subject.text).toContain('测试专用')
    expect(response.headers.get('wechatpay-serial')).toBe(data[0]!.serial_no)
  })

  it('need an account that the face hands out as JSON', async () => {
    const { face } = await setUp()
    const response = await face.fetch(new Request(`${origin}/wechat/sandbox/account`))
    expect(await response.json()).toEqual(face.account)
    expect((await face.fetch(new Request(`${origin}/wechat/nothing`))).status).toBe(404)
  })

  it('with a body beyond all measure are refused', async () => {
    const { face } = await setUp()
    const body = 'x'.repeat(70_000)
    const response = await face.fetch(
      new Request(`${origin}/wechat/v3/pay/transactions/native`, { method: 'POST', body }),
    )
    expect(response.status).toBe(413)
  })
})
