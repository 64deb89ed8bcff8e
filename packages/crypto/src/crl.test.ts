import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem, parseCertificate } from './certificate.ts'
import { findRevoked, listRevoked, parseCertificateList, verifyCertificateList } from './crl.ts'
import { buildCertificateList, type CertificateListInput } from './crl-build.ts'
import { der } from './der.ts'
import { findEntry } from './lib/revocation/crl-entries.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

let authority: TestAuthority
const thisUpdate = new Date('2026-06-01T00:00:00Z')
const nextUpdate = new Date('2026-06-08T00:00:00Z')
const revoked = [
  { serialNumber: '80ff', at: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
  { serialNumber: '01', at: new Date('2026-05-02T00:00:00Z') },
  { serialNumber: '7f', at: new Date('2052-05-02T00:00:00Z'), reason: 'unspecified' },
] as const

beforeAll(async () => {
  authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
})

const build = (entries: CertificateListInput['revoked'] = revoked): Promise<Uint8Array> =>
  buildCertificateList({ issuer: authority.signer, thisUpdate, nextUpdate, number: 258n, revoked: entries })

describe('a list', () => {
  it('is read as it was built, and verified with the key of its issuer only', async () => {
    const list = parseCertificateList(await build())
    expect(list).toMatchObject({ thisUpdate, nextUpdate, number: 258n, signatureAlgorithm: 'ecdsa-p256-sha256' })
    expect(list.authorityKeyIdentifier).toEqual(authority.certificate.subjectKeyIdentifier)
    expect([...listRevoked(list)]).toEqual([
      revoked[0],
      { serialNumber: '01', at: revoked[1].at },
      { serialNumber: '7f', at: revoked[2].at },
    ])
    await expect(verifyCertificateList(list, authority.certificate.publicKey)).resolves.toBe(true)
    const other = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    await expect(verifyCertificateList(list, other.certificate.publicKey)).resolves.toBe(false)
  })

  it('tells the entry of a certificate', async () => {
    const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    const [certificate] = signer.certificateChain
    const entry = { serialNumber: certificate.serialNumber, at: revoked[0].at }
    const lists = await Promise.all([[entry], revoked].map((entries) => build(entries)))
    expect(lists.map((bytes) => findRevoked(parseCertificateList(bytes), certificate))).toEqual([entry, undefined])
  })

  it('may be empty', async () => {
    const list = parseCertificateList(await build([]))
    expect([...listRevoked(list)]).toEqual([])
  })

  it('tells serial numbers apart that differ in a leading zero or sign only', async () => {
    const list = parseCertificateList(await build())
    const issuer = authority.certificate.subject.der
    expect(findEntry(list, fromHex('0080ff'), issuer)?.reason).toBe('keyCompromise')
    expect(findEntry(list, fromHex('80ff'), issuer)).toBeUndefined()
    expect(findEntry(list, fromHex('0001'), issuer)).toBeUndefined()
    expect(findEntry(list, fromHex('01'), der.sequence())).toBeUndefined()
  })

  it('of thirty thousand entries is searched without being spread out in memory', async () => {
    const many = Array.from({ length: 30_000 }, (_, index) => ({
      serialNumber: `1${index.toString(16).padStart(7, '0')}`,
      at: revoked[0].at,
      reason: 'superseded' as const,
    }))
    const bytes = await buildCertificateList({
      issuer: authority.signer,
      thisUpdate,
      nextUpdate,
      number: 1,
      revoked: many,
    })
    const list = parseCertificateList(bytes)
    expect(list.revokedBytes.buffer).toBe(bytes.buffer)
    expect(findEntry(list, fromHex('1000752f'), authority.certificate.subject.der)?.reason).toBe('superseded')
    expect(findEntry(list, fromHex('10007530'), authority.certificate.subject.der)).toBeUndefined()
  })

  it('with an entry that says what is not understood is not used at all', async () => {
    const unknown = der.sequence(der.oid('1.2.3.4'), der.boolean(true), der.octetString(der.null()))
    const entries = [
      der.sequence(der.integer(1), der.utcTime(thisUpdate)),
      der.sequence(der.integer(2), der.utcTime(thisUpdate), der.sequence(unknown)),
    ]
    const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'))
    const issuer = authority.certificate.subject.der
    const tbs = der.sequence(
      der.integer(1),
      algorithm,
      issuer,
      der.utcTime(thisUpdate),
      der.utcTime(nextUpdate),
      der.sequence(...entries),
    )
    const list = parseCertificateList(der.sequence(tbs, algorithm, der.bitString(new Uint8Array(8))))
    expect(() => findEntry(list, Uint8Array.of(1), issuer)).toThrow(
      expect.objectContaining({ code: 'ERR_CRL_INVALID' }),
    )
  })
})

describe('bytes that are no list', () => {
  it('are refused with a code wherever they are cut', async () => {
    const bytes = await build()
    for (let length = 0; length < bytes.length; length += 3) {
      expect(() => parseCertificateList(bytes.subarray(0, length))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|PEM)_INVALID$/) }),
      )
    }
    expect(() => parseCertificateList(concatBytes(bytes, Uint8Array.of(0)))).toThrow(
      expect.objectContaining({ code: 'ERR_CRL_INVALID' }),
    )
    expect(() => parseCertificateList(utf8('not a list'))).toThrow(expect.objectContaining({ code: 'ERR_PEM_INVALID' }))
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it.each(['rsa-2048', 'ec-p256'] as const)('our lists are verified and shown by openssl crl: %s', (algorithm) =>
    withWorkbench(async ({ file, openssl }) => {
      const issuer = await createTestAuthority({ algorithm, name: '样例根' })
      issuer.revoke('80ff', new Date('2026-05-01T00:00:00Z'), 'keyCompromise')
      const list = file('list.crl', await issuer.currentCrl())
      const anchors = file('ca.pem', formatCertificatePem(issuer.certificate))
      const text = openssl('crl', '-inform', 'DER', '-in', list, '-CAfile', anchors, '-noout', '-text')
      expect(text).toContain('Serial Number: 80FF')
      expect(text).toContain('Key Compromise')
      expect(text).toContain('X509v3 CRL Number')
      // What crl itself finds about the signature does not reach its exit status, so verify has to say it.
      expect(
        openssl('verify', '-crl_check', '-CRLfile', file('list.pem', pem(openssl, list)), '-CAfile', anchors, anchors),
      ).toContain('OK')
    }),
  )

  it('we read the lists that openssl ca makes', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const { certificatePem, privateKeyPem } = authority.export()
      file('index.txt', 'R\t300101000000Z\t260501000000Z,keyCompromise\t80FF\tunknown\t/CN=x\n')
      file('index.txt.attr', 'unique_subject = no\n')
      const config = file(
        'ca.cnf',
        [
          '[ca]',
          'default_ca = own',
          '[own]',
          `database = ${path('index.txt')}`,
          `crlnumber = ${file('crlnumber', '0102\n')}`,
          `certificate = ${file('ca.pem', certificatePem)}`,
          `private_key = ${file('key.pem', privateKeyPem)}`,
          'default_md = sha256',
          'default_crl_days = 7',
          'crl_extensions = lists',
          '[lists]',
          'authorityKeyIdentifier = keyid',
        ].join('\n'),
      )
      openssl('ca', '-config', config, '-gencrl', '-out', path('list.pem'))
      const list = parseCertificateList(read('list.pem'))
      expect(list.number).toBe(0x102n)
      expect([...listRevoked(list)]).toEqual([
        { serialNumber: '80ff', at: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
      ])
      await expect(verifyCertificateList(list, authority.certificate.publicKey)).resolves.toBe(true)
      expect(toHex(list.issuer.der)).toBe(toHex(parseCertificate(certificatePem).subject.der))
    }))
})

function pem(openssl: (...args: readonly string[]) => string, list: string): string {
  return openssl('crl', '-inform', 'DER', '-in', list)
}
