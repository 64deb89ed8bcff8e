import { type DigestAlgorithm, systemClock, utf8 } from '@zhicheng/core'
import forge from 'node-forge'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, type Workbench, withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { hash } from './hash.ts'
import { pemSigner } from './pem-signer.ts'
import { parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority, type TestProfile } from './testing.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import { parseTimestampToken, verifyTimestampToken } from './timestamp-token.ts'

const content = utf8('样例行政许可决定书')
const messageDigest = (algorithm: DigestAlgorithm): Uint8Array => hash(algorithm, content)

interface Kind {
  readonly key: readonly string[]
  readonly digest: Exclude<DigestAlgorithm, 'sha1'>
  readonly algorithm: SignatureAlgorithm
  /** For `openssl cms -sign`. */
  readonly options?: readonly string[]
}

const curve = (name: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`]
const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
const pss = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32']
const kinds = {
  RSA: { key: rsa, digest: 'sha256', algorithm: 'rsa-sha256' },
  'RSA with SHA-512': { key: rsa, digest: 'sha512', algorithm: 'rsa-sha512' },
  'RSA-PSS': { key: rsa, digest: 'sha256', algorithm: 'rsa-pss-sha256', options: pss },
  'P-256': { key: curve('P-256'), digest: 'sha256', algorithm: 'ecdsa-p256-sha256' },
  'P-384': { key: curve('P-384'), digest: 'sha384', algorithm: 'ecdsa-p384-sha384' },
  'P-521': { key: curve('P-521'), digest: 'sha512', algorithm: 'ecdsa-p521-sha512' },
  Ed25519: { key: ['-algorithm', 'ED25519'], digest: 'sha512', algorithm: 'ed25519' },
} as const satisfies Record<string, Kind>
// The openssl command of 3.0 gives EdDSA a digest in CMS, which fails: there its bare commands have to do.
const names = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((name) => name !== 'Ed25519')

let authority: TestAuthority

beforeAll(async () => {
  authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
})

/** A signer whose key openssl made, with its files key.pem, leaf.pem and ca.pem. */
async function makeSigner(
  { file, path, openssl, read }: Workbench,
  { key, algorithm }: Kind,
  profile: TestProfile = 'document-signing',
): Promise<Signer> {
  openssl('genpkey', ...key, '-out', path('key.pem'))
  const { publicKey } = parsePrivateKey(read('key.pem'))
  const certificate = await authority.issue({ publicKey: publicKey!, commonName: '样例签章人', profile })
  file('leaf.pem', formatCertificatePem(certificate))
  file('ca.pem', formatCertificatePem(authority.certificate))
  return pemSigner({ key: read('key.pem'), certificateChain: [certificate, authority.certificate], algorithm })
}

async function judge(message: Uint8Array, input: Parameters<typeof verifySignedData>[1]) {
  const { status, findings, bindsCertificate } = await verifySignedData(parseSignedData(message), input)
  return { status, bindsCertificate, codes: findings.map(({ code }) => code) }
}

describeWithOpenssl('messages of openssl cms (skipped when it is missing)', () => {
  it.each(names)('are verified in every form it writes: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      const kind: Kind = kinds[name]
      const [certificate] = (await makeSigner(bench, kind)).certificateChain
      const text = file('content', content)
      const sign = (...options: readonly string[]): Uint8Array => {
        openssl(
          ...['cms', '-sign', '-binary', '-outform', 'DER', '-md', kind.digest, ...options],
          ...['-signer', path('leaf.pem'), '-inkey', path('key.pem'), ...(kind.options ?? [])],
          ...['-in', text, '-out', path('message')],
        )
        return read('message')
      }
      const attached = {}
      const detached = { messageDigest }
      const outside = { messageDigest, certificates: [certificate] }
      const forms: readonly (readonly [readonly string[], Parameters<typeof verifySignedData>[1]])[] = [
        [[], detached],
        [['-cades'], detached],
        [['-keyid'], detached],
        [['-cades', '-keyid', '-nodetach'], attached],
        [['-nodetach'], attached],
        [['-nocerts'], outside],
        [['-noattr'], { content }],
        [['-noattr', '-nodetach'], attached],
        // Streaming it cannot write the parameters of PSS.
        ...(name === 'RSA-PSS' ? [] : ([[['-stream', '-nodetach', '-cades'], attached]] as const)),
      ]
      for (const [options, input] of forms) {
        const message = sign(...options)
        const result = await judge(message, input)
        expect({ options, status: result.status }).toEqual({ options, status: 'valid' })
        expect(result.bindsCertificate).toBe(options.includes('-cades'))
        const other = utf8('另一份')
        const wrong = { messageDigest: (algorithm: DigestAlgorithm) => hash(algorithm, other), content: other }
        expect((await judge(message, { ...input, ...wrong })).status).not.toBe('valid')
      }
      expect((await judge(sign('-nocerts'), detached)).codes).toContain('CMS_CERTIFICATE_MISSING')
    }),
  )

  it('of several signers are valid only when all of them are', () =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      const text = file('content', content)
      const signers: string[] = []
      const certificates: Certificate[] = []
      for (const name of ['P-256', 'RSA', 'P-384'] as const) {
        certificates.push((await makeSigner(bench, kinds[name])).certificateChain[0])
        const [leaf, key] = [file(`${name}.pem`, read('leaf.pem')), file(`${name}-key.pem`, read('key.pem'))]
        signers.push('-signer', leaf, '-inkey', key)
      }
      openssl(
        ...['cms', '-sign', '-binary', '-cades', '-outform', 'DER', '-md', 'sha384', ...signers],
        ...['-in', text, '-out', path('message')],
      )
      const message = read('message')
      expect(parseSignedData(message).signerInfos.length).toBe(3)
      const result = await verifySignedData(parseSignedData(message), { messageDigest })
      // ECDSA with SHA-384 is what openssl makes with the P-256 key here; the digest counts, not the name.
      expect(result.status).toBe('valid')
      expect(result.findings.map(({ code }) => code)).toContain('CMS_SIGNER_COUNT')
      expect(certificates.map(({ serialNumber }) => serialNumber)).toContain(result.certificate?.serialNumber)
      for (const { signature } of parseSignedData(message).signerInfos) {
        const altered = message.slice()
        altered[Buffer.from(message).indexOf(Buffer.from(signature)) + signature.length - 1]! ^= 1
        expect((await judge(altered, { messageDigest })).status).toBe('signature-invalid')
      }
    }))
})

describeWithOpenssl('our messages (skipped when openssl is missing)', () => {
  it.each(names)('pass openssl cms -verify, detached and attached, with and without -cades: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl } = bench
      const kind: Kind = kinds[name]
      const signer = await makeSigner(bench, kind)
      const text = file('content', content)
      const common = ['-binary', '-inform', 'DER', '-CAfile', path('ca.pem'), '-out', path('out')]
      for (const signingTime of [undefined, new Date()]) {
        const input = {
          signer,
          digestAlgorithm: kind.digest,
          messageDigest: messageDigest(kind.digest),
          ...(signingTime ? { signingTime } : {}),
        }
        const detached = file('detached', await createSignedData(input))
        const attached = file('attached', await createSignedData({ ...input, encapsulate: content }))
        for (const cades of [[], ['-cades']]) {
          openssl('cms', '-verify', ...cades, ...common, '-in', detached, '-content', text)
          openssl('cms', '-verify', ...cades, ...common, '-in', attached)
          expect(bench.read('out')).toEqual(content)
        }
        const other = file('other', '另一份')
        expect(() => openssl('cms', '-verify', ...common, '-in', detached, '-content', other)).toThrow()
      }
    }),
  )

  it('of Ed25519 hold attributes that pass pkeyutl -verify', () =>
    withWorkbench(async (bench) => {
      const signer = await makeSigner(bench, kinds.Ed25519)
      const message = await createSignedData({ signer, messageDigest: messageDigest('sha512') })
      const [info] = parseSignedData(message).signerInfos
      const input = ['-rawin', '-in', bench.file('attributes', info!.signedBytes!)]
      const signature = ['-sigfile', bench.file('signature', info!.signature)]
      const run = () =>
        bench.openssl('pkeyutl', '-verify', '-certin', '-inkey', bench.path('leaf.pem'), ...input, ...signature)
      expect(run()).toContain('Signature Verified Successfully')
      bench.file('attributes', info!.signedBytes!.subarray(1))
      expect(run).toThrow()
    }))

  it('of SM2 hold attributes and content that pass dgst -sm3, in both families of identifiers', () =>
    withWorkbench(async ({ file, openssl }) => {
      const sm2 = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
      const signer = await sm2.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
      const key = file('public.pem', formatPublicKeyPem(signer.certificateChain[0].publicKey))
      for (const profile of ['cms', 'gm'] as const) {
        for (const inside of [{}, { encapsulate: content }]) {
          const digest = messageDigest('sm3')
          const message = await createSignedData({ signer, messageDigest: digest, profile, ...inside })
          const [info] = parseSignedData(message).signerInfos
          const files = ['-signature', file('signature', info!.signature), file('attributes', info!.signedBytes!)]
          const options = ['-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key]
          expect(openssl('dgst', ...options, ...files)).toContain('Verified OK')
          const shown = openssl('dgst', '-sm3', '-r', file('content', content)).split(' ')[0]!
          expect(Buffer.from(info!.signedBytes!).includes(Buffer.from(shown, 'hex'))).toBe(true)
        }
      }
    }))
})

describeWithOpenssl('timestamps with keys of every kind (skipped when openssl is missing)', () => {
  const policy = '1.2.3.4.1'

  it.each(['RSA', 'P-384', 'P-521'] as const)('ours pass openssl ts -verify, as token too: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      const signer = await makeSigner(bench, kinds[name], 'timestamping')
      const data = file('data', content)
      openssl('ts', '-query', '-data', data, `-${kinds[name].digest}`, '-cert', '-out', path('query'))
      const answer = await answerTimestampRequest(read('query'), { signer, policy, clock: systemClock, serial: 7n })
      const trust = ['-CAfile', path('ca.pem'), '-queryfile', path('query')]
      expect(openssl('ts', '-verify', '-in', file('answer', answer), ...trust)).toContain('Verification: OK')
      openssl('ts', '-reply', '-in', path('answer'), '-token_out', '-out', path('token'))
      expect(openssl('ts', '-verify', '-in', path('token'), '-token_in', ...trust)).toContain('Verification: OK')
      const token = parseTimestampToken(read('token'))
      const imprint = { algorithm: kinds[name].digest, value: messageDigest(kinds[name].digest) }
      const anchors = [authority.certificate]
      expect(await verifyTimestampToken(token, { imprint, anchors })).toMatchObject({
        status: 'valid',
        chain: { status: 'trusted' },
      })
    }),
  )

  it.each(['P-384', 'RSA with SHA-512'] as const)('those of openssl ts -reply are verified: %s', (name) =>
    withWorkbench(async (bench) => {
      const { file, path, openssl, read } = bench
      await makeSigner(bench, kinds[name], 'timestamping')
      const lines = {
        serial: file('serial', '0100'),
        signer_cert: path('leaf.pem'),
        signer_key: path('key.pem'),
        certs: path('ca.pem'),
        signer_digest: kinds[name].digest,
        default_policy: policy,
        digests: 'sha256, sha384, sha512, sm3',
        ess_cert_id_alg: 'sha512',
      }
      const settings = Object.entries(lines).map(([key, value]) => `${key} = ${value}`)
      const config = file('ts.cnf', ['[tsa]', ...settings].join('\n'))
      const imprint = { algorithm: 'sm3', value: messageDigest('sm3') } as const
      const query = file('query', requestTimestamp(imprint, { nonce: 2n ** 63n }))
      openssl('ts', '-reply', '-config', config, '-section', 'tsa', '-queryfile', query, '-out', path('answer'))
      const token = parseTimestampToken(processTimestampResponse(read('answer'), { imprint, nonce: 2n ** 63n }))
      expect(token.serial).toBe('0101')
      const result = await verifyTimestampToken(token, { imprint, anchors: [authority.certificate] })
      expect(result).toMatchObject({ status: 'valid', policy, chain: { status: 'trusted' } })
    }),
  )

  it('of SM2 carry attributes that pass dgst -sm3', () =>
    withWorkbench(async ({ file, openssl }) => {
      const sm2 = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
      const signer = await sm2.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
      const imprint = { algorithm: 'sm3', value: messageDigest('sm3') } as const
      const options = { signer, policy, clock: systemClock, serial: 1n }
      const answer = await answerTimestampRequest(requestTimestamp(imprint), options)
      const token = parseTimestampToken(processTimestampResponse(answer, { imprint }))
      const [info] = token.signedData.signerInfos
      const key = file('public.pem', formatPublicKeyPem(signer.certificateChain[0].publicKey))
      const files = ['-signature', file('signature', info!.signature), file('attributes', info!.signedBytes!)]
      const dgst = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key]
      expect(openssl(...dgst, ...files)).toContain('Verified OK')
      const content = openssl('dgst', '-sm3', '-r', file('info', token.signedData.content!)).split(' ')[0]!
      expect(Buffer.from(info!.signedBytes!).includes(Buffer.from(content, 'hex'))).toBe(true)
    }))
})

describe('with node-forge as the other side', () => {
  it('its PKCS#7 messages are verified, attached and detached, with attributes and without', async () => {
    // forge writes Chinese names anew and wrongly, so that the message would name another issuer: this one is plain.
    const pair = forge.pki.rsa.generateKeyPair(2048)
    const certificate = forge.pki.createCertificate()
    certificate.publicKey = pair.publicKey
    certificate.serialNumber = '0102'
    certificate.validity.notBefore = new Date('2026-01-01T00:00:00Z')
    certificate.validity.notAfter = new Date('2027-01-01T00:00:00Z')
    certificate.setSubject([{ shortName: 'CN', value: 'forge' }])
    certificate.setIssuer([{ shortName: 'CN', value: 'forge' }])
    certificate.sign(pair.privateKey, forge.md.sha256.create())
    const oids = forge.pki.oids as Record<'sha256' | 'data' | 'contentType' | 'messageDigest' | 'signingTime', string>
    for (const detached of [true, false]) {
      for (const withAttributes of [true, false]) {
        const message = forge.pkcs7.createSignedData()
        message.content = forge.util.createBuffer(Buffer.from(content).toString('latin1'))
        message.addCertificate(certificate)
        message.addSigner({
          key: pair.privateKey,
          certificate,
          digestAlgorithm: oids.sha256,
          ...(withAttributes
            ? {
                authenticatedAttributes: [
                  { type: oids.contentType, value: oids.data },
                  { type: oids.messageDigest },
                  { type: oids.signingTime, value: new Date() as unknown as string },
                ],
              }
            : {}),
        })
        message.sign({ detached })
        const bytes = Uint8Array.from(Buffer.from(forge.asn1.toDer(message.toAsn1()).getBytes(), 'latin1'))
        const result = await judge(bytes, detached ? { content } : {})
        expect(result).toEqual({ status: 'valid', bindsCertificate: false, codes: ['CMS_NO_SIGNING_CERTIFICATE'] })
        const other = { content: utf8('另一份') }
        expect((await judge(bytes, other)).status).not.toBe('valid')
      }
    }
  })

  it('our messages are read by it as what they are', async () => {
    const rsaAuthority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
    const signer = await rsaAuthority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    const message = await createSignedData({ signer, messageDigest: messageDigest('sha256'), encapsulate: content })
    const binary = forge.util.createBuffer(Buffer.from(message).toString('latin1'))
    const parsed = forge.pkcs7.messageFromAsn1(forge.asn1.fromDer(binary)) as unknown as {
      certificates: forge.pki.Certificate[]
      rawCapture: { signature: string; authenticatedAttributes: forge.asn1.Asn1[] }
    }
    expect(parsed.certificates.length).toBe(2)
    const { signature, authenticatedAttributes } = parsed.rawCapture
    const set = forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SET, true, authenticatedAttributes)
    const digest = forge.md.sha256.create().update(forge.asn1.toDer(set).getBytes()).digest().getBytes()
    const leaf = forge.pki.certificateFromPem(formatCertificatePem(signer.certificateChain[0]))
    expect((leaf.publicKey as forge.pki.rsa.PublicKey).verify(digest, signature)).toBe(true)
  })
})
