import { memoryStore } from '@zhicheng/store/memory'
import { describe, expect, it } from 'vitest'
import type { PayPoint } from '../pay-point.ts'
import { paidTransaction } from '../test-support/channel.ts'
import { setUp } from '../test-support/engine.ts'

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
