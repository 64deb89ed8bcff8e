/** Decides a measure by a decision table and says why: which rule, which cells, which values. */
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson } from '@zhicheng/formats'
import { creditError } from './errors.ts'
import { dayNumber, isDay } from './lib/days.ts'
import type { Measure } from './measure.ts'
import { compiled, type Policy, reservedRules } from './policy.ts'
import type { Fact, Test, TestResult } from './policy-document.ts'

/** A cell that was looked at. `value` is left out when the facts do not have it. */
export interface DecisionCell {
  input: string
  test: Test
  value?: Fact
  result: TestResult
}

/** A rule with the answers of its cells. */
export interface DecisionReason {
  /** Identifier of the rule; `otherwise` when none held, `status-unknown` when the check itself knew nothing. */
  rule: string
  cells: DecisionCell[]
}

/** A decision. It can be made again from the facts that `inputsHash` names and the policy that `policyHash` names. */
export interface Decision {
  measure: Measure
  /** The rule that decided; with the measure `unknown` the one that could not be answered. */
  reasons: DecisionReason[]
  /** The rules before it, each with at least one cell that is known not to hold. */
  passedOver: DecisionReason[]
  policyId: string
  policyVersion: string
  /** SHA-256 in hex over canonical JSON. */
  policyHash: string
  inputsHash: string
}

const favourable: ReadonlySet<Measure> = new Set<Measure>(['normal', 'priority'])

/** Facts by name. A name that is missing says that nobody knows. */
export type CreditFacts = Readonly<Record<string, Fact>>

/**
 * Decides by the first rule that holds. A rule with an unknown cell and none that is false makes the whole decision
 * `unknown`: it may hold, so no later rule may decide. While the status is neither `clear` nor `hit` (missing, `unknown`, or
 * any other word), no rule gives `normal` or `priority` and `otherwise` does not decide: what nobody knows is never taken for
 * good. A rule may then still refuse, be strict or supervise.
 *
 * Takes the facts of a check or parsed JSON of strangers; throws `ERR_CREDIT_FACTS_INVALID` for anything but a flat object.
 *
 * @example
 * ```ts
 * const { measure, reasons } = decide(check.facts, policy)
 * ```
 */
export function decide(facts: unknown, policy: Policy): Decision {
  const table = policy?.[compiled]
  if (!table) {
    throw creditError('ERR_CREDIT_POLICY_INVALID', 'The policy was not checked: pass what parsePolicy returns.')
  }
  const known = readFacts(facts)
  const asOf = isDay(known.get('asOf')) ? dayNumber(known.get('asOf') as string) : undefined
  const passedOver: DecisionReason[] = []
  const finish = (measure: Measure, reason: DecisionReason): Decision => ({
    measure,
    reasons: [reason],
    passedOver,
    policyId: policy.id,
    policyVersion: policy.version,
    policyHash: policy.hash,
    inputsHash: digestFacts(known),
  })

  const status = known.get('status')
  const concerned = known.has('status') || policy.inputs.includes('status')
  const statusUnknown = concerned && status !== 'clear' && status !== 'hit'
  const undecided = (): Decision => {
    const cell: DecisionCell = {
      input: 'status',
      test: { in: ['clear', 'hit'] },
      ...(status === undefined ? {} : { value: status }),
      result: 'unknown',
    }
    return finish('unknown', { rule: reservedRules.statusUnknown, cells: [cell] })
  }

  for (const { rule, cells } of table.rules) {
    const looked = cells.map(({ input, test, judge }): DecisionCell => {
      const value = known.get(input)
      return { input, test, ...(value === undefined ? {} : { value }), result: judge(value, asOf) }
    })
    const reason = { rule: rule.id, cells: looked }
    if (looked.some(({ result }) => result === 'false')) passedOver.push(reason)
    else if (looked.some(({ result }) => result === 'unknown')) return finish('unknown', reason)
    else return statusUnknown && favourable.has(rule.measure) ? undecided() : finish(rule.measure, reason)
  }
  if (statusUnknown) return undecided()
  return finish(policy.otherwise, { rule: reservedRules.otherwise, cells: [] })
}

/** A map, so that a fact named like something every object has is missing unless it was given. */
function readFacts(facts: unknown): ReadonlyMap<string, Fact> {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) throw invalid('(whole)', 'an object')
  const entries = Object.entries(facts as Record<string, unknown>)
  if (entries.length > 256) throw invalid('(whole)', 'an object of at most 256 facts')
  for (const [name, value] of entries) {
    const place = name.length <= 64 ? name : `${name.slice(0, 64)}…`
    if (name.length > 64 || name === '') throw invalid(place, 'a name of 1 to 64 characters')
    const usable = value === null || typeof value === 'boolean' || Number.isFinite(value) || typeof value === 'string'
    if (!usable) throw invalid(place, 'a text, a number, true, false or null')
    if (typeof value === 'string' && (value.length > 1000 || /\p{Surrogate}/u.test(value))) {
      throw invalid(place, 'a well-formed text of at most 1000 characters')
    }
    if (name === 'asOf' && !isDay(value)) throw invalid(place, 'a day such as 2026-11-24')
  }
  return new Map(entries as [string, Fact][])
}

function digestFacts(facts: ReadonlyMap<string, Fact>): string {
  const plain: Record<string, Fact> = Object.create(null) as Record<string, Fact>
  for (const [name, value] of facts) plain[name] = value
  return toHex(hash('sha256', utf8(canonicalJson(plain))))
}

function invalid(name: string, expected: string): Error {
  return creditError('ERR_CREDIT_FACTS_INVALID', `The facts cannot be used: "${name}" wants ${expected}.`, {
    facts: { name },
  })
}
