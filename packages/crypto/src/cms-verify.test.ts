import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem, parseCertificate } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { acceptEcKeyOid, verifySignedData } from './cms-verify.ts'
import { der } from './der.ts'
import { hash } from './hash.ts'
import { attributeOid } from './lib/cms-oids.ts'
import { formatAttribute } from './lib/signed-data-format.ts'
import { pemSigner } from './pem-signer.ts'
import { formatPublicKeyPem, parsePublicKey } from './public-key.ts'
import { allowSha1 } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const content = utf8('样例行政许可决定书')
const messageDigest = (algorithm: Parameters<typeof hash>[0]): Uint8Array => hash(algorithm, content)

type TestSigner = Signer & { readonly privateKeyPem: string }
const authorities = {} as Record<'rsa' | 'p256' | 'sm2', TestAuthority>
const signers = {} as Record<'rsa' | 'p256' | 'sm2', TestSigner>

beforeAll(async () => {
  const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
  for (const [name, algorithm] of Object.entries(kinds)) {
    const authority = await createTestAuthority({ algorithm, name: `样例根 ${name}` })
    authorities[name as keyof typeof kinds] = authority
    signers[name as keyof typeof kinds] = await authority.createSigner({
      commonName: '样例签章人',
      profile: 'document-signing',
    })
  }
})

async function ed25519Signer(): Promise<Signer> {
  const pair = generateKeyPairSync('ed25519')
  const publicKey = parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })))
  const certificate = await authorities.rsa.issue({
    publicKey,
    commonName: '样例 Ed25519',
    profile: 'document-signing',
  })
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return pemSigner({ key, certificateChain: [certificate] })
}

const pssSigner = (): Signer =>
  pemSigner({
    key: signers.rsa.privateKeyPem,
    certificateChain: [...signers.rsa.certificateChain],
    algorithm: 'rsa-pss-sha256',
  })

describe('messages of every kind of key', () => {
  const kinds: Record<string, { signer: () => Signer | Promise<Signer>; digest: 'sha256' | 'sha512' | 'sm3' }> = {
    'RSA PKCS#1': { signer: () => signers.rsa, digest: 'sha256' },
    'RSA PSS': { signer: pssSigner, digest: 'sha256' },
    'ECDSA P-256': { signer: () => signers.p256, digest: 'sha256' },
    Ed25519: { signer: ed25519Signer, digest: 'sha512' },
    SM2: { signer: () => signers.sm2, digest: 'sm3' },
  }

  it.each(Object.keys(kinds))('are verified detached and with the content inside: %s', async (kind) => {
    const { signer: make, digest } = kinds[kind]!
    const signer = await make()
    const detached = parseSignedData(await createSignedData({ signer, messageDigest: hash(digest, content) }))
    expect(detached.content).toBeUndefined()
    expect(detached.signerInfos[0]?.signingTime).toBeUndefined()
    const result = await verifySignedData(detached, { messageDigest })
    expect(result).toMatchObject({ status: 'valid', algorithm: signer.algorithm, bindsCertificate: true, findings: [] })
    expect(result.certificate?.subject.commonName).toBe(signer.certificateChain[0].subject.commonName)
    const full = await createSignedData({ signer, messageDigest: hash(digest, content), encapsulate: content })
    expect((await verifySignedData(parseSignedData(full), {})).status).toBe('valid')
    const other = await verifySignedData(detached, { messageDigest: (algorithm) => hash(algorithm, utf8('另一份')) })
    expect(other.status).toBe('digest-mismatch')
  })

  it('carry a signing time only when one is given', async () => {
    const signingTime = new Date('2026-03-01T02:03:04Z')
    const message = await createSignedData({
      signer: signers.p256,
      messageDigest: messageDigest('sha256'),
      signingTime,
    })
    const result = await verifySignedData(parseSignedData(message), { messageDigest })
    expect(result.signedAt).toEqual(signingTime)
  })

  it('have the object identifiers of GM/T 0010 in the profile gm', async () => {
    const message = await createSignedData({ signer: signers.sm2, messageDigest: messageDigest('sm3'), profile: 'gm' })
    const parsed = parseSignedData(message)
    expect(parsed).toMatchObject({ isGm: true, version: 1, contentType: '1.2.156.10197.6.1.4.2.1' })
    expect(toHex(parsed.signerInfos[0]!.signatureAlgorithm)).toBe(toHex(der.sequence(der.oid('1.2.156.10197.1.301.1'))))
    expect((await verifySignedData(parsed, { messageDigest })).status).toBe('valid')
  })
})

describe('input that does not belong together', () => {
  it.each([
    [
      'a digest of another algorithm than the signature',
      'rsa',
      { digestAlgorithm: 'sm3' },
      'ERR_CMS_ALGORITHM_MISMATCH',
    ],
    ['SHA-1', 'rsa', { digestAlgorithm: 'sha1' }, 'ERR_CMS_ALGORITHM_MISMATCH'],
    ['the profile gm with RSA', 'rsa', { profile: 'gm' }, 'ERR_CMS_ALGORITHM_MISMATCH'],
    ['a digest of the wrong length', 'rsa', { messageDigest: new Uint8Array(20) }, 'ERR_CMS_DIGEST_MISMATCH'],
    ['another content inside', 'rsa', { encapsulate: utf8('另一份') }, 'ERR_CMS_DIGEST_MISMATCH'],
  ] as const)('is refused before anything is signed: %s', async (_, kind, change, code) => {
    const input = { signer: signers[kind], messageDigest: messageDigest('sha256'), ...change }
    await expect(createSignedData(input)).rejects.toMatchObject({ code })
  })
})

/** A message put together by hand, to say things that the writer never says. */
async function forge(options: {
  signer?: Signer
  attributes?: readonly Uint8Array[] | null
  signatureAlgorithm?: Uint8Array
  digestAlgorithm?: Uint8Array
  content?: Uint8Array
  certificates?: readonly Certificate[]
  identifier?: Uint8Array
  changeSignature?: (signature: Uint8Array) => Uint8Array
  signers?: number
}): Promise<Uint8Array> {
  const { signer = signers.p256, attributes = defaultAttributes(), changeSignature = (value) => value } = options
  const [certificate] = signer.certificateChain
  const signed = attributes && der.setOf(...attributes)
  const signature = changeSignature(await signer.sign(signed ?? options.content!))
  const digest = options.digestAlgorithm ?? der.sequence(der.oid('2.16.840.1.101.3.4.2.1'))
  const info = der.sequence(
    der.integer(1),
    options.identifier ?? der.sequence(certificate.issuer.der, der.unsignedInteger(fromHex(certificate.serialNumber))),
    digest,
    ...(signed ? [der.implicit(0, signed)] : []),
    options.signatureAlgorithm ?? der.sequence(der.oid('1.2.840.10045.4.3.2')),
    der.octetString(signature),
  )
  return der.sequence(
    der.oid('1.2.840.113549.1.7.2'),
    der.explicit(
      0,
      der.sequence(
        der.integer(1),
        der.setOf(digest),
        der.sequence(
          der.oid('1.2.840.113549.1.7.1'),
          ...(options.content ? [der.explicit(0, der.octetString(options.content))] : []),
        ),
        der.implicit(0, der.setOf(...(options.certificates ?? [certificate]).map((each) => each.der))),
        der.setOf(...Array.from({ length: options.signers ?? 1 }, () => info)),
      ),
    ),
  )
}

const defaultAttributes = (): Uint8Array[] => [
  formatAttribute(attributeOid.contentType, der.oid('1.2.840.113549.1.7.1')),
  formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest('sha256'))),
]

async function judge(message: Uint8Array, input: Partial<Parameters<typeof verifySignedData>[1]> = { messageDigest }) {
  const { status, findings } = await verifySignedData(parseSignedData(message), input)
  return { status, codes: findings.map(({ code }) => code) }
}

describe('messages that deviate', () => {
  it('are valid without a certificate attribute, and say so', async () => {
    expect(await judge(await forge({}))).toEqual({ status: 'valid', codes: ['CMS_NO_SIGNING_CERTIFICATE'] })
  })

  it('are refused when the certificate was exchanged for another of the same key, issuer and number', async () => {
    const message = await createSignedData({ signer: signers.p256, messageDigest: messageDigest('sha256') })
    const [certificate, root] = signers.p256.certificateChain
    // The twin differs in one byte of its signature, so that issuer, number and key still fit.
    const twin = certificate.der.slice()
    twin[twin.length - 1]! ^= 1
    const at = toHex(message).indexOf(toHex(certificate.der)) / 2
    const swapped = concatBytes(message.subarray(0, at), twin, message.subarray(at + twin.length))
    expect(parseSignedData(swapped).certificates.some(({ der: bytes }) => toHex(bytes) === toHex(twin))).toBe(true)
    expect(root).toBeDefined()
    expect(await judge(swapped)).toEqual({ status: 'signature-invalid', codes: ['CMS_CERTIFICATE_MISMATCH'] })
  })

  it('are refused with another key under the same signature', async () => {
    const other = await authorities.p256.createSigner({ commonName: '样例他人', profile: 'document-signing' })
    const [certificate] = other.certificateChain
    const identifier = der.sequence(certificate.issuer.der, der.unsignedInteger(fromHex(certificate.serialNumber)))
    const message = await forge({ certificates: [certificate], identifier })
    expect((await judge(message)).status).toBe('signature-invalid')
  })

  it('find their certificate by subject key identifier', async () => {
    const keyIdentifier = signers.p256.certificateChain[0].subjectKeyIdentifier!
    const message = await forge({ identifier: der.implicit(0, der.octetString(keyIdentifier)) })
    expect((await judge(message)).status).toBe('valid')
  })

  it('are unsupported without their certificate, and valid when it is given along', async () => {
    const message = await forge({ certificates: [] })
    expect(await judge(message)).toMatchObject({
      status: 'unsupported',
      codes: ['CMS_NO_SIGNING_CERTIFICATE', 'CMS_CERTIFICATE_MISSING'],
    })
    expect((await judge(message, { messageDigest, certificates: [signers.p256.certificateChain[0]] })).status).toBe(
      'valid',
    )
  })

  it('bring no content of their own when they are to sign another', async () => {
    const message = await createSignedData({
      signer: signers.p256,
      messageDigest: messageDigest('sha256'),
      encapsulate: content,
    })
    expect(await judge(message)).toEqual({ status: 'signature-invalid', codes: ['CMS_CONTENT_IN_DETACHED'] })
  })

  it('with several signers say so', async () => {
    const result = await judge(await forge({ signers: 2 }))
    expect(result.codes).toContain('CMS_SIGNER_COUNT')
    expect((await judge(await forge({ signers: 0 }))).status).toBe('signature-invalid')
  })

  it('naming id-ecPublicKey as their algorithm are accepted only on request', async () => {
    const message = await forge({ signatureAlgorithm: der.sequence(der.oid('1.2.840.10045.2.1')) })
    expect(await judge(message)).toMatchObject({ status: 'unsupported' })
    const accepted = await judge(message, { messageDigest, [acceptEcKeyOid]: true })
    expect(accepted).toMatchObject({ status: 'valid', codes: ['CMS_NO_SIGNING_CERTIFICATE', 'CMS_EC_KEY_OID'] })
  })

  it('using SHA-1 are unsupported unless asked for, and then with the right signature algorithm only', async () => {
    const attributes = [
      formatAttribute(attributeOid.contentType, der.oid('1.2.840.113549.1.7.1')),
      formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest('sha1'))),
    ]
    const sha1 = der.sequence(der.oid('1.3.14.3.2.26'))
    const message = await forge({ attributes, digestAlgorithm: sha1 })
    expect(await judge(message)).toMatchObject({ status: 'unsupported', codes: ['CMS_DIGEST_WEAK'] })
    // ECDSA with SHA-256 under a SHA-1 digest stays out even then: the two do not go together.
    expect(await judge(message, { messageDigest, [allowSha1]: true })).toMatchObject({ status: 'unsupported' })
  })

  it('with unknown algorithms are unsupported and throw nothing', async () => {
    const unknown = der.sequence(der.oid('1.2.3.4'))
    expect(await judge(await forge({ digestAlgorithm: unknown }))).toEqual({
      status: 'unsupported',
      codes: ['CMS_DIGEST_UNKNOWN'],
    })
    expect((await judge(await forge({ signatureAlgorithm: unknown }))).codes).toContain('CMS_ALGORITHM_UNKNOWN')
  })

  it('with r ‖ s in place of DER are accepted for SM2, and say so', async () => {
    const attributes = [
      formatAttribute(attributeOid.contentType, der.oid('1.2.840.113549.1.7.1')),
      formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest('sm3'))),
    ]
    const message = await forge({
      signer: signers.sm2,
      attributes,
      digestAlgorithm: der.sequence(der.oid('1.2.156.10197.1.401'), der.null()),
      signatureAlgorithm: der.sequence(der.oid('1.2.156.10197.1.501')),
      changeSignature: (signature) => rawSignature(signature),
    })
    expect(await judge(message)).toMatchObject({
      status: 'valid',
      codes: ['CMS_NO_SIGNING_CERTIFICATE', 'CMS_SM2_SIGNATURE_RAW'],
    })
  })

  it.each([
    ['a missing digest', () => [defaultAttributes()[0]!], 'CMS_ATTRIBUTE_MISSING'],
    ['a digest that stands twice', () => [...defaultAttributes(), defaultAttributes()[1]!], 'CMS_ATTRIBUTE_REPEATED'],
    [
      'another content type',
      () => [formatAttribute(attributeOid.contentType, der.oid('1.2.3')), defaultAttributes()[1]!],
      'CMS_CONTENT_TYPE_MISMATCH',
    ],
    [
      'a certificate attribute that is none',
      () => [...defaultAttributes(), formatAttribute(attributeOid.signingCertificateV2, der.null())],
      'CMS_MALFORMED',
    ],
    [
      'other protected algorithms',
      () => [
        ...defaultAttributes(),
        formatAttribute(
          attributeOid.algorithmProtection,
          der.sequence(der.sequence(der.oid('1.2.3')), der.implicit(1, der.sequence(der.oid('1.2.3')))),
        ),
      ],
      'CMS_ALGORITHM_MISMATCH',
    ],
  ] as const)('are invalid for their attributes: %s', async (_, attributes, code) => {
    const result = await judge(await forge({ attributes: attributes() }))
    expect(result.status).toBe('signature-invalid')
    expect(result.codes).toContain(code)
  })

  it('without signed attributes are verified over the content, wherever it lies', async () => {
    const inside = await forge({ attributes: null, content })
    expect((await judge(inside, {})).status).toBe('valid')
    const outside = await createSignedData({ signer: signers.p256, messageDigest: messageDigest('sha256') })
    expect((await judge(outside, { content })).status).toBe('valid')
  })

  it('do not pass off the attributes of another signature as content', async () => {
    const attributes = der.setOf(...defaultAttributes())
    const message = await forge({ attributes: null, content: attributes })
    expect(await judge(message, {})).toMatchObject({ status: 'signature-invalid' })
  })

  it('name bytes that follow them', async () => {
    const message = await createSignedData({ signer: signers.p256, messageDigest: messageDigest('sha256') })
    expect(await judge(concatBytes(message, new Uint8Array(64)))).toEqual({ status: 'valid', codes: [] })
    expect((await judge(concatBytes(message, new Uint8Array(64), Uint8Array.of(1)))).codes).toEqual([
      'CMS_TRAILING_BYTES',
    ])
  })
})

function rawSignature(signature: Uint8Array): Uint8Array {
  const [r, s] = (asn1js.fromBER(signature.slice()).result as asn1js.Sequence).valueBlock.value as asn1js.Integer[]
  const half = (value: asn1js.Integer): Uint8Array => {
    const bytes = new Uint8Array(value.valueBlock.valueHexView)
    const padded = new Uint8Array(32)
    const digits = bytes.length > 32 ? bytes.subarray(1) : bytes
    padded.set(digits, 32 - digits.length)
    return padded
  }
  return concatBytes(half(r!), half(s!))
}

describe('hostile bytes', () => {
  it('cut anywhere end in a coded error', async () => {
    const message = await createSignedData({ signer: signers.sm2, messageDigest: messageDigest('sm3') })
    for (let length = 0; length < message.length; length += 7) {
      expect(() => parseSignedData(message.subarray(0, length))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_(DER|CMS)_INVALID$/) }),
      )
    }
  })

  it('changed anywhere never verify, unless the change lies outside what is signed', async () => {
    const signer = pemSigner({ key: signers.p256.privateKeyPem, certificateChain: [signers.p256.certificateChain[0]] })
    const message = await createSignedData({ signer, messageDigest: messageDigest('sha256') })
    const signerStart = message.length - parseSignedData(message).signerInfos[0]!.signature.length
    for (let offset = signerStart; offset < message.length; offset += 1) {
      const changed = message.slice()
      changed[offset]! ^= 0x01
      let status = 'refused'
      try {
        status = (await judge(changed)).status
      } catch {}
      expect(status).not.toBe('valid')
    }
  })

  it('nested a thousand deep, of indefinite length or of a million members end in a coded error', () => {
    let nested: Uint8Array = der.null()
    for (let depth = 0; depth < 1000; depth += 1) nested = der.sequence(nested)
    const invalid = expect.objectContaining({ code: 'ERR_DER_INVALID' })
    expect(() => parseSignedData(nested)).toThrow(invalid)
    expect(() => parseSignedData(Uint8Array.of(0x30, 0x80, 0, 0))).toThrow(invalid)
    const openings = new Uint8Array(20_000)
    for (let index = 0; index < openings.length; index += 2) openings.set([0x30, 0x80], index)
    expect(() => parseSignedData(openings)).toThrow(invalid)
    const members = new Uint8Array(4_000_000)
    for (let index = 0; index < members.length; index += 2) members[index] = 0x05
    expect(() => parseSignedData(der.sequence(members))).toThrow(invalid)
    expect(() => parseSignedData(concatBytes(Uint8Array.of(0x30, 0x80), members))).toThrow(invalid)
  })

  it('of another type are refused by name', () => {
    const data = der.sequence(der.oid('1.2.840.113549.1.7.1'), der.explicit(0, der.octetString(content)))
    expect(() => parseSignedData(data)).toThrow(expect.objectContaining({ code: 'ERR_CMS_INVALID' }))
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it.each(['rsa', 'p256'] as const)('our messages pass cms -verify -cades: %s', (kind) =>
    withWorkbench(async ({ file, openssl }) => {
      const message = await createSignedData({ signer: signers[kind], messageDigest: messageDigest('sha256') })
      const anchors = file('ca.pem', formatCertificatePem(authorities[kind].certificate))
      const args = [
        '-inform',
        'DER',
        '-in',
        file('message.p7s', message),
        '-binary',
        '-content',
        file('content', content),
      ]
      const run = (): string => openssl('cms', '-verify', '-cades', ...args, '-CAfile', anchors)
      expect(run()).toBe('样例行政许可决定书')
      file('content', '另一份')
      expect(run).toThrow(/CMS_SignerInfo_verify_content:verification failure/)
    }),
  )

  it.each(['rsa', 'p256'] as const)('we verify what cms -sign -cades made: %s', (kind) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const signer = signers[kind]
      const chain = file('signer.pem', formatCertificatePem(signer.certificateChain[0]))
      const key = file('key.pem', signer.privateKeyPem)
      const text = file('content', content)
      openssl(
        'cms',
        '-sign',
        '-cades',
        '-binary',
        '-outform',
        'DER',
        '-md',
        'sha256',
        '-signer',
        chain,
        '-inkey',
        key,
        '-in',
        text,
        '-out',
        path('theirs.p7s'),
      )
      const result = await verifySignedData(parseSignedData(read('theirs.p7s')), { messageDigest })
      expect(result).toMatchObject({ status: 'valid', bindsCertificate: true, findings: [] })
      expect(result.signedAt).toBeInstanceOf(Date)
      openssl(
        'cms',
        '-sign',
        '-binary',
        '-noattr',
        '-outform',
        'DER',
        '-md',
        'sha256',
        '-signer',
        chain,
        '-inkey',
        key,
        '-in',
        text,
        '-out',
        path('bare.p7s'),
      )
      expect((await judge(read('bare.p7s'), { content })).status).toBe('valid')
      expect((await judge(read('bare.p7s'))).status).toBe('unsupported')
      openssl(
        'cms',
        '-sign',
        '-binary',
        '-keyid',
        '-nodetach',
        '-outform',
        'DER',
        '-md',
        'sha512',
        '-signer',
        chain,
        '-inkey',
        key,
        '-in',
        text,
        '-out',
        path('keyid.p7m'),
      )
      expect((await judge(read('keyid.p7m'), {})).status).toBe('valid')
    }),
  )

  it('we verify PSS with the salt that the message names', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const chain = file('signer.pem', formatCertificatePem(signers.rsa.certificateChain[0]))
      const key = file('key.pem', signers.rsa.privateKeyPem)
      const text = file('content', content)
      const sign = (salt: string): void => {
        openssl(
          'cms',
          '-sign',
          '-binary',
          '-outform',
          'DER',
          '-md',
          'sha256',
          '-signer',
          chain,
          '-inkey',
          key,
          '-keyopt',
          'rsa_padding_mode:pss',
          '-keyopt',
          `rsa_pss_saltlen:${salt}`,
          '-in',
          text,
          '-out',
          path('pss.p7s'),
        )
      }
      for (const salt of ['32', '20', '0', 'max']) {
        sign(salt)
        expect(await judge(read('pss.p7s')), salt).toMatchObject({ status: 'valid' })
      }
    }))

  it('the signed attributes of SM2 messages pass dgst -sm3', () =>
    withWorkbench(async ({ file, openssl }) => {
      for (const profile of ['cms', 'gm'] as const) {
        const message = await createSignedData({ signer: signers.sm2, messageDigest: messageDigest('sm3'), profile })
        const [signer] = parseSignedData(message).signerInfos
        const key = file('public.pem', formatPublicKeyPem(signers.sm2.certificateChain[0].publicKey))
        const signature = file('signature', signer!.signature)
        const attributes = file('attributes', signer!.signedBytes!)
        const args = ['-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key, '-signature', signature, attributes]
        expect(openssl('dgst', ...args)).toContain('Verified OK')
      }
    }))

  it('SHA-1 messages are verified only on request', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const chain = file('signer.pem', formatCertificatePem(signers.rsa.certificateChain[0]))
      const key = file('key.pem', signers.rsa.privateKeyPem)
      const text = file('content', content)
      const args = ['-binary', '-outform', 'DER', '-md', 'sha1', '-signer', chain, '-inkey', key, '-in', text]
      openssl('cms', '-sign', ...args, '-out', path('sha1.p7s'))
      expect((await judge(read('sha1.p7s'))).status).toBe('unsupported')
      const asked = await judge(read('sha1.p7s'), { messageDigest, [allowSha1]: true })
      expect(asked.status).toBe('valid')
      expect(asked.codes).toContain('CMS_DIGEST_WEAK')
    }))

  it('messages streamed in BER are verified, and say so', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const chain = file('signer.pem', formatCertificatePem(signers.rsa.certificateChain[0]))
      const key = file('key.pem', signers.rsa.privateKeyPem)
      const args = [
        '-binary',
        '-stream',
        '-outform',
        'DER',
        '-signer',
        chain,
        '-inkey',
        key,
        '-in',
        file('content', content),
      ]
      openssl('cms', '-sign', '-nodetach', ...args, '-out', path('ber.p7m'))
      const message = read('ber.p7m')
      expect(message[1]).toBe(0x80)
      expect(parseSignedData(message).content).toEqual(content)
      const padded = concatBytes(message, new Uint8Array(32))
      expect(await judge(padded, {})).toEqual({ status: 'valid', codes: ['CMS_BER', 'CMS_NO_SIGNING_CERTIFICATE'] })
      for (let length = 2; length < message.length; length += 13) {
        expect(() => parseSignedData(message.subarray(0, length))).toThrow(
          expect.objectContaining({ code: 'ERR_DER_INVALID' }),
        )
      }
    }))
})

describe('with pkijs as the other side', () => {
  const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer

  it.each(['rsa', 'p256'] as const)(
    'our messages are verified by it, and only with the right content: %s',
    async (kind) => {
      const message = await createSignedData({ signer: signers[kind], messageDigest: messageDigest('sha256') })
      const signedData = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(buffer(message)).content })
      const verify = (data: Uint8Array): Promise<boolean> =>
        signedData.verify({ signer: 0, data: buffer(data), checkChain: false })
      await expect(verify(content)).resolves.toBe(true)
      await expect(verify(utf8('另一份'))).rejects.toThrow()
    },
  )

  it('we verify its messages', async () => {
    const signer = signers.p256
    const pem = signer.privateKeyPem.replace(/-----[^-]+-----|\s/g, '')
    const parameters = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await webcrypto.subtle.importKey('pkcs8', Buffer.from(pem, 'base64'), parameters, false, ['sign'])
    const certificate = pkijs.Certificate.fromBER(buffer(signer.certificateChain[0].der))
    const attribute = (type: string, value: asn1js.BaseBlock): pkijs.Attribute =>
      new pkijs.Attribute({ type, values: [value] })
    const signedData = new pkijs.SignedData({
      encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: '1.2.840.113549.1.7.1' }),
      certificates: [certificate],
      signerInfos: [
        new pkijs.SignerInfo({
          version: 1,
          sid: new pkijs.IssuerAndSerialNumber({ issuer: certificate.issuer, serialNumber: certificate.serialNumber }),
          signedAttrs: new pkijs.SignedAndUnsignedAttributes({
            type: 0,
            attributes: [
              attribute(attributeOid.contentType, new asn1js.ObjectIdentifier({ value: '1.2.840.113549.1.7.1' })),
              attribute(
                attributeOid.messageDigest,
                new asn1js.OctetString({ valueHex: buffer(messageDigest('sha256')) }),
              ),
            ],
          }),
        }),
      ],
    })
    await signedData.sign(key as CryptoKey, 0, 'SHA-256', buffer(content))
    const message = new pkijs.ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signedData.toSchema(true) })
    const bytes = new Uint8Array(message.toSchema().toBER())
    expect(await judge(bytes)).toMatchObject({ status: 'valid', codes: ['CMS_NO_SIGNING_CERTIFICATE'] })
    expect(parseSignedData(bytes).certificates[0]?.serialNumber).toBe(
      parseCertificate(signer.certificateChain[0].der).serialNumber,
    )
  })
})
