import { spawnSync } from 'node:child_process'
import { systemClock, toHex } from '@zhicheng/core'
import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, type Workbench, withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem } from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { answerCertificateStatusRequest } from './ocsp-answer.ts'
import {
  parseCertificateStatusRequest,
  processCertificateStatusResponse,
  requestCertificateStatus,
} from './ocsp-request.ts'
import { parseOcspResponse } from './ocsp-response.ts'
import { verifyOcspResponse } from './ocsp-verify.ts'
import { formatPublicKeyPem } from './public-key.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
type Kind = keyof typeof kinds

interface World {
  authority: TestAuthority
  responder: Signer & { readonly privateKeyPem: string }
  leaf: Certificate
  revoked: Certificate
  stranger: Certificate
}

const worlds = {} as Record<Kind, World>
const nonce = new Uint8Array(32).fill(9)

beforeAll(async () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    const authority = await createTestAuthority({ algorithm: kinds[kind], name: `样例根 ${kind}` })
    const issue = async () => {
      const { certificateChain } = await authority.createSigner({ commonName: '样例', profile: 'document-signing' })
      return certificateChain[0]
    }
    const [leaf, revoked, stranger] = [await issue(), await issue(), await issue()]
    authority.revoke(revoked.serialNumber, new Date('2026-01-02T03:04:05Z'), 'keyCompromise')
    worlds[kind] = { authority, responder: await authority.createOcspResponder(), leaf, revoked, stranger }
  }
})

const pairOf = (kind: Kind, certificate: Certificate = worlds[kind].leaf) => ({
  certificate,
  issuer: worlds[kind].authority.certificate,
})

function answer(kind: Kind, request: Uint8Array, signer: Signer = worlds[kind].responder): Promise<Uint8Array> {
  const { authority } = worlds[kind]
  const { lookup, certificate: issuer } = authority
  return answerCertificateStatusRequest(request, { signer, issuer, lookup, clock: systemClock, validitySeconds: 3600 })
}

/** What openssl ocsp said on both streams. */
function ocsp(...words: readonly string[]): string {
  const { stdout, stderr } = spawnSync('openssl', ['ocsp', ...words], { encoding: 'utf8' })
  return stdout + stderr
}

function papers({ file }: Workbench, kind: Kind): { ca: string; leaf: string; revoked: string } {
  const { authority, leaf, revoked } = worlds[kind]
  return {
    ca: file('ca.pem', formatCertificatePem(authority.certificate)),
    leaf: file('leaf.pem', formatCertificatePem(leaf)),
    revoked: file('revoked.pem', formatCertificatePem(revoked)),
  }
}

describeWithOpenssl('with openssl ocsp (skipped when it is missing)', () => {
  describe.each(['rsa', 'p256'] as const)('and %s', (kind) => {
    it.each(['delegate', 'issuer'])('it verifies our answers to its requests: by the %s', (role) =>
      withWorkbench(async (bench) => {
        const { ca, leaf, revoked } = papers(bench, kind)
        const signer = role === 'issuer' ? worlds[kind].authority.signer : worlds[kind].responder
        const about = ['-issuer', ca, '-sha256', '-cert', leaf, '-sha1', '-cert', revoked]
        ocsp(...about, '-reqout', bench.path('request.der'))
        const request = bench.read('request.der')
        expect(parseCertificateStatusRequest(request)).toMatchObject({
          nonce: expect.any(Uint8Array),
          certificateIds: [{ hashAlgorithm: 'sha256' }, { hashAlgorithm: 'sha1' }],
        })
        const response = await answer(kind, request, signer)
        // It compares nonces only with a request it was given, and shows statuses only of certificates it was given.
        const check = (bytes: Uint8Array) => ['-CAfile', ca, '-no_nonce', '-respin', bench.file('response.der', bytes)]
        const reading = ['-issuer', ca, '-reqin', bench.path('request.der')]
        expect(ocsp(...check(response), ...reading)).toBe('Response verify OK\n')
        const stranger = requestCertificateStatus(pairOf(kind), { nonce })
        expect(ocsp(...check(await answer(kind, stranger, signer)), ...reading)).toContain('Nonce Verify error')
        const said = ocsp(...check(response), ...about)
        expect(said).toContain('Response verify OK')
        expect(said).not.toContain('WARNING')
        expect(said).toMatch(/leaf\.pem: good\n/)
        expect(said).toMatch(/revoked\.pem: revoked\n/)
        expect(said).toContain('Reason: keyCompromise')
        expect(said).toContain('Revocation Time: Jan  2 03:04:05 2026 GMT')
        expect(ocsp('-respin', bench.path('response.der'), '-noverify', '-resp_text')).toContain(
          toHex(parseCertificateStatusRequest(request).nonce!).toUpperCase(),
        )

        const changed = response.slice()
        const { signature } = parseOcspResponse(response)
        changed[changed.length - 1 - (role === 'issuer' ? 0 : signature.length)]! ^= 1
        expect(ocsp(...check(changed), ...about)).not.toContain('Response verify OK')
      }),
    )

    it('it reads our requests, and we verify what it answers', () =>
      withWorkbench(async (bench) => {
        const { ca } = papers(bench, kind)
        const { authority, responder, leaf, revoked, stranger } = worlds[kind]
        const line = (flag: string, date: string, { serialNumber }: Certificate) =>
          [flag, '351231235959Z', date, serialNumber.toUpperCase(), 'unknown', '/CN=x'].join('\t')
        const index = bench.file(
          'index.txt',
          `${line('V', '', leaf)}\n${line('R', '260102030405Z,keyCompromise', revoked)}\n`,
        )
        const ask = (certificate: Certificate, by: 'name' | 'key', hashAlgorithm: 'sha1' | 'sha256') => {
          const request = requestCertificateStatus(pairOf(kind, certificate), { hashAlgorithm, nonce })
          const own = ['-rsigner', bench.file('responder.pem', formatCertificatePem(responder.certificateChain[0]))]
          own.push('-rkey', bench.file('responder.key', responder.privateKeyPem))
          const words = ['-index', index, '-CA', ca, ...own, '-ndays', '1', ...(by === 'key' ? ['-resp_key_id'] : [])]
          ocsp('-reqin', bench.file('request.der', request), ...words, '-respout', bench.path('response.der'))
          return processCertificateStatusResponse(bench.read('response.der'), { ...pairOf(kind, certificate), nonce })
        }
        for (const [by, hashAlgorithm] of [
          ['name', 'sha1'],
          ['key', 'sha256'],
        ] as const) {
          const at = new Date()
          const told = async (certificate: Certificate) => {
            const response = ask(certificate, by, hashAlgorithm)
            expect(Object.keys(response.responderId)).toEqual([by === 'name' ? 'name' : 'keyHash'])
            return verifyOcspResponse(response, { ...pairOf(kind, certificate), at, nonce })
          }
          expect(await told(leaf)).toMatchObject({ status: 'good', usable: true, findings: [] })
          expect(await told(revoked)).toMatchObject({
            status: 'revoked',
            revokedAt: new Date('2026-01-02T03:04:05Z'),
            reason: 'keyCompromise',
          })
          expect(await told(stranger)).toMatchObject({ status: 'unknown', usable: true })
          const path = { leaf, anchors: [authority.certificate], at }
          expect(await verifyCertificatePath({ ...path, ocspResponses: [ask(leaf, by, hashAlgorithm)] })).toMatchObject(
            {
              status: 'trusted',
              revocation: { status: 'good', source: 'ocsp' },
              findings: [],
            },
          )
        }
      }))
  })

  it('our SM2 answers are signed over their ResponseData, and read by it', () =>
    withWorkbench(async (bench) => {
      const { ca, leaf } = papers(bench, 'sm2')
      const bytes = await answer('sm2', requestCertificateStatus(pairOf('sm2'), { hashAlgorithm: 'sm3', nonce }))
      const { tbs, signature, certificates } = parseOcspResponse(bytes)
      const key = bench.file('responder.pub', formatPublicKeyPem(certificates[0]!.publicKey))
      const words = ['dgst', '-sm3', '-verify', key, '-sigopt', 'distid:1234567812345678']
      const signed = bench.file('signature', signature)
      expect(bench.openssl(...words, '-signature', signed, bench.file('tbs', tbs))).toContain('Verified OK')
      const other = bench.file(
        'other',
        tbs.map((byte, index) => (index === tbs.length - 1 ? byte ^ 1 : byte)),
      )
      expect(() => bench.openssl(...words, '-signature', signed, other)).toThrow()
      const said = ocsp('-respin', bench.file('response.der', bytes), '-noverify', '-issuer', ca, '-sm3', '-cert', leaf)
      expect(said).toMatch(/leaf\.pem: good\n/)
    }))
})

describe('with pkijs as the other side', () => {
  const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer
  const certificateOf = ({ der }: Certificate) => pkijs.Certificate.fromBER(buffer(der))

  it.each(['rsa', 'p256'] as const)('its requests are answered, and it verifies the answers: %s', async (kind) => {
    const { authority, leaf, revoked } = worlds[kind]
    const issuerCertificate = certificateOf(authority.certificate)
    for (const [certificate, status] of [
      [leaf, 0],
      [revoked, 1],
    ] as const) {
      const request = new pkijs.OCSPRequest()
      await request.createForCertificate(certificateOf(certificate), { hashAlgorithm: 'SHA-256', issuerCertificate })
      const response = await answer(kind, new Uint8Array(request.toSchema(true).toBER()))
      const read = pkijs.OCSPResponse.fromBER(buffer(response))
      expect(await read.getCertificateStatus(certificateOf(certificate), issuerCertificate)).toMatchObject({
        isForCertificate: true,
        status,
      })
      const basic = pkijs.BasicOCSPResponse.fromBER(
        read.responseBytes!.response.valueBlock.valueHexView.slice().buffer as ArrayBuffer,
      )
      await expect(basic.verify({ trustedCerts: [issuerCertificate] })).resolves.toBe(true)
      const stranger = certificateOf(worlds[kind === 'rsa' ? 'p256' : 'rsa'].authority.certificate)
      await expect(basic.verify({ trustedCerts: [stranger] })).rejects.toThrow('No valid certificate paths')
    }
  })

  it('reads our requests, and we verify what it signs', async () => {
    const { authority, responder, leaf } = worlds.p256
    const request = pkijs.OCSPRequest.fromBER(buffer(requestCertificateStatus(pairOf('p256'), { nonce })))
    const { reqCert } = request.tbsRequest.requestList[0]!
    expect(toHex(new Uint8Array(reqCert.serialNumber.valueBlock.valueHexView))).toBe(leaf.serialNumber)
    const now = new Date()
    const basic = new pkijs.BasicOCSPResponse()
    basic.tbsResponseData.responderID = certificateOf(responder.certificateChain[0]).subject
    basic.tbsResponseData.producedAt = now
    const single = new pkijs.SingleResponse({ certID: reqCert, thisUpdate: now })
    single.certStatus = new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 } })
    single.nextUpdate = new Date(now.getTime() + 60_000)
    basic.tbsResponseData.responses = [single]
    basic.certs = [certificateOf(responder.certificateChain[0])]
    const pkcs8 = Buffer.from(responder.privateKeyPem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    await basic.sign(await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']), 'SHA-256')
    const response = new pkijs.OCSPResponse({
      responseStatus: new asn1js.Enumerated({ value: 0 }),
      responseBytes: new pkijs.ResponseBytes({
        responseType: '1.3.6.1.5.5.7.48.1.1',
        response: new asn1js.OctetString({ valueHex: basic.toSchema().toBER() }),
      }),
    })
    const bytes = new Uint8Array(response.toSchema().toBER())
    const read = processCertificateStatusResponse(bytes, pairOf('p256'))
    expect(await verifyOcspResponse(read, { ...pairOf('p256'), at: now })).toMatchObject({
      status: 'good',
      findings: [],
    })
    expect(authority.certificate.der).toEqual(pairOf('p256').issuer.der)
  })
})
