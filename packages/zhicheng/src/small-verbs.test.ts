import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { document, refused, run, temporaryFolder } from './test-support/run.ts'
import { verb as codesCheck } from './verbs/codes-check.ts'
import { verb as creditDecide } from './verbs/credit-decide.ts'
import { verb as doctor } from './verbs/doctor.ts'

let folder: ReturnType<typeof temporaryFolder>
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => folder.remove())

describe('codes check', () => {
  test('valid codes of both kinds end with status 0', async () => {
    const outcome = await run(folder.path, ['codes', 'check', '91330110MA2AXY0E7F', '11010519491231002X', '--json'])
    expect(outcome).toMatchObject({ status: 0, err: '' })
    const { valid, codes } = document(outcome, codesCheck.output!)
    expect(valid).toBe(true)
    expect(codes).toMatchObject([{ kind: 'uscc' }, { kind: 'resident-id' }])
  })

  test('one wrong code among good ones ends with status 1 and says why', async () => {
    const outcome = await run(folder.path, ['codes', 'check', '91330110MA2AXY0E7F', '91330110MA2AXY0E7G', '--json'])
    expect(outcome.status).toBe(1)
    expect(document(outcome, codesCheck.output!)).toMatchObject({
      valid: false,
      codes: [{ valid: true }, { position: 2, valid: false, findings: [{ severity: 'error' }] }],
    })
  })

  test.each([['--json'], []])('a resident ID number is never repeated %s', async (...flags) => {
    const { out, err } = await run(folder.path, [
      'codes',
      'check',
      '11010519491231002X',
      '110105194912310021',
      ...flags,
    ])
    expect(out + err).not.toMatch(/\d{8,}/)
  })
})

describe('doctor', () => {
  test('tells of this machine that it can do what the tests need', async () => {
    const outcome = await run(folder.path, ['doctor', '--json'])
    expect(outcome.status).toBe(0)
    const { ok, checks } = document(outcome, doctor.output!) as { ok: boolean; checks: { id: string; ok: boolean }[] }
    expect(ok).toBe(true)
    expect(checks.map(({ id }) => id)).toEqual(['node', 'sm3', 'sm2', 'sqlite', 'browser'])
    for (const id of ['node', 'sm3', 'sm2']) expect(checks.find((check) => check.id === id)?.ok).toBe(true)
  })

  test('names the browser that a changed PATH hides as missing, which is no failure', async () => {
    const before = process.env['PATH']
    process.env['PATH'] = folder.path
    try {
      const { status, out } = await run(folder.path, ['doctor'])
      expect(status).toBe(0)
      expect(out).toContain('no   browser')
    } finally {
      process.env['PATH'] = before
    }
  })
})

describe('credit decide', () => {
  const policy = {
    id: 'food-business',
    version: '1',
    inputs: ['status', 'seriousCount'],
    rules: [{ id: 'serious', when: { seriousCount: { gte: 1 } }, measure: 'refuse' }],
    otherwise: 'normal',
  }
  const decideWith = async (facts: unknown, flags: string[] = ['--json']) => {
    writeFileSync(join(folder.path, 'policy.json'), JSON.stringify(policy))
    writeFileSync(join(folder.path, 'facts.json'), JSON.stringify(facts))
    return run(folder.path, ['credit', 'decide', '--policy', 'policy.json', '--facts', 'facts.json', ...flags])
  }

  test.each([
    [{ status: 'clear', seriousCount: 0 }, 'normal', 0],
    [{ status: 'hit', seriousCount: 2 }, 'refuse', 1],
    [{ status: 'clear' }, 'unknown', 1],
    [{ status: 'unknown', seriousCount: 0 }, 'unknown', 1],
  ])('facts %j are decided as %s with status %i', async (facts, measure, status) => {
    const outcome = await decideWith(facts)
    expect(outcome.status).toBe(status)
    expect(document(outcome, creditDecide.output!)).toMatchObject({ measure, policyId: 'food-business' })
  })

  test('the report for people names the rule and the fact', async () => {
    const { out } = await decideWith({ status: 'hit', seriousCount: 2 }, [])
    expect(out).toContain('refuse by food-business 1')
    expect(out).toContain('seriousCount {"gte":1}: true, the fact is 2')
  })

  test('a policy that is none and facts that are no JSON are refused by name', async () => {
    await decideWith({ status: 'clear' })
    writeFileSync(join(folder.path, 'broken.json'), '{"a":1,"a":2}')
    const words = ['credit', 'decide', '--policy']
    const policyError = await refused(
      folder.path,
      [...words, 'facts.json', '--facts', 'facts.json'],
      'ERR_CREDIT_POLICY_INVALID',
    )
    expect(policyError).toContain('facts.json')
    await refused(folder.path, [...words, 'policy.json', '--facts', 'broken.json'], 'ERR_JSON_DUPLICATE_KEY')
    await refused(folder.path, [...words, 'policy.json', '--facts', 'none.json'], 'ERR_COMMAND_FILE')
  })
})
