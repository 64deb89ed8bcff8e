import { fixedClock, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type BuiltResponse, buildOcspResponse } from '../test/ocsp-builder.ts'
import type { Certificate } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import { type CertificatePathInput, verifyCertificatePath } from './certificate-path.ts'
import { parseCertificateList } from './crl.ts'
import { buildCertificateList } from './crl-build.ts'
import { der } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { answerCertificateStatusRequest, type KnownCertificateStatus } from './ocsp-answer.ts'
import { parseCertificateStatusRequest, requestCertificateStatus } from './ocsp-request.ts'
import { type OcspResponse, parseOcspResponse } from './ocsp-response.ts'
import { pemSigner } from './pem-signer.ts'
import {
  type CachedRevocation,
  cacheRevocation,
  createCrlSource,
  createOcspSource,
  type RevocationEvidence,
  type RevocationQuestion,
  type RevocationSource,
} from './revocation-source.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const time = new Date('2026-05-06T07:08:09Z')
const clock = fixedClock(time)
const hour = 3_600_000
const later = (milliseconds: number) => new Date(time.getTime() + milliseconds)
const urls = {
  root: { crlUrl: 'http://pki.example/root.crl', ocspUrl: 'http://pki.example/root' },
  middle: { crlUrl: 'http://pki.example/middle.crl', ocspUrl: 'http://pki.example/middle' },
}

let root: TestAuthority
let middle: TestAuthority
let leaf: Certificate
const responders = new Map<TestAuthority, Signer>()

beforeAll(async () => {
  root = await createTestAuthority({ algorithm: 'sm2', name: '样例根', clock, ...urls.root })
  middle = await root.createIntermediate({ commonName: '样例中间', ...urls.middle })
  const { certificateChain } = await middle.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  leaf = certificateChain[0]
  for (const authority of [root, middle]) responders.set(authority, await authority.createOcspResponder())
})

const good: KnownCertificateStatus = { status: 'good' }
const revokedAt = (at: Date): KnownCertificateStatus => ({ status: 'revoked', at, reason: 'superseded' })

const answerFor = (authority: TestAuthority, request: Uint8Array, status: KnownCertificateStatus = good) =>
  answerCertificateStatusRequest(request, {
    signer: responders.get(authority)!,
    issuer: authority.certificate,
    lookup: () => status,
    clock,
    validitySeconds: 3600,
  })

async function responseOf(
  authority: TestAuthority,
  certificate: Certificate,
  status: KnownCertificateStatus = good,
): Promise<OcspResponse> {
  const request = requestCertificateStatus({ certificate, issuer: authority.certificate })
  return parseOcspResponse(await answerFor(authority, request, status))
}

const listOf = async (authority: TestAuthority, revoked: readonly { serialNumber: string; at: Date }[] = []) =>
  parseCertificateList(
    await buildCertificateList({
      issuer: authority.signer,
      thisUpdate: later(-hour),
      nextUpdate: later(24 * hour),
      number: 1,
      revoked,
    }),
  )

async function verify(input: Partial<CertificatePathInput> = {}, options: { signal?: AbortSignal } = {}) {
  const intermediates = [middle.certificate]
  const result = await verifyCertificatePath(
    { leaf, intermediates, anchors: [root.certificate], at: time, usage: 'document-signing', ...input },
    options,
  )
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

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

/** A source that writes down what it is asked. */
function recording(answers: (question: RevocationQuestion) => Promise<RevocationEvidence>) {
  const asked: Certificate[] = []
  const source: RevocationSource = {
    find(question) {
      asked.push(question.certificate)
      return answers(question)
    },
  }
  return { asked, source }
}

const authorityOf = (certificate: Certificate) => (certificate === leaf ? middle : root)
const byResponse = async ({ certificate }: RevocationQuestion) => ({
  ocspResponses: [await responseOf(authorityOf(certificate), certificate)],
})
const byList = async ({ certificate }: RevocationQuestion) => ({ crls: [await listOf(authorityOf(certificate))] })
const nothing = async () => ({})

describe('a source of evidence', () => {
  it('is asked about every certificate whose status is open, once', async () => {
    const { asked, source } = recording(byResponse)
    expect(await verify({ revocation: source })).toMatchObject({
      revocation: { status: 'good', source: 'ocsp' },
      codes: [],
    })
    expect(asked).toEqual([leaf, middle.certificate])
  })

  it('is not asked where the evidence at hand tells', async () => {
    const { asked, source } = recording(byResponse)
    await verify({ revocation: source, crls: [await listOf(middle)] })
    expect(asked).toEqual([middle.certificate])
    const entry = { serialNumber: leaf.serialNumber, at: later(-hour) }
    const result = await verify({ revocation: source, crls: [await listOf(middle, [entry])] })
    expect(result.revocation.status).toBe('revoked')
    expect(asked).toHaveLength(1)
  })

  it('is not asked about a path that leads nowhere or breaks a rule', async () => {
    const { asked, source } = recording(byResponse)
    expect(await verify({ revocation: source, anchors: [] })).toMatchObject({ status: 'untrusted' })
    expect(await verify({ revocation: source, usage: 'timestamping' })).toMatchObject({
      status: 'broken',
      revocation: { status: 'not-checked' },
    })
    expect(await verify({ revocation: source, leaf: root.certificate, usage: 'any' })).toMatchObject({
      revocation: { status: 'not-checked' },
    })
    expect(asked).toEqual([])
  })

  it('of several is asked when those before it had nothing', async () => {
    const [first, second] = [recording(nothing), recording(byList)]
    const result = await verify({ revocation: [first.source, second.source] })
    expect(result).toMatchObject({ revocation: { status: 'good', source: 'crl' } })
    expect([first.asked.length, second.asked.length]).toEqual([2, 2])
    const [third, fourth] = [recording(byResponse), recording(byList)]
    await verify({ revocation: [third.source, fourth.source] })
    expect([third.asked.length, fourth.asked.length]).toEqual([2, 0])
  })

  it('that finds nothing leaves the status unknown, and its findings stand in the report', async () => {
    const finding = { code: 'REVOCATION_SOURCE_FAILED', severity: 'warning' as const, message: 'x' }
    const { source } = recording(async () => ({ findings: [finding] }))
    const result = await verify({ revocation: source })
    expect(result.revocation).toEqual({ status: 'unknown' })
    expect(result.findings).toContainEqual(finding)
  })

  it('that brings forged evidence changes nothing', async () => {
    const { source } = recording(async (question) => {
      const [response] = (await byResponse(question)).ocspResponses
      return { ocspResponses: [{ ...response!, signature: new Uint8Array(8) }] }
    })
    expect(await verify({ revocation: source })).toMatchObject({ revocation: { status: 'unknown' } })
  })

  it('passes its own faults on, and the reason of an abort', async () => {
    const fault = new TypeError('broken')
    await expect(verify({ revocation: { find: () => Promise.reject(fault) } })).rejects.toBe(fault)
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    const revocation = createOcspSource({ send: async () => new Uint8Array() })
    await expect(verify({ revocation }, { signal: stop.signal })).rejects.toThrow('enough')
  })
})

/** The leaf with other addresses. */
async function withAddresses(ocsp: readonly string[], crl: readonly string[]): Promise<Certificate> {
  const uri = (url: string) => der.implicit(6, der.ia5String(url))
  const access = ocsp.map((url) => der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), uri(url)))
  const points = crl.map((url) => der.sequence(der.explicit(0, der.explicit(0, uri(url)))))
  const { publicKey } = await generateKeyPair('ec-p256')
  return buildCertificate(
    {
      subject: createDistinguishedName([['CN', '样例签章人']]),
      issuer: middle.certificate.subject,
      publicKey,
      notBefore: later(-hour),
      notAfter: later(hour),
      keyUsage: ['digitalSignature'],
      extensions: [
        { oid: '1.3.6.1.5.5.7.1.1', value: der.sequence(...access) },
        { oid: '2.5.29.31', value: der.sequence(...points) },
      ],
    },
    middle.signer,
  )
}

describe('an OCSP source', () => {
  const send = async (url: string, request: Uint8Array) => answerFor(url === urls.root.ocspUrl ? root : middle, request)

  it('asks the responders that the certificates name, with a nonce of its own each time', async () => {
    const sent: { url: string; nonce: Uint8Array | undefined; maxBytes: number }[] = []
    const revocation = createOcspSource({
      async send(url, request, { maxBytes }) {
        sent.push({ url, nonce: parseCertificateStatusRequest(request).nonce, maxBytes })
        return send(url, request)
      },
    })
    expect(await verify({ revocation })).toMatchObject({ revocation: { status: 'good', source: 'ocsp' }, codes: [] })
    expect(sent.map(({ url }) => url)).toEqual([urls.middle.ocspUrl, urls.root.ocspUrl])
    expect(sent.map(({ nonce }) => nonce?.length)).toEqual([32, 32])
    expect(sent[0]!.nonce).not.toEqual(sent[1]!.nonce)
    expect(sent[0]!.maxBytes).toBe(65_536)
  })

  const ask = (source: RevocationSource, certificate = leaf, options = {}) =>
    source.find({ certificate, issuer: middle.certificate, at: time }, options)

  it('sends no nonce when told so, and wants one back when told so', async () => {
    const nonces: (Uint8Array | undefined)[] = []
    const withoutNonce = async (_: string, request: Uint8Array) => {
      nonces.push(parseCertificateStatusRequest(request).nonce)
      return answerFor(middle, requestCertificateStatus({ certificate: leaf, issuer: middle.certificate }))
    }
    expect(await ask(createOcspSource({ send: withoutNonce, nonce: 'none' }))).toMatchObject({
      ocspResponses: [{}],
      findings: [],
    })
    expect(nonces).toEqual([undefined])
    expect(await ask(createOcspSource({ send: withoutNonce }))).toMatchObject({ ocspResponses: [{}], findings: [] })
    const refused = await ask(createOcspSource({ send: withoutNonce, nonce: 'required' }))
    expect(refused.ocspResponses).toBeUndefined()
    expect(refused.findings).toMatchObject([{ code: 'REVOCATION_SOURCE_FAILED' }])
    expect(await ask(createOcspSource({ send, nonce: 'required' }))).toMatchObject({ ocspResponses: [{}] })
  })

  it.each<[string, (request: Uint8Array) => Promise<Uint8Array>]>([
    ['cannot be reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['talks nonsense', async () => utf8('<html>')],
    ['says too much', async () => new Uint8Array(65_537)],
    ['refuses', async () => Uint8Array.of(0x30, 3, 0x0a, 1, 3)],
    [
      'replays the answer to another request',
      async () =>
        answerFor(
          middle,
          requestCertificateStatus({ certificate: leaf, issuer: middle.certificate }, { nonce: Uint8Array.of(1) }),
        ),
    ],
  ])('goes on to the next responder when one %s, and reports it', async (_, first) => {
    const certificate = await withAddresses(['http://one.example/?q=1', 'https://two.example/'], [])
    const source = createOcspSource({
      send: (url, request) => (url.includes('one') ? first(request) : send(url, request)),
    })
    const { ocspResponses, findings } = await ask(source, certificate)
    expect(ocspResponses).toHaveLength(1)
    expect(findings).toMatchObject([
      { code: 'REVOCATION_SOURCE_FAILED', severity: 'warning', message: expect.stringContaining('one.example: ') },
    ])
  })

  it('uses http and https addresses only, and four of them at most', async () => {
    const hostile = ['ftp://a.example/', 'file:///etc/passwd', 'javascript:alert(1)', 'http://', 'ldap://b.example/']
    const many = Array.from({ length: 9 }, (_, index) => `http://r${index}.example/`)
    const certificate = await withAddresses([...hostile, ...many, ...many], [])
    const asked: string[] = []
    const source = createOcspSource({
      send(url) {
        asked.push(url)
        return Promise.reject(new Error('down'))
      },
    })
    expect((await ask(source, certificate)).findings).toHaveLength(4)
    expect(asked).toEqual(many.slice(0, 4))
    expect(await ask(source, await withAddresses([], []))).toEqual({ findings: [] })
  })

  it('stops when it is aborted, and asks nobody else', async () => {
    const certificate = await withAddresses(['http://one.example/', 'http://two.example/'], [])
    const stop = new AbortController()
    const asked: string[] = []
    const source = createOcspSource({
      async send(url, _, { signal }) {
        asked.push(url)
        stop.abort(new Error('enough'))
        signal?.throwIfAborted()
        return new Uint8Array()
      },
    })
    await expect(ask(source, certificate, { signal: stop.signal })).rejects.toThrow('enough')
    expect(asked).toEqual(['http://one.example/'])
  })
})

describe('a source of lists', () => {
  const bytesOf = async (authority: TestAuthority) => (await listOf(authority)).der

  it('gets the lists that the certificates name', async () => {
    const got: string[] = []
    const revocation = createCrlSource({
      async fetch(url, { maxBytes }) {
        got.push(`${url} ${maxBytes}`)
        return bytesOf(url === urls.root.crlUrl ? root : middle)
      },
    })
    expect(await verify({ revocation })).toMatchObject({ revocation: { status: 'good', source: 'crl' }, codes: [] })
    expect(got).toEqual([`${urls.middle.crlUrl} 33554432`, `${urls.root.crlUrl} 33554432`])
  })

  it('goes on until it has a whole list of the issuer', async () => {
    const certificate = await withAddresses(
      [],
      ['a', 'b', 'c', 'd'].map((name) => `http://${name}.example/`),
    )
    const keyCompromiseAlone = {
      oid: '2.5.29.28',
      critical: true,
      value: der.sequence(der.implicit(3, der.namedBits([1]))),
    }
    const partial = await buildCertificateList({
      issuer: middle.signer,
      thisUpdate: time,
      nextUpdate: later(hour),
      number: 2,
      revoked: [],
      extensions: [keyCompromiseAlone],
    })
    const got: string[] = []
    const source = createCrlSource({
      async fetch(url) {
        got.push(url)
        if (url.includes('//a')) return utf8('no list')
        if (url.includes('//b')) return partial
        return bytesOf(middle)
      },
    })
    const { crls, findings } = await source.find({ certificate, issuer: middle.certificate, at: time })
    expect(crls).toHaveLength(2)
    expect(findings).toMatchObject([{ message: expect.stringContaining('a.example') }])
    expect(got).toHaveLength(3)
  })

  it('takes no list that is longer than allowed', async () => {
    const source = createCrlSource({ fetch: () => bytesOf(middle), maxBytes: 100 })
    expect(await source.find({ certificate: leaf, issuer: middle.certificate, at: time })).toMatchObject({
      crls: [],
      findings: [{ code: 'REVOCATION_SOURCE_FAILED' }],
    })
  })
})

describe('a cache', () => {
  const question = (certificate = leaf, at = time): RevocationQuestion => ({
    certificate,
    issuer: authorityOf(certificate).certificate,
    at,
  })

  it.each([
    ['responses', byResponse, hour],
    ['lists', byList, 24 * hour],
  ] as const)('keeps %s until they are to be replaced', async (_, answers, lasts) => {
    const now = fixedClock(time)
    const { asked, source } = recording(answers)
    const cache = cacheRevocation(source, { clock: now })
    const first = await cache.find(question())
    now.set(later(lasts - 1000))
    expect(await cache.find(question())).toBe(first)
    expect(asked).toHaveLength(1)
    await cache.find(question(middle.certificate))
    expect(asked).toHaveLength(2)
    now.set(later(lasts))
    await cache.find(question())
    expect(asked).toHaveLength(3)
  })

  it('does not answer with what was already to be replaced at the moment asked about', async () => {
    const { asked, source } = recording(byResponse)
    const cache = cacheRevocation(source, { clock })
    await cache.find(question())
    await cache.find(question(leaf, later(2 * hour)))
    expect(asked).toHaveLength(2)
  })

  it('keeps nothing that is empty, failed, forged, of another, or out of date', async () => {
    const [response] = (await byResponse(question())).ocspResponses
    const impostor = await createTestAuthority({ algorithm: 'sm2', name: '样例中间', clock })
    const finding = { code: 'REVOCATION_SOURCE_FAILED', severity: 'warning' as const, message: 'x' }
    const evidence: RevocationEvidence[] = [
      {},
      { ocspResponses: [response!], findings: [finding] },
      { ocspResponses: [{ ...response!, signature: new Uint8Array(8) }] },
      { ocspResponses: [await responseOf(root, middle.certificate)] },
      { crls: [await listOf(impostor)] },
      { crls: [await listOf(root)] },
      { ocspResponses: [response!], crls: [await listOf(impostor)] },
    ]
    for (const one of evidence) {
      const store = new Map<string, CachedRevocation>()
      const cache = cacheRevocation({ find: async () => one }, { clock, store })
      expect(await cache.find(question())).toBe(one)
      expect(store.size).toBe(0)
    }
    const late = fixedClock(later(25 * hour))
    const store = new Map<string, CachedRevocation>()
    await cacheRevocation({ find: () => byList(question()) }, { clock: late, store }).find(question())
    expect(store.size).toBe(0)
  })

  it('makes room by forgetting the oldest', async () => {
    const { asked, source } = recording(byList)
    const store = new Map<string, CachedRevocation>()
    const cache = cacheRevocation(source, { clock, store, maxEntries: 1 })
    await cache.find(question())
    await cache.find(question(middle.certificate))
    expect(store.size).toBe(1)
    await cache.find(question(middle.certificate))
    expect(asked).toHaveLength(2)
    await cache.find(question())
    expect(asked).toHaveLength(3)
  })
})
