/** Checks a filled form against its item, in browsers and on servers alike; what was filled in never leaves through the answer. */
import { type OutputUnit, Validator } from '@cfworker/json-schema'
import { isResidentId, isUscc } from '@zhicheng/core/codes'
import type { JsonValue } from '@zhicheng/formats'
import { copyPlainJson, formLimits } from './lib/plain-json.ts'
import type { FieldCheck, JsonSchema, ServiceItem } from './service-item.ts'

/** What is wrong with one place of a form. */
export interface FormProblem {
  /** JSON pointer to the field; names that the schema does not have are shown as `*`. */
  path: string
  /** The rule that is not met: a keyword of JSON Schema, a field check, or `limit:…`. */
  rule: string
}

/** Answer of {@link validateForm}. `form` is a copy that holds only plain JSON. */
export type FormCheck = { valid: true; form: JsonValue } | { valid: false; problems: FormProblem[] }

const checks: Readonly<Record<FieldCheck, (text: string) => boolean>> = { uscc: isUscc, 'resident-id': isResidentId }

// These only say that something inside has a problem of its own.
const containers = new Set([
  'properties',
  'items',
  'prefixItems',
  'allOf',
  'if',
  '$ref',
  'patternProperties',
  'dependentSchemas',
  'additionalProperties',
  'unevaluatedProperties',
])

const mostProblems = 50

/**
 * Checks a form. Forms come from strangers: what is too deep, too large or no JSON is refused before the schema is asked.
 *
 * @example
 * ```ts
 * const check = validateForm(foodBusinessLicence, form)
 * if (!check.valid) for (const { path, rule } of check.problems) mark(path, rule) // '/operator/uscc', 'uscc'
 * ```
 */
export function validateForm(item: Pick<ServiceItem, 'form'>, form: unknown): FormCheck {
  const copied = copyPlainJson(form, formLimits)
  if ('problem' in copied) return { valid: false, problems: [{ path: '', rule: `limit:${copied.problem}` }] }
  const { value } = copied
  const { schema, layout } = item.form
  // The validator writes its notes into the schema it is given.
  const validator = new Validator(structuredClone(schema) as object, '2020-12', false)
  const names = propertyNames(schema)
  const found = leavesOf(validator.validate(value).errors).map((error) => describe(error, names))
  for (const { path, check } of layout.groups.flatMap(({ fields }) => fields)) {
    const field = check && valueAt(value, path)
    if (check && typeof field === 'string' && !checks[check](field)) found.push({ path, rule: check })
  }
  const problems = [...new Map(found.map((problem) => [`${problem.path} ${problem.rule}`, problem])).values()]
  return problems.length === 0
    ? { valid: true, form: value }
    : { valid: false, problems: problems.slice(0, mostProblems) }
}

/** The errors that are about a place itself. */
function leavesOf(errors: readonly OutputUnit[]): OutputUnit[] {
  const leaves = errors.filter(({ keyword }) => !containers.has(keyword))
  // A property that breaks its own rule is reported once more, as one that should not be there ("false").
  return leaves.filter(({ keyword, instanceLocation: place }) => {
    if (keyword !== 'false') return true
    return !leaves.some(
      ({ keyword, instanceLocation: other }) => keyword !== 'false' && `${other}/`.startsWith(`${place}/`),
    )
  })
}

function describe({ keyword, instanceLocation, error }: OutputUnit, names: ReadonlySet<string>): FormProblem {
  const segments = instanceLocation.split('/').slice(1).map(decodePointer)
  // The validator names the missing property, which is the schema's own word, only in its sentence.
  const missing = keyword === 'required' ? /required property "(.+)"\.$/.exec(error)?.[1] : undefined
  if (missing !== undefined) segments.push(missing)
  if (keyword === 'false') segments.pop()
  const shown = segments.map((name) => (names.has(name) || /^\d{1,4}$/.test(name) ? encodePointer(name) : '*'))
  return {
    path: shown.map((name) => `/${name}`).join(''),
    rule: keyword === 'false' ? 'additionalProperties' : keyword,
  }
}

/** All property names that a schema mentions: only they may be repeated, for a stranger's key may be anything. */
function propertyNames(schema: JsonValue, names: Set<string> = new Set()): ReadonlySet<string> {
  if (Array.isArray(schema)) for (const part of schema as readonly JsonValue[]) propertyNames(part, names)
  else if (typeof schema === 'object' && schema !== null) {
    for (const [keyword, part] of Object.entries(schema as JsonSchema)) {
      if (keyword === 'properties') for (const name of Object.keys(part as JsonSchema)) names.add(name)
      if (keyword === 'required') for (const name of part as readonly string[]) names.add(name)
      propertyNames(part, names)
    }
  }
  return names
}

function valueAt(form: JsonValue, path: string): JsonValue | undefined {
  let current: JsonValue | undefined = form
  for (const name of path.split('/').slice(1).map(decodePointer)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined
    current = (current as Readonly<Record<string, JsonValue>>)[name]
  }
  return current
}

function decodePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function encodePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
