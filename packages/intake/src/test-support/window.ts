/** A window for tests: an intake on a store, a sample form, sample files, and a way to bring a case anywhere. */
import { type FileRef, fixedClock, utf8 } from '@zhicheng/core'
import { chinaCalendar } from '@zhicheng/core/calendar'
import type { Store } from '@zhicheng/store'
import type { Case } from '../case.ts'
import { createIntake, type Intake } from '../create-intake.ts'
import { foodBusinessLicence } from '../food-business-licence.ts'
import type { CaseReturnOptions } from '../lib/return-job.ts'
import { type MaterialStorage, memoryMaterials } from '../materials.ts'

export const item: typeof foodBusinessLicence = foodBusinessLicence
export const by = { id: 'o-1', name: '李四（样例）' }
export const applicant = { issuer: 'zhejiang', id: 'u-1', name: '样例餐饮有限公司' }
export const pdf: Uint8Array = utf8('%PDF-1.7\n样例\n%%EOF\n')
export const form: Record<'operator' | 'premises' | 'business' | 'contact', Record<string, unknown>> & {
  declaration: boolean
} = {
  operator: { name: '样例餐饮有限公司', uscc: '91330110MA2AXY0E7F', representative: '张三（样例）' },
  premises: { division: '330110', address: '样例市样例路 1 号', area: 86.5 },
  business: { kind: '餐饮服务', scopes: ['热食类食品制售', '自制饮品制售'], onlineSales: false },
  contact: { name: '张三（样例）', mobile: '13700009050' },
  declaration: true,
}
export const licence: FileRef = {
  name: '食品经营许可证.pdf',
  mediaType: 'application/pdf',
  size: 4096,
  digest: { algorithm: 'sha256', hex: 'ab'.repeat(32) },
}

/** A window with its parts. */
export interface Window {
  intake: Intake
  clock: ReturnType<typeof fixedClock>
  materials: MaterialStorage
  draft(): Promise<string>
  /** A draft with its required materials. */
  complete(): Promise<string>
  /** Takes the next ordinary step to the status and answers the case. */
  reach(status: Case['status']): Promise<Case>
}

/** Opens a window on Tuesday, 24 November 2026, 9:00. */
export function openWindow(store: Store, { caseReturn }: { caseReturn?: CaseReturnOptions } = {}): Window {
  const clock = fixedClock('2026-11-24T09:00:00+08:00')
  const materials = memoryMaterials()
  const intake = createIntake({
    store,
    items: [item],
    calendar: chinaCalendar(),
    materials,
    clock,
    documentUrl: (id) => `/api/documents/${id}`,
    ...(caseReturn ? { caseReturn } : {}),
    runner: { backoff: () => 1000 },
  })
  const draft = async (): Promise<string> => (await intake.createDraft({ applicant, itemCode: item.code, form })).id
  const complete = async (): Promise<string> => {
    const id = await draft()
    await intake.addMaterial(id, {
      code: 'layout-plan',
      name: '布局图.pdf',
      mediaType: 'application/pdf',
      content: pdf,
    })
    await intake.addMaterial(id, { code: 'safety-rules', name: '制度.pdf', mediaType: 'application/pdf', content: pdf })
    return id
  }
  return {
    intake,
    clock,
    materials,
    draft,
    complete,
    async reach(status) {
      const id = await complete()
      for (const step of pathTo[status]) await steps[step](intake, id)
      return intake.readCase(id)
    },
  }
}

const gaps = [{ text: '请补交加盖公章的布局图', materialCode: 'layout-plan' }]

/** One call of the engine for each event that a person or a system causes. */
type Step =
  | 'materialAdded'
  | 'submitted'
  | 'supplementRequested'
  | 'supplemented'
  | 'accepted'
  | 'notAccepted'
  | 'feeDue'
  | 'granted'
  | 'denied'
  | 'certificateMade'
  | 'delivered'
  | 'closed'
  | 'rated'
  | 'archived'

export const steps: Readonly<Record<Step, (intake: Intake, id: string) => Promise<unknown>>> = {
  materialAdded: (intake, id) =>
    intake.addMaterial(id, {
      code: 'mandate',
      name: '委托书.pdf',
      mediaType: 'application/pdf',
      content: utf8('%PDF-1.7 委托'),
    }),
  submitted: (intake, id) => intake.submit(id, { ...form, premises: { ...form.premises, area: 90 } }),
  supplementRequested: (intake, id) => intake.requestSupplement(id, { gaps, by }),
  supplemented: (intake, id) => intake.supplement(id),
  accepted: (intake, id) => intake.accept(id, { by }),
  notAccepted: (intake, id) =>
    intake.notAccept(id, { reason: '不属于本机关职权范围', basis: '行政许可法第三十二条', by }),
  feeDue: (intake, id) => intake.feeDue(id, { orderId: 'order-1' }),
  granted: (intake, id) => intake.decide(id, { granted: true, basis: '符合法定条件', by }),
  denied: (intake, id) => intake.decide(id, { granted: false, basis: '现场核查不合格', by }),
  certificateMade: (intake, id) =>
    intake.certificateMade(id, {
      documents: [licence],
      licence: { certificateNumber: 'JY00000000000001', validFrom: '2026-11-24', validUntil: '2031-11-23' },
    }),
  delivered: (intake, id) => intake.deliver(id, { method: '网上送达' }),
  closed: (intake, id) => intake.close(id, { by }),
  rated: (intake, id) => intake.rate(id, { level: 5 }),
  archived: (intake, id) => intake.archived(id, { receiptId: 'receipt-1' }),
}

const pathTo: Record<Case['status'], readonly Step[]> = {
  draft: [],
  submitted: [],
  received: ['submitted'],
  supplementing: ['submitted', 'supplementRequested'],
  accepted: ['submitted', 'accepted'],
  suspended: ['submitted', 'accepted', 'supplementRequested'],
  'not-accepted': ['submitted', 'notAccepted'],
  granted: ['submitted', 'accepted', 'granted'],
  denied: ['submitted', 'accepted', 'denied'],
  certified: ['submitted', 'accepted', 'granted', 'certificateMade'],
  delivered: ['submitted', 'accepted', 'granted', 'certificateMade', 'delivered'],
  closed: ['submitted', 'accepted', 'granted', 'certificateMade', 'delivered', 'closed'],
  archived: ['submitted', 'accepted', 'granted', 'certificateMade', 'delivered', 'closed', 'archived'],
}
