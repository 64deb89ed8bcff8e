import { concatBytes, toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  answer,
  authorities,
  clock,
  digests,
  file,
  imprintOf,
  type Kind,
  kinds,
  policy,
  prepareAuthorities,
  signers,
  sourceOf,
  time,
} from '../test/timestamp-authority.ts'
import { der, parseDer, readSmallInteger } from './der.ts'
import { hash } from './hash.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { createTimestampSource, processTimestampResponse, requestTimestamp } from './timestamp-request.ts'
import { parseTimestampToken, verifyTimestampToken } from './timestamp-token.ts'

beforeAll(prepareAuthorities)

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
