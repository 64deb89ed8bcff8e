/** One check: refuses what must not be asked, asks, judges, and writes down that it was asked before it asks. */
import { isZhichengError } from '@zhicheng/core'
import type { CreditCheck } from '../check.ts'
import type { CreditAnswer } from '../provider.ts'
import { checkPurpose, type Purpose } from '../purpose.ts'
import { type CreditSubject, checkSubject, referTo } from '../subject.ts'
import { callOutside, type Engine, randomId } from './engine.ts'
import { type Judgement, judgeAnswer, judgeUnknown, reasonOfError } from './judge-answer.ts'
import { audit, putCheck } from './records.ts'

/** Runs a check. Only what the caller did wrong is thrown, and the caller's own abort; the platform's trouble is `unknown`. */
export async function runCheck(
  engine: Engine,
  input: { subject: CreditSubject; purpose: Purpose; signal?: AbortSignal | undefined },
): Promise<CreditCheck> {
  const { provider, store, clock } = engine
  const { signal } = input
  const purpose = checkPurpose(input.purpose)
  const subject = checkSubject(input.subject, purpose)
  signal?.throwIfAborted()

  const checkId = randomId(engine)
  const nonce = randomId(engine)
  const askedAt = clock.now()
  const { consent, ...kept } = purpose
  const line = { about: checkId, provider: provider.id, nonce }
  const asked = {
    subject: subject.kind === 'organisation' ? subject.uscc : subject.residentId.reveal(),
    purpose: kept,
    consent: consent?.reveal() ?? null,
  }
  await store.transaction((tx) => audit(tx, { ...line, at: askedAt.toISOString(), event: 'asked', content: asked }))

  const limit = AbortSignal.timeout(engine.timeoutMilliseconds)
  let judgement: Judgement
  let answer: CreditAnswer | undefined
  try {
    answer = await callOutside(engine, (environment) => provider.query({ checkId, subject, purpose }, environment), {
      signal,
      limit,
    })
    judgement = judgeAnswer(answer, {
      subject,
      askedAt,
      now: clock.now(),
      maxAgeMilliseconds: engine.maxAgeMilliseconds,
    })
  } catch (error) {
    if (signal?.aborted) {
      await store.transaction((tx) =>
        audit(tx, { ...line, at: clock.now().toISOString(), event: 'aborted', content: null }),
      )
      throw signal.reason
    }
    const reason = reasonOfError(error, limit.aborted)
    const code = isZhichengError(error) ? error.code : 'ERR_UNCODED'
    engine.logger({
      level: 'warning',
      event: 'credit.check-unknown',
      facts: { checkId, provider: provider.id, reason, code },
    })
    judgement = judgeUnknown(reason, askedAt)
  }

  const check: CreditCheck = { id: checkId, ...judgement }
  const queryId = answer?.queryId
  await store.transaction((tx) => {
    putCheck(tx, {
      check,
      subject: referTo(subject),
      purpose: kept,
      ...(typeof queryId === 'string' && queryId.length <= 256 ? { queryId } : {}),
      nonce,
    })
    audit(tx, { ...line, at: clock.now().toISOString(), event: 'answered', content: check })
  })
  return check
}
