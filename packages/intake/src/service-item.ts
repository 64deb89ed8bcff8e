/** Service items (事项): what a department does for applicants, with the form, the materials, the time limits and the steps. */
import type { JsonValue } from '@zhicheng/formats'
import type { CaseEventType } from './case-events.ts'
import { isImplementationCode } from './case-number.ts'
import { intakeError } from './errors.ts'

/** Media types a material may have; each is recognised from the file's own bytes. */
export type MaterialMediaType = 'application/pdf' | 'application/ofd' | 'image/png' | 'image/jpeg'

/** The body that handles the item (实施主体). */
export interface Department {
  name: string
  /** Unified social credit code. */
  uscc: string
  /** Division code (行政区划代码), six digits. */
  division: string
}

/** One line of the material checklist (材料清单). */
export interface MaterialRequirement {
  code: string
  name: string
  required: boolean
  mediaTypes: readonly MaterialMediaType[]
  /** Largest size of one file in bytes. */
  maxBytes: number
  /** Most files; 1 unless told. Where it is 1, a later file takes the place of the earlier one. */
  maxFiles?: number
}

/** A step that applicants see. */
export interface ItemStep {
  code: string
  name: string
  /** The events that complete it. */
  doneBy: readonly CaseEventType[]
  /** The events that end the case's ordinary way here. */
  stoppedBy?: readonly CaseEventType[]
}

/** Checks beyond what JSON Schema can say. */
export type FieldCheck = 'uscc' | 'resident-id'

/** One field of a form's layout. */
export interface FormField {
  /** JSON pointer into the form: `/operator/uscc`. */
  path: string
  label: string
  widget: 'text' | 'textarea' | 'select' | 'radio' | 'checkbox' | 'date' | 'number'
  hint?: string
  check?: FieldCheck
  /** Personal data: masked wherever it is only shown. */
  personal?: boolean
}

/** UI schema: the order and the look of the fields. */
export interface FormLayout {
  groups: readonly { title: string; fields: readonly FormField[] }[]
}

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: JsonValue }

/** A service item (业务办理项). Plain JSON, so that it can be kept in a file and archived with its cases. */
export interface ServiceItem {
  /** Implementation code (实施编码), 31 characters: the body's USCC and 13 further ones. */
  code: string
  /** Code of the main item (主项编码); gateways ask for it as the purpose of a query. */
  mainItemCode: string
  /** Code of the sub-item (子项编码). */
  subItemCode: string
  /** Version of this description; cases record it. */
  version: string
  name: string
  department: Department
  /** Statutory time limit (法定时限) in working days. */
  legalWorkingDays: number
  /** Promised time limit (承诺时限) in working days; never longer than the statutory one. */
  promisedWorkingDays: number
  /** Legal basis (设定依据), in words. */
  basis: string
  form: { schema: JsonSchema; layout: FormLayout }
  materials: readonly MaterialRequirement[]
  steps: readonly ItemStep[]
  /** What the item costs; `amount` in yuan: `120.00`. */
  fee?: { code: string; name: string; amount: string }
}

/** Throws `ERR_INTAKE_ITEM_INVALID` for a description that no case could follow; the message names the field. */
export function checkServiceItem(item: ServiceItem): void {
  const { legalWorkingDays: legal, promisedWorkingDays: promised, form, materials, steps, department } = item
  if (!isImplementationCode(item.code)) throw invalid('code is no implementation code')
  if (!item.code.startsWith(department.uscc)) throw invalid("code does not begin with the department's code")
  if (!/^[1-9]\d{5}$/.test(department.division)) throw invalid('department.division is no division code')
  if (!Number.isInteger(legal) || legal < 1 || legal > 1000) throw invalid('legalWorkingDays is not 1 to 1000')
  if (!Number.isInteger(promised) || promised < 1 || promised > legal) {
    throw invalid('promisedWorkingDays is not 1 to legalWorkingDays')
  }
  if (form.schema['$schema'] !== 'https://json-schema.org/draft/2020-12/schema') {
    throw invalid('form.schema is not of draft 2020-12')
  }
  for (const { path } of form.layout.groups.flatMap(({ fields }) => fields)) {
    if (!describes(form.schema, path))
      throw invalid(`form.layout has the field ${path}, which form.schema does not describe`)
  }
  assertUnique(materials, 'materials')
  assertUnique(steps, 'steps')
  for (const { mediaTypes, maxBytes, maxFiles = 1 } of materials) {
    const sound = mediaTypes.length > 0 && maxBytes > 0 && Number.isInteger(maxFiles) && maxFiles >= 1 && maxFiles <= 50
    if (!sound) throw invalid('materials has a line that no file could meet')
  }
  if (steps.length === 0) throw invalid('steps is empty')
}

function describes(schema: JsonSchema, path: string): boolean {
  let current: JsonValue | undefined = schema
  for (const name of path.split('/').slice(1)) {
    const properties: JsonValue | undefined = (current as JsonSchema | undefined)?.['properties']
    if (!properties || !Object.hasOwn(properties as object, name)) return false
    current = (properties as JsonSchema)[name]
  }
  return path.startsWith('/')
}

function assertUnique(lines: readonly { code: string }[], field: string): void {
  if (new Set(lines.map(({ code }) => code)).size !== lines.length) throw invalid(`${field} has a code twice`)
}

function invalid(what: string): Error {
  return intakeError('ERR_INTAKE_ITEM_INVALID', `The service item cannot be used: ${what}.`)
}
