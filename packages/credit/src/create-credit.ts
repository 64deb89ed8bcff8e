/** The credit desk of a department: check, feedback, open checks and publication, with state in the store alone. */
import { type Clock, type Logger, silentLogger, systemClock } from '@zhicheng/core'
import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions, type Store } from '@zhicheng/store'
import type { CreditCheck, FeedbackState, OpenCheck } from './check.ts'
import { creditError } from './errors.ts'
import type { Engine } from './lib/engine.ts'
import { type FeedbackInput, queueFeedback, sendFeedback, stateOf } from './lib/feedback.ts'
import { type PublicationState, queuePublication, readPublicationState, sendPublication } from './lib/publish.ts'
import { type CheckRecord, getCheck, names } from './lib/records.ts'
import { runCheck } from './lib/run-check.ts'
import type { CreditProviderV1 } from './provider.ts'
import type { LicencePublication, PublicationSink } from './publication.ts'
import type { Purpose } from './purpose.ts'
import type { CreditSubject } from './subject.ts'

/** Options of {@link createCredit}. */
export interface CreateCreditOptions {
  provider: CreditProviderV1
  store: Store
  /** Where publication records go; without it `publish` is refused. */
  publications?: PublicationSink
  clock?: Clock
  fetch?: typeof globalThis.fetch
  logger?: Logger
  /** Makes random bytes for identifiers and audit nonces. */
  random?: (length: number) => Uint8Array
  /** Limit of one call to the platform, its own tries included; 15 seconds unless told. */
  timeoutMilliseconds?: number
  /** Age of the platform's data from which they count as stale; 30 days unless told. */
  maxAgeMilliseconds?: number
  /** How jobs are run; see the store's outbox runner. */
  runner?: Pick<OutboxRunnerOptions, 'leaseMilliseconds' | 'pollMilliseconds' | 'concurrency' | 'backoff'>
}

/** A credit desk. */
export interface Credit {
  /**
   * Asks the platform and keeps the answer. Trouble with the platform, missing fields and stale data come back as the
   * status `unknown`. Throws only for what must not be asked (`ERR_CREDIT_PURPOSE_INVALID`, `ERR_CREDIT_SUBJECT_INVALID`,
   * `ERR_CREDIT_PERSON_WITHOUT_BASIS`), for the caller's own abort, and for what the store throws.
   */
  check(input: { subject: CreditSubject; purpose: Purpose; signal?: AbortSignal }): Promise<CreditCheck>
  /** A check as it was kept. Throws `ERR_CREDIT_CHECK_UNKNOWN`. */
  readCheck(checkId: string): Promise<CreditCheck>
  /**
   * Says which measure was taken; the runner sends it until the platform has it. Calling it again is harmless. Throws
   * `ERR_CREDIT_FEEDBACK_INVALID`, `ERR_CREDIT_FEEDBACK_CONFLICT` and `ERR_CREDIT_CHECK_UNKNOWN`.
   */
  feedback(checkId: string, input: FeedbackInput): Promise<FeedbackState>
  /** How far the feedback of a check has come, if any was given. */
  readFeedback(checkId: string): Promise<FeedbackState | undefined>
  /** Checks whose feedback the platform does not have, in the order of their ids; `after` is the last id of the page before. */
  openChecks(page?: { after?: string; limit?: number }): Promise<OpenCheck[]>
  /** Hands a record over for publication. Throws `ERR_CREDIT_PUBLICATION_INVALID`, `…_CONFLICT` and `ERR_CREDIT_CONFIGURATION`. */
  publish(record: LicencePublication): Promise<PublicationState>
  /** How far a publication has come. Throws `ERR_CREDIT_PUBLICATION_UNKNOWN`. */
  readPublication(key: string): Promise<PublicationState>
  /** Sends feedback and publications: `runner.start()` in one process at least, or nothing is sent. */
  readonly runner: OutboxRunner
}

/**
 * Makes a credit desk. Any number of processes may share its store.
 *
 * @example
 * ```ts
 * const credit = createCredit({ provider: zhejiangCredit({ … }), store })
 * credit.runner.start()
 * const check = await credit.check({
 *   subject: { kind: 'organisation', uscc: '91330110MA2AXY0E7F', name: '样例餐饮有限公司' },
 *   purpose: { powerMatter: 'JY-00001', subPowerMatter: 'JY-00001-01', accessedBy: 'window-3' },
 * })
 * const { measure } = decide(check.facts, policy)
 * if (measure !== 'unknown') await credit.feedback(check.id, { measure, caseNumber, at: new Date() })
 * ```
 */
export function createCredit({
  provider,
  store,
  publications,
  clock = systemClock,
  fetch = globalThis.fetch,
  logger = silentLogger,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
  timeoutMilliseconds = 15_000,
  maxAgeMilliseconds = 30 * 86_400_000,
  runner: runnerOptions = {},
}: CreateCreditOptions): Credit {
  const engine: Engine = { provider, store, clock, fetch, logger, random, timeoutMilliseconds, maxAgeMilliseconds }
  const runner = createOutboxRunner(store, {
    clock,
    logger,
    ...runnerOptions,
    handlers: {
      [names.feedbackTopic]: (job, { signal }) => sendFeedback(engine, job, signal),
      ...(publications
        ? { [names.publishTopic]: (job, { signal }) => sendPublication(engine, job, { sink: publications, signal }) }
        : {}),
    },
  })

  return {
    runner,
    check: (input) => runCheck(engine, input),
    readCheck: (checkId) => store.read((view) => getCheck(view, checkId).check),
    feedback: (checkId, input) => queueFeedback(engine, checkId, input),
    readFeedback: (checkId) =>
      store.read((view) => {
        const { feedback } = getCheck(view, checkId)
        return feedback && stateOf(checkId, feedback)
      }),
    openChecks: ({ after, limit = 100 } = {}) =>
      store.read((view) =>
        view
          .find<CheckRecord>(names.checks, {
            index: 'open',
            equals: 'yes',
            limit,
            ...(after === undefined ? {} : { after }),
          })
          .map(describeOpen),
      ),
    async publish(record) {
      if (publications) return queuePublication(engine, record)
      throw creditError(
        'ERR_CREDIT_CONFIGURATION',
        'No place for publication records is configured: pass "publications" to createCredit.',
      )
    },
    readPublication: (key) => store.read((view) => readPublicationState(view, key)),
  }
}

function describeOpen({ check, purpose, feedback }: CheckRecord): OpenCheck {
  const caseNumber = feedback?.caseNumber ?? purpose.caseNumber
  return {
    checkId: check.id,
    status: check.status,
    checkedAt: check.checkedAt,
    ...(caseNumber === undefined ? {} : { caseNumber }),
    feedback: feedback ? 'queued' : 'none',
  }
}
