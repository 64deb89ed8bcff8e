/** How a case may move, as data. What is not in the table does not happen. */
import type { CaseEventType } from './case-events.ts'

/**
 * Where a case stands. `supplementing`: not accepted yet, and the applicant has something to add (补正). `suspended`: the
 * same after acceptance, while the clock stands still.
 */
export type CaseStatus =
  | 'draft'
  | 'submitted'
  | 'received'
  | 'supplementing'
  | 'accepted'
  | 'suspended'
  | 'not-accepted'
  | 'granted'
  | 'denied'
  | 'certified'
  | 'delivered'
  | 'closed'
  | 'archived'

/** One row: in one of these statuses, on this event, to that status; without `to` the status stays. */
export interface CaseTransition {
  readonly from: readonly CaseStatus[]
  readonly on: Exclude<CaseEventType, 'drafted'>
  readonly to?: CaseStatus
}

/** The whole table; a case begins with `drafted`. One rule is beside it: nothing is granted while a fee is due. */
export const caseTransitions: readonly CaseTransition[] = [
  { from: ['draft', 'supplementing', 'suspended'], on: 'materialAdded' },
  { from: ['draft'], on: 'submitted', to: 'submitted' },
  { from: ['submitted'], on: 'received', to: 'received' },
  { from: ['received'], on: 'supplementRequested', to: 'supplementing' },
  { from: ['supplementing'], on: 'supplemented', to: 'received' },
  { from: ['received'], on: 'accepted', to: 'accepted' },
  { from: ['received'], on: 'notAccepted', to: 'not-accepted' },
  { from: ['accepted'], on: 'supplementRequested', to: 'suspended' },
  { from: ['suspended'], on: 'supplemented', to: 'accepted' },
  { from: ['accepted', 'granted'], on: 'feeDue' },
  // Money that came is written down wherever the case stands by then.
  {
    from: ['accepted', 'suspended', 'granted', 'denied', 'certified', 'delivered', 'closed', 'archived'],
    on: 'feePaid',
  },
  { from: ['accepted'], on: 'granted', to: 'granted' },
  { from: ['accepted'], on: 'denied', to: 'denied' },
  { from: ['granted'], on: 'certificateMade', to: 'certified' },
  { from: ['certified', 'denied', 'not-accepted'], on: 'delivered', to: 'delivered' },
  { from: ['delivered', 'denied', 'not-accepted'], on: 'closed', to: 'closed' },
  { from: ['closed', 'archived'], on: 'rated' },
  { from: ['closed'], on: 'archived', to: 'archived' },
  // The province's number comes when the province answers.
  {
    from: [
      'received',
      'supplementing',
      'accepted',
      'suspended',
      'not-accepted',
      'granted',
      'denied',
      'certified',
      'delivered',
      'closed',
      'archived',
    ],
    on: 'projectNumberIssued',
  },
]

/** The status after an event; undefined when the event must not happen in this status. */
export function nextCaseStatus(from: CaseStatus, on: CaseEventType): CaseStatus | undefined {
  const row = caseTransitions.find((transition) => transition.on === on && transition.from.includes(from))
  return row && (row.to ?? from)
}
