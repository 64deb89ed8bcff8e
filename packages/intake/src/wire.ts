/** Operations the case elements call. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import * as v from 'valibot'

/** One step of a case as the applicant sees it. */
export interface CaseStepView {
  code: string
  name: string
  state: 'done' | 'current' | 'waiting' | 'stopped'
  /** ISO time with offset. */
  at?: string
  note?: string
}

/** Levels of the rating (好差评), from 1 (very poor) to 5 (very good). */
export type RatingLevel = 1 | 2 | 3 | 4 | 5

/** A case as the applicant may see it. */
export interface CaseView {
  id: string
  /** Empty while the case is a draft. */
  caseNumber: string
  itemName: string
  department: string
  status: string
  submittedAt?: string
  acceptedAt?: string
  decidedAt?: string
  /** The promised deadline; present while the clock runs or is paused. `provisional` while the holiday notice of a year it touches is not out. */
  due?: { at: string; remainingWorkingDays: number; overdue: boolean; paused: boolean; provisional: boolean }
  steps: CaseStepView[]
  documents: { id: string; name: string; mediaType: string; url: string }[]
  orderId?: string
  rating?: RatingLevel
}

const rating: Schema<RatingLevel> = v.picklist([1, 2, 3, 4, 5])

/** The schema of a {@link CaseView}. */
export const caseView: Schema<CaseView> = v.object({
  id: v.string(),
  caseNumber: v.string(),
  itemName: v.string(),
  department: v.string(),
  status: v.string(),
  submittedAt: v.exactOptional(v.string()),
  acceptedAt: v.exactOptional(v.string()),
  decidedAt: v.exactOptional(v.string()),
  due: v.exactOptional(
    v.object({
      at: v.string(),
      remainingWorkingDays: v.number(),
      overdue: v.boolean(),
      paused: v.boolean(),
      provisional: v.boolean(),
    }),
  ),
  steps: v.array(
    v.object({
      code: v.string(),
      name: v.string(),
      state: v.picklist(['done', 'current', 'waiting', 'stopped']),
      at: v.exactOptional(v.string()),
      note: v.exactOptional(v.string()),
    }),
  ),
  documents: v.array(v.object({ id: v.string(), name: v.string(), mediaType: v.string(), url: v.string() })),
  orderId: v.exactOptional(v.string()),
  rating: v.exactOptional(rating),
})

const caseId: Schema<{ case: string }> = v.object({ case: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)) })

/** Reads a case. */
export const readCase: Operation<{ params: { case: string }; response: CaseView }> = operation({
  id: 'intake.case.read',
  method: 'GET',
  path: '/intake/cases/{case}',
  summary: 'Reads the progress of a case.',
  params: caseId,
  response: caseView,
})

/** Rates the service of a finished case (好差评). */
export const rateCase: Operation<{
  params: { case: string }
  body: { level: RatingLevel; comment?: string }
  response: CaseView
}> = operation({
  id: 'intake.case.rate',
  method: 'POST',
  path: '/intake/cases/{case}/rating',
  summary: 'Rates the service of a finished case, once, from 1 (very poor) to 5 (very good).',
  params: caseId,
  body: v.object({ level: rating, comment: v.exactOptional(v.pipe(v.string(), v.maxLength(500))) }),
  response: caseView,
})
