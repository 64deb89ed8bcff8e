import { utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  answerFor,
  hour,
  later,
  leaf,
  listOf,
  middle,
  prepareRevocation,
  root,
  time,
  urls,
  verify,
} from '../test/revocation-path.ts'
import type { Certificate } from './certificate.ts'
import { buildCertificate } from './certificate-builder.ts'
import { buildCertificateList } from './crl-build.ts'
import { der } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { parseCertificateStatusRequest, requestCertificateStatus } from './ocsp-request.ts'
import { createCrlSource, createOcspSource, type RevocationSource } from './revocation-source.ts'
import type { TestAuthority } from './testing.ts'

beforeAll(prepareRevocation)

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
