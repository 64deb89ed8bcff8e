import { secret } from '@zhicheng/core'
import type { CreditRecord } from '@zhicheng/credit'
import { describe, expect, it, vi } from 'vitest'
import {
  formatCreditPayload,
  formatFeedbackParameters,
  formatFeedbackPayload,
  parseCreditPayload,
  parseFeedbackParameters,
  parseFeedbackPayload,
  sampleCreditProfile as profile,
  sampleCreditInterfaces,
  zhejiangCredit,
} from './index.ts'

const uscc = '91330110MA2AXY0E7F'
const record: CreditRecord = {
  id: 'SX-0001',
  nature: 'adverse',
  title: '行政处罚（样例）',
  authority: '样例市市场监督管理局',
  decidedOn: '2026-06-10',
  severity: 'serious',
  publishedUntil: '2029-06-10',
  repairedOn: '2027-07-01',
}
const answer = {
  found: true as const,
  queryId: 'CX1',
  subjectCode: uscc,
  level: '优秀',
  records: [record],
  asOf: new Date('2026-11-24T00:00:00Z'),
  validUntil: new Date('2026-11-25T00:00:00Z'),
}

describe('a credit payload', () => {
  it('is read back as it was written, also after it went through JSON', () => {
    const payload: unknown = JSON.parse(JSON.stringify(formatCreditPayload(answer, profile)))
    expect(parseCreditPayload(payload, profile)).toEqual(answer)
    expect(parseCreditPayload(formatCreditPayload({ found: false }, profile), profile)).toEqual({ found: false })
  })

  it('leaves out what was not sent, a missing list above all', () => {
    const { records: _left, ...rest } = answer
    const payload: unknown = JSON.parse(JSON.stringify(formatCreditPayload(rest, profile)))
    expect(parseCreditPayload(payload, profile)).not.toHaveProperty('records')
    expect(parseCreditPayload({ flag: '1', body: [{ xyjl: 'none', sjsj: 'today', yxqz: null }] }, profile)).toEqual({
      found: true,
    })
  })

  it('does not make a record that cannot be read disappear', () => {
    const read = parseCreditPayload({ flag: '1', body: [{ xyjl: [null, { jllx: '失信', sxcd: '极重' }] }] }, profile)
    expect(read).toMatchObject({ found: true, records: [{}, { nature: 'adverse', severity: '极重' }] })
  })

  it.each([
    ['a failure', { flag: '0', body: [] }],
    ['another flag', { flag: 1, body: [{}] }],
    ['no subject', { flag: '1', body: [] }],
    ['two subjects', { flag: '1', body: [{}, {}] }],
    ['no body', { flag: '1' }],
    ['a text', 'ok'],
    ['nothing', undefined],
    ['a list', [{ flag: '1' }]],
  ])('with %s is none', (_title, payload) => {
    expect(parseCreditPayload(payload, profile)).toBeUndefined()
  })
})

describe('a feedback', () => {
  it('is read back as it was written, measure in Chinese on the way', () => {
    const feedback = {
      key: 'k-1',
      queryId: 'CX1',
      subject: { kind: 'organisation' as const, uscc },
      purpose: { powerMatter: 'a', subPowerMatter: 'b', accessedBy: 'c' },
      measure: 'key-supervision' as const,
      caseNumber: 'case-1',
      at: '2026-11-24T09:00:00+08:00',
    }
    const parameters = formatFeedbackParameters(feedback, uscc, profile)
    expect(Object.values(parameters)).toContain('重点监管')
    const { subject: _subject, purpose: _purpose, ...rest } = feedback
    expect(parseFeedbackParameters(parameters, profile)).toEqual({ ...rest, uscc })
    for (const name of ['fklsh', 'tyshxydm', 'yycs', 'bjbh', 'czsj']) {
      expect(parseFeedbackParameters({ ...parameters, [name]: '' }, profile)).toBeUndefined()
    }
  })

  it('has a receipt only where the payload says so', () => {
    expect(parseFeedbackPayload(formatFeedbackPayload('FK1', profile), profile)).toBe('FK1')
    for (const payload of [
      undefined,
      {},
      { flag: '0', body: [{ hzbh: 'FK1' }] },
      { flag: '1', body: [{ hzbh: '' }] },
    ]) {
      expect(parseFeedbackPayload(payload, profile)).toBeUndefined()
    }
  })
})

describe('the provider', () => {
  it('does not ask about natural persons', async () => {
    const fetch = vi.fn()
    const provider = zhejiangCredit({
      gatewayUrl: 'https://gateway.example',
      appKey: 'k',
      appSecret: secret('s'),
      interfaces: sampleCreditInterfaces,
    })
    const environment = { clock: { now: () => new Date() }, fetch, signal: AbortSignal.timeout(1000) }
    const subject = { kind: 'person' as const, name: '张三（样例）', residentId: secret('11010519491231002X') }
    const purpose = { powerMatter: 'a', subPowerMatter: 'b', accessedBy: 'c', basis: 'd' }
    await expect(provider.query({ checkId: 'c-1', subject, purpose }, environment)).rejects.toMatchObject({
      code: 'ERR_CREDIT_SUBJECT_UNSUPPORTED',
      outcome: 'not_sent',
    })
    expect(fetch).not.toHaveBeenCalled()
  })
})
