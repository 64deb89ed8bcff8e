/** The JSON that other programs read: decisions of the command line. */
import type { Schema } from '@zhicheng/core'
import * as v from 'valibot'
import type { Decision, DecisionReason } from './decide.ts'
import { measures } from './measure.ts'
import type { Fact, Test } from './policy.ts'

const fact: Schema<Fact> = v.nullable(v.union([v.string(), v.number(), v.boolean()]))
const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

// Tests nest, and a reader of decisions only shows them, so an operator is any object here; policies are checked strictly.
const test = v.union([fact, v.looseObject({})]) as unknown as Schema<Test>

const reason: Schema<DecisionReason> = v.object({
  rule: v.string(),
  cells: v.array(
    v.object({
      input: v.string(),
      test,
      value: v.exactOptional(fact),
      result: v.picklist(['true', 'false', 'unknown']),
    }),
  ),
})

/** The schema of a {@link Decision}. */
export const creditDecision: Schema<Decision> = v.object({
  measure: v.picklist(measures),
  reasons: v.array(reason),
  passedOver: v.array(reason),
  policyId: v.string(),
  policyVersion: v.string(),
  policyHash: digest,
  inputsHash: digest,
})
