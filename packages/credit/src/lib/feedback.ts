/** Sends back which measure was taken: kept with the check and its job in one commit, then sent until it is taken. */
import { formatTime } from '@zhicheng/core'
import type { Job } from '@zhicheng/store'
import type { FeedbackState } from '../check.ts'
import { creditError } from '../errors.ts'
import { measures, type TakenMeasure } from '../measure.ts'
import { callOutside, type Engine } from './engine.ts'
import { audit, type CheckRecord, type FeedbackRecord, getCheck, names, putCheck } from './records.ts'

/** What a department says it did. */
export interface FeedbackInput {
  measure: TakenMeasure
  /** The case in which it was done (办件编号). */
  caseNumber: string
  at: Date
}

/** Keeps the feedback and leaves its job. The same feedback again changes nothing; another one is refused. */
export async function queueFeedback(engine: Engine, checkId: string, input: FeedbackInput): Promise<FeedbackState> {
  const feedback = readFeedback(input)
  return engine.store.transaction((tx) => {
    const record = getCheck(tx, checkId)
    const before = record.feedback
    if (before) {
      // The time of the first call stays: whoever repeats a call may have read the clock again.
      if (before.measure === feedback.measure && before.caseNumber === feedback.caseNumber) {
        return stateOf(checkId, before)
      }
      throw creditError(
        'ERR_CREDIT_FEEDBACK_CONFLICT',
        'Another measure was already given as the feedback of this check. It is sent once and cannot be changed here.',
        { facts: { checkId } },
      )
    }
    putCheck(tx, { ...record, feedback })
    tx.outbox(names.feedbackTopic, checkId, null)
    audit(tx, {
      at: engine.clock.now().toISOString(),
      event: 'feedback-queued',
      about: checkId,
      provider: engine.provider.id,
      nonce: record.nonce,
      content: feedback,
    })
    return stateOf(checkId, feedback)
  })
}

/** Sends the feedback of a check; the key is the check's own, so that a lost answer makes no second one. */
export async function sendFeedback(engine: Engine, { key }: Job, signal: AbortSignal): Promise<void> {
  const record = await engine.store.read((view) => getCheck(view, key))
  const { feedback, queryId, subject, purpose } = record
  if (!feedback || feedback.receipt !== undefined) return
  const { measure, caseNumber, at } = feedback
  const answer = await callOutside(
    engine,
    (environment) =>
      engine.provider.feedback(
        { key, ...(queryId === undefined ? {} : { queryId }), subject, purpose, measure, caseNumber, at },
        environment,
      ),
    { signal },
  )
  const receipt: unknown = answer?.receipt
  if (typeof receipt !== 'string' || receipt === '' || receipt.length > 256) {
    throw creditError('ERR_CREDIT_PLATFORM_ANSWER_INVALID', 'The platform gave no receipt for the feedback.', {
      outcome: 'unknown',
      retryable: true,
      facts: { checkId: key },
    })
  }
  await engine.store.transaction((tx) => {
    const current: CheckRecord = getCheck(tx, key)
    if (current.feedback?.receipt !== undefined) return
    putCheck(tx, { ...current, feedback: { ...feedback, receipt } })
    audit(tx, {
      at: engine.clock.now().toISOString(),
      event: 'feedback-delivered',
      about: key,
      provider: engine.provider.id,
      nonce: current.nonce,
      content: { ...feedback, receipt },
    })
  })
}

/** How far a feedback has come. */
export function stateOf(checkId: string, { receipt }: FeedbackRecord): FeedbackState {
  return receipt === undefined ? { checkId, state: 'queued' } : { checkId, state: 'delivered', receipt }
}

function readFeedback({ measure, caseNumber, at }: FeedbackInput): FeedbackRecord {
  const known: readonly string[] = measures
  if (!known.includes(measure) || (measure as string) === 'unknown') throw invalid('measure')
  if (typeof caseNumber !== 'string' || !/^[\w.-]{1,64}$/.test(caseNumber)) throw invalid('caseNumber')
  if (!(at instanceof Date) || Number.isNaN(at.getTime())) throw invalid('at')
  return { measure, caseNumber, at: formatTime(at) }
}

function invalid(field: string): Error {
  return creditError('ERR_CREDIT_FEEDBACK_INVALID', `The feedback cannot be sent: ${field} is missing or not usable.`, {
    outcome: 'not_sent',
    facts: { field },
  })
}
