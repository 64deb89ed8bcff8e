/** The intake engine: cases as event logs in a store, with their clocks, materials, numbers and the report to the province. */
import { type Clock, formatDay, type Logger, silentLogger, systemClock, toHex } from '@zhicheng/core'
import type { WorkingDayCalendar } from '@zhicheng/core/calendar'
import type { JsonValue } from '@zhicheng/formats'
import { createOutboxRunner, type OutboxRunner, type OutboxRunnerOptions, type Store } from '@zhicheng/store'
import type { Case } from './case.ts'
import { type CaseDeadlines, computeCaseDeadlines } from './case-deadlines.ts'
import type { Applicant, CaseDocument, CaseEvent, Material, SupplementGap } from './case-events.ts'
import { formatCaseView } from './case-view.ts'
import { intakeError } from './errors.ts'
import {
  addMaterial,
  type CreateDraftInput,
  createDraft,
  rate,
  submit,
  supplement,
} from './lib/applicant-operations.ts'
import {
  applicantKey,
  type ChangeOptions,
  collections,
  type Engine,
  loadCase,
  loadEvents,
  returnTopic,
} from './lib/case-log.ts'
import {
  accept,
  archived,
  type CertificateInput,
  certificateMade,
  close,
  type DecideInput,
  decide,
  deliver,
  feeDue,
  feePaid,
  notAccept,
  type Officer,
  requestSupplement,
} from './lib/officer-operations.ts'
import { createQueue } from './lib/one-at-a-time.ts'
import { type CaseReturnOptions, type CaseReturnProgress, readReturnProgress, returnCase } from './lib/return-job.ts'
import type { MaterialInput, MaterialStorage } from './materials.ts'
import { formatProcessMetadata } from './process-metadata.ts'
import { checkServiceItem, type ServiceItem } from './service-item.ts'
import type { CaseView, RatingLevel } from './wire.ts'

/** Options of {@link createIntake}. */
export interface CreateIntakeOptions {
  store: Store
  items: readonly ServiceItem[]
  calendar: WorkingDayCalendar
  materials: MaterialStorage
  clock?: Clock
  /** Makes random bytes for case ids. */
  random?: (length: number) => Uint8Array
  logger?: Logger
  /** Reports cases to the province; without it none are reported. */
  caseReturn?: CaseReturnOptions
  /** Address of a document in views; `documents/<id>` unless told. */
  documentUrl?: (id: string) => string
  /** How jobs are run; see the store's outbox runner. */
  runner?: Pick<OutboxRunnerOptions, 'leaseMilliseconds' | 'pollMilliseconds' | 'concurrency' | 'backoff'>
}

/**
 * The engine. Every change is one commit; a step that the transition table does not have throws `ERR_INTAKE_STEP_REFUSED`.
 * Whether the asker may see or change a case is the caller's question: see `case.applicant`.
 */
export interface Intake {
  /** Throws `ERR_INTAKE_INPUT_INVALID`, `ERR_INTAKE_FORM_INVALID`, `ERR_INTAKE_ITEM_UNKNOWN`, `ERR_INTAKE_KEY_REUSED`. */
  createDraft(input: CreateDraftInput): Promise<Case>
  /** Takes a file whose bytes are what it is said to be. Throws `ERR_INTAKE_MATERIAL_…`. */
  addMaterial(caseId: string, input: MaterialInput & ChangeOptions): Promise<Material>
  /** Bytes of a material; `undefined` when the storage lost them. */
  readMaterial(caseId: string, materialId: string): Promise<Uint8Array | undefined>
  /** Checks form and materials and gives the case number. The same form again answers the case under the same number. */
  submit(caseId: string, form: unknown, options?: ChangeOptions): Promise<Case>
  accept(caseId: string, input: { by: Officer } & ChangeOptions): Promise<Case>
  notAccept(caseId: string, input: { reason: string; basis: string; by: Officer } & ChangeOptions): Promise<Case>
  /** Asks for what is missing; after acceptance the clock pauses until {@link Intake.supplement}. */
  requestSupplement(
    caseId: string,
    input: { gaps: readonly SupplementGap[]; basis?: string; by: Officer } & ChangeOptions,
  ): Promise<Case>
  supplement(caseId: string, input?: { form?: unknown } & ChangeOptions): Promise<Case>
  feeDue(caseId: string, input: { orderId: string; by?: Officer } & ChangeOptions): Promise<Case>
  /** Idempotent. Throws `ERR_INTAKE_FEE_CONFLICT` for an order or payment that is not the case's. */
  feePaid(caseId: string, input: { orderId: string; transactionId: string }): Promise<Case>
  /** Throws `ERR_INTAKE_FEE_UNPAID` when a grant would overtake a fee that is due. */
  decide(caseId: string, input: DecideInput): Promise<Case>
  certificateMade(caseId: string, input: CertificateInput): Promise<Case>
  deliver(caseId: string, input?: { method?: string; by?: Officer } & ChangeOptions): Promise<Case>
  close(caseId: string, input?: { by?: Officer } & ChangeOptions): Promise<Case>
  archived(caseId: string, input: { receiptId: string } & ChangeOptions): Promise<Case>
  rate(caseId: string, input: { level: RatingLevel; comment?: string } & ChangeOptions): Promise<Case>
  /** Throws `ERR_INTAKE_CASE_UNKNOWN`, and `ERR_INTAKE_LOG_BROKEN` for a log that was tampered with. */
  readCase(caseId: string): Promise<Case>
  /** The log as it is in the store, not verified: see `verifyEvents`. */
  readEvents(caseId: string): Promise<CaseEvent[]>
  readForm(caseId: string): Promise<JsonValue>
  /** The document and its case, or `undefined`. */
  readDocument(documentId: string): Promise<{ case: Case; document: CaseDocument } | undefined>
  /** Cases of an applicant, at most 100 from the id after `after` on. */
  listCases(applicant: Pick<Applicant, 'issuer' | 'id'>, options?: { after?: string; limit?: number }): Promise<Case[]>
  /** The statutory and the promised deadline as of now; `undefined` while no clock runs. */
  deadlines(state: Case): CaseDeadlines | undefined
  /** The case as elements show it. */
  view(state: Case): CaseView
  /** Log, item and digests for the archive; throws `ERR_INTAKE_LOG_BROKEN` rather than hand over a log that does not verify. */
  exportProcessMetadata(caseId: string): Promise<JsonValue>
  /** How far the report to the province got; `undefined` when none is configured. */
  readCaseReturn(caseId: string): Promise<CaseReturnProgress | undefined>
  item(code: string): ServiceItem
  /** Reports to the province: `runner.start()` in one process at least, or nothing is reported. */
  readonly runner: OutboxRunner
}

/**
 * Makes the engine. State lives in the store alone; any number of processes may share it.
 *
 * @example
 * ```ts
 * const intake = createIntake({
 *   store: memoryStore(), items: [foodBusinessLicence], calendar: chinaCalendar(), materials: memoryMaterials(),
 * })
 * const { id } = await intake.createDraft({
 *   applicant: { issuer: 'zhejiang', id: 'u-1', name: '样例餐饮有限公司' }, itemCode: foodBusinessLicence.code, form,
 * })
 * await intake.addMaterial(id, { code: 'layout-plan', name: '布局图.pdf', mediaType: 'application/pdf', content })
 * const { caseNumber } = await intake.submit(id, form)
 * ```
 */
export function createIntake({
  store,
  items,
  calendar,
  materials,
  clock = systemClock,
  random = (length) => crypto.getRandomValues(new Uint8Array(length)),
  logger = silentLogger,
  caseReturn,
  documentUrl = (id) => `documents/${id}`,
  runner: runnerOptions = {},
}: CreateIntakeOptions): Intake {
  const itemsByCode = new Map<string, ServiceItem>()
  for (const item of items) {
    checkServiceItem(item)
    if (itemsByCode.has(item.code)) throw intakeError('ERR_INTAKE_ITEM_INVALID', 'Two items have the same code.')
    itemsByCode.set(item.code, item)
  }
  const itemOf = (code: string): ServiceItem => {
    const item = itemsByCode.get(code)
    if (item) return item
    throw intakeError('ERR_INTAKE_ITEM_UNKNOWN', 'No item of this code is configured.')
  }
  const engine: Engine = {
    store,
    clock,
    calendar,
    materials,
    createId: () => formatDay(clock.now()).replaceAll('-', '') + toHex(random(12)),
    item: itemOf,
    returns: caseReturn !== undefined,
  }
  // Two events of a case leave two jobs; side by side they would ask for two numbers.
  const queue = createQueue()
  const runner = createOutboxRunner(store, {
    clock,
    logger,
    ...runnerOptions,
    handlers: caseReturn
      ? {
          [returnTopic]: ({ payload }, { signal }) => {
            const { caseId } = payload as { caseId: string }
            return queue(caseId, () => returnCase(engine, caseId, { options: caseReturn, signal }))
          },
        }
      : {},
  })
  const read = (caseId: string): Promise<Case> => store.read((view) => loadCase(view, caseId))

  return {
    runner,
    item: itemOf,
    createDraft: async (input) => createDraft(engine, input),
    addMaterial: (caseId, input) => addMaterial(engine, caseId, input),
    async readMaterial(caseId, materialId) {
      const material = (await read(caseId)).materials.find(({ id }) => id === materialId)
      return material && materials.get(material.digest.hex)
    },
    submit: (caseId, form, options = {}) => submit(engine, caseId, { form, ...options }),
    accept: async (caseId, input) => accept(engine, caseId, input),
    notAccept: async (caseId, input) => notAccept(engine, caseId, input),
    requestSupplement: async (caseId, input) => requestSupplement(engine, caseId, input),
    supplement: (caseId, input = {}) => supplement(engine, caseId, input),
    feeDue: async (caseId, input) => feeDue(engine, caseId, input),
    feePaid: async (caseId, input) => feePaid(engine, caseId, input),
    decide: async (caseId, input) => decide(engine, caseId, input),
    certificateMade: async (caseId, input) => certificateMade(engine, caseId, input),
    deliver: async (caseId, input = {}) => deliver(engine, caseId, input),
    close: async (caseId, input = {}) => close(engine, caseId, input),
    archived: async (caseId, input) => archived(engine, caseId, input),
    rate: async (caseId, input) => rate(engine, caseId, input),
    readCase: read,
    readEvents: (caseId) => store.read((view) => loadEvents(view, caseId)),
    readForm: (caseId) =>
      store.read((view) => {
        const { formDigest } = loadCase(view, caseId)
        return view.get<JsonValue>(collections.forms, `${caseId}/${formDigest}`) ?? null
      }),
    readDocument: (documentId) =>
      store.read((view) => {
        const entry = /^[A-Za-z0-9._-]{1,128}$/.test(documentId)
          ? view.get<{ caseId: string }>(collections.documents, documentId)
          : undefined
        const state = entry && loadCase(view, entry.caseId)
        const document = state?.documents.find(({ id }) => id === documentId)
        return state && document && { case: state, document }
      }),
    listCases: (applicant, { after, limit = 100 } = {}) =>
      store.read((view) =>
        view
          .find<{ id: string }>(collections.cases, {
            index: 'applicant',
            equals: applicantKey(applicant),
            limit: Math.min(limit, 100),
            ...(after === undefined ? {} : { after }),
          })
          .map(({ id }) => loadCase(view, id)),
      ),
    deadlines: (state) => computeCaseDeadlines(state, { now: clock.now(), calendar }),
    view: (state) => formatCaseView(state, { item: itemOf(state.itemCode), now: clock.now(), calendar, documentUrl }),
    exportProcessMetadata: (caseId) =>
      store.read((view) => {
        const state = loadCase(view, caseId)
        return formatProcessMetadata(state, { events: loadEvents(view, caseId), item: itemOf(state.itemCode) })
      }),
    readCaseReturn: async (caseId) => (caseReturn ? readReturnProgress(engine, caseId, caseReturn) : undefined),
  }
}
