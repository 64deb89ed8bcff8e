/** What the window and its systems do: accept, ask, charge, decide, issue, deliver, close, archive. */
import { type FileRef, formatTime } from '@zhicheng/core'
import type { Case } from '../case.ts'
import { computeCaseDeadlines } from '../case-deadlines.ts'
import type { Actor, CaseDocument, LicenceFacts, SupplementGap } from '../case-events.ts'
import { computeDeadline } from '../clock.ts'
import { intakeError } from '../errors.ts'
import { type CaseLog, type ChangeOptions, changeCase, collections, type Engine } from './case-log.ts'
import { checkDay, checkText } from './text.ts'

/** An officer (经办人). */
export interface Officer {
  id: string
  name: string
}

/** A decision. */
export interface DecideInput extends ChangeOptions {
  granted: boolean
  /** The reasons and the law (决定依据), in words. */
  basis: string
  by: Officer
}

/** Documents that came out of the case; `id` must be unique among all cases, and is made up when it is left out. */
export interface CertificateInput extends ChangeOptions {
  documents: readonly (FileRef & { id?: string })[]
  licence?: LicenceFacts
  by?: Officer
}

/** Accepts; from the next day on the clock runs. */
export function accept(
  engine: Engine,
  caseId: string,
  { by, ...options }: { by: Officer } & ChangeOptions,
): Promise<Case> {
  const actor = officer(by)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      const { legalWorkingDays, promisedWorkingDays } = engine.item(log.state.itemCode)
      const now = engine.clock.now()
      const { dueAt, provisional, calendarVersion } = computeDeadline({
        acceptedAt: now,
        workingDays: promisedWorkingDays,
        now,
        calendar: engine.calendar,
      })
      const data = { legalWorkingDays, promisedWorkingDays, calendarVersion, dueAt: formatTime(dueAt), provisional }
      log.add('accepted', data, { actor })
    },
  })
}

/** Refuses to accept, with the reason that the applicant is told. */
export function notAccept(
  engine: Engine,
  caseId: string,
  { reason, basis, by, ...options }: { reason: string; basis: string; by: Officer } & ChangeOptions,
): Promise<Case> {
  const actor = officer(by)
  checkText('reason', reason, 2000)
  checkText('basis', basis, 2000)
  return changeCase(engine, caseId, {
    ...options,
    work: (log) => log.add('notAccepted', { reason }, { actor, basis }),
  })
}

/** Tells the applicant, once and completely, what is missing (一次性告知); after acceptance the clock pauses. */
export function requestSupplement(
  engine: Engine,
  caseId: string,
  { gaps, basis, by, ...options }: { gaps: readonly SupplementGap[]; basis?: string; by: Officer } & ChangeOptions,
): Promise<Case> {
  const actor = officer(by)
  if (basis !== undefined) checkText('basis', basis, 2000)
  if (gaps.length === 0 || gaps.length > 50) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', 'A request names 1 to 50 gaps.', { facts: { field: 'gaps' } })
  }
  for (const { text } of gaps) checkText('gaps.text', text, 500)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      const { materials } = engine.item(log.state.itemCode)
      const data = gaps.map(({ text, materialCode }) => ({
        text,
        ...(materialCode === undefined ? {} : { materialCode }),
      }))
      if (
        data.some(
          ({ materialCode }) => materialCode !== undefined && !materials.some(({ code }) => code === materialCode),
        )
      ) {
        throw intakeError('ERR_INTAKE_MATERIAL_UNKNOWN', 'A gap names a material that the checklist does not have.')
      }
      log.add('supplementRequested', { gaps: data }, { actor, ...(basis === undefined ? {} : { basis }) })
    },
  })
}

/** Notes that a fee is asked for under an order. A further order may take the place of one that expired. */
export function feeDue(
  engine: Engine,
  caseId: string,
  { orderId, by, ...options }: { orderId: string; by?: Officer } & ChangeOptions,
): Promise<Case> {
  checkText('orderId', orderId, 128)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      const { fee } = log.state
      if (fee?.orders.includes(orderId)) return
      if (fee?.state === 'paid') throw feeConflict(caseId, 'the fee of the case is paid already')
      log.add('feeDue', { orderId }, { actor: by ? officer(by) : system })
    },
  })
}

/** Notes that the fee came in. The same payment again changes nothing; another one of a paid case needs a person. */
export function feePaid(
  engine: Engine,
  caseId: string,
  { orderId, transactionId }: { orderId: string; transactionId: string },
): Promise<Case> {
  checkText('orderId', orderId, 128)
  checkText('transactionId', transactionId, 128)
  return changeCase(engine, caseId, {
    work(log) {
      const { fee } = log.state
      if (!fee?.orders.includes(orderId)) throw feeConflict(caseId, 'the order is none of the case')
      if (fee.state === 'paid') {
        if (fee.orderId === orderId && fee.transactionId === transactionId) return
        throw feeConflict(caseId, 'the fee was paid by another payment')
      }
      log.add('feePaid', { orderId, transactionId }, { actor: system })
    },
  })
}

/** Decides. Nothing is granted while a fee is due. */
export function decide(engine: Engine, caseId: string, { granted, basis, by, ...options }: DecideInput): Promise<Case> {
  const actor = officer(by)
  checkText('basis', basis, 2000)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      const event = granted ? 'granted' : 'denied'
      log.expect(event)
      const { state } = log
      if (granted && state.fee?.state === 'due') {
        throw intakeError(
          'ERR_INTAKE_FEE_UNPAID',
          'The fee of the case is due and not paid; nothing is granted before.',
          { facts: { caseId, orderId: state.fee.orderId } },
        )
      }
      const { dueAt, overdue } = computeCaseDeadlines(state, {
        now: engine.clock.now(),
        calendar: engine.calendar,
      })!.legal
      log.add(event, { dueAt: formatTime(dueAt), overdue }, { actor, basis })
    },
  })
}

/** Notes the documents that were made (制证); the same ones again change nothing. */
export function certificateMade(
  engine: Engine,
  caseId: string,
  { documents, licence, by, ...options }: CertificateInput,
): Promise<Case> {
  if (documents.length === 0 || documents.length > 20) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', 'A case gives 1 to 20 documents.', { facts: { field: 'documents' } })
  }
  const kept = documents.map((document, index) => checkDocument(document, `${caseId}-${index + 1}`))
  const facts = licence && checkLicence(licence)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      const digests = (list: readonly CaseDocument[]): string =>
        JSON.stringify(list.map(({ id, digest }) => [id, digest.algorithm, digest.hex]))
      if (log.state.times.certificateMade && digests(log.state.documents) === digests(kept)) return
      log.add(
        'certificateMade',
        { documents: kept, ...(facts ? { licence: facts } : {}) },
        { actor: by ? officer(by) : system },
      )
      for (const { id } of kept) log.tx.insert(collections.documents, id, { caseId })
    },
  })
}

/** Notes the delivery (送达). */
export function deliver(
  engine: Engine,
  caseId: string,
  { method, by, ...options }: { method?: string; by?: Officer } & ChangeOptions = {},
): Promise<Case> {
  if (method !== undefined) checkText('method', method, 120)
  return changeOnce(engine, caseId, {
    ...options,
    event: 'delivered',
    work: (log) => log.add('delivered', method === undefined ? {} : { method }, { actor: by ? officer(by) : system }),
  })
}

/** Closes (办结). */
export function close(
  engine: Engine,
  caseId: string,
  { by, ...options }: { by?: Officer } & ChangeOptions = {},
): Promise<Case> {
  return changeOnce(engine, caseId, {
    ...options,
    event: 'closed',
    work(log) {
      log.expect('closed')
      log.add('closed', { outcome: log.state.outcome! }, { actor: by ? officer(by) : system })
    },
  })
}

/** Notes that the archive took the case. */
export function archived(
  engine: Engine,
  caseId: string,
  { receiptId, ...options }: { receiptId: string } & ChangeOptions,
): Promise<Case> {
  checkText('receiptId', receiptId, 200)
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      if (log.state.receiptId === receiptId) return
      log.add('archived', { receiptId }, { actor: system })
    },
  })
}

const system: Actor = { kind: 'system', id: 'intake' }

function changeOnce(
  engine: Engine,
  caseId: string,
  { event, work, ...options }: ChangeOptions & { event: 'delivered' | 'closed'; work: (log: CaseLog) => void },
): Promise<Case> {
  return changeCase(engine, caseId, {
    ...options,
    work(log) {
      if (!log.state.times[event]) work(log)
    },
  })
}

function officer({ id, name }: Officer): Actor {
  return { kind: 'officer', id: checkText('by.id', id, 128), name: checkText('by.name', name, 120) }
}

function checkDocument({ id, name, mediaType, size, digest }: FileRef & { id?: string }, madeUp: string): CaseDocument {
  checkText('documents.name', name, 120)
  checkText('documents.mediaType', mediaType, 120)
  if (!Number.isSafeInteger(size) || size < 1 || !/^([0-9a-f]{2}){20,64}$/.test(digest.hex)) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', 'A document needs its size and its digest in lower-case hex.', {
      facts: { field: 'documents' },
    })
  }
  if (id !== undefined && !/^[A-Za-z0-9._-]{1,128}$/.test(id)) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', 'The id of a document has letters, digits, dots and dashes only.', {
      facts: { field: 'documents.id' },
    })
  }
  const { algorithm, hex } = digest
  return { id: id ?? madeUp, name, mediaType, size, digest: { algorithm, hex } }
}

function checkLicence({ documentNumber, certificateNumber, validFrom, validUntil }: LicenceFacts): LicenceFacts {
  checkDay('licence.validFrom', validFrom)
  return {
    ...(documentNumber === undefined
      ? {}
      : { documentNumber: checkText('licence.documentNumber', documentNumber, 120) }),
    ...(certificateNumber === undefined
      ? {}
      : { certificateNumber: checkText('licence.certificateNumber', certificateNumber, 120) }),
    validFrom,
    ...(validUntil === undefined ? {} : { validUntil: checkDay('licence.validUntil', validUntil) }),
  }
}

function feeConflict(caseId: string, why: string): Error {
  return intakeError(
    'ERR_INTAKE_FEE_CONFLICT',
    `The payment does not fit the case: ${why}. A person has to look at it.`,
    {
      facts: { caseId },
    },
  )
}
