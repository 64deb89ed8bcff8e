import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { describe, expect, it, test } from 'vitest'
import { type Decision, decide, type Fact, parsePolicy, type Test } from './index.ts'
import { creditDecision } from './wire.ts'

const document = {
  id: 'food-business',
  version: '2026.1',
  inputs: ['status', 'seriousCount', 'adverseCount', 'latestAdverseOn', 'level'],
  rules: [
    { id: 'serious', when: { seriousCount: { gte: 1 } }, measure: 'refuse' },
    { id: 'many', when: { adverseCount: { between: [3, 9] } }, measure: 'key-supervision' },
    { id: 'recent', when: { status: 'hit', latestAdverseOn: { withinDays: 365 } }, measure: 'strict' },
    { id: 'excellent', when: { status: 'clear', level: { in: ['优秀', '良好'] } }, measure: 'priority' },
  ],
  otherwise: 'normal',
}
const clear = {
  status: 'clear',
  asOf: '2026-11-24',
  adverseCount: 0,
  seriousCount: 0,
  latestAdverseOn: null,
  level: '优秀',
}
const hit = { ...clear, status: 'hit', adverseCount: 1, latestAdverseOn: '2026-03-01', level: '中等' }
const policy = parsePolicy(document)

/** The result of one cell. */
function judge(test: Test, value: Fact | undefined, asOf?: string): string {
  const one = parsePolicy({
    id: 'p',
    version: '1',
    inputs: ['x'],
    rules: [{ id: 'r', when: { x: test }, measure: 'strict' }],
    otherwise: 'normal',
  })
  const decision = decide({ ...(value === undefined ? {} : { x: value }), ...(asOf ? { asOf } : {}) }, one)
  return { strict: 'true', normal: 'false', unknown: 'unknown' }[decision.measure as 'strict' | 'normal' | 'unknown']
}

describe('a decision', () => {
  it.each([
    ['a serious record', { ...hit, seriousCount: 1 }, 'refuse', 'serious'],
    ['many records', { ...hit, adverseCount: 3 }, 'key-supervision', 'many'],
    ['a recent record', hit, 'strict', 'recent'],
    ['an excellent level', clear, 'priority', 'excellent'],
    ['nothing special', { ...clear, level: '中等' }, 'normal', 'otherwise'],
  ])('follows the first rule that holds: %s', (_title, facts, measure, rule) => {
    const decision = decide(facts, policy)
    expect(decision.measure).toBe(measure)
    expect(decision.reasons.map((reason) => reason.rule)).toEqual([rule])
    expect(v.parse(creditDecision, decision)).toEqual(decision)
  })

  it('says with which values its rule held and why the rules before it did not', () => {
    const { reasons, passedOver } = decide(hit, policy)
    expect(reasons).toEqual([
      {
        rule: 'recent',
        cells: [
          { input: 'status', test: 'hit', value: 'hit', result: 'true' },
          { input: 'latestAdverseOn', test: { withinDays: 365 }, value: '2026-03-01', result: 'true' },
        ],
      },
    ])
    expect(passedOver).toEqual([
      { rule: 'serious', cells: [{ input: 'seriousCount', test: { gte: 1 }, value: 0, result: 'false' }] },
      { rule: 'many', cells: [{ input: 'adverseCount', test: { between: [3, 9] }, value: 1, result: 'false' }] },
    ])
  })

  it('names policy and facts by the digests that any other program computes over their canonical JSON', () => {
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
    const small = { otherwise: 'normal', rules: [], inputs: [], version: '1', id: 'p' }
    const decision = decide({ b: 1, a: '样例' }, parsePolicy(small))
    expect(decision.policyHash).toBe(sha256('{"id":"p","inputs":[],"otherwise":"normal","rules":[],"version":"1"}'))
    expect(decision.inputsHash).toBe(sha256('{"a":"样例","b":1}'))
    expect(decide({ a: '样例', b: 1 }, parsePolicy(small))).toEqual(decision)
    expect(decide({ a: '样例', b: 2 }, parsePolicy(small)).inputsHash).not.toBe(decision.inputsHash)
  })

  it.each(['seriousCount', 'adverseCount', 'status', 'level'])('is unknown when %s is missing and matters', (name) => {
    const { [name as 'level']: _left, ...rest } = clear
    const decision: Decision = decide(rest, policy)
    expect(decision.measure).toBe('unknown')
    expect(decision.reasons[0]!.cells.find(({ input }) => input === name)).not.toHaveProperty('value')
    expect(decision.reasons[0]!.cells.some(({ result }) => result === 'unknown')).toBe(true)
  })

  it('does not need a fact whose rule is known not to hold by another cell', () => {
    const { latestAdverseOn: _left, ...rest } = clear
    expect(decide(rest, policy).measure).toBe('priority')
  })

  it('is unknown for a fact of another type, whatever later rules say', () => {
    expect(decide({ ...clear, seriousCount: '0' }, policy).measure).toBe('unknown')
    expect(decide({ ...clear, seriousCount: null }, policy).measure).toBe('unknown')
    expect(decide({ ...hit, latestAdverseOn: '2026-02-30' }, policy).measure).toBe('unknown')
  })

  it('is unknown for an unknown status unless the policy says what that means', () => {
    const blind = { ...document, inputs: ['status'], rules: [document.rules[2]] }
    const testsHit = parsePolicy({ ...blind, rules: [{ id: 'hit', when: { status: 'hit' }, measure: 'strict' }] })
    const decision = decide({ status: 'unknown', asOf: '2026-11-24' }, testsHit)
    expect(decision.measure).toBe('unknown')
    expect(decision.reasons[0]!.rule).toBe('status-unknown')
    const says = { id: 'u', when: { status: { not: { in: ['clear', 'hit', 'unknown'] } } }, measure: 'refuse' }
    const named = parsePolicy({
      ...blind,
      rules: [says, { id: 'v', when: { status: 'unknown' }, measure: 'strict' }],
    })
    expect(decide({ status: 'unknown' }, named).measure).toBe('strict')
    expect(decide({ status: 'unknown' }, parsePolicy({ ...blind, rules: [] })).measure).toBe('unknown')
  })

  it('does not take what every object has for a fact', () => {
    const table = parsePolicy({
      ...document,
      inputs: ['toString', 'valueOf'],
      rules: [{ id: 'r', when: { toString: { not: 'x' } }, measure: 'priority' }],
    })
    expect(decide({}, table).measure).toBe('unknown')
  })

  it('refuses a policy that was not checked', () => {
    expect(() => decide({}, document as never)).toThrow(expect.objectContaining({ code: 'ERR_CREDIT_POLICY_INVALID' }))
    expect(() => decide({}, undefined as never)).toThrow(expect.objectContaining({ code: 'ERR_CREDIT_POLICY_INVALID' }))
  })

  it.each([
    ['a list', []],
    ['nothing', null],
    ['a text', 'clear'],
    ['a list inside', { level: ['优秀'] }],
    ['an object inside', { level: { toString: 1 } }],
    ['a number that is none', { level: Number.NaN }],
    ['an infinity', { level: Number.POSITIVE_INFINITY }],
    ['half a character', { level: '\ud800' }],
    ['a huge text', { level: 'x'.repeat(1001) }],
    ['a day that does not exist', { asOf: '2026-02-30' }],
    ['too many facts', Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`f${index}`, 1]))],
  ])('refuses facts that are %s', (_title, facts) => {
    expect(() => decide(facts, policy)).toThrow(expect.objectContaining({ code: 'ERR_CREDIT_FACTS_INVALID' }))
  })

  it('names the fact that is wrong, and never its value', () => {
    try {
      decide({ level: ['11010519491231002X'] }, policy)
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify(error)).toContain('level')
      expect(JSON.stringify(error)).not.toContain('11010519491231002X')
    }
  })
})

describe('a unary test', () => {
  const cases: [Test, Fact | undefined, string][] = [
    ['a', 'a', 'true'],
    ['a', 'b', 'false'],
    ['a', 1, 'unknown'],
    ['a', null, 'unknown'],
    ['a', undefined, 'unknown'],
    [true, false, 'false'],
    [true, 'true', 'unknown'],
    [null, null, 'true'],
    [null, 0, 'false'],
    [null, undefined, 'unknown'],
    [{ not: null }, 'a', 'true'],
    [{ not: null }, null, 'false'],
    [{ in: ['a', 1] }, 1, 'true'],
    [{ in: ['a', 1] }, 'b', 'false'],
    [{ in: ['a', 1] }, true, 'unknown'],
    [{ in: ['a', null] }, null, 'true'],
    [{ in: ['a', null] }, 'b', 'false'],
    [{ gte: 2 }, 2, 'true'],
    [{ gt: 2 }, 2, 'false'],
    [{ lte: 2 }, 2, 'true'],
    [{ lt: 2 }, 2, 'false'],
    [{ gte: 2 }, '2', 'unknown'],
    [{ gte: 2 }, null, 'unknown'],
    [{ lt: '2026-04-01' }, '2026-03-31', 'true'],
    [{ lt: '2026-04-01' }, '2026-04-01', 'false'],
    [{ lt: '2026-04-01' }, 'yesterday', 'unknown'],
    [{ between: [1, 3] }, 3, 'true'],
    [{ between: [1, 3] }, 0, 'false'],
    [{ between: [1, 3] }, 4, 'false'],
    [{ between: [1, 3] }, '2', 'unknown'],
    [{ between: ['2026-01-01', '2026-12-31'] }, '2026-12-31', 'true'],
    [{ not: 'a' }, 'b', 'true'],
    [{ not: 'a' }, undefined, 'unknown'],
    [{ not: { not: 'a' } }, 'a', 'true'],
    [{ not: { gte: 2 } }, 'x', 'unknown'],
  ]
  it.each(cases)('%j of %j is %s', (test, value, expected) => {
    expect(judge(test, value)).toBe(expected)
  })

  it.each<[Test, string, string | undefined, string]>([
    [{ withinDays: 30 }, '2026-10-25', '2026-11-24', 'true'],
    [{ withinDays: 30 }, '2026-10-24', '2026-11-24', 'false'],
    [{ withinDays: 0 }, '2026-11-24', '2026-11-24', 'true'],
    [{ olderThanDays: 30 }, '2026-10-24', '2026-11-24', 'true'],
    [{ olderThanDays: 30 }, '2026-10-25', '2026-11-24', 'false'],
    [{ withinDays: 30 }, '2026-11-25', '2026-11-24', 'unknown'],
    [{ olderThanDays: 30 }, '2026-11-25', '2026-11-24', 'unknown'],
    [{ withinDays: 30 }, '2026-10-25', undefined, 'unknown'],
    [{ withinDays: 30 }, '2026-10-25T00:00:00Z', '2026-11-24', 'unknown'],
    [{ withinDays: 365 }, '2024-02-29', '2025-02-28', 'true'],
  ])('%j of %s as of %s is %s', (test, value, asOf, expected) => {
    expect(judge(test, value, asOf)).toBe(expected)
  })
})

describe('a status that is not known', () => {
  const table = (when: Record<string, unknown>, measure = 'refuse') =>
    parsePolicy({
      id: 'p',
      version: '1',
      inputs: ['status', 'seriousCount'],
      rules: [{ id: 'r', when, measure }],
      otherwise: 'normal',
    })

  test.each([
    ['a word that is no status', { status: 'timeout', seriousCount: 0 }, table({ status: 'hit' })],
    ['a status nobody gave', { seriousCount: 0 }, table({ seriousCount: { gte: 1 } })],
    [
      'a rule that names it beside another cell',
      { status: 'unknown', seriousCount: 0 },
      table({ status: 'unknown', seriousCount: { gte: 1 } }),
    ],
    [
      'a rule that excludes it',
      { status: 'unknown', seriousCount: 0 },
      table({ status: { not: 'unknown' }, seriousCount: { gte: 1 } }),
    ],
    ['null', { status: null }, table({ status: 'hit' })],
    ['a rule that calls it normal', { status: 'unknown' }, table({ status: 'unknown' }, 'normal')],
    ['a rule that calls it excellent', { status: 'unknown' }, table({ status: 'unknown' }, 'priority')],
  ])('never ends as normal or priority: %s', (_, facts, policy) => {
    expect(decide(facts, policy).measure).toBe('unknown')
  })

  test('may still be a reason to be strict, if the policy says so', () => {
    expect(decide({ status: 'unknown' }, table({ status: 'unknown' }, 'strict')).measure).toBe('strict')
  })

  test('does not matter to a policy that asks for none', () => {
    const policy = parsePolicy({
      id: 'p',
      version: '1',
      inputs: ['area'],
      rules: [{ id: 'r', when: { area: { gt: 500 } }, measure: 'strict' }],
      otherwise: 'normal',
    })
    expect(decide({ area: 20 }, policy).measure).toBe('normal')
  })
})
