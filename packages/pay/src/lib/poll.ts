/** Asking the channel on a schedule, for a channel does not promise that its notification arrives. */
import type { Transaction } from '@zhicheng/store'
import type { Attempt } from '../order.ts'
import { getAttempt, isLive } from './records.ts'
import { type Engine, queryAttempt, settleAttempt } from './settlement.ts'

/** Topic of these jobs. */
export const pollTopic = 'pay.poll'

/** Milliseconds after the start of the attempt at which to ask; at the last one it is closed, then asked once more. */
export type PollSchedule = readonly [number, ...number[]]

/** 5 s, 15 s, 1 min, 5 min, 30 min, 2 h. */
export const defaultPollSchedule: PollSchedule = [5_000, 15_000, 60_000, 300_000, 1_800_000, 7_200_000]

/** Payload of a poll. */
export interface PollPayload {
  attemptId: string
  step: number
}

/** Leaves the job of one step. */
export function leavePoll(
  tx: Transaction,
  attempt: Attempt,
  { step, schedule }: { step: number; schedule: PollSchedule },
): void {
  const last = step >= schedule.length - 1
  const at = attempt.createdAt.getTime() + schedule[Math.min(step, schedule.length - 1)]!
  // Closing before the payer's code has run out would take it from under their eyes.
  const runAt = new Date(last ? Math.max(at, attempt.expiresAt.getTime()) : at)
  const payload: PollPayload = { attemptId: attempt.id, step }
  tx.outbox(pollTopic, `${attempt.id}:${step}`, payload, { runAt })
}

/** Does one step and leaves the next. */
export async function poll(
  engine: Engine,
  { attemptId, step }: PollPayload,
  { schedule, signal }: { schedule: PollSchedule; signal: AbortSignal },
): Promise<void> {
  const attempt = await engine.store.read((view) => getAttempt(view, attemptId))
  if (!attempt || !isLive(attempt)) return
  if (step >= schedule.length - 1) {
    await settleAttempt(engine, attempt, { signal })
  } else if (await queryAttempt(engine, attempt, { signal })) {
    await engine.store.transaction((tx) => leavePoll(tx, attempt, { step: step + 1, schedule }))
  }
}
