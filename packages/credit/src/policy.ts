/** Credit policies as data: decision tables (决策表) in JSON, checked once and compiled to closures. */
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import * as v from 'valibot'
import { creditError } from './errors.ts'
import { findOutOfBounds } from './lib/check-bounds.ts'
import { type CompiledTest, compileTest } from './lib/compile-test.ts'
import { policySchema } from './lib/policy-schema.ts'
import type { PolicyDocument, PolicyRule, Test } from './policy-document.ts'

/** A checked and compiled policy; {@link parsePolicy} makes it. */
export interface Policy extends Readonly<PolicyDocument> {
  /** SHA-256 in hex over the document's canonical JSON (RFC 8785). */
  readonly hash: string
  readonly [compiled]: CompiledPolicy
}

/** Holds the closures; a symbol, so that no JSON can bring its own. */
export const compiled: unique symbol = Symbol('zhicheng.credit.compiled')

/** What {@link parsePolicy} compiled. */
export interface CompiledPolicy {
  readonly rules: readonly {
    readonly rule: PolicyRule
    readonly cells: readonly { readonly input: string; readonly test: Test; readonly judge: CompiledTest }[]
  }[]
}

/** Rule names that decisions use for themselves. */
export const reservedRules = { otherwise: 'otherwise', statusUnknown: 'status-unknown' } as const

/**
 * Checks and compiles a decision table, such as the parsed content of a JSON file. Throws `ERR_CREDIT_POLICY_INVALID`
 * whose message and `facts.path` name the place.
 *
 * @example
 * ```ts
 * const policy = parsePolicy({
 *   id: 'food-business', version: '1', inputs: ['status', 'seriousCount'],
 *   rules: [{ id: 'serious', when: { seriousCount: { gte: 1 } }, measure: 'refuse' }],
 *   otherwise: 'normal',
 * })
 * decide({ status: 'hit', seriousCount: 1 }, policy).measure // 'refuse'
 * ```
 */
export function parsePolicy(value: unknown): Policy {
  const outside = findOutOfBounds(value, { maxDepth: 16, maxNodes: 100_000, maxText: 200 })
  if (outside) throw invalid(outside.path, outside.what)
  const result = v.safeParse(policySchema, value, { abortEarly: true })
  if (!result.success) {
    const issue = result.issues[0]
    throw invalid(v.getDotPath(issue) ?? '', describeIssue(issue))
  }
  const document = freeze(result.output)
  checkNames(document)
  const rules = document.rules.map((rule) => ({
    rule,
    cells: Object.entries(rule.when).map(([input, test]) => ({ input, test, judge: compileTest(test) })),
  }))
  const digest = toHex(hash('sha256', utf8(canonicalJson(document as unknown as JsonValue))))
  return Object.freeze({ ...document, hash: digest, [compiled]: { rules } })
}

function checkNames({ inputs, rules }: PolicyDocument): void {
  const known = new Set<string>()
  for (const [index, input] of inputs.entries()) {
    if (known.has(input)) throw invalid(`inputs.${index}`, 'stands twice')
    known.add(input)
  }
  const taken = new Set<string>(Object.values(reservedRules))
  for (const [index, { id, when }] of rules.entries()) {
    if (taken.has(id)) throw invalid(`rules.${index}.id`, 'stands twice or is a name that decisions use themselves')
    taken.add(id)
    const cells = Object.keys(when)
    if (cells.length === 0) throw invalid(`rules.${index}.when`, 'tests nothing; say it with "otherwise"')
    const stranger = cells.find((input) => !known.has(input))
    if (stranger !== undefined) throw invalid(`rules.${index}.when.${stranger}`, 'is not among the inputs')
  }
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'union') return 'is no known test'
  if (issue.type === 'strict_object') return 'is not a field here, or a field that must be here is missing'
  return `wants ${issue.expected ?? issue.type}`
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

function invalid(path: string, what: string): Error {
  const place = path === '' ? '(whole)' : path
  return creditError('ERR_CREDIT_POLICY_INVALID', `The policy cannot be used: ${place} ${what}.`, {
    facts: { path: place },
  })
}
