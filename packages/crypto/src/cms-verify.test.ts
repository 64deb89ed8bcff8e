import { concatBytes, fromHex, toHex } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  authorities,
  content,
  defaultAttributes,
  forge,
  judge,
  messageDigest,
  prepareSigners,
  signers,
} from '../test/cms-forge.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { acceptEcKeyOid } from './cms-verify.ts'
import { der } from './der.ts'
import { attributeOid } from './lib/cms/cms-oids.ts'
import { formatAttribute } from './lib/cms/signed-data-format.ts'
import { pemSigner } from './pem-signer.ts'
import { allowSha1 } from './signature-algorithm.ts'

beforeAll(prepareSigners)

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
