/** Asking a channel: about one attempt, or so that nothing more can come of it. */
import { type Clock, isZhichengError } from '@zhicheng/core'
import type { Store } from '@zhicheng/store'
import { payError } from '../errors.ts'
import type { Attempt, Order } from '../order.ts'
import { nextOrderStatus } from '../order-transitions.ts'
import type { PaymentClient } from '../payment-client.ts'
import type { PaymentProviderV1 } from '../provider.ts'
import { applyTransaction } from './apply-transaction.ts'
import { addHistory, getAttempt, getOrder, isLive, listLiveAttempts, putOrder } from './records.ts'

/** A configured channel. */
export interface Channel {
  provider: PaymentProviderV1
  client: PaymentClient
}

/** What the parts of the engine share. */
export interface Engine {
  store: Store
  clock: Clock
  /** Throws `ERR_PAY_CHANNEL_UNKNOWN`. */
  channel(name: string): Channel
}

/** Asks for one attempt and applies the answer. Answers whether money may still come. */
export async function queryAttempt(
  { store, clock, channel }: Engine,
  attempt: Attempt,
  { final = false, signal }: { final?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  const transaction = await channel(attempt.channel).client.query(attempt.id, { signal })
  return store.transaction((tx) => {
    applyTransaction(tx, transaction, { channel: attempt.channel, source: 'query', now: clock.now(), final })
    const after = getAttempt(tx, attempt.id)
    return after !== undefined && isLive(after)
  })
}

/**
 * Closes an attempt at the channel and asks once more, for it may have been paid at the last moment. Throws
 * `ERR_PAY_ATTEMPT_UNSETTLED` while the channel still calls it pending.
 */
export async function settleAttempt(
  engine: Engine,
  attempt: Attempt,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  try {
    await engine.channel(attempt.channel).client.close(attempt.id, { signal })
  } catch (error) {
    // Refused: it was paid, closed before, or never arrived. The query below says which.
    if (!isZhichengError(error) || error.outcome !== 'refused') throw error
  }
  if (await queryAttempt(engine, attempt, { final: true, signal })) {
    throw payError('ERR_PAY_ATTEMPT_UNSETTLED', `${attempt.channel} has not closed the attempt yet; ask again later.`, {
      retryable: true,
      outcome: 'unknown',
      facts: { channel: attempt.channel, attemptId: attempt.id },
    })
  }
}

/** Ends an order that is not paid, after every attempt of it is settled. Answers the order, paid if it was paid after all. */
export async function endOrder(engine: Engine, orderId: string, event: 'close' | 'expire'): Promise<Order> {
  const { store, clock } = engine
  for (const attempt of await store.read((view) => listLiveAttempts(view, orderId))) {
    await settleAttempt(engine, attempt)
  }
  return store.transaction((tx) => {
    const order = getOrder(tx, orderId)
    const status = nextOrderStatus(order.status, event)
    if (!status) return order
    if (listLiveAttempts(tx, orderId).length > 0) {
      throw payError('ERR_PAY_ATTEMPT_UNSETTLED', 'A payment was started in the meantime; try again.', {
        retryable: true,
        facts: { orderId },
      })
    }
    const ended = { ...order, status }
    putOrder(tx, ended)
    const source = event === 'expire' ? 'clock' : 'department'
    addHistory(tx, orderId, { at: clock.now().toISOString(), event, status, source })
    return ended
  })
}
