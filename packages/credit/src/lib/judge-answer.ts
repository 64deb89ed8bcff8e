/** Makes a three-valued status of what a platform said. Every doubt has a name; none of them ends as `clear`. */
import { formatDay, formatTime, isZhichengError } from '@zhicheng/core'
import * as v from 'valibot'
import type { CreditCheck, CreditRecord, UnknownReason } from '../check.ts'
import type { CreditFacts } from '../decide.ts'
import type { CreditAnswer } from '../provider.ts'
import type { CreditSubject } from '../subject.ts'
import { isDay } from './days.ts'

/** The part of a check that is known after the answer. */
export type Judgement = Omit<CreditCheck, 'id'>

/** What the judgement depends on besides the answer. */
export interface JudgementContext {
  subject: CreditSubject
  /** When we asked. */
  askedAt: Date
  /** When the answer came. */
  now: Date
  /** Age of the data, in milliseconds, from which they count as stale. */
  maxAgeMilliseconds: number
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1000))
const day = v.pipe(
  v.string(),
  v.check((value) => isDay(value)),
)

const recordSchema: v.GenericSchema<unknown, CreditRecord> = v.object({
  id: text,
  nature: v.picklist(['adverse', 'favourable']),
  title: text,
  authority: text,
  decidedOn: day,
  severity: v.exactOptional(v.picklist(['minor', 'general', 'serious'])),
  publishedUntil: v.exactOptional(day),
  repairedOn: v.exactOptional(day),
})

const foundSchema = v.object({
  subjectCode: text,
  records: v.pipe(v.array(recordSchema), v.maxLength(10_000)),
  level: v.exactOptional(text),
  asOf: v.date(),
  validUntil: v.date(),
})

/** An unknown status. */
export function judgeUnknown(unknownBecause: UnknownReason, askedAt: Date): Judgement {
  const checkedAt = formatTime(askedAt)
  return {
    status: 'unknown',
    unknownBecause,
    records: [],
    dropped: [],
    checkedAt,
    asOf: checkedAt,
    validUntil: checkedAt,
    facts: { status: 'unknown', asOf: formatDay(askedAt) },
  }
}

/** What an error of the provider says about the status. */
export function reasonOfError(error: unknown, timedOut: boolean): UnknownReason {
  if (timedOut) return 'timeout'
  if (!isZhichengError(error)) return 'provider-failed'
  if (error.code === 'ERR_CREDIT_SUBJECT_UNSUPPORTED') return 'subject-unsupported'
  if (error.code === 'ERR_CREDIT_PLATFORM_ANSWER_INVALID') return 'answer-invalid'
  if (error.code === 'ERR_TIMEOUT' || error.facts['code'] === 'ERR_TIMEOUT') return 'timeout'
  return error.outcome === 'refused' ? 'refused' : 'no-answer'
}

/** What an answer says. */
export function judgeAnswer(answer: CreditAnswer, context: JudgementContext): Judgement {
  const { subject, askedAt, now, maxAgeMilliseconds } = context
  if (answer?.found === false) return judgeUnknown('not-found', askedAt)
  const result = v.safeParse(foundSchema, answer)
  if (!result.success || answer?.found !== true) return judgeUnknown('missing-field', askedAt)
  const { subjectCode, records, level, asOf, validUntil } = result.output
  const wanted = subject.kind === 'organisation' ? subject.uscc : subject.residentId.reveal()
  if (subjectCode !== wanted) return judgeUnknown('subject-mismatch', askedAt)
  // Data from tomorrow are as little to be relied on as old ones; a minute is left for clocks that differ.
  const age = now.getTime() - asOf.getTime()
  if (validUntil <= now || age > maxAgeMilliseconds || age < -60_000) return judgeUnknown('stale', askedAt)

  const today = formatDay(now)
  const inForce: CreditRecord[] = []
  const dropped: CreditCheck['dropped'] = []
  for (const record of records) {
    if (record.repairedOn !== undefined && record.repairedOn <= today) {
      dropped.push({ record: record.id, because: 'repaired' })
    } else if (record.publishedUntil !== undefined && record.publishedUntil < today) {
      dropped.push({ record: record.id, because: 'expired' })
    } else inForce.push(record)
  }
  const status = inForce.some(({ nature }) => nature === 'adverse') ? 'hit' : 'clear'
  return {
    status,
    records: inForce,
    dropped,
    ...(level === undefined ? {} : { level }),
    checkedAt: formatTime(askedAt),
    asOf: formatTime(asOf),
    validUntil: formatTime(validUntil),
    facts: { status, asOf: formatDay(askedAt), ...(level === undefined ? {} : { level }), ...countRecords(inForce) },
  }
}

function countRecords(records: readonly CreditRecord[]): CreditFacts {
  const adverse = records.filter(({ nature }) => nature === 'adverse')
  const of = (severity: CreditRecord['severity']): number => adverse.filter((one) => one.severity === severity).length
  return {
    adverseCount: adverse.length,
    seriousCount: of('serious'),
    generalCount: of('general'),
    minorCount: of('minor'),
    // Counted apart, for a record without a class is not known to be minor.
    unclassifiedCount: of(undefined),
    favourableCount: records.length - adverse.length,
    latestAdverseOn:
      adverse
        .map(({ decidedOn }) => decidedOn)
        .sort()
        .at(-1) ?? null,
  }
}
