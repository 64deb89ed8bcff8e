import { concatBytes, fixedClock, fromHex, toHex, utf8 } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { parseCertificateList } from './crl.ts'
import { der, isContext, parseDer, readSmallInteger } from './der.ts'
import { hash } from './hash.ts'
import { attributeOid } from './lib/cms-oids.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { createTimestampSource, processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import { parseTimestampToken, type TimestampImprint, verifyTimestampToken } from './timestamp-token.ts'

const file = utf8('样例归档目录')
const policy = '1.2.156.3.4.5.1'
const time = new Date('2026-05-06T07:08:09Z')
const clock = fixedClock(time)
const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
type Kind = keyof typeof kinds

const authorities = {} as Record<Kind, TestAuthority>
const signers = {} as Record<Kind, Signer & { readonly privateKeyPem: string }>
const digests = { rsa: 'sha256', p256: 'sha512', sm2: 'sm3' } as const

beforeAll(async () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    authorities[kind] = await createTestAuthority({ algorithm: kinds[kind], name: `样例根 ${kind}`, clock })
    signers[kind] = await authorities[kind].createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
  }
})

const imprintOf = (kind: Kind, content = file): TimestampImprint => ({
  algorithm: digests[kind],
  value: hash(digests[kind], content),
})

const answer = (kind: Kind, request: Uint8Array): Promise<Uint8Array> =>
  answerTimestampRequest(request, { signer: signers[kind], policy, clock, serial: 4711n, accuracySeconds: 1 })

async function tokenOver(kind: Kind, imprint: TimestampImprint): Promise<Uint8Array> {
  return processTimestampResponse(await answer(kind, requestTimestamp(imprint)), { imprint })
}

const sourceOf = (kind: Kind) => createTimestampSource({ send: (request) => answer(kind, request) })

describe('both halves together', () => {
  it.each(Object.keys(kinds) as Kind[])('give a token that is verified up to its anchor: %s', async (kind) => {
    const imprint = imprintOf(kind)
    const token = parseTimestampToken(await sourceOf(kind).timestamp(imprint))
    expect(token).toMatchObject({ time, policy, serial: '1267', accuracy: 1000, imprint: { algorithm: digests[kind] } })
    const anchors = [authorities[kind].certificate]
    const result = await verifyTimestampToken(token, { imprint, anchors })
    expect(result).toMatchObject({
      status: 'valid',
      time,
      chain: { status: 'trusted', validity: 'valid' },
      findings: [],
    })
    const strangers = await verifyTimestampToken(token, { imprint, anchors: [] })
    expect(strangers).toMatchObject({ status: 'valid', chain: { status: 'untrusted' } })
    const unasked = await verifyTimestampToken(token, { imprint: (algorithm) => hash(algorithm, file) })
    expect(unasked.status).toBe('valid')
    expect(unasked.chain).toBeUndefined()
  })

  it('leave the certificates out when they are not asked for, and take them from beside the token', async () => {
    const imprint = imprintOf('p256')
    const response = await answer('p256', requestTimestamp(imprint, { certReq: false }))
    const token = parseTimestampToken(processTimestampResponse(response, { imprint }))
    expect(token.signedData.certificates).toEqual([])
    expect((await verifyTimestampToken(token, { imprint })).status).toBe('unsupported')
    const intermediates = [signers.p256.certificateChain[0]]
    expect((await verifyTimestampToken(token, { imprint, intermediates })).status).toBe('valid')
  })
})

describe('the requester', () => {
  it('refuses a token over another digest, and one with another nonce or none', async () => {
    const imprint = imprintOf('p256')
    const response = await answer('p256', requestTimestamp(imprint, { nonce: 7n }))
    const mismatch = expect.objectContaining({ code: 'ERR_TIMESTAMP_MISMATCH' })
    expect(() => processTimestampResponse(response, { imprint: imprintOf('p256', utf8('别的')), nonce: 7n })).toThrow(
      mismatch,
    )
    expect(() => processTimestampResponse(response, { imprint, nonce: 8n })).toThrow(mismatch)
    const bare = await answer('p256', requestTimestamp(imprint))
    expect(() => processTimestampResponse(bare, { imprint, nonce: 7n })).toThrow(mismatch)
    expect(processTimestampResponse(response, { imprint, nonce: 7n })).toBeInstanceOf(Uint8Array)
  })

  it('sends another nonce each time, from the randomness it was given', async () => {
    const requests: string[] = []
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(requests.length + 1)
    const send = async (request: Uint8Array): Promise<Uint8Array> => {
      requests.push(toHex(request))
      return answer('p256', request)
    }
    const source = createTimestampSource({ send, random })
    await source.timestamp(imprintOf('p256'))
    await source.timestamp(imprintOf('p256'))
    expect(requests[0]).toContain('02080101010101010101')
    expect(requests[1]).toContain('02080202020202020202')
  })

  it('refuses a token whose signature is not good', async () => {
    const send = async (request: Uint8Array): Promise<Uint8Array> => {
      const response = (await answer('rsa', request)).slice()
      response[response.length - 1]! ^= 1
      return response
    }
    await expect(createTimestampSource({ send }).timestamp(imprintOf('rsa'))).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_INVALID',
      facts: { status: 'signature-invalid', codes: ['CMS_SIGNATURE_INVALID'] },
    })
  })

  it('cut answers end in a coded error', async () => {
    const imprint = imprintOf('p256')
    const response = await answer('p256', requestTimestamp(imprint))
    for (let length = 0; length < response.length; length += 11) {
      expect(() => processTimestampResponse(response.subarray(0, length), { imprint })).toThrow(
        expect.objectContaining({ code: 'ERR_DER_INVALID' }),
      )
    }
  })
})

describe('the authority', () => {
  const imprint = der.sequence(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')), der.octetString(new Uint8Array(32)))
  it.each([
    ['another policy', () => requestTimestamp(imprintOf('rsa'), { policy: '1.2.3.4' }), 'unacceptedPolicy'],
    ['SHA-1', () => requestTimestamp({ algorithm: 'sha1', value: new Uint8Array(20) }), 'badAlg'],
    [
      'an unknown digest',
      () =>
        der.sequence(der.integer(1), der.sequence(der.sequence(der.oid('1.2.3')), der.octetString(new Uint8Array(32)))),
      'badAlg',
    ],
    [
      'a digest of the wrong length',
      () =>
        der.sequence(
          der.integer(1),
          der.sequence(der.sequence(der.oid('2.16.840.1.101.3.4.2.1')), der.octetString(new Uint8Array(31))),
        ),
      'badDataFormat',
    ],
    ['another version', () => der.sequence(der.integer(2), imprint), 'badRequest'],
    ['extensions', () => der.sequence(der.integer(1), imprint, der.explicit(0, der.null())), 'unacceptedExtension'],
    ['bytes that are no request', () => utf8('GET / HTTP/1.1'), 'badDataFormat'],
    ['nothing', () => new Uint8Array(), 'badDataFormat'],
  ] as const)('answers with the reason of its refusal and gives no number away: %s', async (_, request, failure) => {
    let asked = 0
    const serial = (): bigint => BigInt(++asked)
    const response = await answerTimestampRequest(request(), { signer: signers.rsa, policy, clock, serial })
    expect(asked).toBe(0)
    expect(() => processTimestampResponse(response, { imprint: imprintOf('rsa') })).toThrow(
      expect.objectContaining({
        code: 'ERR_TIMESTAMP_REFUSED',
        outcome: 'refused',
        facts: expect.objectContaining({ failure: [failure] }),
      }),
    )
  })

  it('does not work with a certificate for something else', async () => {
    const signer = await authorities.p256.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    await expect(
      answerTimestampRequest(requestTimestamp(imprintOf('p256')), { signer, policy, clock, serial: 1n }),
    ).rejects.toMatchObject({ code: 'ERR_TIMESTAMP_SIGNER' })
  })
})

describe('verification', () => {
  it('tells a token over something else apart', async () => {
    const token = parseTimestampToken(await tokenOver('sm2', imprintOf('sm2')))
    const result = await verifyTimestampToken(token, { imprint: imprintOf('sm2', utf8('别的')) })
    expect(result).toMatchObject({ status: 'imprint-mismatch' })
    expect(result.findings.map(({ code }) => code)).toEqual(['TIMESTAMP_IMPRINT_MISMATCH'])
  })

  it('refuses a token whose time was changed', async () => {
    const token = await tokenOver('p256', imprintOf('p256'))
    const changed = fromHex(toHex(token).replace(toHex(utf8('20260506070809Z')), toHex(utf8('20250506070809Z'))))
    const result = await verifyTimestampToken(parseTimestampToken(changed), { imprint: imprintOf('p256') })
    expect(result).toMatchObject({ status: 'signature-invalid' })
    expect(result.findings.map(({ code }) => code)).toEqual(['CMS_DIGEST_MISMATCH'])
  })

  it.each(['document-signing', 'platform'] as const)(
    'refuses a token made with a certificate for something else: %s',
    async (profile) => {
      const signer = await authorities.p256.createSigner({ commonName: '样例', profile })
      const info = parseSignedData(await tokenOver('p256', imprintOf('p256'))).content!
      const messageDigest = hash('sha256', info)
      const contentType = '1.2.840.113549.1.9.16.1.4'
      const token = await createSignedData({ signer, messageDigest, contentType, encapsulate: info })
      const anchors = [authorities.p256.certificate]
      const result = await verifyTimestampToken(parseTimestampToken(token), { imprint: imprintOf('p256'), anchors })
      expect(result.status).toBe('signature-invalid')
      expect(result.findings.map(({ code }) => code)).toContain('TIMESTAMP_CERTIFICATE_PURPOSE')
    },
  )

  it('holds the authority’s certificate to the list of revoked ones', async () => {
    const authority = await createTestAuthority({
      algorithm: 'ec-p256',
      name: '样例根',
      clock: fixedClock('2026-05-01T00:00:00Z'),
    })
    const signer = await authority.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
    const imprint = imprintOf('p256')
    const request = requestTimestamp(imprint)
    const response = await answerTimestampRequest(request, { signer, policy, clock, serial: 1n })
    const token = parseTimestampToken(processTimestampResponse(response, { imprint }))
    const anchors = [authority.certificate]
    const good = await verifyTimestampToken(token, {
      imprint,
      anchors,
      crls: [parseCertificateList(await authority.currentCrl())],
    })
    expect(good.chain).toMatchObject({ status: 'trusted', revocation: { status: 'good' } })
    authority.revoke(signer.certificateChain[0].serialNumber, new Date('2026-05-02T00:00:00Z'))
    const bad = await verifyTimestampToken(token, {
      imprint,
      anchors,
      crls: [parseCertificateList(await authority.currentCrl())],
    })
    expect(bad.chain).toMatchObject({ revocation: { status: 'revoked' } })
  })
})

describe('timestamps over signatures', () => {
  const signing = { digestAlgorithm: 'sha256', messageDigest: hash('sha256', file) } as const
  const documentSigner = () => authorities.p256.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  const messageDigest = (algorithm: Parameters<typeof hash>[0]): Uint8Array => hash(algorithm, file)

  it('are put into the message and verified with it', async () => {
    const signer = await documentSigner()
    const message = await createSignedData({ ...signing, signer, timestamps: sourceOf('rsa') })
    const timestampTrust = { anchors: [authorities.rsa.certificate] }
    const result = await verifySignedData(parseSignedData(message), { messageDigest, timestampTrust })
    expect(result).toMatchObject({
      status: 'valid',
      findings: [],
      timestamp: { status: 'valid', time, chain: { status: 'trusted' } },
    })
  })

  it('copied from another signature are found out, and do not give their time', async () => {
    const signer = await documentSigner()
    const first = await createSignedData({ ...signing, signer, timestamps: sourceOf('rsa') })
    const token = parseSignedData(first).signerInfos[0]!.timestamps[0]!
    const unsignedAttributes = [{ oid: attributeOid.signatureTimestamp, values: [token] }]
    const second = await createSignedData({ ...signing, signer, unsignedAttributes })
    const result = await verifySignedData(parseSignedData(second), { messageDigest })
    expect(result).toMatchObject({ status: 'valid', timestamp: { status: 'imprint-mismatch' } })
    expect(result.findings.map(({ code }) => code)).toContain('TIMESTAMP_IMPRINT_MISMATCH')
  })

  it('say nothing about another signer of the same message', async () => {
    const signer = await documentSigner()
    const stamped = await createSignedData({ ...signing, signer, timestamps: sourceOf('rsa') })
    const [type, wrapped] = parseDer(stamped).children
    const parts = wrapped!.children[0]!.children
    const info = parts.at(-1)!.children[0]!
    const bare = der.sequence(info.children.filter((node) => !isContext(node, 1)).map(({ bytes }) => bytes))
    const body = der.sequence(
      parts.slice(0, -1).map(({ bytes }) => bytes),
      der.setOf(info.bytes, bare),
    )
    const message = parseSignedData(der.sequence(type!.bytes, der.explicit(0, body)))
    expect(message.signerInfos.map(({ timestamps }) => timestamps.length)).toEqual([0, 1])
    const result = await verifySignedData(message, { messageDigest })
    expect(result).toMatchObject({ status: 'valid', timestamps: [] })
    expect(result.timestamp).toBeUndefined()
  })

  it('that are no tokens are named', async () => {
    const signer = await documentSigner()
    const unsignedAttributes = [{ oid: attributeOid.signatureTimestamp, values: [der.sequence(der.null())] }]
    const message = await createSignedData({ ...signing, signer, unsignedAttributes })
    const result = await verifySignedData(parseSignedData(message), { messageDigest })
    expect(result.timestamp).toBeUndefined()
    expect(result.findings.map(({ code }) => code)).toEqual(['TIMESTAMP_UNREADABLE'])
  })

  it('over something else are refused before the message is made', async () => {
    const signer = await documentSigner()
    const timestamps = { timestamp: () => tokenOver('rsa', imprintOf('rsa')) }
    await expect(createSignedData({ ...signing, signer, timestamps })).rejects.toMatchObject({
      code: 'ERR_TIMESTAMP_MISMATCH',
    })
  })
})

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

describe('a request', () => {
  it('has the structure of RFC 3161, 2.4.1', () => {
    const { children } = parseDer(requestTimestamp(imprintOf('rsa'), { nonce: 5n, policy }))
    expect(children.map(({ tag }) => tag)).toEqual([2, 16, 6, 2, 1])
    expect(readSmallInteger(children[3])).toBe(5)
    expect(() => requestTimestamp({ algorithm: 'sm3', value: concatBytes(new Uint8Array(31)) })).toThrow(
      expect.objectContaining({ code: 'ERR_TIMESTAMP_INVALID' }),
    )
  })
})
