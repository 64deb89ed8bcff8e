import { describe, expect, it } from 'vitest'
import { parsePolicy } from './index.ts'

const good = {
  id: 'p',
  version: '1',
  inputs: ['status', 'count'],
  rules: [{ id: 'r', when: { status: 'hit' }, measure: 'strict' }],
  otherwise: 'normal',
}
const withTest = (test: unknown): unknown => ({
  ...good,
  rules: [{ id: 'r', when: { count: test }, measure: 'strict' }],
})

/** The place that the refusal names. */
function refusedAt(value: unknown): unknown {
  try {
    parsePolicy(value)
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_CREDIT_POLICY_INVALID' })
    return (error as { facts: { path: string } }).facts.path
  }
  return 'accepted'
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = { not: value }
  return value
}

describe('a policy', () => {
  it('is taken as it is, and cannot be changed afterwards', () => {
    const policy = parsePolicy(good)
    expect(JSON.parse(JSON.stringify(policy))).toEqual({ ...good, hash: policy.hash })
    expect(() => {
      policy.rules[0]!.measure = 'priority'
    }).toThrow(TypeError)
  })

  it.each<[string, unknown, string]>([
    ['no object', 'policy', '(whole)'],
    ['nothing', undefined, '(whole)'],
    ['an unknown measure', { ...good, otherwise: 'ignore' }, 'otherwise'],
    ['an unknown field', { ...good, hitPolicy: 'collect' }, 'hitPolicy'],
    ['a field missing', { ...good, version: undefined }, 'version'],
    ['an unknown operator', withTest({ matches: '^a' }), 'rules.0.when.count'],
    ['an operator within not', withTest({ not: { script: '1' } }), 'rules.0.when.count'],
    ['two operators in one test', withTest({ gte: 1, lt: 3 }), 'rules.0.when.count'],
    ['an empty test', withTest({}), 'rules.0.when.count'],
    ['a list as a test', withTest([1, 2]), 'rules.0.when.count'],
    ['an empty list', withTest({ in: [] }), 'rules.0.when.count'],
    ['a range the wrong way round', withTest({ between: [3, 1] }), 'rules.0.when.count'],
    ['a range of a number and a day', withTest({ between: [1, '2026-01-01'] }), 'rules.0.when.count'],
    ['a limit that is no day', withTest({ gte: '2026-02-30' }), 'rules.0.when.count'],
    ['a limit that is no number', withTest({ gte: Number.NaN }), 'rules.0.when.count'],
    ['a negative distance', withTest({ withinDays: -1 }), 'rules.0.when.count'],
    ['a broken distance', withTest({ olderThanDays: 1.5 }), 'rules.0.when.count'],
    ['an input that was not declared', { ...good, inputs: [] }, 'rules.0.when.status'],
    ['an input declared twice', { ...good, inputs: ['status', 'status'] }, 'inputs.1'],
    ['a rule without cells', { ...good, rules: [{ ...good.rules[0], when: {} }] }, 'rules.0.when'],
    ['two rules of one name', { ...good, rules: [good.rules[0], good.rules[0]] }, 'rules.1.id'],
    ['a rule named otherwise', { ...good, rules: [{ ...good.rules[0], id: 'otherwise' }] }, 'rules.0.id'],
    [
      'too many rules',
      { ...good, rules: Array.from({ length: 1001 }, (_, i) => ({ ...good.rules[0], id: `r${i}` })) },
      'rules',
    ],
  ])('is refused with %s, and the refusal names the place', (_title, value, path) => {
    expect(refusedAt(value)).toBe(path)
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'is refused when a cell is named %s instead of losing the cell',
    (name) => {
      const text = `{"id":"p","version":"1","inputs":["status","${name}"],"otherwise":"normal","rules":[{"id":"r","when":{"status":"clear","${name}":1},"measure":"priority"}]}`
      expect(refusedAt(JSON.parse(text))).toBe(`rules.0.when.${name}`)
    },
  )

  it('is refused without a stack overflow when it is nested too deep, or in a circle', () => {
    expect(refusedAt(withTest(nested(9)))).toBe('accepted')
    expect(refusedAt(withTest(nested(100_000)))).toMatch(/^rules\.0\.when\.count\.not/)
    const circle: Record<string, unknown> = {}
    circle['not'] = circle
    expect(refusedAt(withTest(circle))).toMatch(/^rules\.0\.when\.count\.not/)
  })

  it('is refused when it is huge', () => {
    expect(refusedAt(withTest({ in: Array.from({ length: 200_000 }, (_, index) => index) }))).toBe(
      'rules.0.when.count.in',
    )
    expect(refusedAt(withTest('x'.repeat(1_000_000)))).toBe('rules.0.when.count')
    const wide = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1]))
    expect(refusedAt({ ...good, rules: [{ ...good.rules[0], when: wide }] })).toBe('rules.0.when')
  })
})
