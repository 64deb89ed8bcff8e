import { yuan } from '@zhicheng/core'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { createTestChannel, paidTransaction } from './test-support/channel.ts'
import { input, setUp } from './test-support/engine.ts'
import { orderView } from './wire.ts'

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
