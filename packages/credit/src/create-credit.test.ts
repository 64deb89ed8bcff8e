import { inspect } from 'node:util'
import { fixedClock, type LogEntry, secret } from '@zhicheng/core'
import type { Store } from '@zhicheng/store'
import { memoryStore } from '@zhicheng/store/memory'
import { describe, expect, it, vi } from 'vitest'
import {
  type AuditEntry,
  type CreateCreditOptions,
  type CreditAnswer,
  type CreditProviderV1,
  type CreditRecord,
  type CreditSubject,
  createCredit,
  creditError,
  type Purpose,
} from './index.ts'

const uscc = '91330110MA2AXY0E7F'
const residentId = '11010519491231002X'
const personName = '张三（样例）'
const purpose: Purpose = { powerMatter: 'JY-00001', subPowerMatter: 'JY-00001-01', accessedBy: 'window-3' }
const subject: CreditSubject = { kind: 'organisation', uscc, name: '样例餐饮有限公司' }
const person: CreditSubject = { kind: 'person', name: personName, residentId: secret(residentId) }
const taken = { measure: 'strict' as const, caseNumber: 'case-1', at: new Date('2026-11-24T01:00:00Z') }
const fine = {
  found: true as const,
  queryId: 'q-1',
  subjectCode: uscc,
  level: '优秀',
  records: [] as CreditRecord[],
  asOf: new Date('2026-11-24T00:00:00+08:00'),
  validUntil: new Date('2026-11-25T00:00:00+08:00'),
}
const adverse: CreditRecord = {
  id: 'r-1',
  nature: 'adverse',
  title: '行政处罚（样例）',
  authority: '样例市市场监督管理局',
  decidedOn: '2026-06-10',
}

function setUp(options: Partial<CreateCreditOptions> = {}) {
  const clock = fixedClock('2026-11-24T08:00:00+08:00')
  const store = memoryStore()
  const logged: LogEntry[] = []
  const query = vi.fn<CreditProviderV1['query']>(async () => fine)
  const feedback = vi.fn<CreditProviderV1['feedback']>(async ({ key }) => ({ receipt: `receipt-${key}` }))
  const credit = createCredit({
    provider: { specification: 'v1', id: 'test', query, feedback },
    store,
    clock,
    logger: (entry) => logged.push(entry),
    runner: { backoff: () => 60_000 },
    timeoutMilliseconds: 100,
    ...options,
  })
  const audit = async (): Promise<AuditEntry[]> =>
    (await store.read((view) => view.events<AuditEntry>('credit.audit'))).map(({ event }) => event)
  return { clock, store, logged, query, feedback, credit, audit }
}

describe('a purpose', () => {
  it('is wanted by the compiler and at run time, and nothing is asked without it', async () => {
    const { credit, query, audit } = setUp()
    // @ts-expect-error a check without a purpose does not compile
    await expect(credit.check({ subject })).rejects.toMatchObject({ code: 'ERR_CREDIT_PURPOSE_INVALID' })
    // @ts-expect-error nor does one without the person who asks
    const nameless: Purpose = { powerMatter: 'a', subPowerMatter: 'b' }
    await expect(credit.check({ subject, purpose: nameless })).rejects.toMatchObject({
      code: 'ERR_CREDIT_PURPOSE_INVALID',
      outcome: 'not_sent',
      facts: { fields: ['accessedBy'] },
    })
    expect(query).not.toHaveBeenCalled()
    expect(await audit()).toEqual([])
  })

  it.each([
    ['an ID number as the one who asks', { accessedBy: residentId }, 'accessedBy'],
    ['an empty matter', { powerMatter: '' }, 'powerMatter'],
    ['a matter with other characters', { subPowerMatter: 'a b' }, 'subPowerMatter'],
    ['a line break', { replacedMaterial: 'a\nb' }, 'replacedMaterial'],
    ['a consent in clear', { consent: 'token' }, 'consent'],
    ['an empty consent', { consent: secret('  ') }, 'consent'],
    ['an unknown field', { reason: 'curiosity' }, 'reason'],
  ])('with %s is refused by the name of the field, never by its value', async (_title, change, field) => {
    const { credit, query } = setUp()
    const error: unknown = await credit
      .check({ subject, purpose: { ...purpose, ...change } as Purpose })
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'ERR_CREDIT_PURPOSE_INVALID', facts: { fields: [field] } })
    expect(inspect(error)).not.toContain(residentId)
    expect(query).not.toHaveBeenCalled()
  })
})

describe('a natural person', () => {
  it('is not asked about without a statutory basis or consent', async () => {
    const { credit, query } = setUp()
    await expect(credit.check({ subject: person, purpose })).rejects.toMatchObject({
      code: 'ERR_CREDIT_PERSON_WITHOUT_BASIS',
      outcome: 'not_sent',
    })
    expect(query).not.toHaveBeenCalled()
    query.mockResolvedValue({ ...fine, subjectCode: residentId })
    for (const ground of [{ basis: 'XZXK-34' }, { consent: secret('consent-token') }]) {
      const check = await credit.check({ subject: person, purpose: { ...purpose, ...ground } })
      expect(check.status).toBe('clear')
    }
  })

  it('leaves neither number, name nor consent in the store, the log, the result or an error', async () => {
    const { credit, query, store, logged, audit } = setUp()
    const consent = secret('consent-token')
    const errors: unknown[] = []
    const answers: CreditAnswer[] = [
      { ...fine, subjectCode: residentId },
      { ...fine, subjectCode: 'another' },
      { found: false },
    ]
    const checks = []
    for (const answer of answers) {
      query.mockResolvedValueOnce(answer)
      checks.push(await credit.check({ subject: person, purpose: { ...purpose, consent } }))
    }
    errors.push(await credit.check({ subject: person, purpose }).catch((e) => e))
    const wrong = { ...person, residentId: secret('110105194912310021') }
    errors.push(await credit.check({ subject: wrong, purpose: { ...purpose, consent } }).catch((e) => e))
    await credit.feedback(checks[0]!.id, taken)
    const kept = await store.read((view) => view.find('credit.checks'))
    const visible = inspect([checks, errors, logged, kept, await audit(), person, consent], { depth: 20 })
    for (const word of [residentId, '110105194912310021', 'consent-token']) expect(visible).not.toContain(word)
    expect(inspect([checks, errors, logged, kept, await audit()], { depth: 20 })).not.toContain(personName)
  })
})

describe('an organisation', () => {
  it.each([
    ['a code that is none', { uscc: '91330110MA2AXY0E70' }],
    ['no name', { name: ' ' }],
    ['another kind', { kind: 'company' }],
  ])('with %s is refused without repeating it', async (_title, change) => {
    const { credit, query } = setUp()
    const error: unknown = await credit
      .check({ subject: { ...subject, ...change } as CreditSubject, purpose })
      .catch((e) => e)
    expect(error).toMatchObject({ code: 'ERR_CREDIT_SUBJECT_INVALID', outcome: 'not_sent' })
    expect(inspect(error)).not.toContain('91330110MA2AXY0E70')
    expect(query).not.toHaveBeenCalled()
  })
})

describe('a check', () => {
  it('is clear only for a complete and current answer about the subject, and is kept', async () => {
    const { credit } = setUp()
    const check = await credit.check({ subject, purpose })
    expect(check).toMatchObject({ status: 'clear', facts: { status: 'clear', adverseCount: 0, latestAdverseOn: null } })
    expect(check).not.toHaveProperty('unknownBecause')
    expect(await credit.readCheck(check.id)).toEqual(check)
    await expect(credit.readCheck('f'.repeat(32))).rejects.toMatchObject({ code: 'ERR_CREDIT_CHECK_UNKNOWN' })
  })

  it('counts records in force by class, an unclassified one not as minor', async () => {
    const { credit, query } = setUp()
    const records: CreditRecord[] = [
      adverse,
      { ...adverse, id: 'r-2', severity: 'serious', decidedOn: '2026-07-01' },
      { ...adverse, id: 'r-3', severity: 'minor', publishedUntil: '2026-11-24' },
      { ...adverse, id: 'r-4', severity: 'serious', publishedUntil: '2026-11-23' },
      { ...adverse, id: 'r-5', severity: 'serious', repairedOn: '2026-11-24' },
      { ...adverse, id: 'r-6', nature: 'favourable' },
    ]
    query.mockResolvedValue({ ...fine, records })
    const check = await credit.check({ subject, purpose })
    expect(check.status).toBe('hit')
    expect(check.facts).toEqual({
      status: 'hit',
      asOf: '2026-11-24',
      level: '优秀',
      adverseCount: 3,
      seriousCount: 1,
      generalCount: 0,
      minorCount: 1,
      unclassifiedCount: 1,
      favourableCount: 1,
      latestAdverseOn: '2026-07-01',
    })
    expect(check.dropped).toEqual([
      { record: 'r-4', because: 'expired' },
      { record: 'r-5', because: 'repaired' },
    ])
  })

  const without = (name: keyof typeof fine): CreditAnswer => {
    const { [name]: _left, ...rest } = fine
    return rest as CreditAnswer
  }
  const soon = new Date('2026-11-25T00:00:00+08:00')
  it.each<[string, unknown, string]>([
    ['no list of records', without('records'), 'missing-field'],
    ['no time of the data', without('asOf'), 'missing-field'],
    ['no validity', without('validUntil'), 'missing-field'],
    ['no subject', without('subjectCode'), 'missing-field'],
    ['a record without its nature', { ...fine, records: [{ ...adverse, nature: undefined }] }, 'missing-field'],
    ['a record without a usable day', { ...fine, records: [{ ...adverse, decidedOn: '10/6/2026' }] }, 'missing-field'],
    ['a record of an unknown class', { ...fine, records: [{ ...adverse, severity: '极重' }] }, 'missing-field'],
    ['a time that is none', { ...fine, asOf: new Date(Number.NaN) }, 'missing-field'],
    ['nothing at all', undefined, 'missing-field'],
    ['another subject', { ...fine, subjectCode: '91330110MA2AXY109W' }, 'subject-mismatch'],
    ['no such subject', { found: false }, 'not-found'],
    ['validity over', { ...fine, validUntil: new Date('2026-11-24T08:00:00+08:00') }, 'stale'],
    ['data too old', { ...fine, asOf: new Date('2026-10-24T00:00:00+08:00') }, 'stale'],
    ['data of tomorrow', { ...fine, asOf: soon, validUntil: new Date('2026-12-25T00:00:00Z') }, 'stale'],
  ])('is unknown, never clear, for an answer with %s', async (_title, answer, reason) => {
    const { credit, query } = setUp()
    query.mockResolvedValue(answer as CreditAnswer)
    const check = await credit.check({ subject, purpose })
    expect(check).toMatchObject({ status: 'unknown', unknownBecause: reason, records: [] })
    expect(check.facts).toEqual({ status: 'unknown', asOf: '2026-11-24' })
    expect(check).not.toHaveProperty('level')
  })

  const platform = (code: Parameters<typeof creditError>[0], outcome: 'unknown' | 'refused' | 'not_sent') => () =>
    Promise.reject(creditError(code, 'It failed.', { outcome }))
  it.each<[string, () => Promise<CreditAnswer>, string]>([
    ['is not reached', platform('ERR_CREDIT_PLATFORM_UNREACHABLE', 'unknown'), 'no-answer'],
    ['refuses', platform('ERR_CREDIT_PLATFORM_REFUSED', 'refused'), 'refused'],
    ['answers something else', platform('ERR_CREDIT_PLATFORM_ANSWER_INVALID', 'unknown'), 'answer-invalid'],
    ['does not do this kind', platform('ERR_CREDIT_SUBJECT_UNSUPPORTED', 'not_sent'), 'subject-unsupported'],
    ['never answers and does not listen', () => new Promise(() => {}), 'timeout'],
    ['has a provider with a mistake', () => Promise.reject(new TypeError('x is undefined')), 'provider-failed'],
  ])('is unknown, never clear, when the platform %s', async (_title, behave, reason) => {
    const { credit, query, logged } = setUp()
    query.mockImplementation(behave)
    const check = await credit.check({ subject, purpose })
    expect(check).toMatchObject({ status: 'unknown', unknownBecause: reason })
    expect(logged).toMatchObject([{ event: 'credit.check-unknown', facts: { checkId: check.id, reason } }])
  })

  it('ends with the reason of the caller who gives up, and the question stays in the audit stream', async () => {
    const { credit, query, audit } = setUp()
    query.mockImplementation(() => new Promise(() => {}))
    const controller = new AbortController()
    const asked = credit.check({ subject, purpose, signal: controller.signal })
    await vi.waitFor(() => expect(query).toHaveBeenCalled())
    controller.abort(new Error('left'))
    await expect(asked).rejects.toThrow('left')
    expect((await audit()).map(({ event }) => event)).toEqual(['asked', 'aborted'])
    await expect(credit.check({ subject, purpose, signal: controller.signal })).rejects.toThrow('left')
    expect(query).toHaveBeenCalledTimes(1)
  })

  it('is in the audit stream before it is asked, by digests that differ although the question is the same', async () => {
    const { credit, query, audit } = setUp()
    let before = 0
    query.mockImplementation(async () => {
      before = (await audit()).length
      return fine
    })
    await credit.check({ subject, purpose })
    expect(before).toBe(1)
    await credit.check({ subject, purpose })
    const entries = await audit()
    expect(entries.map(({ event }) => event)).toEqual(['asked', 'answered', 'asked', 'answered'])
    expect(entries[0]!.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(entries[0]!.digest).not.toBe(entries[2]!.digest)
    for (const entry of entries) {
      expect(Object.keys(entry).sort()).toEqual(['about', 'at', 'digest', 'event', 'provider'])
    }
  })
})

describe('feedback', () => {
  it('is sent with the check, matter and measure, under the key of the check, and closes it', async () => {
    const { credit, feedback } = setUp()
    const { id } = await credit.check({ subject, purpose: { ...purpose, caseNumber: 'case-1' } })
    expect(await credit.openChecks()).toEqual([
      { checkId: id, status: 'clear', checkedAt: '2026-11-24T08:00:00+08:00', caseNumber: 'case-1', feedback: 'none' },
    ])
    expect(await credit.readFeedback(id)).toBeUndefined()
    await credit.feedback(id, taken)
    expect(feedback).not.toHaveBeenCalled()
    await credit.runner.runDue()
    expect(feedback.mock.calls.map(([input]) => input)).toEqual([
      {
        key: id,
        queryId: 'q-1',
        subject: { kind: 'organisation', uscc },
        purpose: { ...purpose, caseNumber: 'case-1' },
        measure: 'strict',
        caseNumber: 'case-1',
        at: '2026-11-24T09:00:00+08:00',
      },
    ])
    expect(await credit.openChecks()).toEqual([])
    expect(await credit.readFeedback(id)).toEqual({ checkId: id, state: 'delivered', receipt: `receipt-${id}` })
  })

  it('given twice is one feedback, and another one is refused', async () => {
    const { credit, feedback } = setUp()
    const { id } = await credit.check({ subject, purpose })
    await Promise.all([credit.feedback(id, taken), credit.feedback(id, taken)])
    await credit.runner.runDue()
    const later = { ...taken, at: new Date('2026-11-24T03:00:00Z') }
    expect(await credit.feedback(id, later)).toMatchObject({ state: 'delivered' })
    await credit.runner.runDue()
    expect(feedback).toHaveBeenCalledTimes(1)
    for (const change of [{ measure: 'refuse' as const }, { caseNumber: 'case-2' }]) {
      await expect(credit.feedback(id, { ...taken, ...change })).rejects.toMatchObject({
        code: 'ERR_CREDIT_FEEDBACK_CONFLICT',
      })
    }
  })

  it('is sent again under the same key after every kind of failure, and stays open until then', async () => {
    const { credit, feedback, clock } = setUp()
    const { id } = await credit.check({ subject, purpose })
    await credit.feedback(id, taken)
    const failures: (() => Promise<{ receipt: string }>)[] = [
      () => Promise.reject(new TypeError('connection reset')),
      () => Promise.resolve({ receipt: '' }),
      () => Promise.resolve(undefined as never),
      () => new Promise(() => {}),
    ]
    for (const failure of failures) {
      feedback.mockImplementationOnce(failure)
      expect(await credit.runner.runDue()).toBe(1)
      expect(await credit.openChecks()).toMatchObject([{ checkId: id, feedback: 'queued' }])
      clock.advance(60_000)
    }
    await credit.runner.runDue()
    expect(await credit.openChecks()).toEqual([])
    expect(new Set(feedback.mock.calls.map(([{ key }]) => key))).toEqual(new Set([id]))
    expect(feedback).toHaveBeenCalledTimes(5)
  })

  it('is not sent again when the process died after the receipt was kept and before the job was done', async () => {
    const inner = memoryStore()
    let commitsUntilDeath = Number.POSITIVE_INFINITY
    const store: Store = {
      ...inner,
      async transaction(work) {
        commitsUntilDeath -= 1
        if (commitsUntilDeath === 0) throw new Error('killed')
        return inner.transaction(work)
      },
    }
    const { credit, feedback, clock } = setUp({ store })
    const { id } = await credit.check({ subject, purpose })
    await credit.feedback(id, taken)
    feedback.mockImplementationOnce(async () => {
      commitsUntilDeath = 2
      return { receipt: 'receipt-1' }
    })
    expect(await credit.runner.runDue()).toBe(1)
    clock.advance(15_001)
    expect(await credit.runner.runDue()).toBe(1)
    expect(feedback).toHaveBeenCalledTimes(1)
    expect(await credit.readFeedback(id)).toMatchObject({ state: 'delivered', receipt: 'receipt-1' })
  })

  it.each([
    ['an unknown measure', { measure: 'unknown' }, 'measure'],
    ['a measure that is none', { measure: 'ignore' }, 'measure'],
    ['no case', { caseNumber: '' }, 'caseNumber'],
    ['a time that is none', { at: new Date(Number.NaN) }, 'at'],
  ])('with %s is refused', async (_title, change, field) => {
    const { credit } = setUp()
    const { id } = await credit.check({ subject, purpose })
    await expect(credit.feedback(id, { ...taken, ...change } as typeof taken)).rejects.toMatchObject({
      code: 'ERR_CREDIT_FEEDBACK_INVALID',
      facts: { field },
    })
  })

  it('of a check that was never made is refused', async () => {
    for (const id of ['0'.repeat(32), '', '../x']) {
      await expect(setUp().credit.feedback(id, taken)).rejects.toMatchObject({ code: 'ERR_CREDIT_CHECK_UNKNOWN' })
    }
  })
})

describe('open checks', () => {
  it('come in pages', async () => {
    const { credit } = setUp()
    const ids = []
    for (let index = 0; index < 5; index += 1) ids.push((await credit.check({ subject, purpose })).id)
    const first = await credit.openChecks({ limit: 3 })
    const second = await credit.openChecks({ limit: 3, after: first.at(-1)!.checkId })
    expect([...first, ...second].map(({ checkId }) => checkId)).toEqual(ids.sort())
  })
})
