/** Checks and publications as the store keeps them, and the audit stream with digests only. */
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import type { ReadView, Transaction } from '@zhicheng/store'
import type { CreditCheck } from '../check.ts'
import { creditError } from '../errors.ts'
import type { TakenMeasure } from '../measure.ts'
import type { LicencePublication } from '../publication.ts'
import type { Purpose } from '../purpose.ts'
import type { SubjectReference } from '../subject.ts'

/** Names of collections, topics and the audit stream. */
export const names = {
  checks: 'credit.checks',
  publications: 'credit.publications',
  feedbackTopic: 'credit.feedback',
  publishTopic: 'credit.publish',
  audit: 'credit.audit',
} as const

/** Feedback as it is kept with its check. */
export interface FeedbackRecord {
  measure: TakenMeasure
  caseNumber: string
  at: string
  receipt?: string
}

/** A check as it is kept. */
export interface CheckRecord {
  check: CreditCheck
  subject: SubjectReference
  /** Without the consent. */
  purpose: Omit<Purpose, 'consent'>
  queryId?: string
  /** Random, in hex. Goes into the audit digests, so that a number cannot be found by trying all of them. */
  nonce: string
  feedback?: FeedbackRecord
}

/** A publication as it is kept. */
export interface PublicationRecord {
  record: LicencePublication
  receipt?: string
}

/** One line of the audit stream: no name, no code, no number. */
export interface AuditEntry {
  /** ISO time. */
  at: string
  event:
    | 'asked'
    | 'answered'
    | 'aborted'
    | 'feedback-queued'
    | 'feedback-delivered'
    | 'published'
    | 'publication-queued'
  /** Identifier of the check, or key of the publication. */
  about: string
  provider: string
  /** SHA-256 in hex over the nonce of the check and the canonical JSON of what the event is about. */
  digest: string
}

/** Reads a check; throws `ERR_CREDIT_CHECK_UNKNOWN`. */
export function getCheck(view: ReadView, checkId: string): CheckRecord {
  const record = /^[0-9a-f-]{1,64}$/.test(checkId) ? view.get<CheckRecord>(names.checks, checkId) : undefined
  if (record) return record
  throw creditError('ERR_CREDIT_CHECK_UNKNOWN', 'There is no credit check of this id.')
}

/** Writes a check; it is open until the platform has its feedback. */
export function putCheck(tx: Transaction, record: CheckRecord): void {
  tx.put(names.checks, record.check.id, record, record.feedback?.receipt === undefined ? { open: 'yes' } : {})
}

/** Appends to the audit stream. */
export function audit(
  tx: Transaction,
  { nonce, content, ...entry }: Omit<AuditEntry, 'digest'> & { nonce: string; content: unknown },
): void {
  const digest = toHex(hash('sha256', utf8(nonce), utf8(canonicalJson(content as JsonValue))))
  tx.append(names.audit, { ...entry, digest } satisfies AuditEntry)
}
