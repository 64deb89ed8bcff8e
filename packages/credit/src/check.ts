/** What a check found: clear, hit or unknown, with the records behind it. */
import type { CreditFacts } from './decide.ts'

/** One entry of a credit record. Days are `2026-11-24`, in China's calendar. */
export interface CreditRecord {
  /** Identifier at the platform. */
  id: string
  /** `adverse` counts against the subject (失信), `favourable` for it (守信). */
  nature: 'adverse' | 'favourable'
  title: string
  /** Who decided. */
  authority: string
  /** Day of the judicial or administrative document. */
  decidedOn: string
  /** Class of an adverse record by the rules on credit repair in force since 2026-04-01: 轻微, 一般, 严重. */
  severity?: 'minor' | 'general' | 'serious'
  /** Last day on which it is published and used (公示截止期). */
  publishedUntil?: string
  /** Day of its repair (信用修复). */
  repairedOn?: string
}

/** `clear` is said only of a complete and current answer about this very subject that holds no adverse record in force. */
export type CreditStatus = 'clear' | 'hit' | 'unknown'

/** Why a status is unknown. */
export type UnknownReason =
  | 'no-answer'
  | 'timeout'
  | 'refused'
  | 'answer-invalid'
  | 'provider-failed'
  | 'subject-unsupported'
  | 'not-found'
  | 'subject-mismatch'
  | 'missing-field'
  | 'stale'

/** Result of a check. It names the subject nowhere, so that it can be shown and kept with the case. */
export interface CreditCheck {
  id: string
  status: CreditStatus
  /** Stands only with the status `unknown`. */
  unknownBecause?: UnknownReason
  /** Records in force; empty while the status is unknown, for what cannot be relied on is not shown as found. */
  records: CreditRecord[]
  /** Records left out because they are repaired or past their last day of publication. */
  dropped: { record: string; because: 'repaired' | 'expired' }[]
  /** Level of the platform's assessment (公共信用评价), such as 优秀, as the platform words it. */
  level?: string
  /** When we asked. ISO times with offset. */
  checkedAt: string
  /** State of the data; `checkedAt` while the status is unknown. */
  asOf: string
  /** Until when the answer may be relied on; `checkedAt` while the status is unknown. */
  validUntil: string
  /**
   * The facts for `decide()`. Always `status` and `asOf` (the day of the check). While the status is unknown nothing else:
   * what nobody knows is missing, not zero. Otherwise `adverseCount`, `seriousCount`, `generalCount`, `minorCount`,
   * `unclassifiedCount`, `favourableCount`, `latestAdverseOn` (null if there is none) and, if the platform gave one, `level`.
   */
  facts: CreditFacts
}

/** How far the feedback of a check has come. */
export interface FeedbackState {
  checkId: string
  /** `queued`: it will be sent until the platform has taken it. */
  state: 'queued' | 'delivered'
  /** The platform's receipt, once delivered. */
  receipt?: string
}

/** A check whose feedback the platform has not taken yet. */
export interface OpenCheck {
  checkId: string
  status: CreditStatus
  checkedAt: string
  caseNumber?: string
  /** `none`: nobody has said which measure was taken. */
  feedback: 'none' | 'queued'
}
