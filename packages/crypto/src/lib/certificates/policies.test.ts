import { describe, expect, it } from 'vitest'
import { der } from '../../der.ts'
import { checkPolicies, type PolicyExtensions, readPolicyExtensions } from './policies.ts'

const any = '2.5.29.32.0'
const [gold, silver, bronze] = ['1.2.3.1', '1.2.3.2', '1.2.3.3'] as const
const path = (...certificates: PolicyExtensions[]) =>
  certificates.map((extensions) => ({ extensions, selfIssued: false }))
const explicit = (...acceptable: string[]) => ({
  requireExplicit: true,
  ...(acceptable.length > 0 ? { acceptable } : {}),
})

describe('policies over a path (RFC 5280, 6.1)', () => {
  it('bind only when an explicit one is required', () => {
    const none = path({}, {})
    expect(checkPolicies(none, {})).toBeUndefined()
    expect(checkPolicies(none, { acceptable: [gold] })).toBeUndefined()
    expect(checkPolicies(none, explicit())).toContain('explicit policy')
    expect(checkPolicies(path({ requireExplicit: 0 }, {}), {})).toContain('explicit policy')
    expect(checkPolicies(path({ requireExplicit: 5 }, {}), {})).toBeUndefined()
  })

  it('must be the same all the way and among the acceptable ones', () => {
    const same = path({ policies: [gold, silver] }, { policies: [gold] })
    expect(checkPolicies(same, explicit())).toBeUndefined()
    expect(checkPolicies(same, explicit(gold))).toBeUndefined()
    expect(checkPolicies(same, explicit(silver))).toContain('acceptable')
    expect(checkPolicies(path({ policies: [gold] }, { policies: [silver] }), explicit())).toContain('explicit policy')
  })

  it('may be any policy, unless that is inhibited', () => {
    const open = path({ policies: [any] }, { policies: [gold] })
    expect(checkPolicies(open, explicit(gold))).toBeUndefined()
    expect(checkPolicies(open, { ...explicit(gold), inhibitAny: true })).toContain('explicit policy')
    expect(checkPolicies(path({ policies: [gold] }, { policies: [any] }), explicit(gold))).toBeUndefined()
    const late = path({ policies: [gold], inhibitAny: 0 }, { policies: [any] })
    expect(checkPolicies(late, explicit(gold))).toContain('explicit policy')
  })

  it('are acceptable by the name they have at the top, however they were mapped', () => {
    const mapped = path({ policies: [gold], mappings: [[gold, silver]] }, { policies: [silver] })
    expect(checkPolicies(mapped, explicit(gold))).toBeUndefined()
    expect(checkPolicies(mapped, explicit(silver))).toContain('acceptable')
    expect(checkPolicies(mapped, { ...explicit(gold), inhibitMapping: true })).toContain('explicit policy')
    const fromAny = path({ policies: [any], mappings: [[gold, silver]] }, { policies: [silver] })
    expect(checkPolicies(fromAny, explicit(gold))).toBeUndefined()
    expect(checkPolicies(path({ policies: [gold], mappings: [[gold, any]] }, {}), {})).toContain('any-policy')
  })

  it('mapped all to all at every step stay as many as there are (RFC 9618)', () => {
    const policies = Array.from({ length: 100 }, (_, index) => `1.2.4.${index}`)
    const mappings = policies.slice(0, 15).flatMap((from) => policies.slice(0, 15).map((to) => [from, to] as const))
    const steps = path(...Array.from({ length: 11 }, () => ({ policies, mappings })), { policies: [policies[0]!] })
    expect(checkPolicies(steps, explicit(policies[14]!))).toBeUndefined()
    expect(checkPolicies(steps, explicit(policies[15]!, bronze))).toContain('acceptable')
  })
})

describe('policy extensions', () => {
  it.each([
    ['no policies', '2.5.29.32', der.sequence()],
    ['a policy twice', '2.5.29.32', der.sequence(der.sequence(der.oid(gold)), der.sequence(der.oid(gold)))],
    [
      'thousands of policies',
      '2.5.29.32',
      der.sequence(...Array.from({ length: 2000 }, (_, at) => der.sequence(der.oid(`1.2.${at}`)))),
    ],
    ['constraints that say nothing', '2.5.29.36', der.sequence()],
    ['a negative constraint', '2.5.29.36', der.sequence(der.implicit(0, der.integer(-1)))],
    ['a negative number', '2.5.29.54', der.integer(-1)],
  ])('are refused: %s', (_, oid, value) => {
    expect(() => readPolicyExtensions([{ oid, value }])).toThrow(expect.objectContaining({ code: 'ERR_DER_INVALID' }))
  })
})
