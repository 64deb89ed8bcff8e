import { toHex } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { answer, hour, later, names, nonce, pairOf, prepareWorlds, time, verify, worlds } from '../test/ocsp-worlds.ts'
import { der, parseDer } from './der.ts'
import { hash } from './hash.ts'
import {
  parseCertificateStatusRequest,
  processCertificateStatusResponse,
  requestCertificateStatus,
} from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { verifyOcspResponse } from './ocsp-verify.ts'

beforeAll(prepareWorlds)

describe('both halves together', () => {
  it.each(names)('tell good, revoked and unknown through a delegated responder: %s', async (kind) => {
    const request = requestCertificateStatus(pairOf(kind), { nonce })
    const good = processCertificateStatusResponse(await answer(kind, request), { ...pairOf(kind), nonce })
    expect(await verifyOcspResponse(good, { ...pairOf(kind), at: time, nonce })).toMatchObject({
      status: 'good',
      usable: true,
      thisUpdate: time,
      nextUpdate: later(hour),
      producedAt: time,
      responder: { role: 'delegate', revocation: 'exempt', certificate: worlds[kind].responder.certificateChain[0] },
      findings: [],
    })
    const at = new Date('2026-05-01T00:00:00Z')
    const revoked = await answer(kind, request, { lookup: () => ({ status: 'revoked', at, reason: 'keyCompromise' }) })
    expect(await verify(kind, revoked, { nonce })).toMatchObject({
      status: 'revoked',
      usable: true,
      revokedAt: at,
      reason: 'keyCompromise',
      codes: ['CERTIFICATE_REVOKED'],
    })
    const unknown = await answer(kind, request, { lookup: () => ({ status: 'unknown' }) })
    expect(await verify(kind, unknown)).toMatchObject({
      status: 'unknown',
      usable: true,
      codes: ['OCSP_STATUS_UNKNOWN'],
    })
  })

  it.each(names)('work with the issuer as its own responder: %s', async (kind) => {
    const { signer } = worlds[kind].authority
    const bytes = await answer(kind, requestCertificateStatus(pairOf(kind)), { signer })
    expect(parseOcspResponse(bytes).certificates).toEqual([])
    expect(await verify(kind, bytes)).toMatchObject({ status: 'good', responder: { role: 'issuer' }, codes: [] })
  })

  it.each(['sha1', 'sha256', 'sha384', 'sha512', 'sm3'] as const)('name certificates by %s', async (hashAlgorithm) => {
    const request = requestCertificateStatus(pairOf('sm2'), { hashAlgorithm })
    expect(parseCertificateStatusRequest(request).certificateIds[0]).toMatchObject({ hashAlgorithm })
    expect(await verify('sm2', await answer('sm2', request))).toMatchObject({ status: 'good' })
  })

  it('ask the authority by the serial number as certificates have it', async () => {
    const asked: string[] = []
    const lookup = (serialNumber: string) => {
      asked.push(serialNumber)
      return { status: 'good' as const }
    }
    await answer('p256', requestCertificateStatus(pairOf('p256')), { lookup })
    expect(asked).toEqual([worlds.p256.leaf.serialNumber])
  })
})

describe('a request', () => {
  it('has the structure of RFC 6960, 4.1.1', () => {
    const { certificate, issuer } = pairOf('rsa')
    const [tbs] = parseDer(requestCertificateStatus(pairOf('rsa'))).children
    const [list] = tbs!.children
    const [algorithm, nameHash, keyHash, serial] = list!.children[0]!.children[0]!.children
    expect(toHex(algorithm!.bytes)).toBe('300906052b0e03021a0500')
    expect(nameHash!.content).toEqual(hash('sha1', issuer.subject.der))
    expect(keyHash!.content).toEqual(hash('sha1', issuer.publicKey.keyBytes))
    expect(toHex(serial!.content)).toBe(certificate.serialNumber)
    expect(tbs!.children).toHaveLength(1)
  })

  it.each([0, 129])('carries no nonce of %d bytes', (length) => {
    expect(() => requestCertificateStatus(pairOf('rsa'), { nonce: new Uint8Array(length) })).toThrow(
      expect.objectContaining({ code: 'ERR_OCSP_INVALID' }),
    )
  })

  it('is read as it was written', () => {
    expect(parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'), { nonce }))).toMatchObject({
      nonce,
      signed: false,
      certificateIds: [{ hashAlgorithm: 'sha1', serialNumber: worlds.p256.leaf.serialNumber }],
    })
  })

  it('that is cut, too long, or about nothing ends in a coded error', () => {
    const request = requestCertificateStatus(pairOf('p256'), { nonce })
    for (let length = 0; length < request.length; length += 1) {
      expect(() => parseCertificateStatusRequest(request.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'ERR_DER_INVALID' }),
      )
    }
    const empty = der.sequence(der.sequence(der.sequence()))
    const crowd = der.sequence(der.sequence(der.sequence(Array.from({ length: 101 }, () => der.sequence(der.null())))))
    for (const bytes of [new Uint8Array(65_537), empty, crowd]) {
      expect(() => parseCertificateStatusRequest(bytes)).toThrow(expect.objectContaining({ code: 'ERR_OCSP_INVALID' }))
    }
  })

  it('with one byte changed is read or refused with a code, and never anything else', () => {
    const request = requestCertificateStatus(pairOf('p256'), { nonce })
    for (let index = 0; index < request.length; index += 1) {
      const changed = request.slice()
      changed[index]! ^= 0xff
      try {
        parseCertificateStatusRequest(changed)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(DER|OCSP)_INVALID$/) })
      }
    }
  })
})

describe('the requester', () => {
  it('refuses an answer about another certificate, and one with another nonce', async () => {
    const { authority } = worlds.p256
    const other = await authority.createSigner({ commonName: '样例旁人', profile: 'platform' })
    const [certificate] = other.certificateChain
    const about = await answer('p256', requestCertificateStatus({ ...pairOf('p256'), certificate }))
    const replayed = await answer('p256', requestCertificateStatus(pairOf('p256'), { nonce: Uint8Array.of(1, 2, 3) }))
    for (const bytes of [about, replayed]) {
      expect(() => processCertificateStatusResponse(bytes, { ...pairOf('p256'), nonce })).toThrow(
        expect.objectContaining({ code: 'ERR_OCSP_MISMATCH' }),
      )
    }
    expect(await verify('p256', about)).toMatchObject({ usable: false, codes: ['OCSP_OTHER_CERTIFICATE'] })
    expect(await verify('p256', replayed, { nonce })).toMatchObject({
      status: 'unknown',
      usable: false,
      codes: ['OCSP_NONCE_MISMATCH'],
    })
  })

  it('takes an answer without a nonce, and says so', async () => {
    const bytes = await answer('p256', requestCertificateStatus(pairOf('p256')))
    processCertificateStatusResponse(bytes, { ...pairOf('p256'), nonce })
    expect(await verify('p256', bytes, { nonce })).toMatchObject({ status: 'good', codes: ['OCSP_NONCE_MISSING'] })
  })
})
