/** Operations the case elements call. */
import { operation } from '@zhicheng/core'
import * as v from 'valibot'

/** One step of a case as the applicant sees it. */
export const caseStep = v.object({
  code: v.string(),
  name: v.string(),
  state: v.picklist(['done', 'current', 'waiting', 'stopped']),
  at: v.optional(v.string()),
  note: v.optional(v.string()),
})

/** A case as the applicant may see it. */
export const caseView = v.object({
  id: v.string(),
  caseNumber: v.string(),
  itemName: v.string(),
  department: v.string(),
  status: v.string(),
  submittedAt: v.optional(v.string()),
  acceptedAt: v.optional(v.string()),
  decidedAt: v.optional(v.string()),
  /** Present once the legal clock runs. `provisional` while the holiday notice of a year it touches is not out. */
  due: v.optional(
    v.object({
      at: v.string(),
      remainingWorkingDays: v.number(),
      overdue: v.boolean(),
      paused: v.boolean(),
      provisional: v.boolean(),
    }),
  ),
  steps: v.array(caseStep),
  documents: v.array(v.object({ id: v.string(), name: v.string(), mediaType: v.string(), url: v.string() })),
  orderId: v.optional(v.string()),
  rating: v.optional(v.picklist([1, 2, 3, 4, 5])),
})

/** A case as the applicant may see it. */
export type CaseView = v.InferOutput<typeof caseView>

const caseId = v.object({ case: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)) })

/** Reads a case. */
export const readCase = operation({
  id: 'intake.case.read',
  method: 'GET',
  path: '/intake/cases/{case}',
  summary: 'Reads the progress of a case.',
  params: caseId,
  response: caseView,
})

/** Rates the service of a finished case (好差评). */
export const rateCase = operation({
  id: 'intake.case.rate',
  method: 'POST',
  path: '/intake/cases/{case}/rating',
  summary: 'Rates the service of a finished case, once, from 1 (very poor) to 5 (very good).',
  params: caseId,
  body: v.object({ level: v.picklist([1, 2, 3, 4, 5]), comment: v.optional(v.pipe(v.string(), v.maxLength(500))) }),
  response: caseView,
})
