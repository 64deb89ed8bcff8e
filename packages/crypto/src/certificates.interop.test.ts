import { webcrypto } from 'node:crypto'
import { concatBytes, toHex } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import forge from 'node-forge'
import * as pkijs from 'pkijs'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, type Workbench, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem, isIssuedBy, parseCertificate, verifyCertificateSignature } from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { findRevoked, listRevoked, parseCertificateList, verifyCertificateList } from './crl.ts'
import { buildCertificateList } from './crl-build.ts'
import { formatPem } from './pem.ts'
import { pemSigner } from './pem-signer.ts'
import { parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { createTestAuthority } from './testing.ts'

/** How openssl makes the key of an authority, and how it signs with it. */
interface Kind {
  readonly key: readonly string[]
  readonly sign: readonly string[]
  readonly algorithm: SignatureAlgorithm
}

const curve = (name: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`]
const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']
const kinds: Readonly<Record<string, Kind>> = {
  'RSA with SHA-256': { key: rsa, sign: ['-sha256'], algorithm: 'rsa-sha256' },
  'RSA with SHA-512': { key: rsa, sign: ['-sha512'], algorithm: 'rsa-sha512' },
  'RSA-PSS': { key: rsa, sign: ['-sha256', ...pss], algorithm: 'rsa-pss-sha256' },
  'P-256': { key: curve('P-256'), sign: ['-sha256'], algorithm: 'ecdsa-p256-sha256' },
  'P-384': { key: curve('P-384'), sign: ['-sha384'], algorithm: 'ecdsa-p384-sha384' },
  'P-521': { key: curve('P-521'), sign: ['-sha512'], algorithm: 'ecdsa-p521-sha512' },
  Ed25519: { key: ['-algorithm', 'ED25519'], sign: [], algorithm: 'ed25519' },
  SM2: { key: curve('SM2'), sign: ['-sm3', '-sigopt', 'distid:1234567812345678'], algorithm: 'sm2-sm3' },
}
const names = Object.keys(kinds)

/** A root of openssl with one certificate below it; the files are ca.pem, ca-key.pem, leaf.pem and leaf-key.pem. */
function makeChain({ file, path, openssl }: Workbench, { key, sign }: Kind): void {
  openssl('genpkey', ...key, '-out', path('ca-key.pem'))
  openssl('genpkey', ...key, '-out', path('leaf-key.pem'))
  const subject = (name: string) => ['-utf8', '-subj', `/C=CN/O=样例/CN=${name}`]
  openssl(
    ...['req', '-x509', '-new', '-key', path('ca-key.pem'), ...subject('样例根'), ...sign, '-days', '30'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', path('ca.pem')],
  )
  openssl('req', '-new', '-key', path('leaf-key.pem'), ...subject('样例签章人'), ...sign, '-out', path('leaf.csr'))
  const extensions = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature,nonRepudiation']
  const keyIdentifiers = ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid']
  openssl(
    ...['x509', '-req', '-in', path('leaf.csr'), '-CA', path('ca.pem'), '-CAkey', path('ca-key.pem')],
    ...['-extfile', file('extensions', [...extensions, ...keyIdentifiers].join('\n'))],
    ...(sign.includes('-sm3') ? ['-vfyopt', 'distid:1234567812345678'] : []),
    ...['-CAcreateserial', '-days', '20', ...sign, '-out', path('leaf.pem')],
  )
}

describeWithOpenssl('certificates and lists of the openssl command (skipped when it is missing)', () => {
  it.each(names)('are verified, and altered ones are not: %s', (name) =>
    withWorkbench(async (bench) => {
      makeChain(bench, kinds[name]!)
      const [root, leaf] = ['ca.pem', 'leaf.pem'].map((file) => parseCertificate(bench.read(file)))
      expect(leaf).toMatchObject({ signatureAlgorithm: kinds[name]!.algorithm })
      expect(leaf!.subject.text).toBe('CN=样例签章人,O=样例,C=CN')
      expect(isIssuedBy(leaf!, root!)).toBe(true)
      await expect(verifyCertificateSignature(leaf!, root!.publicKey)).resolves.toBe(true)
      await expect(verifyCertificateSignature(root!, root!.publicKey)).resolves.toBe(true)
      await expect(verifyCertificateSignature(leaf!, leaf!.publicKey)).resolves.toBe(false)
      const input = { anchors: [root!], at: new Date(), usage: 'document-signing' } as const
      expect(await verifyCertificatePath({ leaf: leaf!, ...input })).toMatchObject({
        status: 'trusted',
        validity: 'valid',
      })
      // The last byte of the name is in the part that is signed.
      const at = toHex(leaf!.der).indexOf(toHex(new TextEncoder().encode('签章人'))) / 2
      const altered = parseCertificate(leaf!.der.with(at + 8, leaf!.der[at + 8]! ^ 1))
      expect(await verifyCertificatePath({ leaf: altered, ...input })).toMatchObject({ status: 'broken' })
    }),
  )

  it.each(names)('tell who is revoked: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      makeChain(bench, kinds[name]!)
      const [root, leaf] = ['ca.pem', 'leaf.pem'].map((each) => parseCertificate(read(each)))
      const serial = leaf!.serialNumber.toUpperCase()
      file('index.txt', `R\t300101000000Z\t260501000000Z,superseded\t${serial}\tunknown\t/CN=x\n`)
      file('index.txt.attr', 'unique_subject = no\n')
      const [, ...sign] = kinds[name]!.sign
      const digest = kinds[name]!.sign[0]?.slice(1) ?? 'null'
      const lines = {
        database: path('index.txt'),
        crlnumber: file('crlnumber', '0A\n'),
        certificate: path('ca.pem'),
        private_key: path('ca-key.pem'),
        default_md: digest,
        default_crl_days: '7',
        crl_extensions: 'lists',
      }
      const settings = Object.entries(lines).map(([key, value]) => `${key} = ${value}`)
      const config = ['[ca]', 'default_ca = own', '[own]', ...settings, '[lists]', 'authorityKeyIdentifier = keyid']
      openssl('ca', '-config', file('ca.cnf', config.join('\n')), '-gencrl', ...sign, '-out', path('list.pem'))
      const list = parseCertificateList(read('list.pem'))
      expect(list).toMatchObject({ number: 10n, signatureAlgorithm: kinds[name]!.algorithm })
      await expect(verifyCertificateList(list, root!.publicKey)).resolves.toBe(true)
      await expect(verifyCertificateList(list, leaf!.publicKey)).resolves.toBe(false)
      expect(findRevoked(list, leaf!)).toMatchObject({ reason: 'superseded', at: new Date('2026-05-01T00:00:00Z') })
      const result = await verifyCertificatePath({ leaf: leaf!, anchors: [root!], at: new Date(), crls: [list] })
      expect(result).toMatchObject({ status: 'trusted', revocation: { status: 'revoked' } })
    }),
  )

  it.each(names)('are matched by ours, which it verifies: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      makeChain(bench, kinds[name]!)
      const { algorithm } = kinds[name]!
      const issuer = pemSigner({ key: read('ca-key.pem'), certificateChain: read('ca.pem'), algorithm })
      const leaf = parseCertificate(read('leaf.pem'))
      const days = (count: number) => new Date(Date.now() + count * 86_400_000)
      const bytes = await buildCertificateList({
        issuer,
        thisUpdate: days(-1),
        nextUpdate: days(7),
        number: 3,
        revoked: [{ serialNumber: leaf.serialNumber, at: days(-1), reason: 'keyCompromise' }],
      })
      const list = file('list.pem', formatPem('X509 CRL', bytes))
      const text = openssl('crl', '-in', list, '-noout', '-text')
      expect(text).toContain(`Serial Number: ${leaf.serialNumber.toUpperCase()}`)
      const parsed = parseCertificateList(bytes)
      const known = file('public.pem', formatPublicKeyPem(issuer.certificateChain[0].publicKey))
      const signature = file('signature', parsed.signature)
      const digest = kinds[name]!.sign.filter((option) => /^-(sha|sm3)/.test(option))
      const options = kinds[name]!.sign.filter((option) => !digest.includes(option))
      // For SM2 and Ed25519 the command verifies a list only as bare bytes.
      if (name === 'Ed25519') {
        const input = ['-in', file('tbs', parsed.tbs), '-rawin', '-sigfile', signature]
        expect(openssl('pkeyutl', '-verify', '-pubin', '-inkey', known, ...input)).toContain('Successfully')
      } else {
        const input = ['-verify', known, '-signature', signature, file('tbs', parsed.tbs)]
        expect(openssl('dgst', ...digest, ...options, ...input)).toContain('Verified OK')
      }
      if (name === 'SM2') return
      const verify = ['-crl_check', '-CRLfile', list, '-CAfile', path('ca.pem'), path('leaf.pem')]
      expect(() => openssl('verify', ...verify)).toThrow(/certificate revoked/)
    }),
  )

  it.each(['rsa-2048', 'ec-p256', 'sm2'] as const)('verify ours with every kind of key below: %s', (algorithm) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm, name: '样例根' })
      const ca = file('ca.pem', formatCertificatePem(authority.certificate))
      const distid = algorithm === 'sm2' ? ['-vfyopt', 'distid:1234567812345678'] : []
      for (const name of names) {
        openssl('genpkey', ...kinds[name]!.key, '-out', path('key.pem'))
        const publicKey = parsePrivateKey(read('key.pem')).publicKey!
        const issued = await authority.issue({ publicKey, commonName: '样例', profile: 'document-signing' })
        const leaf = file('leaf.pem', formatCertificatePem(issued))
        expect(openssl('verify', '-x509_strict', ...distid, '-CAfile', ca, leaf)).toContain('OK')
      }
    }),
  )
})

describe('with pkijs as the other side', () => {
  const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as unknown as Crypto })
  const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer

  it.each(['rsa-2048', 'ec-p256'] as const)('our certificates and lists are verified by it: %s', async (algorithm) => {
    const authority = await createTestAuthority({ algorithm, name: '样例根' })
    const { certificateChain } = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    authority.revoke(certificateChain[0].serialNumber, new Date(), 'superseded')
    const [leaf, root] = certificateChain.map((each) => pkijs.Certificate.fromBER(buffer(each.der)))
    await expect(leaf!.verify(root, engine)).resolves.toBe(true)
    await expect(root!.verify(undefined, engine)).resolves.toBe(true)
    const list = pkijs.CertificateRevocationList.fromBER(buffer(await authority.currentCrl()))
    await expect(list.verify({ issuerCertificate: root! }, engine)).resolves.toBe(true)
    expect(list.isCertificateRevoked(leaf!)).toBe(true)
    const chain = new pkijs.CertificateChainValidationEngine({ trustedCerts: [root!], certs: [leaf!] })
    expect((await chain.verify({}, engine)).result).toBe(true)
  })

  it('its certificates and lists are verified by us', async () => {
    const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    const certificate = new pkijs.Certificate()
    certificate.version = 2
    certificate.serialNumber = new asn1js.Integer({ value: 77 })
    const name = new pkijs.AttributeTypeAndValue({
      type: '2.5.4.3',
      value: new asn1js.Utf8String({ value: '样例 pkijs' }),
    })
    certificate.issuer.typesAndValues.push(name)
    certificate.subject.typesAndValues.push(name)
    certificate.notBefore.value = new Date('2026-01-01T00:00:00Z')
    certificate.notAfter.value = new Date('2027-01-01T00:00:00Z')
    await certificate.subjectPublicKeyInfo.importKey(keys.publicKey, engine)
    await certificate.sign(keys.privateKey, 'SHA-384', engine)
    const parsed = parseCertificate(new Uint8Array(certificate.toSchema(true).toBER()))
    expect(parsed).toMatchObject({ serialNumber: '4d', signatureAlgorithm: 'ecdsa-p384-sha384' })
    expect(parsed.subject.commonName).toBe('样例 pkijs')
    await expect(verifyCertificateSignature(parsed, parsed.publicKey)).resolves.toBe(true)
    const list = new pkijs.CertificateRevocationList({ version: 1 })
    list.issuer.typesAndValues.push(name)
    list.thisUpdate.value = new Date('2026-06-01T00:00:00Z')
    const revoked = new pkijs.RevokedCertificate({
      userCertificate: new asn1js.Integer({ value: 5 }),
      revocationDate: new pkijs.Time({ type: 0, value: new Date('2026-05-01T00:00:00Z') }),
    })
    list.revokedCertificates = [revoked]
    await list.sign(keys.privateKey, 'SHA-384', engine)
    const ours = parseCertificateList(new Uint8Array(list.toSchema(true).toBER()))
    expect([...listRevoked(ours)]).toEqual([{ serialNumber: '05', at: new Date('2026-05-01T00:00:00Z') }])
    await expect(verifyCertificateList(ours, parsed.publicKey)).resolves.toBe(true)
  })
})

describe('with node-forge as the other side', () => {
  const fromPem = (pem: string): forge.pki.Certificate => forge.pki.certificateFromPem(pem)

  it('our RSA certificates are verified by it, and its by us', async () => {
    const authority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
    const { certificateChain } = await authority.createSigner({ commonName: '样例签章人', profile: 'platform' })
    const [leaf, root] = certificateChain.map((each) => fromPem(formatCertificatePem(each)))
    expect(root!.verify(leaf!)).toBe(true)
    expect(leaf!.subject.getField('CN').value).toBe(Buffer.from('样例签章人').toString('latin1'))
    const pair = forge.pki.rsa.generateKeyPair(2048)
    const theirs = forge.pki.createCertificate()
    theirs.publicKey = pair.publicKey
    theirs.serialNumber = '00f0'
    theirs.validity.notBefore = new Date('2026-01-01T00:00:00Z')
    theirs.validity.notAfter = new Date('2051-01-01T00:00:00Z')
    theirs.setSubject([{ shortName: 'CN', value: 'forge' }])
    theirs.setIssuer([{ shortName: 'CN', value: 'forge' }])
    theirs.setExtensions([
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ])
    theirs.sign(pair.privateKey, forge.md.sha512.create())
    const parsed = parseCertificate(forge.pki.certificateToPem(theirs))
    expect(parsed).toMatchObject({
      serialNumber: 'f0',
      signatureAlgorithm: 'rsa-sha512',
      basicConstraints: { ca: true },
    })
    expect(parsed.keyUsage).toEqual(new Set(['digitalSignature', 'keyCertSign']))
    await expect(verifyCertificateSignature(parsed, parsed.publicKey)).resolves.toBe(true)
    const altered = concatBytes(parsed.der.subarray(0, -1), Uint8Array.of(parsed.der.at(-1)! ^ 1))
    await expect(verifyCertificateSignature(parseCertificate(altered), parsed.publicKey)).resolves.toBe(false)
  })
})
