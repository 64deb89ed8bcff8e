/** The two deadlines of a case: the statutory one (法定时限) and the promised one (承诺时限). */
import type { WorkingDayCalendar } from '@zhicheng/core/calendar'
import type { Case } from './case.ts'
import { computeDeadline, type Deadline } from './clock.ts'

/** Both deadlines. */
export interface CaseDeadlines {
  legal: Deadline
  promised: Deadline
}

/** The deadlines while the clock runs or is paused: from acceptance until the decision; undefined before and after. */
export function computeCaseDeadlines(
  { clock, status }: Pick<Case, 'clock' | 'status'>,
  { now, calendar }: { now: Date; calendar: WorkingDayCalendar },
): CaseDeadlines | undefined {
  if (!clock || (status !== 'accepted' && status !== 'suspended')) return undefined
  const acceptedAt = new Date(clock.acceptedAt)
  const pauses = clock.pauses.map(({ from, to }) => ({ from: new Date(from), ...(to ? { to: new Date(to) } : {}) }))
  const deadline = (workingDays: number): Deadline =>
    computeDeadline({ acceptedAt, workingDays, pauses, now, calendar })
  return { legal: deadline(clock.legalWorkingDays), promised: deadline(clock.promisedWorkingDays) }
}
