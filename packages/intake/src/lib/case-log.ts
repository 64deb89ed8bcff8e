/** Reads and writes cases in the store: the event stream is the truth, the record beside it only an index. */
import type { Clock } from '@zhicheng/core'
import type { WorkingDayCalendar } from '@zhicheng/core/calendar'
import type { JsonValue } from '@zhicheng/formats'
import type { ReadView, Store, Transaction } from '@zhicheng/store'
import { type Case, projectCase } from '../case.ts'
import {
  type Actor,
  type Applicant,
  type CaseEvent,
  type CaseEventData,
  type CaseEventType,
  createCaseEvent,
  hashJson,
} from '../case-events.ts'
import { formatCaseNumber, maxSerial } from '../case-number.ts'
import { isReturned } from '../case-return-projection.ts'
import { nextCaseStatus } from '../case-transitions.ts'
import { intakeError } from '../errors.ts'
import type { MaterialStorage } from '../materials.ts'
import type { ServiceItem } from '../service-item.ts'

/** Names of collections. */
export const collections = {
  cases: 'intake.cases',
  forms: 'intake.forms',
  documents: 'intake.documents',
  keys: 'intake.keys',
  serials: 'intake.serials',
  returns: 'intake.returns',
} as const

/** Topic of the jobs that report cases to the province. */
export const returnTopic = 'intake.case-return'

/** What the operations share. */
export interface Engine {
  store: Store
  clock: Clock
  calendar: WorkingDayCalendar
  materials: MaterialStorage
  createId: () => string
  /** Throws `ERR_INTAKE_ITEM_UNKNOWN`. */
  item(code: string): ServiceItem
  /** True when the province wants to hear of cases. */
  returns: boolean
}

/** Options that every change of a case takes. */
export interface ChangeOptions {
  /** The sequence of the case as it was seen; another one refuses with `ERR_INTAKE_CASE_CONFLICT`. */
  ifSequence?: number
}

/** What is said of an event beside its type and data. */
export interface EventSource {
  actor: Actor
  basis?: string
}

/** An open case inside of one transaction. */
export interface CaseLog {
  readonly tx: Transaction
  readonly state: Case
  /** Throws `ERR_INTAKE_STEP_REFUSED` when the case takes no event of this type now. */
  expect(type: CaseEventType): void
  /** Appends an event; throws `ERR_INTAKE_STEP_REFUSED` when the table does not have it. */
  add<Type extends CaseEventType>(type: Type, data: CaseEventData[Type], source: EventSource): void
}

const mostEvents = 2000

/** The stream of a case's events. */
export function streamOf(caseId: string): string {
  return `intake.case.${caseId}`
}

/** The events of a case; throws `ERR_INTAKE_CASE_UNKNOWN`. */
export function loadEvents(view: ReadView, caseId: string): CaseEvent[] {
  const known = /^[A-Za-z0-9_-]{1,64}$/.test(caseId) && view.get(collections.cases, caseId) !== undefined
  if (!known) throw intakeError('ERR_INTAKE_CASE_UNKNOWN', 'There is no case of this id.')
  return view.events<CaseEvent>(streamOf(caseId), { limit: mostEvents }).map(({ event }) => event)
}

/** The case as it stands. */
export function loadCase(view: ReadView, caseId: string): Case {
  return projectCase(loadEvents(view, caseId))
}

/** Changes a case in one transaction and answers it as it stands then. */
export function changeCase(
  engine: Engine,
  caseId: string,
  { ifSequence, work }: ChangeOptions & { work: (log: CaseLog) => void },
): Promise<Case> {
  return engine.store.transaction((tx) => {
    const log = openLog(tx, engine, caseId)
    if (ifSequence !== undefined && log.state.sequence !== ifSequence) {
      throw intakeError('ERR_INTAKE_CASE_CONFLICT', 'The case went on since it was read; read it again.', {
        facts: { caseId, sequence: log.state.sequence },
      })
    }
    work(log)
    return log.state
  })
}

/** Opens a case for changes. */
export function openLog(tx: Transaction, engine: Engine, caseId: string): CaseLog {
  return createLog(tx, engine, { caseId, events: loadEvents(tx, caseId) })
}

/** Begins a case. */
export function beginLog(
  tx: Transaction,
  engine: Engine,
  { caseId, data, source }: { caseId: string; data: CaseEventData['drafted']; source: EventSource },
): CaseLog {
  const event = createCaseEvent(undefined, { caseId, type: 'drafted', data, ...source, clock: engine.clock })
  tx.insert(collections.cases, caseId, { id: caseId }, indexesOf(projectCase([event])))
  tx.append(streamOf(caseId), event)
  return createLog(tx, engine, { caseId, events: [event] })
}

function createLog(
  tx: Transaction,
  engine: Engine,
  { caseId, events }: { caseId: string; events: CaseEvent[] },
): CaseLog {
  let state = projectCase(events)
  const expect = (type: CaseEventType): void => {
    const { status } = state
    if (nextCaseStatus(status, type)) return
    throw intakeError('ERR_INTAKE_STEP_REFUSED', `In the status "${status}" a case takes no event "${type}".`, {
      facts: { caseId, status, event: type },
    })
  }
  return {
    tx,
    get state() {
      return state
    },
    expect,
    add(type, data, source) {
      expect(type)
      const event = createCaseEvent(events.at(-1), { caseId, type, data, ...source, clock: engine.clock })
      if (tx.append(streamOf(caseId), event) !== event.sequence) {
        throw intakeError('ERR_INTAKE_LOG_BROKEN', 'The log in the store has more events than could be read.', {
          facts: { caseId },
        })
      }
      events.push(event as CaseEvent)
      state = projectCase(events)
      tx.put(collections.cases, caseId, { id: caseId }, indexesOf(state))
      if (engine.returns && isReturned(type)) tx.outbox(returnTopic, event.id, { caseId })
    },
  }
}

function indexesOf({ applicant, status }: Case): Record<string, string> {
  return { applicant: applicantKey(applicant), status }
}

/** The index value of an applicant. */
export function applicantKey({ issuer, id }: Pick<Applicant, 'issuer' | 'id'>): string {
  return JSON.stringify([issuer, id])
}

/** Keeps a form of a case under its digest, and answers the digest. */
export function keepForm(tx: Transaction, caseId: string, form: JsonValue): string {
  const digest = hashJson(form)
  tx.put(collections.forms, `${caseId}/${digest}`, form)
  return digest
}

/** The next case number of an item on a day; throws `ERR_INTAKE_NUMBER_EXHAUSTED`. */
export function takeCaseNumber(
  tx: Transaction,
  { implementationCode, day }: { implementationCode: string; day: string },
): string {
  const key = `${implementationCode}/${day}`
  const serial = (tx.get<number>(collections.serials, key) ?? 0) + 1
  if (serial > maxSerial) {
    throw intakeError('ERR_INTAKE_NUMBER_EXHAUSTED', `The item had ${maxSerial} cases on this day already.`, {
      facts: { implementationCode, day },
    })
  }
  tx.put(collections.serials, key, serial)
  return formatCaseNumber({ implementationCode, day, serial })
}
