/** What the clerk at the window (窗口) does with a case, one action after the other. */
import { formatDay } from '@zhicheng/core'
import { createLicencePublication, measureTitles } from '@zhicheng/credit'
import { type Case, type CaseDocument, type MaterialStorage, materialKey, type Officer } from '@zhicheng/intake'
import { decide, type OrderEffect, type Support, yuan } from '@zhicheng/sdk'
import type { Store } from '@zhicheng/store'
import { textAt } from './application-form.ts'
import { type ArchivedCase, archiveCase } from './case-file.ts'
import { foodLicencePolicy } from './credit-policy.ts'
import { issueLicence } from './licence.ts'
import { caseOfOrder, noteFeeOrder, noteWindowRecord, readWindowRecord } from './window-record.ts'

/** The actions, in their order. */
export const windowActions = ['credit-check', 'accept', 'decide', 'issue', 'archive'] as const
export type WindowAction = (typeof windowActions)[number]

/** What the work needs around it. */
export interface WindowWorkOptions {
  support: Support
  store: Store
  storage: MaterialStorage
  font: Uint8Array
  now: () => Date
  /** Told what came out of a case: the licence's files, and the deposited package. */
  onIssued?: (state: Case, files: { pdf: Uint8Array; ofd: Uint8Array }) => Promise<void>
  onArchived?: (state: Case, archived: ArchivedCase) => Promise<void>
}

/** The clerk's work. */
export interface WindowWork {
  /** Which actions a case waits for. */
  actionsOf(state: Case): Promise<WindowAction[]>
  run(action: WindowAction, caseId: string, by: Officer): Promise<Case>
  /** Goes on with the case whose fee came in; may be told twice. */
  feePaid(effect: OrderEffect): Promise<void>
}

/** Makes it. */
export function createWindowWork({
  support,
  store,
  storage,
  font,
  now,
  onIssued,
  onArchived,
}: WindowWorkOptions): WindowWork {
  const run: Record<WindowAction, (state: Case, by: Officer) => Promise<unknown>> = {
    'credit-check': async (state, by) => {
      const form = await support.intake.readForm(state.id)
      const item = support.intake.item(state.itemCode)
      // No purpose, no query: the type wants one, and the gateway does.
      const check = await support.credit.check({
        subject: { kind: 'organisation', uscc: textAt(form, '/operator/uscc'), name: textAt(form, '/operator/name') },
        purpose: {
          powerMatter: item.mainItemCode,
          subPowerMatter: item.subItemCode,
          accessedBy: by.id,
          caseNumber: state.caseNumber!,
        },
      })
      const decision = decide(check.facts, foodLicencePolicy())
      await noteWindowRecord(store, state.id, { credit: { checkId: check.id, status: check.status, decision } })
    },
    accept: async (state, by) => {
      if (state.status === 'received') await support.intake.accept(state.id, { by })
      await charge(state, by)
    },
    decide: async (state, by) => {
      const { credit } = await readWindowRecord(store, state.id)
      const granted = credit !== undefined && !['refuse', 'unknown'].includes(credit.decision.measure)
      await support.intake.decide(state.id, {
        granted,
        basis: `${support.intake.item(state.itemCode).basis}；信用核查：${credit ? measureTitles[credit.decision.measure] : '未核查'}`,
        by,
      })
    },
    issue: async (state, by) => {
      await issue(state, by)
      await giveFeedback(state.id)
    },
    archive: async (state) => {
      const archived = await archiveCase(support, state, { font })
      await noteWindowRecord(store, state.id, { receipt: { id: archived.receiptId, decision: archived.decision } })
      await support.intake.archived(state.id, { receiptId: archived.receiptId })
      await onArchived?.(state, archived)
    },
  }

  async function charge(state: Case, by: Officer): Promise<void> {
    const item = support.intake.item(state.itemCode)
    if (!item.fee) return
    const { code, name, amount } = item.fee
    const order = await support.pay.createOrder({
      // The same key gives the same order, so an interrupted action can be repeated.
      key: `${state.id}:fee`,
      payer: { issuer: state.applicant.issuer, id: state.applicant.id },
      title: item.name,
      payee: item.department.name,
      items: [{ code, name, amount: yuan(amount) }],
    })
    await noteFeeOrder(store, order.id, state.id)
    await support.intake.feeDue(state.id, { orderId: order.id, by })
  }

  async function issue(state: Case, by: Officer): Promise<void> {
    const form = await support.intake.readForm(state.id)
    const item = support.intake.item(state.itemCode)
    const createdAt = now()
    const issuedOn = formatDay(createdAt)
    const validUntil = `${Number(issuedOn.slice(0, 4)) + 5}${issuedOn.slice(4)}`
    const number = `JY1${item.department.division}${state.caseNumber!.slice(-8)}`
    const { pdf, ofd } = await issueLicence(support, {
      font,
      createdAt,
      content: {
        operatorName: textAt(form, '/operator/name'),
        uscc: textAt(form, '/operator/uscc'),
        legalRepresentative: textAt(form, '/operator/representative'),
        premises: textAt(form, '/premises/address'),
        businessForm: textAt(form, '/business/kind'),
        scope: textAt(form, '/business/scopes'),
        number,
        validUntil,
        authority: item.department.name,
        issuedOn,
      },
    })
    const documents = [
      await keep('licence.pdf', `食品经营许可证.pdf`, 'application/pdf', pdf),
      await keep('licence.ofd', `食品经营许可证.ofd`, 'application/ofd', ofd),
    ]
    await support.intake.certificateMade(state.id, {
      documents: documents.map((document) => ({ ...document, id: `${state.id}-${document.id}` })),
      licence: { certificateNumber: number, validFrom: issuedOn, validUntil },
      by,
    })
    await support.intake.deliver(state.id, { method: '电子证照', by })
    await support.intake.close(state.id, { by })
    await onIssued?.(state, { pdf, ofd })
  }

  async function keep(id: string, name: string, mediaType: string, content: Uint8Array): Promise<CaseDocument> {
    const hex = materialKey(content)
    await storage.put(hex, content)
    return { id, name, mediaType, size: content.length, digest: { algorithm: 'sha256', hex } }
  }

  async function giveFeedback(caseId: string): Promise<void> {
    const state = await support.intake.readCase(caseId)
    const { credit } = await readWindowRecord(store, caseId)
    if (credit && credit.decision.measure !== 'unknown') {
      await support.credit.feedback(credit.checkId, {
        measure: credit.decision.measure,
        caseNumber: state.caseNumber!,
        at: now(),
      })
    }
    const form = await support.intake.readForm(caseId)
    const { department, name } = support.intake.item(state.itemCode)
    await support.credit.publish(
      createLicencePublication({
        holder: {
          name: textAt(form, '/operator/name'),
          uscc: textAt(form, '/operator/uscc'),
          legalRepresentative: textAt(form, '/operator/representative'),
        },
        document: { name: `准予${name}决定书`, number: state.caseNumber! },
        category: '普通',
        certificate: { name: '食品经营许可证', number: state.licence!.certificateNumber! },
        content: textAt(form, '/business/scopes'),
        decidedOn: state.times.granted!.slice(0, 10),
        validFrom: state.licence!.validFrom,
        validUntil: state.licence!.validUntil!,
        authority: { name: department.name, uscc: department.uscc },
      }),
    )
  }

  return {
    async actionsOf(state) {
      const { credit } = await readWindowRecord(store, state.id)
      if (state.status === 'received') return credit ? ['accept'] : ['credit-check']
      if (state.status === 'accepted')
        return state.fee === undefined ? ['accept'] : state.fee.state === 'paid' ? ['decide'] : []
      if (state.status === 'granted') return ['issue']
      return state.status === 'closed' && state.outcome === 'granted' ? ['archive'] : []
    },
    async run(action, caseId, by) {
      const state = await support.intake.readCase(caseId)
      if (!(await this.actionsOf(state)).includes(action)) throw new Error('The case does not wait for this action.')
      await run[action](state, by)
      return support.intake.readCase(caseId)
    },
    async feePaid({ kind, order, transactionId }) {
      if (kind !== 'paid') return
      const caseId = await caseOfOrder(store, order.id)
      if (caseId) await support.intake.feePaid(caseId, { orderId: order.id, transactionId })
    },
  }
}
