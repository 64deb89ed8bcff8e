import { beforeAll, describe, expect, it } from 'vitest'
import { type BuiltResponse, wrapBasicResponse } from '../test/ocsp-builder.ts'
import { build, clock, hour, later, prepareWorlds, verify, worlds } from '../test/ocsp-worlds.ts'
import type { Certificate } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import { der, parseDer } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { pemSigner } from './pem-signer.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

beforeAll(prepareWorlds)

describe('a response', () => {
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
    // The issuer's key under another name is another issuer.
    const renamed = await certify({ issuer: createDistinguishedName([['CN', '样例旁人']]) })
    expect(await verify('p256', await buildBy(renamed))).toMatchObject({ codes: ['OCSP_RESPONDER_UNAUTHORIZED'] })
    // The names and key identifiers fit; only the signature under the responder's certificate tells.
    const forged = await certify({ authorityKeyIdentifier: authority.certificate.subjectKeyIdentifier! }, stranger)
    expect(await verify('p256', await buildBy(forged))).toMatchObject({
      usable: false,
      codes: ['OCSP_RESPONDER_UNAUTHORIZED'],
    })
  })

  it('does not count once the responder’s certificate has expired', async () => {
    const bytes = await buildBy(await certify({ notAfter: later(hour / 2) }))
    expect(await verify('p256', bytes, { at: later(hour / 2) })).toMatchObject({ status: 'good' })
    expect(await verify('p256', bytes, { at: later(hour / 2 + 1000) })).toMatchObject({
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
})
