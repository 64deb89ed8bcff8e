import { fixedClock, yuan } from '@zhicheng/core'
import { memoryStore } from '@zhicheng/store/memory'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type CreatePayOptions, createPay, type OrderEffect, type PayPoint } from './create-pay.ts'
import type { CreateOrderInput } from './order.ts'
import { createTestChannel, paidTransaction } from './test-support/channel.ts'
import { orderView } from './wire.ts'

const input: CreateOrderInput = {
  payer: { issuer: 'zhejiang', id: 'u-1' },
  title: '食品经营许可工本费（样例）',
  payee: '样例市市场监督管理局',
  items: [
    { code: '103044901', name: '工本费', amount: yuan('100.00') },
    { code: '103044902', name: '公告费', amount: yuan('20.00') },
  ],
  payCode: '32068221300000000036',
}

function setUp(options: Partial<CreatePayOptions> = {}) {
  const clock = fixedClock('2026-11-24T00:00:00Z')
  const channel = createTestChannel()
  const other = createTestChannel('other')
  const effects: OrderEffect[] = []
  const pay = createPay({
    store: memoryStore(),
    providers: [channel.provider, other.provider],
    clock,
    fetch: (url, init) => (String(url).startsWith('https://other') ? other : channel).fetch(url, init),
    retry: { attempts: 1 },
    orderEffects: async (effect) => void effects.push(effect),
    ...options,
  })
  const start = async (order: Partial<CreateOrderInput> = {}, through = 'test') => {
    const { id } = await pay.createOrder({ ...input, ...order })
    const { action } = await pay.startPayment(id, through)
    return { id, attemptId: (action as { content: string }).content.replace('test://', '') }
  }
  const statusOf = async (id: string) => (await pay.readOrder(id)).status
  const notify = (transaction: object, how?: { signature?: string; id?: string }) =>
    pay.handleNotification('test', channel.notify(transaction, how))
  const kinds = async () => {
    await pay.runner.runDue()
    return effects.map(({ kind, order }) => [kind, order.status])
  }
  return { clock, channel, other, pay, effects, start, statusOf, notify, kinds }
}

describe('an order', () => {
  it('adds up its items and shows the payer what the contract promises, and nothing of the payer', async () => {
    const { pay } = setUp()
    const order = await pay.createOrder({ ...input, expiresAt: new Date('2026-11-24T02:00:00Z') })
    expect(order.amount).toBe(12000n)
    const view = v.parse(orderView, pay.view(order))
    expect(view).toMatchObject({
      status: 'created',
      amount: '120.00',
      createdAt: '2026-11-24T08:00:00+08:00',
      expiresAt: '2026-11-24T10:00:00+08:00',
      channels: [
        { id: 'test', name: '测试渠道' },
        { id: 'other', name: '测试渠道' },
      ],
    })
    expect(JSON.stringify(view)).not.toContain('u-1')
    expect(await pay.readOrder(order.id)).toEqual(order)
  })

  it('is the same one when it is made again under the same key, and refused with other content', async () => {
    const { pay } = setUp()
    const keyed = { ...input, key: 'case-1/fee' }
    const [first, second] = await Promise.all([pay.createOrder(keyed), pay.createOrder(keyed)])
    expect(second).toEqual(first)
    await expect(pay.createOrder({ ...keyed, title: '其他' })).rejects.toMatchObject({ code: 'ERR_PAY_KEY_REUSED' })
    expect((await pay.createOrder(input)).id).not.toBe(first.id)
  })

  it.each([
    ['no items', { items: [] }, 'items'],
    ['nothing to pay', { items: [{ code: 'a', name: 'b', amount: yuan('0') }] }, 'items'],
    ['more than any fee', { items: [{ code: 'a', name: 'b', amount: (10n ** 15n) as never }] }, 'items'],
    ['an empty title', { title: '' }, 'title'],
    ['a line break in its title', { title: 'a\nb' }, 'title'],
    ['half a character in its payee', { payee: 'a\ud800' }, 'payee'],
    ['a time that is over', { expiresAt: new Date('2026-11-24T00:00:00Z') }, 'expiresAt'],
    ['a time that is none', { expiresAt: new Date(Number.NaN) }, 'expiresAt'],
  ])('is refused with %s', async (_title, change, field) => {
    await expect(setUp().pay.createOrder({ ...input, ...change })).rejects.toMatchObject({
      code: 'ERR_PAY_ORDER_INVALID',
      facts: { field },
    })
  })

  it('that nobody made is unknown', async () => {
    const { pay } = setUp()
    for (const call of [pay.readOrder('x'), pay.refresh('x'), pay.closeOrder('x'), pay.startPayment('x', 'test')]) {
      await expect(call).rejects.toMatchObject({ code: 'ERR_PAY_ORDER_UNKNOWN' })
    }
  })
})

describe('starting a payment', () => {
  it('returns what the payer scans, and the same again when it is asked twice', async () => {
    const { pay, channel } = setUp()
    const { id } = await pay.createOrder(input)
    const first = await pay.startPayment(id, 'test')
    expect(first).toMatchObject({ order: { status: 'paying' }, action: { kind: 'scan' } })
    expect(await pay.startPayment(id, 'test')).toEqual(first)
    expect(channel.calls).toEqual(['prepay'])
  })

  it('continues under the same number when the answer of the channel was lost', async () => {
    const { pay, channel } = setUp()
    const { id } = await pay.createOrder(input)
    channel.onCall = () => {
      throw new TypeError('connection reset')
    }
    await expect(pay.startPayment(id, 'test')).rejects.toMatchObject({ code: 'ERR_NETWORK', outcome: 'unknown' })
    channel.onCall = () => {}
    await pay.startPayment(id, 'test')
    expect(channel.bank.size).toBe(1)
    expect((await pay.readHistory(id)).filter(({ event }) => event === 'attempt')).toHaveLength(1)
  })

  it('has written its attempt down before the channel hears of it', async () => {
    const { pay, channel } = setUp()
    const { id } = await pay.createOrder(input)
    let events: string[] = []
    channel.onCall = async () => {
      events = (await pay.readHistory(id)).map(({ event }) => event)
    }
    await pay.startPayment(id, 'test')
    expect(events).toEqual(['create', 'attempt'])
  })

  it('closes the attempt of another channel first, so that not both are paid', async () => {
    const { pay, channel, start } = setUp()
    const { id, attemptId } = await start()
    await pay.startPayment(id, 'other')
    expect(channel.bank.get(attemptId)?.state).toBe('closed')
    expect(channel.calls).toEqual(['prepay', 'close', 'query'])
  })

  it('finds that the other attempt was paid, and starts nothing', async () => {
    const { pay, channel, other, start, statusOf } = setUp()
    const { id, attemptId } = await start()
    channel.pay(attemptId, 't-1')
    await expect(pay.startPayment(id, 'other')).rejects.toMatchObject({ code: 'ERR_PAY_ORDER_NOT_PAYABLE' })
    expect(await statusOf(id)).toBe('paid')
    expect(other.calls).toEqual([])
  })

  it('takes a new number after the first code has run out', async () => {
    const { pay, clock, start, channel } = setUp()
    const { id, attemptId } = await start()
    clock.advance(7_200_000)
    await pay.startPayment(id, 'test')
    expect(channel.bank.get(attemptId)?.state).toBe('closed')
    expect(channel.bank.size).toBe(2)
  })

  it('is refused for an order whose time is over, and for a channel that is not there', async () => {
    const { pay, clock } = setUp()
    const { id } = await pay.createOrder({ ...input, expiresAt: new Date('2026-11-24T01:00:00Z') })
    await expect(pay.startPayment(id, 'nothing')).rejects.toMatchObject({ code: 'ERR_PAY_CHANNEL_UNKNOWN' })
    clock.advance(3_600_000)
    await expect(pay.startPayment(id, 'test')).rejects.toMatchObject({ code: 'ERR_PAY_ORDER_NOT_PAYABLE' })
  })
})

describe('a notification', () => {
  it('makes the order paid, and the effect reach the department once', async () => {
    const { pay, start, notify, kinds, effects } = setUp()
    const { id, attemptId } = await start()
    const answer = await notify(paidTransaction(attemptId, 12000, 't-1'))
    expect(answer.status).toBe(204)
    const order = await pay.readOrder(id)
    expect(order).toMatchObject({
      status: 'paid',
      paidAt: new Date('2026-11-24T00:01:00Z'),
      payment: { attemptId, channel: 'test', transactionId: 't-1' },
    })
    expect(pay.view(order)).toMatchObject({ status: 'paid', paidAt: '2026-11-24T08:01:00+08:00', channels: [] })
    expect(await kinds()).toEqual([['paid', 'paid']])
    expect(effects[0]).toMatchObject({ key: `${id}:paid`, amount: 12000n, transactionId: 't-1' })
  })

  it('that is repeated, or that comes after the same answer to a query, is answered with success and does nothing', async () => {
    const { pay, start, channel, notify, kinds } = setUp()
    const { id, attemptId } = await start()
    channel.pay(attemptId, 't-1')
    await pay.refresh(id)
    for (const n of ['n-1', 'n-1', 'n-2']) {
      expect((await notify(paidTransaction(attemptId, 12000, 't-1'), { id: n })).status).toBe(204)
    }
    expect(await kinds()).toEqual([['paid', 'paid']])
    expect((await pay.readHistory(id)).map(({ event, source }) => `${event} ${source}`)).toEqual([
      'create department',
      'attempt department',
      'open department',
      'pay query',
    ])
  })

  it('that arrives many times at once pays once', async () => {
    const { start, statusOf, notify, kinds } = setUp()
    const { id, attemptId } = await start()
    await Promise.all(Array.from({ length: 20 }, () => notify(paidTransaction(attemptId, 12000, 't-1'))))
    expect(await statusOf(id)).toBe('paid')
    expect(await kinds()).toEqual([['paid', 'paid']])
  })

  it.each([
    ['another amount', { amount: 11999 }, {}, 'amount'],
    ['another currency', { currency: 'USD' }, {}, 'currency'],
    ['another merchant', {}, { payee: 'foreign' }, 'payee'],
    ['money that went back already', {}, { state: 'refunded' }, 'refunded'],
  ])('of %s puts the order to review and never calls it paid', async (_title, payment, transaction, reason) => {
    const { pay, start, channel, notify, kinds, statusOf, effects } = setUp()
    const { id, attemptId } = await start()
    const genuine = paidTransaction(attemptId, 12000, 't-1') as { payment: object }
    const answer = await notify({ ...genuine, ...transaction, payment: { ...genuine.payment, ...payment } })
    expect(answer.status).toBe(204)
    expect(await statusOf(id)).toBe('review')
    expect((await pay.readOrder(id)).paidAt).toBeUndefined()
    expect(await kinds()).toEqual([['review', 'review']])
    expect(effects[0]?.reason).toBe(reason)
    // The channel's own true word afterwards does not clear it: somebody has to look.
    channel.pay(attemptId, 't-1')
    await notify(genuine)
    expect(await statusOf(id)).toBe('review')
  })

  it('of another amount after the payment leaves the order paid, and asks for a person', async () => {
    const { start, notify, kinds, statusOf } = setUp()
    const { id, attemptId } = await start()
    await notify(paidTransaction(attemptId, 12000, 't-1'))
    await notify(paidTransaction(attemptId, 1, 't-1'))
    expect(await statusOf(id)).toBe('paid')
    expect(await kinds()).toEqual([
      ['paid', 'paid'],
      ['review', 'paid'],
    ])
  })

  it('of a transaction that already paid another order puts the second one to review', async () => {
    const { start, notify, statusOf } = setUp()
    const [one, two] = [await start(), await start()]
    await notify(paidTransaction(one.attemptId, 12000, 't-1'))
    await notify(paidTransaction(two.attemptId, 12000, 't-1'))
    expect([await statusOf(one.id), await statusOf(two.id)]).toEqual(['paid', 'review'])
  })

  it('of a payment after the order was closed makes it paid_after_close', async () => {
    const { pay, start, notify, kinds } = setUp()
    const { id, attemptId } = await start()
    expect((await pay.closeOrder(id)).status).toBe('closed')
    await notify(paidTransaction(attemptId, 12000, 't-1'))
    expect(await kinds()).toEqual([['paid-after-close', 'paid_after_close']])
  })

  it('of a second payment of one order is reported as extra, and the order stays paid by the first', async () => {
    const { pay, clock, start, notify, kinds } = setUp()
    const { id, attemptId } = await start()
    clock.advance(7_200_000)
    const second = (await pay.startPayment(id, 'test')).action as { content: string }
    await notify(paidTransaction(second.content.replace('test://', ''), 12000, 't-2'))
    await notify(paidTransaction(attemptId, 12000, 't-1'))
    expect((await pay.readOrder(id)).payment?.transactionId).toBe('t-2')
    expect(await kinds()).toEqual([
      ['paid', 'paid'],
      ['extra-payment', 'paid'],
    ])
  })

  it('that is not genuine changes nothing and is not answered with success', async () => {
    const { start, statusOf, notify, kinds } = setUp()
    const { id, attemptId } = await start()
    const answer = await notify(paidTransaction(attemptId, 12000, 't-1'), { signature: 'forged' })
    expect([answer.status, await answer.text()]).toEqual([401, 'ERR_TEST_SIGNATURE'])
    expect(await statusOf(id)).toBe('paying')
    expect(await kinds()).toEqual([])
  })

  it('of an attempt nobody made, too long, of another channel or by another method is refused', async () => {
    const { pay, channel, start, notify, statusOf } = setUp()
    const { id, attemptId } = await start()
    expect((await notify(paidTransaction('nobody', 12000, 't-1'))).status).toBe(404)
    expect((await notify({ padding: 'x'.repeat(70_000) })).status).toBe(413)
    const genuine = () => channel.notify(paidTransaction(attemptId, 12000, 't-1'))
    expect((await pay.handleNotification('nothing', genuine())).status).toBe(404)
    expect((await pay.handleNotification('other', genuine())).status).toBe(404)
    expect((await pay.handleNotification('test', new Request('https://unit.example/'))).status).toBe(405)
    expect(await statusOf(id)).toBe('paying')
  })

  it('is not answered with success when the commit fails', async () => {
    const store = memoryStore()
    let broken = false
    const { start, statusOf, notify } = setUp({
      store: {
        ...store,
        transaction: async (work) => {
          const result = await store.transaction((tx) => {
            const value = work(tx)
            if (broken) throw new Error('disk full')
            return value
          })
          return result
        },
      },
    })
    const { id, attemptId } = await start()
    broken = true
    expect((await notify(paidTransaction(attemptId, 12000, 't-1'))).status).toBe(500)
    broken = false
    expect(await statusOf(id)).toBe('paying')
    expect((await notify(paidTransaction(attemptId, 12000, 't-1'))).status).toBe(204)
    expect(await statusOf(id)).toBe('paid')
  })

  it('passes the points at which a process may die in their order', async () => {
    const points: PayPoint[] = []
    const { pay, start, notify } = setUp({ probe: (point) => points.push(point) })
    const { attemptId } = await start()
    await notify(paidTransaction(attemptId, 12000, 't-1'))
    await pay.runner.runDue()
    expect(points).toEqual([
      'notification.before-commit',
      'notification.after-commit',
      'notification.before-answer',
      'effect.before',
      'effect.after',
    ])
  })
})

describe('without a notification', () => {
  it('the channel is asked on the schedule, until the answer is final', async () => {
    const { pay, clock, channel, start, statusOf, kinds } = setUp()
    const { id, attemptId } = await start()
    const asked: number[] = []
    for (const at of [4_999, 5_000, 14_999, 15_000, 60_000, 299_999, 300_000]) {
      clock.set(new Date(Date.parse('2026-11-24T00:00:00Z') + at))
      const before = channel.calls.length
      if (at === 300_000) channel.pay(attemptId, 't-1')
      await pay.runner.runDue()
      if (channel.calls.length > before) asked.push(at)
    }
    expect(asked).toEqual([5_000, 15_000, 60_000, 300_000])
    expect(await statusOf(id)).toBe('paid')
    expect(await kinds()).toEqual([['paid', 'paid']])
    const calls = channel.calls.length
    clock.advance(86_400_000)
    await pay.runner.runDue()
    expect(channel.calls.length).toBe(calls)
  })

  it('the last question comes after the channel has closed the attempt', async () => {
    const { pay, clock, channel, start, statusOf } = setUp()
    const { id, attemptId } = await start()
    for (let step = 0; step < 6; step += 1) {
      clock.advance(7_200_000)
      await pay.runner.runDue()
    }
    expect(channel.calls.slice(-2)).toEqual(['close', 'query'])
    expect(channel.bank.get(attemptId)?.state).toBe('closed')
    expect(await statusOf(id)).toBe('paying')
    expect((await pay.readHistory(id)).at(-1)?.event).toBe('attempt-closed')
  })

  it('a poll that fails is made again', async () => {
    const { pay, clock, channel, start, statusOf } = setUp({ runner: { backoff: () => 1000 } })
    const { id, attemptId } = await start()
    channel.pay(attemptId, 't-1')
    clock.advance(5_000)
    channel.onCall = () => {
      throw new TypeError('no route')
    }
    await pay.runner.runDue()
    expect(await statusOf(id)).toBe('paying')
    channel.onCall = () => {}
    clock.advance(1000)
    await pay.runner.runDue()
    expect(await statusOf(id)).toBe('paid')
  })
})

describe('an order whose time runs out', () => {
  const expiresAt = new Date('2026-11-24T01:00:00Z')

  it('expires after its attempt was closed at the channel', async () => {
    const { pay, clock, channel, start, statusOf } = setUp()
    const { id, attemptId } = await start({ expiresAt })
    clock.set(expiresAt)
    await pay.runner.runDue()
    expect(await statusOf(id)).toBe('expired')
    expect(channel.bank.get(attemptId)?.state).toBe('closed')
    expect((await pay.readHistory(id)).at(-1)).toMatchObject({ event: 'expire', source: 'clock' })
  })

  it('is paid when the payer was faster', async () => {
    const { pay, clock, channel, start, statusOf } = setUp()
    const { id, attemptId } = await start({ expiresAt })
    channel.pay(attemptId, 't-1')
    clock.set(expiresAt)
    await pay.runner.runDue()
    expect(await statusOf(id)).toBe('paid')
  })

  it('stays as it is while the channel cannot be asked', async () => {
    const { pay, clock, channel, start, statusOf } = setUp()
    const { id } = await start({ expiresAt })
    channel.onCall = () => {
      throw new TypeError('no route')
    }
    clock.set(expiresAt)
    await pay.runner.runDue()
    expect(await statusOf(id)).toBe('paying')
  })
})

describe('an effect', () => {
  it('that fails is called again under the same key', async () => {
    const keys: string[] = []
    const { pay, clock, start, notify } = setUp({
      runner: { backoff: () => 1000 },
      orderEffects: async ({ key }) => {
        keys.push(key)
        if (keys.length === 1) throw new Error('the case system is down')
      },
    })
    const { id, attemptId } = await start()
    await notify(paidTransaction(attemptId, 12000, 't-1'))
    await pay.runner.runDue()
    clock.advance(1000)
    await pay.runner.runDue()
    clock.advance(60_000)
    await pay.runner.runDue()
    expect(keys).toEqual([`${id}:paid`, `${id}:paid`])
  })
})

it('two providers of one channel are refused', () => {
  const { provider } = createTestChannel()
  expect(() => setUp({ providers: [provider, provider] })).toThrow(
    expect.objectContaining({ code: 'ERR_PAY_CHANNEL_DUPLICATE' }),
  )
})
