/** The JSON form of a credit policy: a decision table (决策表) of rules, and the unary tests in its cells. */
import type { Measure } from './measure.ts'

/** A value of a fact. Days are texts such as `2026-11-24`; `null` says that it is known that there is none. */
export type Fact = string | number | boolean | null

/** A value that a test compares with. */
export type Scalar = Fact

/** Answer of a test: `unknown` when the fact is missing or of another type. */
export type TestResult = 'true' | 'false' | 'unknown'

/**
 * A unary test as data. A plain value is equality. Limits are numbers or days and `between` includes both.
 * `withinDays` and `olderThanDays` measure how long a day lies before the fact `asOf`.
 */
export type Test =
  | Scalar
  | { in: Scalar[] }
  | { gte: number | string }
  | { gt: number | string }
  | { lte: number | string }
  | { lt: number | string }
  | { between: [number | string, number | string] }
  | { withinDays: number }
  | { olderThanDays: number }
  | { not: Test }

/** A rule: it holds when all of its cells hold. */
export interface PolicyRule {
  /** Unique within the policy. */
  id: string
  /** At least one cell: input name to test. */
  when: Record<string, Test>
  measure: Measure
}

/** A decision table as JSON. Rules are tried in their order and the first that holds decides. */
export interface PolicyDocument {
  id: string
  version: string
  /** Names of the facts that rules may test, so that a misspelt name is found when the policy is read. */
  inputs: string[]
  rules: PolicyRule[]
  /** When every rule is known not to hold. */
  otherwise: Measure
}
