import { fixedClock, fromHex, toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  authorities,
  clock,
  file,
  imprintOf,
  policy,
  prepareAuthorities,
  sourceOf,
  time,
  tokenOver,
} from '../test/timestamp-authority.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { parseCertificateList } from './crl.ts'
import { der, isContext, parseDer } from './der.ts'
import { hash } from './hash.ts'
import { attributeOid } from './lib/cms/cms-oids.ts'
import { createTestAuthority } from './testing.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import { parseTimestampToken, verifyTimestampToken } from './timestamp-token.ts'

beforeAll(prepareAuthorities)

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
