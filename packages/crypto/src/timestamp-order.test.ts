import { fixedClock, systemClock, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { der } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { hash } from './hash.ts'
import { readTimestampInfo } from './lib/cms/timestamp-info.ts'
import { answerCertificateStatusRequest } from './ocsp-answer.ts'
import { requestCertificateStatus } from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority } from './testing.ts'
import { answerTimestampRequest, type TimestampAnswerOptions } from './timestamp-answer.ts'
import { isTimestampBefore } from './timestamp-order.ts'
import { processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import {
  parseTimestampToken,
  type TimestampToken,
  type TimestampVerificationInput,
  verifyTimestampToken,
} from './timestamp-token.ts'

const policy = '1.2.156.3.4.5.1'
const imprint = { algorithm: 'sha256', value: hash('sha256', utf8('样例')) } as const
let one: Signer
let other: Signer

beforeAll(async () => {
  const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
  one = await authority.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
  other = await authority.createSigner({ commonName: '样例时间戳服务二', profile: 'timestamping' })
})

async function token(second: number, options: Partial<TimestampAnswerOptions> = {}): Promise<TimestampToken> {
  const clock = fixedClock(new Date(Date.UTC(2026, 4, 6, 7, 8, second)))
  const response = await answerTimestampRequest(requestTimestamp(imprint), {
    ...{ signer: one, policy, clock, serial: 1n },
    ...options,
  })
  return parseTimestampToken(processTimestampResponse(response, { imprint }))
}

describe('isTimestampBefore', () => {
  it('tells only what the accuracies leave no doubt about', async () => {
    const [first, second, third] = await Promise.all([0, 2, 3].map((at) => token(at, { accuracySeconds: 1 })))
    expect(isTimestampBefore(first!, third!)).toBe(true)
    expect(isTimestampBefore(third!, first!)).toBe(false)
    expect(isTimestampBefore(first!, second!)).toBeUndefined()
    expect(isTimestampBefore(first!, first!)).toBeUndefined()
  })

  it('cannot tell where an authority does not state its accuracy', async () => {
    expect(isTimestampBefore(await token(0), await token(30, { accuracySeconds: 1 }))).toBeUndefined()
  })

  it('takes the word of one authority that promises the order of its own tokens, and of no two', async () => {
    const [first, second] = await Promise.all([0, 1].map((at) => token(at, { ordering: true, accuracySeconds: 60 })))
    expect(first!.ordering).toBe(true)
    expect(isTimestampBefore(first!, second!)).toBe(true)
    expect(isTimestampBefore(second!, first!)).toBe(false)
    expect(isTimestampBefore(first!, first!)).toBeUndefined()
    const foreign = await token(1, { ordering: true, accuracySeconds: 60, signer: other })
    expect(isTimestampBefore(first!, foreign)).toBeUndefined()
  })
})

describe('what a timestamp says about itself', () => {
  const info = (...optional: readonly Uint8Array[]) =>
    der.sequence(
      der.integer(1),
      der.oid(policy),
      der.sequence(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')), der.octetString(imprint.value)),
      der.integer(7),
      der.generalizedTime(new Date('2026-05-06T07:08:09Z')),
      ...optional,
    )
  const part = (tag: number, value: number) => der.implicit(tag, der.integer(value))

  it('the accuracy adds up from seconds, thousandths and millionths', () => {
    expect(readTimestampInfo(info(der.sequence(der.integer(2), part(0, 5), part(1, 250)))).accuracy).toBe(2005.25)
    expect(readTimestampInfo(info(der.sequence(part(1, 1)))).accuracy).toBe(0.001)
    expect(readTimestampInfo(info(der.sequence())).accuracy).toBe(0)
    expect(readTimestampInfo(info()).accuracy).toBeUndefined()
  })

  it.each([
    ['a negative second', [der.integer(-1)]],
    ['a thousandth too many', [part(0, 1000)]],
    ['no thousandth', [part(0, 0)]],
    ['parts out of order', [part(1, 5), part(0, 5)]],
    ['a part twice', [part(0, 5), part(0, 5)]],
    ['a part of another kind', [der.boolean(true)]],
    ['seconds that fill four bytes and more', [der.integer(2 ** 40)]],
  ])('an accuracy with %s is refused', (_title, parts) => {
    expect(() => readTimestampInfo(info(der.sequence(...parts)))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_(TIMESTAMP|DER)_INVALID$/) }),
    )
  })

  it('a policy that was not asked for is refused, and the name of another authority is told', async () => {
    const good = await token(0)
    expect((await verifyTimestampToken(good, { imprint, policies: ['1.2.3', policy] })).status).toBe('valid')
    const refused = await verifyTimestampToken(good, { imprint, policies: ['1.2.3'] })
    expect(refused).toMatchObject({ status: 'signature-invalid', findings: [{ code: 'TIMESTAMP_POLICY' }] })
    const named = { ...good, authorityName: createDistinguishedName([['CN', '别家']]).der }
    const told = await verifyTimestampToken(named, { imprint })
    expect(told).toMatchObject({
      status: 'valid',
      findings: [{ code: 'TIMESTAMP_AUTHORITY_NAME', severity: 'warning' }],
    })
  })
})

describe('the certificate of the authority', () => {
  it('is held to OCSP responses, at hand or from a source', async () => {
    const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根二' })
    const signer = await authority.createSigner({ commonName: '样例时间戳服务三', profile: 'timestamping' })
    const responder = await authority.createOcspResponder()
    const question = { certificate: signer.certificateChain[0], issuer: authority.certificate }
    const answer = async () =>
      parseOcspResponse(
        await answerCertificateStatusRequest(requestCertificateStatus(question), {
          ...{ signer: responder, issuer: authority.certificate, lookup: authority.lookup },
          ...{ clock: systemClock, validitySeconds: 3600 },
        }),
      )
    const signed = await token(0, { signer, clock: systemClock })
    const at = new Date()
    const verify = async (evidence: Partial<TimestampVerificationInput>) => {
      const input = { imprint, anchors: [authority.certificate], at, ...evidence }
      return (await verifyTimestampToken(signed, input)).chain!.revocation.status
    }
    expect(await verify({})).toBe('not-checked')
    expect(await verify({ ocspResponses: [await answer()] })).toBe('good')
    authority.revoke(signer.certificateChain[0].serialNumber, new Date(at.getTime() - 1000))
    const find = async () => ({ ocspResponses: [await answer()] })
    expect(await verify({ revocation: { find } })).toBe('revoked')
  })
})
