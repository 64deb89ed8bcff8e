import { beforeAll, describe, expect, it } from 'vitest'
import { type BuiltResponse, buildOcspResponse } from '../test/ocsp-builder.ts'
import {
  clock,
  good,
  hour,
  later,
  leaf,
  listOf,
  middle,
  prepareRevocation,
  responders,
  responseOf,
  revokedAt,
  root,
  time,
  verify,
} from '../test/revocation-path.ts'
import type { Certificate } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { answerCertificateStatusRequest } from './ocsp-answer.ts'
import { requestCertificateStatus } from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { pemSigner } from './pem-signer.ts'
import type { Signer } from './signer.ts'

beforeAll(prepareRevocation)

describe('the revocation of a path', () => {
  it('is told by OCSP responses, for every certificate below the anchor', async () => {
    const ocspResponses = [await responseOf(middle, leaf), await responseOf(root, middle.certificate)]
    const one = { status: 'good', source: 'ocsp', at: time }
    expect(await verify({ ocspResponses })).toMatchObject({
      status: 'trusted',
      revocation: one,
      revocations: [one, one],
      codes: [],
    })
    expect(await verify({ ocspResponses: ocspResponses.slice(0, 1) })).toMatchObject({
      revocation: { status: 'unknown' },
      revocations: [one, { status: 'not-checked' }],
      codes: ['REVOCATION_UNKNOWN'],
    })
    expect(await verify({ ocspResponses: ocspResponses.slice(1) })).toMatchObject({
      revocation: { status: 'not-checked' },
    })
  })

  it('is told by responses for some certificates and lists for others', async () => {
    const evidence = { ocspResponses: [await responseOf(middle, leaf)], crls: [await listOf(root)] }
    expect(await verify(evidence)).toMatchObject({
      revocation: { status: 'good', source: 'ocsp', at: time },
      revocations: [
        { status: 'good', source: 'ocsp' },
        { status: 'good', source: 'crl', at: later(-hour) },
      ],
      codes: [],
    })
  })

  it('names the newest of what says good', async () => {
    const evidence = {
      ocspResponses: [await responseOf(middle, leaf), await responseOf(root, middle.certificate)],
      crls: [await listOf(root), await listOf(middle)],
    }
    expect(await verify(evidence)).toMatchObject({ revocation: { status: 'good', source: 'ocsp', at: time } })
    clock.set(later(-hour - 120_000))
    const older = [await responseOf(middle, leaf), await responseOf(root, middle.certificate)]
    clock.set(time)
    expect(await verify({ ...evidence, at: later(-hour / 2), ocspResponses: older })).toMatchObject({
      revocation: { status: 'good', source: 'crl', at: later(-hour) },
      codes: [],
    })
  })

  it('is revoked by either, whatever the other says', async () => {
    const above = await responseOf(root, middle.certificate)
    const entry = { serialNumber: leaf.serialNumber, at: later(-hour) }
    const byResponse = await verify({
      ocspResponses: [above, await responseOf(middle, leaf), await responseOf(middle, leaf, revokedAt(entry.at))],
      crls: [await listOf(middle)],
    })
    expect(byResponse).toMatchObject({
      revocation: { status: 'revoked', source: 'ocsp', at: entry.at },
      revocations: [{ status: 'revoked' }],
      codes: ['CERTIFICATE_REVOKED'],
    })
    expect(byResponse.findings[0]!.message).toMatch(/^The end certificate: .*superseded/)
    const byList = await verify({
      ocspResponses: [above, await responseOf(middle, leaf)],
      crls: [await listOf(middle, [entry])],
    })
    expect(byList).toMatchObject({ revocation: { status: 'revoked', source: 'crl', at: entry.at } })
  })

  it('counts from its date on', async () => {
    const ocspResponses = [
      await responseOf(middle, leaf, revokedAt(later(-hour / 4))),
      await responseOf(root, middle.certificate),
    ]
    expect(await verify({ ocspResponses, at: later(-hour / 2) })).toMatchObject({
      revocation: { status: 'good' },
      codes: ['CERTIFICATE_REVOKED_LATER'],
    })
    expect(await verify({ ocspResponses })).toMatchObject({ revocation: { status: 'revoked' } })
  })

  it('is unknown where a response cannot be used or knows nothing, unless a list tells', async () => {
    const above = await responseOf(root, middle.certificate)
    const foreign = { ...(await responseOf(middle, leaf)), signature: new Uint8Array(8) }
    for (const [response, code] of [
      [foreign, 'OCSP_UNUSABLE'],
      [await responseOf(middle, leaf, { status: 'unknown' }), 'OCSP_STATUS_UNKNOWN'],
    ] as const) {
      const ocspResponses = [response, above]
      const unknown = await verify({ ocspResponses })
      expect(unknown.revocation).toEqual({ status: 'unknown' })
      expect(unknown.codes).toContain(code)
      expect(await verify({ ocspResponses, crls: [await listOf(middle)] })).toMatchObject({
        revocation: { status: 'good', source: 'crl' },
      })
    }
    expect(await verify({ ocspResponses: [above], at: later(2 * hour) })).toMatchObject({
      revocation: { status: 'not-checked' },
    })
  })

  it('counts responses that do not say how long they last only as long as was allowed', async () => {
    const { certificate: issuer } = middle
    const responder = responders.get(middle)!
    const bytes = await answerCertificateStatusRequest(requestCertificateStatus({ certificate: leaf, issuer }), {
      signer: responder,
      issuer,
      lookup: () => good,
      clock,
    })
    const ocspResponses = [parseOcspResponse(bytes), await responseOf(root, middle.certificate)]
    expect(await verify({ ocspResponses })).toMatchObject({ revocation: { status: 'unknown' } })
    expect(await verify({ ocspResponses, ocspMaxAgeSeconds: 60 })).toMatchObject({ revocation: { status: 'good' } })
  })

  describe('by a responder that is not exempt from revocation', () => {
    async function responderWith(change: Partial<CertificateInput> = {}): Promise<Signer> {
      const { publicKey, privateKeyPem } = await generateKeyPair('ec-p256')
      const certificate = await buildCertificate(
        {
          subject: createDistinguishedName([['CN', '样例证书状态服务']]),
          issuer: middle.certificate.subject,
          publicKey,
          notBefore: later(-hour),
          notAfter: later(hour),
          keyUsage: ['digitalSignature'],
          extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.9'] },
          ...change,
        },
        middle.signer,
      )
      return pemSigner({ key: privateKeyPem, certificateChain: [certificate] })
    }
    const answerOf = async (signer: Signer, about: Certificate, change: Partial<BuiltResponse> = {}) =>
      parseOcspResponse(
        await buildOcspResponse({
          signer,
          responder: signer.certificateChain[0],
          entries: [{ certificate: about, issuer: middle.certificate, thisUpdate: time, nextUpdate: later(hour) }],
          producedAt: time,
          ...change,
        }),
      )

    it('is good only while a list or another responder says the same of it', async () => {
      const responder = await responderWith()
      const [certificate] = responder.certificateChain
      const ocspResponses = [await answerOf(responder, leaf), await responseOf(root, middle.certificate)]
      expect(await verify({ ocspResponses })).toMatchObject({ revocation: { status: 'unknown' } })
      const byOther = [...ocspResponses, await responseOf(middle, certificate)]
      expect(await verify({ ocspResponses: byOther })).toMatchObject({
        revocation: { status: 'good', source: 'ocsp' },
        codes: [],
      })
      const revoked = [...ocspResponses, await responseOf(middle, certificate, revokedAt(later(-hour)))]
      const result = await verify({ ocspResponses: revoked })
      expect(result.revocation).toEqual({ status: 'unknown' })
      expect(result.findings.map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/^About an OCSP responder: .*revoked/),
      )
      const list = await listOf(middle, [{ serialNumber: certificate.serialNumber, at: later(-hour) }])
      // The list says that the certificate itself is good, whatever becomes of the responder.
      expect(await verify({ ocspResponses, crls: [list] })).toMatchObject({ revocation: { source: 'crl' } })
    })

    it('is not good by what the responder says about itself, nor by two that vouch for each other', async () => {
      const [one, two] = [await responderWith(), await responderWith()]
      const above = await responseOf(root, middle.certificate)
      const self = [await answerOf(one, leaf), await answerOf(one, one.certificateChain[0]), above]
      expect(await verify({ ocspResponses: self })).toMatchObject({ revocation: { status: 'unknown' } })
      const mutual = [
        await answerOf(one, leaf),
        await answerOf(one, two.certificateChain[0]),
        await answerOf(two, one.certificateChain[0]),
        above,
      ]
      expect(await verify({ ocspResponses: mutual })).toMatchObject({ revocation: { status: 'unknown' } })
    })

    it('is looked up over two responders at most', async () => {
      const [one, two, three] = [await responderWith(), await responderWith(), await responderWith()]
      const above = await responseOf(root, middle.certificate)
      const short = [
        await answerOf(one, leaf),
        await answerOf(two, one.certificateChain[0]),
        await responseOf(middle, two.certificateChain[0]),
        above,
      ]
      expect(await verify({ ocspResponses: short })).toMatchObject({ revocation: { status: 'good' } })
      const long = [
        await answerOf(one, leaf),
        await answerOf(two, one.certificateChain[0]),
        await answerOf(three, two.certificateChain[0]),
        await responseOf(middle, three.certificateChain[0]),
        above,
      ]
      expect(await verify({ ocspResponses: long })).toMatchObject({ revocation: { status: 'unknown' } })
    })
  })

  it('ends its work when there is far too much evidence', async () => {
    const forged = { ...(await responseOf(middle, leaf)), signature: new Uint8Array(8) }
    const ocspResponses = Array.from({ length: 1000 }, () => ({ ...forged }))
    const result = await verify({ ocspResponses })
    expect(result.revocation).toEqual({ status: 'unknown' })
    expect(result.findings.map(({ message }) => message)).toContainEqual(expect.stringContaining('too much evidence'))
    // Whoever can add evidence cannot hide with it what a list says.
    const crls = [await listOf(middle, [{ serialNumber: leaf.serialNumber, at: later(-hour / 2) }])]
    expect(await verify({ ocspResponses, crls })).toMatchObject({ revocation: { status: 'revoked', source: 'crl' } })
  })
})
