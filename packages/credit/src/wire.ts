/** The JSON that other programs read: decisions of the command line, and publication records on their way. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import * as v from 'valibot'
import type { Decision, DecisionReason } from './decide.ts'
import { measures } from './measure.ts'
import type { Fact, Test } from './policy-document.ts'
import type { LicencePublication } from './publication.ts'

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

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4000))
const code = v.pipe(v.string(), v.length(18))
const day = v.pipe(v.string(), v.regex(/^\d{4}\/\d{2}\/\d{2}$/))

/** The schema of a {@link LicencePublication}. It is strict: a field for an ID number is refused, not dropped. */
export const licencePublication: Schema<LicencePublication> = v.strictObject({
  XK_XDR_MC: text,
  XK_XDR_LB: text,
  XK_XDR_SHXYM: code,
  XK_FRDB: v.exactOptional(text),
  XK_XKWS: text,
  XK_WSH: text,
  XK_XKLB: text,
  XK_XKZS: v.exactOptional(text),
  XK_XKBH: v.exactOptional(text),
  XK_NR: text,
  XK_JDRQ: day,
  XK_YXQZ: day,
  XK_YXQZI: day,
  XK_XKJG: text,
  XK_XKJGDM: code,
  XK_ZT: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-3]$/))),
  XK_LYDW: text,
  XK_LYDWDM: code,
  BZ: v.exactOptional(text),
})

/** Hands a record to whoever puts it online. A record under a key that was taken before is answered with the same receipt. */
export const submitPublication: Operation<{
  body: { key: string; record: LicencePublication }
  response: { receipt: string }
}> = operation({
  id: 'credit.publication.submit',
  method: 'POST',
  path: '/credit/publications',
  summary: 'Submits a licence record for publication (行政许可双公示).',
  body: v.strictObject({ key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), record: licencePublication }),
  response: v.object({ receipt: v.pipe(v.string(), v.minLength(1), v.maxLength(128)) }),
})
