import { createSign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildOcspResponse, extension } from '../test/ocsp-builder.ts'
import { build, clock, entry, hour, later, pairOf, prepareWorlds, time, verify, worlds } from '../test/ocsp-worlds.ts'
import { der } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import { allowSha1 } from './signature-algorithm.ts'
import { createTestAuthority } from './testing.ts'

beforeAll(prepareWorlds)

describe('a response', () => {
  it('about the same serial number of an issuer with another name or key says nothing', async () => {
    const { authority, leaf } = worlds.p256
    const stranger = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根 p256', clock })
    const otherName = { ...leaf, issuer: createDistinguishedName([['CN', '样例旁人']]) }
    for (const pair of [
      { certificate: leaf, issuer: stranger.certificate },
      { certificate: otherName, issuer: authority.certificate },
    ]) {
      expect(await verify('p256', await build({ entries: [entry(pair)] }))).toMatchObject({
        usable: false,
        codes: ['OCSP_OTHER_CERTIFICATE'],
      })
    }
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
    // Asked about a moment after the expiry, the dates of the path say that, and the response what it says.
    expect(await verify('p256', await about(), { certificate })).toMatchObject({ status: 'good' })
    const archiveCutoff = new Date(notAfter.getTime() - 1000)
    expect(await verify('p256', await about(archiveCutoff), question)).toMatchObject({ status: 'good', archiveCutoff })
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
})
