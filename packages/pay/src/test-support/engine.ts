/** An order engine over a store in memory, two test channels and a clock that stands, for tests. */
import { fixedClock, yuan } from '@zhicheng/core'
import { memoryStore } from '@zhicheng/store/memory'
import { type CreatePayOptions, createPay, type OrderEffect, type Pay } from '../create-pay.ts'
import type { CreateOrderInput } from '../order.ts'
import { createTestChannel, type TestChannel } from './channel.ts'

/** What the order of these tests is for. */
export const input: CreateOrderInput = {
  payer: { issuer: 'zhejiang', id: 'u-1' },
  title: '食品经营许可工本费（样例）',
  payee: '样例市市场监督管理局',
  items: [
    { code: '103044901', name: '工本费', amount: yuan('100.00') },
    { code: '103044902', name: '公告费', amount: yuan('20.00') },
  ],
  payCode: '32068221300000000036',
}

/** The engine, its surroundings, and the steps that most tests begin with. */
export interface TestEngine {
  clock: ReturnType<typeof fixedClock>
  channel: TestChannel
  other: TestChannel
  pay: Pay
  effects: OrderEffect[]
  start(order?: Partial<CreateOrderInput>, through?: string): Promise<{ id: string; attemptId: string }>
  statusOf(id: string): Promise<string>
  notify(transaction: object, how?: { signature?: string; id?: string }): Promise<Response>
  /** Runs the jobs that are due; answers the kind of each effect so far, and the order's status then. */
  kinds(): Promise<string[][]>
}

/** Makes one. */
export function setUp(options: Partial<CreatePayOptions> = {}): TestEngine {
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
