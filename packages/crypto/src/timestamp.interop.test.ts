import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  answer,
  file,
  imprintOf,
  kinds,
  policy,
  prepareAuthorities,
  sourceOf,
  time,
} from '../test/timestamp-authority.ts'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { hash } from './hash.ts'
import { createTestAuthority } from './testing.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { createTimestampSource, processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import { parseTimestampToken, verifyTimestampToken } from './timestamp-token.ts'

beforeAll(prepareAuthorities)

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  // The openssl command judges by the present, so these tokens are made now.
  const now = { now: () => new Date() }

  it.each(['rsa', 'p256'] as const)('our answers pass ts -verify: %s', (kind) =>
    withWorkbench(async ({ file: write, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm: kinds[kind], name: '样例根' })
      const signer = await authority.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
      const data = write('data', file)
      openssl('ts', '-query', '-data', data, '-sha256', '-cert', '-out', path('request.tsq'))
      const response = await answerTimestampRequest(read('request.tsq'), {
        signer,
        policy,
        clock: now,
        serial: 99n,
        accuracySeconds: 1,
      })
      const anchors = write('ca.pem', formatCertificatePem(authority.certificate))
      const args = ['-in', write('response.tsr', response), '-CAfile', anchors]
      expect(openssl('ts', '-verify', '-queryfile', path('request.tsq'), ...args)).toContain('Verification: OK')
      expect(openssl('ts', '-verify', '-data', data, ...args)).toContain('Verification: OK')
      write('data', '别的')
      expect(() => openssl('ts', '-verify', '-data', data, ...args)).toThrow(/message imprint mismatch/)
      expect(openssl('ts', '-reply', '-in', path('response.tsr'), '-text')).toContain('Accuracy: 0x01 seconds')
    }),
  )

  it('our refusals are read as what they are', () =>
    withWorkbench(async ({ file: write, openssl }) => {
      const response = await answer('rsa', requestTimestamp(imprintOf('rsa'), { policy: '1.2.3.4' }))
      const text = openssl('ts', '-reply', '-in', write('response.tsr', response), '-text')
      expect(text).toContain('Status: Rejected.')
      expect(text).toContain('the requested TSA policy is not supported')
    }))

  it.each(['rsa', 'p256'] as const)('we verify what ts -reply made for our request: %s', (kind) =>
    withWorkbench(async ({ file: write, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm: kinds[kind], name: '样例根' })
      const signer = await authority.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
      const config = write(
        'ts.cnf',
        [
          '[tsa]',
          `serial = ${write('serial', '1F')}`,
          'crypto_device = builtin',
          `signer_cert = ${write('signer.pem', formatCertificatePem(signer.certificateChain[0]))}`,
          `certs = ${write('ca.pem', formatCertificatePem(authority.certificate))}`,
          `signer_key = ${write('key.pem', signer.privateKeyPem)}`,
          'signer_digest = sha256',
          'default_policy = 1.2.3.4.1',
          'digests = sha256, sha512, sm3',
          'accuracy = secs:1, millisecs:500, microsecs:100',
          'ordering = yes',
          'tsa_name = yes',
          'ess_cert_id_chain = no',
          'ess_cert_id_alg = sha256',
        ].join('\n'),
      )
      const imprint = imprintOf(kind)
      const send = async (request: Uint8Array): Promise<Uint8Array> => {
        const query = write('request.tsq', request)
        openssl('ts', '-reply', '-config', config, '-section', 'tsa', '-queryfile', query, '-out', path('response.tsr'))
        return read('response.tsr')
      }
      const token = parseTimestampToken(await createTimestampSource({ send }).timestamp(imprint))
      expect(token).toMatchObject({ policy: '1.2.3.4.1', serial: '20', accuracy: 1500.1 })
      const result = await verifyTimestampToken(token, { imprint, anchors: [authority.certificate] })
      expect(result).toMatchObject({ status: 'valid', chain: { status: 'trusted' } })
    }),
  )

  it('messages with a timestamp still pass cms -verify -cades', () =>
    withWorkbench(async ({ file: write, openssl }) => {
      const authority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
      const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
      const messageDigest = hash('sha256', file)
      const message = await createSignedData({ signer, messageDigest, timestamps: sourceOf('p256') })
      const anchors = write('ca.pem', formatCertificatePem(authority.certificate))
      const args = [
        '-inform',
        'DER',
        '-in',
        write('message.p7s', message),
        '-content',
        write('content', file),
        '-CAfile',
        anchors,
      ]
      expect(openssl('cms', '-verify', '-cades', '-binary', ...args)).toBe('样例归档目录')
    }))
})

describe('with pkijs as the other side', () => {
  const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer

  it('its requests are answered, and it verifies the answers', async () => {
    const imprint = imprintOf('rsa')
    const request = new pkijs.TimeStampReq({
      version: 1,
      messageImprint: new pkijs.MessageImprint({
        hashAlgorithm: new pkijs.AlgorithmIdentifier({
          algorithmId: '2.16.840.1.101.3.4.2.1',
          algorithmParams: new asn1js.Null(),
        }),
        hashedMessage: new asn1js.OctetString({ valueHex: buffer(imprint.value) }),
      }),
      nonce: new asn1js.Integer({ value: 31 }),
      certReq: true,
    })
    const response = await answer('rsa', new Uint8Array(request.toSchema().toBER()))
    const parsed = pkijs.TimeStampResp.fromBER(buffer(response))
    const signedData = new pkijs.SignedData({ schema: parsed.timeStampToken!.content })
    await expect(signedData.verify({ signer: 0, data: buffer(file), checkChain: false })).resolves.toBe(true)
    const info = pkijs.TSTInfo.fromBER(signedData.encapContentInfo.eContent!.valueBlock.valueHexView.slice().buffer)
    expect(info.genTime).toEqual(time)
    expect(info.nonce?.valueBlock.valueDec).toBe(31)
    expect(processTimestampResponse(response, { imprint, nonce: 31n })).toBeInstanceOf(Uint8Array)
  })
})
