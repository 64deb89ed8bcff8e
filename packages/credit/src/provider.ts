/** What a credit platform is to this capability: it answers queries and takes back which measure was taken. */
import type { Clock } from '@zhicheng/core'
import type { CreditRecord } from './check.ts'
import type { TakenMeasure } from './measure.ts'
import type { Purpose } from './purpose.ts'
import type { CreditSubject, SubjectReference } from './subject.ts'

/** What comes in from outside at each call. */
export interface CreditEnvironment {
  readonly clock: Clock
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
}

/** A query; subject and purpose were checked. */
export interface CreditQuery {
  readonly checkId: string
  readonly subject: CreditSubject
  readonly purpose: Purpose
}

/**
 * What the platform says. What it did not say is missing and never filled in: a missing list is not an empty one.
 */
export type CreditAnswer =
  | { found: false; queryId?: string }
  | {
      found: true
      /** The platform's number of the query. */
      queryId?: string
      /** Code of the subject as the platform repeats it; for persons the ID number, which goes no further. */
      subjectCode?: string
      records?: CreditRecord[]
      level?: string
      /** State of the data. */
      asOf?: Date
      validUntil?: Date
    }

/** The measure that was taken after a check. */
export interface CreditFeedback {
  /** The same at every try: the platform shall count it once. It is the identifier of the check. */
  readonly key: string
  readonly queryId?: string
  readonly subject: SubjectReference
  /** Without the consent, which is not kept. */
  readonly purpose: Omit<Purpose, 'consent'>
  readonly measure: TakenMeasure
  readonly caseNumber: string
  /** ISO time with offset. */
  readonly at: string
}

/**
 * A credit platform as a plain object; a new version of the interface is a new type. Methods throw
 * `ERR_CREDIT_PLATFORM_UNREACHABLE`, `ERR_CREDIT_PLATFORM_REFUSED`, `ERR_CREDIT_PLATFORM_ANSWER_INVALID` or
 * `ERR_CREDIT_SUBJECT_UNSUPPORTED`.
 */
export interface CreditProviderV1 {
  readonly specification: 'v1'
  /** Short name in records: `zhejiang`. */
  readonly id: string
  query(input: CreditQuery, environment: CreditEnvironment): Promise<CreditAnswer>
  /** Sends the measure taken; resolves with the platform's receipt once the platform has it. */
  feedback(input: CreditFeedback, environment: CreditEnvironment): Promise<{ receipt: string }>
}
