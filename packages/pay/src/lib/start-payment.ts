/** Starting a payment: the attempt is written down before the channel hears of it, so that no crash loses it. */
import { isZhichengError } from '@zhicheng/core'
import type { Transaction } from '@zhicheng/store'
import { payError } from '../errors.ts'
import type { Attempt, Order } from '../order.ts'
import { nextOrderStatus } from '../order-transitions.ts'
import type { PaymentAction } from '../wire.ts'
import { leavePoll, type PollSchedule } from './poll.ts'
import { addHistory, getAttempt, getOrder, listLiveAttempts, putAttempt, putOrder } from './records.ts'
import { type Engine, settleAttempt } from './settlement.ts'

/** What starting needs besides the engine. */
export interface StartContext {
  engine: Engine
  createId(): string
  pollSchedule: PollSchedule
  signal?: AbortSignal | undefined
}

/** Starts or continues the attempt of an order through a channel. */
export async function startAttempt(
  orderId: string,
  channelName: string,
  context: StartContext,
): Promise<{ order: Order; action: PaymentAction }> {
  const { engine, signal } = context
  const { store, clock } = engine
  const { client } = engine.channel(channelName)

  // Two open attempts could both be paid: whatever this one does not continue is closed at its channel first.
  for (const attempt of await store.read((view) => listLiveAttempts(view, orderId))) {
    if (!isReusable(attempt, channelName, clock.now())) await settleAttempt(engine, attempt, { signal })
  }
  const { order, attempt } = await store.transaction((tx) => takeAttempt(tx, orderId, { channelName, context }))
  if (attempt.action) return { order, action: attempt.action }

  let action: PaymentAction
  try {
    action = await client.prepay(
      { attemptId: attempt.id, title: order.title, amount: order.amount, expiresAt: attempt.expiresAt },
      { signal },
    )
  } catch (error) {
    // A refusal is final for this number, so the next start gets a new one; anything else is continued under the same.
    if (isZhichengError(error) && error.outcome === 'refused') {
      await settleAttempt(engine, attempt, { signal }).catch(() => {})
    }
    throw error
  }
  return store.transaction((tx) => {
    const order = getOrder(tx, orderId)
    const current = getAttempt(tx, attempt.id)
    if (current?.state !== 'preparing' && current?.state !== 'open') throw notPayable(order)
    if (current.state === 'preparing') {
      putAttempt(tx, { ...current, state: 'open', action })
      const at = clock.now().toISOString()
      addHistory(tx, orderId, { at, event: 'open', status: order.status, attemptId: attempt.id, source: 'department' })
    }
    return { order, action }
  })
}

function takeAttempt(
  tx: Transaction,
  orderId: string,
  { channelName, context }: { channelName: string; context: StartContext },
): { order: Order; attempt: Attempt } {
  const { engine, createId, pollSchedule } = context
  const now = engine.clock.now()
  const order = getOrder(tx, orderId)
  const status = nextOrderStatus(order.status, 'start')
  if (!status || (order.expiresAt && order.expiresAt <= now)) throw notPayable(order)
  const [live, another] = listLiveAttempts(tx, orderId)
  if (live && !another && isReusable(live, channelName, now)) return { order, attempt: live }
  if (live) {
    throw payError('ERR_PAY_ATTEMPT_UNSETTLED', 'Another payment of this order was started just now; try again.', {
      retryable: true,
      facts: { orderId },
    })
  }
  const lifetime = now.getTime() + engine.channel(channelName).provider.actionLifetime
  const attempt: Attempt = {
    id: createId(),
    orderId,
    channel: channelName,
    state: 'preparing',
    createdAt: now,
    expiresAt: new Date(Math.min(lifetime, order.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)),
  }
  putAttempt(tx, attempt)
  leavePoll(tx, attempt, { step: 0, schedule: pollSchedule })
  putOrder(tx, { ...order, status })
  addHistory(tx, orderId, {
    at: now.toISOString(),
    event: 'attempt',
    status,
    attemptId: attempt.id,
    source: 'department',
  })
  return { order: { ...order, status }, attempt }
}

function isReusable({ channel, expiresAt }: Attempt, channelName: string, now: Date): boolean {
  return channel === channelName && expiresAt > now
}

function notPayable({ id, status }: Order): Error {
  return payError('ERR_PAY_ORDER_NOT_PAYABLE', `The order cannot be paid: it is ${status}, or its time is over.`, {
    facts: { orderId: id, status },
  })
}
