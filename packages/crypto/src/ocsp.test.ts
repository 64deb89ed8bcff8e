import { createSign } from 'node:crypto'
import { fixedClock, toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type BuiltEntry,
  type BuiltResponse,
  buildOcspResponse,
  extension,
  wrapBasicResponse,
} from '../test/ocsp-builder.ts'
import type { Certificate } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import { der, parseDer } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import { answerCertificateStatusRequest, refuseCertificateStatusRequest } from './ocsp-answer.ts'
import {
  parseCertificateStatusRequest,
  processCertificateStatusResponse,
  requestCertificateStatus,
} from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { type OcspVerificationInput, verifyOcspResponse } from './ocsp-verify.ts'
import { pemSigner } from './pem-signer.ts'
import { allowSha1 } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const time = new Date('2026-05-06T07:08:09Z')
const clock = fixedClock(time)
const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
type Kind = keyof typeof kinds
const names = Object.keys(kinds) as Kind[]
const hour = 3_600_000
const later = (milliseconds: number) => new Date(time.getTime() + milliseconds)
const nonce = new Uint8Array(32).fill(7)

interface World {
  authority: TestAuthority
  responder: Signer
  leaf: Certificate
}

const worlds = {} as Record<Kind, World>

beforeAll(async () => {
  for (const kind of names) {
    const authority = await createTestAuthority({ algorithm: kinds[kind], name: `样例根 ${kind}`, clock })
    const { certificateChain } = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    worlds[kind] = { authority, responder: await authority.createOcspResponder(), leaf: certificateChain[0] }
  }
})

const pairOf = (kind: Kind) => ({ certificate: worlds[kind].leaf, issuer: worlds[kind].authority.certificate })

const answer = (
  kind: Kind,
  request: Uint8Array,
  change: Partial<Parameters<typeof answerCertificateStatusRequest>[1]> = {},
) =>
  answerCertificateStatusRequest(request, {
    signer: worlds[kind].responder,
    issuer: worlds[kind].authority.certificate,
    lookup: () => ({ status: 'good' }),
    clock,
    validitySeconds: 3600,
    ...change,
  })

async function verify(kind: Kind, bytes: Uint8Array, change: Partial<OcspVerificationInput> = {}) {
  const result = await verifyOcspResponse(parseOcspResponse(bytes), { ...pairOf(kind), at: time, ...change })
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

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

describe('the responder', () => {
  const statusOf = (bytes: Uint8Array): unknown => {
    try {
      return parseOcspResponse(bytes)
    } catch (error) {
      return (error as { facts: unknown }).facts
    }
  }

  it.each(['malformedRequest', 'internalError', 'tryLater', 'sigRequired', 'unauthorized'] as const)(
    'refuses with %s',
    (refusal) => {
      expect(() => parseOcspResponse(refuseCertificateStatusRequest(refusal))).toThrow(
        expect.objectContaining({
          code: 'ERR_OCSP_REFUSED',
          facts: { status: refusal },
          retryable: refusal === 'tryLater' || refusal === 'internalError',
          outcome: 'refused',
        }),
      )
    },
  )

  it('calls what is no request malformed', async () => {
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    const demanding = der.sequence(
      der.sequence(
        der.sequence(der.sequence(id)),
        der.explicit(2, der.sequence(extension('1.2.3.4', der.null(), true))),
      ),
    )
    const longNonce = der.sequence(
      der.sequence(
        der.sequence(der.sequence(id)),
        der.explicit(2, der.sequence(extension('1.3.6.1.5.5.7.48.1.2', der.octetString(new Uint8Array(500))))),
      ),
    )
    for (const request of [utf8('please'), new Uint8Array(), demanding, longNonce, new Uint8Array(70_000)]) {
      expect(statusOf(await answer('p256', request))).toEqual({ status: 'malformedRequest' })
    }
  })

  it('repeats a nonce as it came, also without the OCTET STRING that belongs around it', async () => {
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    for (const value of [Uint8Array.of(1, 2, 3, 4), der.octetString(Uint8Array.of(5, 6, 7, 8))]) {
      const extensions = der.explicit(2, der.sequence(extension('1.3.6.1.5.5.7.48.1.2', value)))
      const request = der.sequence(der.sequence(der.sequence(der.sequence(id)), extensions))
      const response = parseOcspResponse(await answer('p256', request))
      expect(response.extensions).toEqual([{ oid: '1.3.6.1.5.5.7.48.1.2', critical: false, value }])
      expect(response.nonce).toEqual(parseCertificateStatusRequest(request).nonce)
    }
  })

  it('does not speak for certificates of another issuer', async () => {
    expect(statusOf(await answer('p256', requestCertificateStatus(pairOf('rsa'))))).toEqual({ status: 'unauthorized' })
  })

  it('does not work with a signer that may not answer', async () => {
    const { authority } = worlds.p256
    const platform = await authority.createSigner({ commonName: '样例', profile: 'platform' })
    for (const signer of [platform, worlds.rsa.responder, worlds.rsa.authority.signer]) {
      await expect(answer('p256', requestCertificateStatus(pairOf('p256')), { signer })).rejects.toMatchObject({
        code: 'ERR_CERTIFICATE_INVALID',
      })
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

describe('a response', () => {
  const entry = (change: Partial<BuiltEntry> = {}): BuiltEntry => ({
    ...pairOf('p256'),
    thisUpdate: time,
    nextUpdate: later(hour),
    ...change,
  })
  const build = (change: Partial<BuiltResponse> = {}) => {
    const { responder } = worlds.p256
    return buildOcspResponse({
      signer: responder,
      responder: responder.certificateChain[0],
      entries: [entry()],
      producedAt: time,
      ...change,
    })
  }

  it.each(['name', 'key'] as const)('is taken from the responder it names by %s, and from nobody else', async (by) => {
    expect(await verify('p256', await build({ by }))).toMatchObject({ status: 'good', codes: [] })
    const { authority, responder } = worlds.p256
    const other = await authority.createOcspResponder({ commonName: '样例另一服务' })
    const certificates = [responder.certificateChain[0], other.certificateChain[0]]
    expect(await verify('p256', await build({ by, signer: other, certificates }))).toMatchObject({
      usable: false,
      codes: ['OCSP_SIGNATURE_INVALID'],
    })
    expect(await verify('p256', await build({ by, certificates: [] }))).toMatchObject({
      usable: false,
      codes: ['OCSP_RESPONDER_NOT_FOUND'],
    })
    const responderCertificates = [responder.certificateChain[0]]
    expect(await verify('p256', await build({ by, certificates: [] }), { responderCertificates })).toMatchObject({
      status: 'good',
    })
  })

  async function certify(
    change: Partial<CertificateInput>,
    by: TestAuthority = worlds.p256.authority,
  ): Promise<Signer> {
    const { publicKey, privateKeyPem } = await generateKeyPair('ec-p256')
    const certificate = await buildCertificate(
      {
        subject: createDistinguishedName([['CN', '样例证书状态服务']]),
        issuer: by.certificate.subject,
        publicKey,
        notBefore: later(-24 * hour),
        notAfter: later(240 * hour),
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.9'] },
        extensions: [{ oid: '1.3.6.1.5.5.7.48.1.5', value: der.null() }],
        ...change,
      },
      by.signer,
    )
    return pemSigner({ key: privateKeyPem, certificateChain: [certificate] })
  }
  const buildBy = (signer: Signer, change: Partial<BuiltResponse> = {}) =>
    build({ signer, responder: signer.certificateChain[0], ...change })

  it.each<[string, Partial<CertificateInput>]>([
    ['without the purpose', { extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.36'] } }],
    ['for any purpose', { extendedKeyUsage: { purposes: ['2.5.29.37.0'] } }],
    ['whose key may not sign', { keyUsage: ['keyEncipherment'] }],
    ['that has expired', { notAfter: later(-hour) }],
    ['that is not valid yet', { notBefore: later(hour) }],
    ['with a critical extension nobody knows', { extensions: [{ oid: '1.2.3.4', critical: true, value: der.null() }] }],
  ])('does not count from a responder certificate %s', async (_, change) => {
    const bytes = await buildBy(await certify(change))
    expect(await verify('p256', bytes)).toMatchObject({
      status: 'unknown',
      usable: false,
      codes: ['OCSP_RESPONDER_UNAUTHORIZED'],
    })
    expect(await verify('p256', await buildBy(await certify({})))).toMatchObject({ status: 'good' })
  })

  it('does not count from a responder of another authority, nor of one below or of the same name', async () => {
    const { authority } = worlds.p256
    const stranger = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根 p256', clock })
    const below = await authority.createIntermediate({ commonName: '样例中间' })
    expect(stranger.certificate.subject.text).toBe(authority.certificate.subject.text)
    for (const other of [worlds.rsa.authority, below, stranger]) {
      expect(await verify('p256', await buildBy(await certify({}, other)))).toMatchObject({
        status: 'unknown',
        usable: false,
        codes: ['OCSP_RESPONDER_UNAUTHORIZED'],
      })
    }
    // The names and key identifiers fit; only the signature under the responder's certificate tells.
    const forged = await certify({ authorityKeyIdentifier: authority.certificate.subjectKeyIdentifier! }, stranger)
    expect(await verify('p256', await buildBy(forged))).toMatchObject({
      usable: false,
      codes: ['OCSP_RESPONDER_UNAUTHORIZED'],
    })
  })

  it('of a responder that is not exempt counts only when its own status was shown', async () => {
    const signer = await certify({ extensions: [] })
    const bytes = await buildBy(signer)
    const asked: Certificate[] = []
    const [certificate] = signer.certificateChain
    expect(await verify('p256', bytes)).toMatchObject({
      status: 'unknown',
      usable: false,
      responder: { certificate, revocation: 'not-checked' },
      codes: ['OCSP_RESPONDER_NOT_CHECKED'],
    })
    const isResponderGood = (good: boolean) => (responder: Certificate) => {
      asked.push(responder)
      return good
    }
    expect(await verify('p256', bytes, { isResponderGood: isResponderGood(true) })).toMatchObject({
      status: 'good',
      responder: { revocation: 'good' },
    })
    expect(await verify('p256', bytes, { isResponderGood: isResponderGood(false) })).toMatchObject({
      status: 'unknown',
      responder: { revocation: 'not-good' },
    })
    expect(asked).toEqual([certificate, certificate])
    await verify('p256', await build(), { isResponderGood: isResponderGood(false) })
    expect(asked).toHaveLength(2)
  })

  it('counts for as long as it says, give or take what clocks may differ', async () => {
    const bytes = await build()
    expect(await verify('p256', bytes, { at: later(hour + 299_000) })).toMatchObject({ status: 'good' })
    const stale = { status: 'unknown', usable: false, codes: ['OCSP_STALE'] }
    expect(await verify('p256', bytes, { at: later(hour + 301_000) })).toMatchObject(stale)
    expect(await verify('p256', bytes, { at: later(hour + 1000), clockSkewSeconds: 0 })).toMatchObject(stale)
    expect(await verify('p256', bytes, { at: new Date(Number.NaN) })).toMatchObject(stale)
  })

  it('that does not say how long counts only within the greatest age', async () => {
    const { nextUpdate, ...open } = entry()
    const bytes = await build({ entries: [open] })
    expect(nextUpdate).toBeDefined()
    const stale = { status: 'unknown', usable: false, codes: ['OCSP_STALE'] }
    expect(await verify('p256', bytes)).toMatchObject(stale)
    expect(await verify('p256', bytes, { maxAgeSeconds: 600, at: later(899_000) })).toMatchObject({ status: 'good' })
    expect(await verify('p256', bytes, { maxAgeSeconds: 600, at: later(901_000) })).toMatchObject(stale)
  })

  it('with dates that contradict each other does not count', async () => {
    for (const change of [{ producedAt: later(-hour) }, { entries: [entry({ nextUpdate: later(-1000) })] }]) {
      expect(await verify('p256', await build(change))).toMatchObject({
        usable: false,
        codes: ['OCSP_TIME_IMPLAUSIBLE'],
      })
    }
  })

  it('from after the moment tells it by the date of the revocation', async () => {
    const revokedAt = later(-hour)
    const bytes = await build({ entries: [entry({ status: revokedAt })] })
    const before = await verify('p256', bytes, { at: later(-2 * hour) })
    expect(before).toMatchObject({ status: 'good', usable: true, revokedAt, codes: ['CERTIFICATE_REVOKED_LATER'] })
    expect(await verify('p256', bytes, { at: revokedAt })).toMatchObject({ status: 'revoked' })
  })

  it('from after the certificate’s expiry counts only if the archive reaches back that far', async () => {
    const { publicKey } = await generateKeyPair('ec-p256')
    const { authority } = worlds.p256
    clock.set(later(-2000 * hour))
    const certificate = await authority.issue({ publicKey, commonName: '样例旧证', profile: 'platform', days: 1 })
    clock.set(time)
    const { notAfter } = certificate
    const question = { certificate, at: new Date(notAfter.getTime() - hour) }
    const about = async (cutoff?: Date) =>
      build({
        entries: [
          entry({
            certificate,
            ...(cutoff ? { extensions: [extension('1.3.6.1.5.5.7.48.1.6', der.generalizedTime(cutoff))] } : {}),
          }),
        ],
      })
    const late = { status: 'unknown', usable: false, codes: ['OCSP_AFTER_EXPIRY'] }
    expect(await verify('p256', await about(), question)).toMatchObject(late)
    expect(await verify('p256', await about(new Date(notAfter.getTime() + 1000)), question)).toMatchObject(late)
    const archiveCutoff = new Date(notAfter.getTime() - 1000)
    expect(await verify('p256', await about(archiveCutoff), question)).toMatchObject({ status: 'good', archiveCutoff })
  })

  it('may name its responder in any way without making anybody stumble', async () => {
    let deep: Uint8Array = der.null()
    for (let level = 0; level < 9; level += 1) deep = der.sequence(deep)
    const odd = der.sequence(der.setOf(der.sequence(der.oid('2.5.4.3'), deep)))
    const empty = der.sequence()
    for (const name of [odd, empty]) {
      const { der: whole } = parseOcspResponse(await build({ by: 'name' }))
      const basic = parseDer(parseDer(whole).children[1]!.children[0]!.children[1]!.content)
      const [tbs, ...rest] = basic.children
      const changed = der.sequence(der.explicit(1, name), ...tbs!.children.slice(1).map(({ bytes }) => bytes))
      const bytes = wrapBasicResponse(der.sequence(changed, ...rest.map((node) => node.bytes)))
      expect(await verify('p256', bytes)).toMatchObject({ status: 'unknown', usable: false })
    }
  })

  it('with a crowd of certificates that all have the responder’s name is decided soon', async () => {
    const stranger = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根 p256', clock })
    const { subjectKeyIdentifier } = worlds.p256.authority.certificate
    const crowd = await Promise.all(
      Array.from({ length: 31 }, () => certify({ authorityKeyIdentifier: subjectKeyIdentifier! }, stranger)),
    )
    const certificates = crowd.map(({ certificateChain }) => certificateChain[0])
    const signer = await certify({})
    const own = signer.certificateChain[0]
    expect(
      await verify('p256', await buildBy(signer, { by: 'name', certificates: [own, ...certificates] })),
    ).toMatchObject({ status: 'good' })
    expect(
      await verify('p256', await buildBy(signer, { by: 'name', certificates: [...certificates, own] })),
    ).toMatchObject({ status: 'unknown', usable: false, codes: ['OCSP_RESPONDER_UNAUTHORIZED'] })
  })

  it('with a critical extension that is not known does not count, whether of the whole or of the entry', async () => {
    const critical = extension('1.2.3.4', der.null(), true)
    const noted = extension('1.2.3.4', der.null())
    for (const place of ['whole', 'entry']) {
      const carry = (one: Uint8Array) =>
        build(place === 'whole' ? { extensions: [one] } : { entries: [entry({ extensions: [one] })] })
      expect(await verify('p256', await carry(critical))).toMatchObject({ codes: ['OCSP_CRITICAL_EXTENSION'] })
      expect(await verify('p256', await carry(critical))).toMatchObject({ status: 'unknown', usable: false })
      expect(await verify('p256', await carry(noted))).toMatchObject({ status: 'good', codes: [] })
    }
  })

  it('that contradicts itself is taken by the worst it says', async () => {
    const revoked = entry({ status: later(-hour), hashAlgorithm: 'sha256' })
    for (const entries of [
      [entry(), revoked],
      [revoked, entry()],
      [entry({ status: 'unknown' }), revoked],
    ]) {
      expect(await verify('p256', await build({ entries }))).toMatchObject({
        status: 'revoked',
        codes: expect.arrayContaining(['OCSP_CONTRADICTORY', 'CERTIFICATE_REVOKED']),
      })
    }
    expect(await verify('p256', await build({ entries: [entry(), entry({ status: 'unknown' })] }))).toMatchObject({
      status: 'unknown',
    })
    // One that is out of date beside one that is not spoils both.
    const old = entry({ thisUpdate: later(-9 * hour), nextUpdate: later(-8 * hour), status: later(-9 * hour) })
    expect(await verify('p256', await build({ entries: [entry(), old] }))).toMatchObject({
      usable: false,
      codes: ['OCSP_STALE'],
    })
  })

  it('may prove with a digest that it means this very certificate', async () => {
    const carry = (value: Uint8Array) =>
      build({ entries: [entry({ extensions: [extension('1.3.36.8.3.13', value)] })] })
    const hashOf = (bytes: Uint8Array) =>
      der.sequence(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')), der.octetString(hash('sha256', bytes)))
    expect(await verify('p256', await carry(hashOf(worlds.p256.leaf.der)))).toMatchObject({ status: 'good' })
    for (const value of [hashOf(worlds.rsa.leaf.der), der.null()]) {
      expect(await verify('p256', await carry(value))).toMatchObject({ codes: ['OCSP_CERTIFICATE_HASH_MISMATCH'] })
    }
  })

  it('signed with SHA-1 counts only on request', async () => {
    const { authority } = worlds.rsa
    const signer = await authority.createOcspResponder()
    const key = signer.privateKeyPem
    const bytes = await buildOcspResponse({
      signer: { algorithm: 'rsa-sha256', sign: async (tbs) => createSign('sha1').update(tbs).sign(key) },
      responder: signer.certificateChain[0],
      entries: [{ ...pairOf('rsa'), thisUpdate: time, nextUpdate: later(hour) }],
      producedAt: time,
      algorithm: der.sequence(der.oid('1.2.840.113549.1.1.5'), der.null()),
    })
    expect(await verify('rsa', bytes)).toMatchObject({ usable: false, codes: ['OCSP_ALGORITHM_UNSUPPORTED'] })
    expect(await verify('rsa', bytes, { [allowSha1]: true })).toMatchObject({ status: 'good', codes: [] })
  })

  it('signed with an algorithm nobody knows does not count', async () => {
    const bytes = await build({ algorithm: der.sequence(der.oid('1.2.3.4.5')) })
    expect(await verify('p256', bytes)).toMatchObject({ usable: false, codes: ['OCSP_ALGORITHM_UNSUPPORTED'] })
  })

  it.each(names)('with any byte changed is never good: %s', async (kind) => {
    const bytes = await answer(kind, requestCertificateStatus(pairOf(kind), { nonce }))
    expect(await verify(kind, bytes, { nonce })).toMatchObject({ status: 'good', codes: [] })
    let refused = 0
    for (let index = 0; index < bytes.length; index += 1) {
      for (const mask of [0x01, 0xff]) {
        const changed = bytes.slice()
        changed[index]! ^= mask
        try {
          // A changed nonce that is no longer one is found out by the signature, not by its absence.
          const { status, findings } = await verify(kind, changed, { nonce })
          if (status !== 'good') {
            expect(findings.length).toBeGreaterThan(0)
            refused += 1
          }
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(DER|OCSP|CRYPTO)_/) })
          refused += 1
        }
      }
    }
    expect(refused).toBe(2 * bytes.length)
  })

  it('without a signature, cut, or with something behind it is refused with a code', async () => {
    const bytes = await build()
    const code = expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|OCSP)_INVALID$/) })
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => parseOcspResponse(bytes.subarray(0, length))).toThrow(code)
    }
    const [, wrapped] = parseDer(bytes).children
    const basic = parseDer(wrapped!.children[0]!.children[1]!.content)
    const [tbs, algorithm] = basic.children
    for (const hostile of [
      wrapBasicResponse(der.sequence(tbs!.bytes)),
      wrapBasicResponse(der.sequence(tbs!.bytes, algorithm!.bytes)),
      wrapBasicResponse(der.sequence(basic.content, der.null())),
      Uint8Array.of(...bytes, 0),
      der.sequence(der.enumerated(0)),
      der.sequence(der.integer(0), wrapped!.bytes),
    ]) {
      expect(() => parseOcspResponse(hostile)).toThrow(code)
    }
    const unsigned = wrapBasicResponse(der.sequence(tbs!.bytes, algorithm!.bytes, der.bitString(new Uint8Array())))
    expect(
      await verify('p256', unsigned, { responderCertificates: worlds.p256.responder.certificateChain }),
    ).toMatchObject({
      status: 'unknown',
      usable: false,
    })
  })

  it('that is huge, deep or crowded is refused with a code', async () => {
    let deep: Uint8Array = der.null()
    for (let level = 0; level < 500; level += 1) deep = der.sequence(deep)
    const id = parseCertificateStatusRequest(requestCertificateStatus(pairOf('p256'))).certificateIds[0]!.der
    const single = der.sequence(id, der.implicit(0, der.null()), der.generalizedTime(time))
    const crowd = wrapBasicResponse(
      der.sequence(
        der.sequence(
          der.explicit(2, der.octetString(new Uint8Array(20))),
          der.generalizedTime(time),
          der.sequence(Array.from({ length: 1001 }, () => single)),
        ),
        der.sequence(der.oid('1.2.840.10045.4.3.2')),
        der.bitString(new Uint8Array(8)),
      ),
    )
    for (const bytes of [new Uint8Array(1_048_577), wrapBasicResponse(deep), deep, crowd]) {
      expect(() => parseOcspResponse(bytes)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|OCSP)_INVALID$/) }),
      )
    }
  })
})
