/** A case as it stands: the projection of its event log. */
import {
  type Applicant,
  type CaseDocument,
  type CaseEvent,
  type CaseEventType,
  type LicenceFacts,
  type Material,
  type SupplementGap,
  verifyEvents,
} from './case-events.ts'
import { type CaseStatus, nextCaseStatus } from './case-transitions.ts'
import { intakeError } from './errors.ts'
import type { RatingLevel } from './wire.ts'

/** How a case ended. */
export type CaseOutcome = 'granted' | 'denied' | 'not-accepted'

/** A case. Times are ISO with offset. */
export interface Case {
  id: string
  status: CaseStatus
  itemCode: string
  applicant: Applicant
  /** Number of the last event; hand it back as `ifSequence` to refuse a write onto what was not seen. */
  sequence: number
  /** Hash of the last event. */
  head: string
  /** SHA-256 of the canonical JSON of the form. */
  formDigest: string
  /** Case number (办件编号), from the submission on. */
  caseNumber?: string
  /** The province's project number (PROJID), once it was issued. */
  projectNumber?: string
  materials: Material[]
  /** What the applicant still has to add; only while that is awaited. */
  gaps?: SupplementGap[]
  /** From acceptance to decision and after; see {@link computeDeadline}. */
  clock?: {
    acceptedAt: string
    legalWorkingDays: number
    promisedWorkingDays: number
    calendarVersion: string
    pauses: { from: string; to?: string }[]
  }
  /** `orderId` is the order that was paid, or the latest one; `orders` are all that were made, for one may have expired. */
  fee?: { orderId: string; orders: string[]; state: 'due' | 'paid'; transactionId?: string }
  outcome?: CaseOutcome
  documents: CaseDocument[]
  licence?: LicenceFacts
  rating?: { level: RatingLevel; comment?: string }
  receiptId?: string
  /** When each type of event last happened. */
  times: Partial<Record<CaseEventType, string>>
}

/**
 * Projects a log. Throws `ERR_INTAKE_LOG_BROKEN` for a log that does not verify or that the transition table could not
 * have written.
 */
export function projectCase(events: readonly CaseEvent[]): Case {
  const [first, ...rest] = events
  const { valid, findings } = verifyEvents(events)
  if (!valid) {
    throw broken('its hashes or numbers do not fit', { findings: findings.slice(0, 8).map(({ code }) => code) })
  }
  if (first?.type !== 'drafted') throw broken('it does not begin with a draft')
  let state: Case = {
    id: first.id.split('/')[0]!,
    status: 'draft',
    itemCode: first.data.itemCode,
    applicant: first.data.applicant,
    sequence: 1,
    head: first.hash,
    formDigest: first.data.formDigest,
    materials: [],
    documents: [],
    times: { drafted: first.at },
  }
  for (const event of rest) {
    const status = nextCaseStatus(state.status, event.type)
    if (!status) throw broken('an event stands where none of its kind may', { sequence: event.sequence })
    state = {
      ...applyEvent(state, event),
      status,
      sequence: event.sequence,
      head: event.hash,
      times: { ...state.times, [event.type]: event.at },
    }
  }
  return state
}

function applyEvent(state: Case, event: CaseEvent): Case {
  switch (event.type) {
    case 'materialAdded': {
      const { material, replaces } = event.data
      return { ...state, materials: [...state.materials.filter(({ id }) => id !== replaces), material] }
    }
    case 'submitted':
      return { ...state, formDigest: event.data.formDigest }
    case 'received':
      return { ...state, caseNumber: event.data.caseNumber }
    case 'projectNumberIssued':
      return { ...state, projectNumber: event.data.projectNumber }
    case 'supplementRequested':
      return withPause({ ...state, gaps: event.data.gaps }, (pauses) => [...pauses, { from: event.at }])
    case 'supplemented': {
      const { gaps: _, ...others } = state
      return withPause({ ...others, formDigest: event.data.formDigest }, (pauses) =>
        pauses.map((pause) => (pause.to ? pause : { ...pause, to: event.at })),
      )
    }
    case 'accepted': {
      const { legalWorkingDays, promisedWorkingDays, calendarVersion } = event.data
      return {
        ...state,
        clock: { acceptedAt: event.at, legalWorkingDays, promisedWorkingDays, calendarVersion, pauses: [] },
      }
    }
    case 'notAccepted':
      return { ...state, outcome: 'not-accepted' }
    case 'feeDue':
      return {
        ...state,
        fee: { orderId: event.data.orderId, orders: [...(state.fee?.orders ?? []), event.data.orderId], state: 'due' },
      }
    case 'feePaid':
      return { ...state, fee: { orders: [], ...state.fee, ...event.data, state: 'paid' } }
    case 'granted':
    case 'denied':
      return { ...state, outcome: event.type }
    case 'certificateMade': {
      const { documents, licence } = event.data
      return { ...state, documents, ...(licence ? { licence } : {}) }
    }
    case 'rated':
      return { ...state, rating: event.data }
    case 'archived':
      return { ...state, receiptId: event.data.receiptId }
    default:
      return state
  }
}

/** Before acceptance no clock runs, so there is nothing to pause. */
function withPause(
  state: Case,
  change: (pauses: { from: string; to?: string }[]) => { from: string; to?: string }[],
): Case {
  return state.clock ? { ...state, clock: { ...state.clock, pauses: change(state.clock.pauses) } } : state
}

function broken(why: string, facts: Readonly<Record<string, unknown>> = {}): Error {
  return intakeError('ERR_INTAKE_LOG_BROKEN', `The event log of the case cannot be trusted: ${why}.`, { facts })
}
