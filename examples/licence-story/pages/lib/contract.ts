/** What the pages ask of the department's own server, beside what the elements ask of `/api`. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import type { ServiceItem } from '@zhicheng/intake'
import * as v from 'valibot'

/** One field of the application form: the part of JSON Schema 2020-12 that these pages show. */
export interface FieldSchema {
  type: 'string'
  title: string
  description?: string
  enum?: string[]
  pattern?: string
  minLength?: number
  maxLength?: number
  format?: string
}

/** The application form as JSON Schema 2020-12. */
export interface FormSchema {
  type: 'object'
  properties: Record<string, FieldSchema>
  required?: string[]
}

/** A material (申请材料) that goes with the application. */
export interface Material {
  code: string
  name: string
  required: boolean
  /** Types that are taken: `application/pdf`. */
  mediaTypes: string[]
  maxBytes: number
  hint?: string
}

/** The service item (政务服务事项) with its form and materials. `prefill` stands there for a logged-in applicant. */
export interface ItemView {
  item: {
    code: string
    name: string
    department: string
    legalWorkingDays: number
    promisedWorkingDays: number
    /** Yuan with two decimals. */
    fee: string
  }
  form: FormSchema
  order: string[]
  materials: Material[]
  prefill?: Record<string, string>
  /** The item itself: its own schema checks the filled form here, as it does on the server. */
  definition: ServiceItem
}

/** One line of the applicant's list (我的办件). A case that was not handed in has no number. */
export interface CaseSummary {
  id: string
  caseNumber?: string
  itemName: string
  status: string
  statusName: string
  /** ISO time with offset of the last event. */
  at: string
}

/** What a clerk may do next with a case. */
export type WindowActionId = 'credit-check' | 'accept' | 'decide' | 'issue' | 'archive'

/** Result of the credit check; `unknown` is not `clear`. */
export interface CreditResult {
  status: 'clear' | 'hit' | 'unknown'
  measureName: string
  reasons: string[]
}

/** A case as the clerk at the window sees it. */
export interface WindowCase {
  id: string
  caseNumber: string
  applicantName: string
  statusName: string
  /** ISO time with offset. */
  submittedAt: string
  /** ISO time with offset of the promised end; absent while no clock runs: before the acceptance, and after the end. */
  dueAt?: string
  /** Absent until the credit check was made. */
  credit?: CreditResult
  log: { at: string; text: string }[]
  actions: { id: WindowActionId; name: string; primary: boolean }[]
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const id: Schema<{ id: string }> = v.object({ id: v.string() })

const fieldSchema: Schema<FieldSchema> = v.object({
  type: v.literal('string'),
  title: v.string(),
  description: v.exactOptional(v.string()),
  enum: v.exactOptional(v.array(v.string())),
  pattern: v.exactOptional(v.string()),
  minLength: v.exactOptional(count),
  maxLength: v.exactOptional(count),
  format: v.exactOptional(v.string()),
})

const itemView: Schema<ItemView> = v.object({
  item: v.object({
    code: v.string(),
    name: v.string(),
    department: v.string(),
    legalWorkingDays: count,
    promisedWorkingDays: count,
    fee: v.string(),
  }),
  form: v.object({
    type: v.literal('object'),
    properties: v.record(v.string(), fieldSchema),
    required: v.exactOptional(v.array(v.string())),
  }),
  order: v.array(v.string()),
  materials: v.array(
    v.object({
      code: v.string(),
      name: v.string(),
      required: v.boolean(),
      mediaTypes: v.array(v.string()),
      maxBytes: count,
      hint: v.exactOptional(v.string()),
    }),
  ),
  prefill: v.exactOptional(v.record(v.string(), v.string())),
  definition: v.custom<ServiceItem>((item) => typeof item === 'object' && item !== null),
})

const windowCase: Schema<WindowCase> = v.object({
  id: v.string(),
  caseNumber: v.string(),
  applicantName: v.string(),
  statusName: v.string(),
  submittedAt: v.string(),
  dueAt: v.exactOptional(v.string()),
  credit: v.exactOptional(
    v.object({
      status: v.picklist(['clear', 'hit', 'unknown']),
      measureName: v.string(),
      reasons: v.array(v.string()),
    }),
  ),
  log: v.array(v.object({ at: v.string(), text: v.string() })),
  actions: v.array(
    v.object({
      id: v.picklist(['credit-check', 'accept', 'decide', 'issue', 'archive']),
      name: v.string(),
      primary: v.boolean(),
    }),
  ),
})

/** Reads the service item. */
export const readItem: Operation<{ response: ItemView }> = operation({
  id: 'app.item.read',
  method: 'GET',
  path: '/app/item',
  summary: 'Reads the service item with its form and materials.',
  response: itemView,
})

/** Reads the applicant's cases. */
export const readCases: Operation<{ response: { cases: CaseSummary[] } }> = operation({
  id: 'app.cases.read',
  method: 'GET',
  path: '/app/cases',
  summary: 'Reads the cases of whoever is logged in.',
  response: v.object({
    cases: v.array(
      v.object({
        id: v.string(),
        caseNumber: v.exactOptional(v.string()),
        itemName: v.string(),
        status: v.string(),
        statusName: v.string(),
        at: v.string(),
      }),
    ),
  }),
})

/** Opens a case with the filled form. */
export const createCase: Operation<{ body: { form: JsonValue }; response: { id: string } }> = operation({
  id: 'app.case.create',
  method: 'POST',
  path: '/app/cases',
  summary: 'Opens a case with the filled form; it is not handed in yet.',
  body: v.object({ form: v.custom<JsonValue>((form) => typeof form === 'object' && form !== null) }),
  response: id,
})

/** Uploads a material; the body is the file's bytes with their media type. */
export const uploadMaterial: Operation<{
  params: { id: string; code: string }
  query: { name: string }
  response: { digest: { algorithm: string; hex: string } }
}> = operation({
  id: 'app.case.material.upload',
  method: 'PUT',
  path: '/app/cases/{id}/materials/{code}',
  summary: 'Takes the bytes of a material and answers with the digest of what arrived.',
  params: v.object({ id: v.string(), code: v.string() }),
  query: v.object({ name: v.string() }),
  response: v.object({ digest: v.object({ algorithm: v.string(), hex: v.string() }) }),
})

/** Hands the case in. */
export const submitCase: Operation<{ params: { id: string }; response: { id: string; caseNumber: string } }> =
  operation({
    id: 'app.case.submit',
    method: 'POST',
    path: '/app/cases/{id}/submit',
    summary: 'Hands a case in; from here it has a case number.',
    params: id,
    response: v.object({ id: v.string(), caseNumber: v.string() }),
  })

/** Reads the worklist of the window. */
export const readWindowCases: Operation<{ response: { cases: WindowCase[] } }> = operation({
  id: 'app.window.cases.read',
  method: 'GET',
  path: '/app/window/cases',
  summary: 'Reads the cases at the window; only for clerks.',
  response: v.object({ cases: v.array(windowCase) }),
})

/** Does the next thing with a case. */
export const actOnCase: Operation<{ params: { id: string; action: WindowActionId }; response: WindowCase }> = operation(
  {
    id: 'app.window.case.act',
    method: 'POST',
    path: '/app/window/cases/{id}/{action}',
    summary: 'Does one of the actions that a case offers and answers with the case as it is then.',
    params: v.object({
      id: v.string(),
      action: v.picklist(['credit-check', 'accept', 'decide', 'issue', 'archive']),
    }),
    response: windowCase,
  },
)
