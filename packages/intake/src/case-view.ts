/** A case as its applicant may see it. */
import { formatTime } from '@zhicheng/core'
import type { WorkingDayCalendar } from '@zhicheng/core/calendar'
import type { Case } from './case.ts'
import { computeCaseDeadlines } from './case-deadlines.ts'
import type { ServiceItem } from './service-item.ts'
import type { CaseStepView, CaseView } from './wire.ts'

/** Options of {@link formatCaseView}. */
export interface CaseViewOptions {
  item: ServiceItem
  now: Date
  calendar: WorkingDayCalendar
  /** Address of a document. */
  documentUrl: (id: string) => string
}

/** The view. The deadline shown is the promised one, which is never later than the law's. */
export function formatCaseView(state: Case, { item, now, calendar, documentUrl }: CaseViewOptions): CaseView {
  const { times } = state
  const due = computeCaseDeadlines(state, { now, calendar })?.promised
  const decidedAt = times.granted ?? times.denied
  return {
    id: state.id,
    caseNumber: state.caseNumber ?? '',
    itemName: item.name,
    department: item.department.name,
    status: state.status,
    ...(times.submitted ? { submittedAt: times.submitted } : {}),
    ...(times.accepted ? { acceptedAt: times.accepted } : {}),
    ...(decidedAt ? { decidedAt } : {}),
    ...(due
      ? {
          due: {
            at: formatTime(due.dueAt),
            remainingWorkingDays: due.remainingWorkingDays,
            overdue: due.overdue,
            paused: due.paused,
            provisional: due.provisional,
          },
        }
      : {}),
    steps: formatSteps(state, item),
    documents: state.documents.map(({ id, name, mediaType }) => ({ id, name, mediaType, url: documentUrl(id) })),
    ...(state.fee ? { orderId: state.fee.orderId } : {}),
    ...(state.rating ? { rating: state.rating.level } : {}),
  }
}

/**
 * A step that was passed over (no fee was asked) is left out; after a stop, what can no longer happen is left out too,
 * but the last step, which ends the case.
 */
function formatSteps(state: Case, { steps }: ServiceItem): CaseStepView[] {
  const timeOf = (types: ServiceItem['steps'][number]['doneBy'] = []): string | undefined =>
    types.map((type) => state.times[type]).find((time) => time !== undefined)
  const reached = steps.map((step) => {
    const done = timeOf(step.doneBy)
    const stopped = timeOf(step.stoppedBy)
    return { step, at: done ?? stopped, state: done ? ('done' as const) : stopped ? ('stopped' as const) : undefined }
  })
  const last = reached.findLastIndex(({ at }) => at !== undefined)
  const stopped = reached.some((one) => one.state === 'stopped')
  const views: CaseStepView[] = []
  for (const [index, { step, at, state: outcome }] of reached.entries()) {
    const { code, name } = step
    if (outcome && at) views.push({ code, name, state: outcome, at })
    else if (index > last && (!stopped || index === steps.length - 1)) {
      const current = !views.some((view) => view.state === 'current')
      views.push({ code, name, state: current ? 'current' : 'waiting', ...(current ? noteOf(state) : {}) })
    }
  }
  return views
}

function noteOf({ gaps, fee }: Case): { note?: string } {
  if (gaps) return { note: `请补正：${gaps.map(({ text }) => text).join('；')}` }
  return fee?.state === 'due' ? { note: '请缴费' } : {}
}
