/** The JSON form of a decision table. What its parts mean is told at the types in `../policy-document.ts`. */
import * as v from 'valibot'
import { measures } from '../measure.ts'
import type { PolicyDocument, Scalar, Test } from '../policy-document.ts'
import { dayNumber, isDay } from './days.ts'

const identifier = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u))
const inputName = v.pipe(v.string(), v.regex(/^\p{L}[\p{L}\p{N}_]{0,63}$/u))
const scalar: v.GenericSchema<unknown, Scalar> = v.union([
  v.pipe(v.string(), v.maxLength(200)),
  v.pipe(v.number(), v.finite()),
  v.boolean(),
  v.null(),
])
const limit = v.union([
  v.pipe(v.number(), v.finite()),
  v.pipe(
    v.string(),
    v.check((text) => isDay(text)),
  ),
])
const days = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(36_600))

const test: v.GenericSchema<unknown, Test> = v.union([
  scalar,
  v.strictObject({ in: v.pipe(v.array(scalar), v.minLength(1), v.maxLength(1000)) }),
  v.strictObject({ gte: limit }),
  v.strictObject({ gt: limit }),
  v.strictObject({ lte: limit }),
  v.strictObject({ lt: limit }),
  v.strictObject({
    between: v.pipe(
      v.strictTuple([limit, limit]),
      v.check((range) => isRange(range)),
    ),
  }),
  v.strictObject({ withinDays: days }),
  v.strictObject({ olderThanDays: days }),
  v.strictObject({ not: v.lazy(() => test) }),
])

const measure = v.picklist(measures)

/** The schema of a {@link PolicyDocument}. */
export const policySchema: v.GenericSchema<unknown, PolicyDocument> = v.strictObject({
  id: identifier,
  version: identifier,
  inputs: v.pipe(v.array(inputName), v.maxLength(64)),
  rules: v.pipe(
    v.array(v.strictObject({ id: identifier, when: v.record(inputName, test), measure })),
    v.maxLength(1000),
  ),
  otherwise: measure,
})

function isRange([from, to]: [number | string, number | string]): boolean {
  if (typeof from === 'string' && typeof to === 'string') return dayNumber(from) <= dayNumber(to)
  return typeof from === 'number' && typeof to === 'number' && from <= to
}
