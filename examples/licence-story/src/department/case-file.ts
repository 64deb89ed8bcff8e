/** The case file (归档): everything of a case in one package, checked, deposited, and its receipt proved. */
import { type CaseFile, type CheckReport, checkPackage, packCaseZip, zipPackage } from '@zhicheng/archive'
import { formatTime } from '@zhicheng/core'
import type { Case } from '@zhicheng/intake'
import type { Support } from '@zhicheng/sdk'
import { formatApplication } from './application-form.ts'
import { actorNames, eventNames } from './event-names.ts'

/** What came of archiving. */
export interface ArchivedCase {
  package: Uint8Array
  report: CheckReport
  receipt: unknown
  receiptId: string
  decision: 'accepted' | 'returned' | 'manual'
}

/** Packs a closed case, checks the package, and deposits it. */
export async function archiveCase(
  support: Support,
  state: Case,
  { font }: { font: Uint8Array },
): Promise<ArchivedCase> {
  const item = support.intake.item(state.itemCode)
  const events = await support.intake.readEvents(state.id)
  const number = `SL-${state.id}`
  const { zip } = await packCaseZip({
    description: {
      number,
      caseNumber: state.caseNumber!,
      title: `${state.applicant.name}${item.name}`,
      item: { code: item.code, name: item.name, version: item.version },
      department: { name: item.department.name, uscc: item.department.uscc, regionCode: item.department.division },
      applicant: { name: state.applicant.name },
      year: Number(state.times.closed!.slice(0, 4)),
      retention: 'D30',
      acceptedAt: state.times.accepted!,
      completedAt: state.times.closed!,
      result: '准予许可',
      events: events.map(({ type, at, actor }) => ({ name: eventNames[type], at, actor: actorNames[actor.kind] })),
    },
    files: await collectFiles(support, state, font),
    eventLog: await support.intake.exportProcessMetadata(state.id),
  })
  const name = `${number}.zip`
  const report = await checkPackage(zipPackage(name, zip), {
    stage: 'archiving',
    verifyDocument: (file, bytes) => support.seal.verify(bytes, { file }),
  })
  if (report.verdict !== 'accepted') throw new Error(`The package is not ready to be handed over: ${report.verdict}.`)
  const { id, decision, receipt } = await support.archive.deposit({ name, bytes: zip }, { number })
  return { package: zip, report, receipt: receipt.receipt, receiptId: id, decision }
}

async function collectFiles(support: Support, state: Case, font: Uint8Array): Promise<CaseFile[]> {
  const item = support.intake.item(state.itemCode)
  const application = await formatApplication(item, await support.intake.readForm(state.id), {
    font,
    createdAt: new Date(state.times.submitted!),
    caseNumber: state.caseNumber!,
  })
  const materials = await Promise.all(
    state.materials.map(async ({ id, name, code }): Promise<CaseFile> => {
      const content = await support.intake.readMaterial(state.id, id)
      if (!content) throw new Error('A material of the case is lost.')
      return { kind: 'materials', name, title: item.materials.find((one) => one.code === code)?.name ?? name, content }
    }),
  )
  const results = await Promise.all(
    state.documents.map(async ({ id, name }): Promise<CaseFile> => {
      const kept = await support.documents.read(id)
      if (!kept) throw new Error('A document of the case is lost.')
      return { kind: 'result', name, content: kept.content }
    }),
  )
  const order = await support.pay.readOrder(state.fee!.orderId)
  const payment: CaseFile = {
    kind: 'payment',
    name: '缴费记录.json',
    content: new TextEncoder().encode(
      JSON.stringify({
        ...support.pay.view(order),
        transactionId: state.fee!.transactionId,
        recordedAt: formatTime(new Date(state.times.feePaid!)),
      }),
    ),
  }
  return [{ kind: 'application', name: '申请表.pdf', content: application }, ...materials, payment, ...results]
}
