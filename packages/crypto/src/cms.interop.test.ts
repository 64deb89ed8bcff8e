import { webcrypto } from 'node:crypto'
import { concatBytes, utf8 } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { authorities, content, judge, messageDigest, prepareSigners, signers } from '../test/cms-forge.ts'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem, parseCertificate } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { attributeOid } from './lib/cms/cms-oids.ts'
import { formatPublicKeyPem } from './public-key.ts'
import { allowSha1 } from './signature-algorithm.ts'

beforeAll(prepareSigners)

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
