/** The event log of a case: every event carries the hash of the one before, so that a change anywhere shows. */
import { type Clock, type FileRef, type Finding, formatTime, toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import type { RatingLevel } from './wire.ts'

/** Who applies, by reference: the platform that vouches, the identifier there, and the name on the application. */
export interface Applicant {
  issuer: string
  id: string
  name: string
}

/** Who did it. */
export interface Actor {
  kind: 'applicant' | 'officer' | 'system'
  id: string
  name?: string
}

/** A material that was handed in; `id` is unique within the case. */
export interface Material extends FileRef {
  id: string
  /** The line of the checklist. */
  code: string
}

/** A document that came out of the case; `id` is unique among all cases. */
export interface CaseDocument extends FileRef {
  id: string
}

/** Something the applicant has to add or correct (补正内容). */
export interface SupplementGap {
  /** What to do, in words. */
  text: string
  /** The line of the checklist that it is about. */
  materialCode?: string
}

/** What the licence says, for the publication record in the closing step. Days are `2026-11-24`. */
export interface LicenceFacts {
  /** Number of the decision document (许可决定文书号). */
  documentNumber?: string
  /** Number of the certificate (许可证书编号). */
  certificateNumber?: string
  validFrom: string
  /** Left out when it does not end. */
  validUntil?: string
}

/** What each type of event says. */
export interface CaseEventData {
  drafted: { applicant: Applicant; itemCode: string; itemVersion: string; formDigest: string }
  materialAdded: { material: Material; replaces?: string }
  submitted: { formDigest: string }
  received: { caseNumber: string }
  projectNumberIssued: { projectNumber: string }
  supplementRequested: { gaps: SupplementGap[] }
  supplemented: { formDigest: string }
  accepted: {
    legalWorkingDays: number
    promisedWorkingDays: number
    /** The holiday notices that the deadline was computed with. */
    calendarVersion: string
    /** The promised deadline as told to the applicant, ISO with offset. */
    dueAt: string
    provisional: boolean
  }
  notAccepted: { reason: string }
  feeDue: { orderId: string }
  feePaid: { orderId: string; transactionId: string }
  granted: { dueAt: string; overdue: boolean }
  denied: { dueAt: string; overdue: boolean }
  certificateMade: { documents: CaseDocument[]; licence?: LicenceFacts }
  delivered: { method?: string }
  closed: { outcome: 'granted' | 'denied' | 'not-accepted' }
  rated: { level: RatingLevel; comment?: string }
  archived: { receiptId: string }
}

/** Types of events. */
export type CaseEventType = keyof CaseEventData

/** One event; `type` tells which `data` it has. */
export type CaseEvent<Type extends CaseEventType = CaseEventType> = {
  [T in Type]: {
    /** From 1, without gaps. */
    sequence: number
    /** `<caseId>/<sequence>` */
    id: string
    type: T
    /** ISO time with offset. */
    at: string
    actor: Actor
    /** Legal or factual basis, in words. */
    basis?: string
    data: CaseEventData[T]
    /** Hash of the event before; 64 zeros for the first. */
    previousHash: string
    /** SHA-256, hex, over the canonical JSON (RFC 8785) of the event without this field. */
    hash: string
  }
}[Type]

/** What {@link createCaseEvent} needs beside the event before. */
export interface NewCaseEvent<Type extends CaseEventType> {
  caseId: string
  type: Type
  actor: Actor
  basis?: string
  data: CaseEventData[Type]
  clock: Clock
}

/** The hash before the first event. */
export const firstPreviousHash: string = '0'.repeat(64)

/** Makes the event that follows `previous`. */
export function createCaseEvent<Type extends CaseEventType>(
  previous: CaseEvent | undefined,
  { caseId, type, actor, basis, data, clock }: NewCaseEvent<Type>,
): CaseEvent<Type> {
  const sequence = (previous?.sequence ?? 0) + 1
  const content = {
    sequence,
    id: `${caseId}/${sequence}`,
    type,
    at: formatTime(clock.now()),
    actor,
    ...(basis === undefined ? {} : { basis }),
    data,
    previousHash: previous?.hash ?? firstPreviousHash,
  }
  return { ...content, hash: hashJson(content) } as CaseEvent<Type>
}

/** SHA-256, hex, over the canonical JSON of a value. */
export function hashJson(value: unknown): string {
  return toHex(hash('sha256', utf8(canonicalJson(value as JsonValue))))
}

/** Answer of {@link verifyEvents}. */
export interface EventLogVerification {
  valid: boolean
  findings: Finding[]
  /** Hash of the last event. It has to be kept or witnessed elsewhere: a log alone cannot show that its end was cut off. */
  head: string
}

/**
 * Checks a log: every hash, every link, the numbering, and that all events are of one case. With `head` also that the
 * log ends where it is known to have ended.
 *
 * @example
 * ```ts
 * const { valid } = verifyEvents(await intake.readEvents(caseId), { head: keptElsewhere })
 * ```
 */
export function verifyEvents(events: readonly CaseEvent[], { head }: { head?: string } = {}): EventLogVerification {
  const findings: Finding[] = []
  const find = (code: string, message: string): void => {
    findings.push({ code, severity: 'error', message })
  }
  const caseId = events[0]?.id.split('/')[0]
  let previousHash = firstPreviousHash
  for (const [index, event] of events.entries()) {
    const { hash: written, ...content } = event
    const sequence = index + 1
    if (event.sequence !== sequence)
      find('EVENT_SEQUENCE', `Event ${sequence} has another number: one is missing or moved.`)
    if (event.id !== `${caseId}/${event.sequence}`) find('EVENT_IDENTITY', `Event ${sequence} belongs to another case.`)
    if (event.previousHash !== previousHash) find('EVENT_LINK', `Event ${sequence} does not follow the one before.`)
    if (hashOf(content) !== written) find('EVENT_HASH', `Event ${sequence} was changed after it was written.`)
    previousHash = written
  }
  if (events.length === 0) find('EVENT_NONE', 'The log is empty.')
  if (head !== undefined && head !== previousHash)
    find('EVENT_HEAD', 'The log does not end with the event it is known to end with.')
  return { valid: findings.length === 0, findings, head: previousHash }
}

/** A content without canonical JSON has no hash, so it matches none. */
function hashOf(content: unknown): string | undefined {
  try {
    return hashJson(content)
  } catch {
    return undefined
  }
}
