import { readFileSync } from 'node:fs'
import { fixedClock, toBase64, utf8 } from '@zhicheng/core'
import {
  type Certificate,
  createCrlSource,
  createOcspSource,
  formatCertificatePem,
  parseCertificates,
  parseOcspResponse,
  processCertificateStatusResponse,
  requestCertificateStatus,
  verifyCertificatePath,
  verifyOcspResponse,
} from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withBench } from '../../test-support/openssl.ts'
import { codeOf, createSandboxClient, origin, type SandboxClient } from '../../test-support/sandbox-client.ts'

const kinds = { ca: 'ec-p256', 'sm2-ca': 'sm2' } as const
type Name = keyof typeof kinds
const names = ['ca', 'sm2-ca'] as const
const mediaType = { 'content-type': 'application/ocsp-request' }
const nonce = new Uint8Array(32).fill(7)

interface Issued {
  certificate: Certificate
  issuer: Certificate
}

async function issue({ sandbox }: SandboxClient, name: Name): Promise<Issued> {
  const { signer, ca } = await sandbox.testSigner({ commonName: '样例签章证书', algorithm: kinds[name] })
  return { certificate: signer.certificateChain[0], issuer: parseCertificates(ca)[0]! }
}

const revoke = ({ post }: SandboxClient, authority: Name, { certificate }: Issued) =>
  post('/ca/revoke', { authority, serialNumber: certificate.serialNumber })

async function bytesOf(response: Response): Promise<Uint8Array> {
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/ocsp-response'])
  return new Uint8Array(await response.arrayBuffer())
}

const ask = async ({ post }: SandboxClient, name: Name, issued: Issued, chaos?: string): Promise<Uint8Array> =>
  bytesOf(
    await post(`/ocsp/${name}`, requestCertificateStatus(issued, { nonce }), {
      ...mediaType,
      ...(chaos ? { 'x-sandbox-chaos': chaos } : {}),
    }),
  )

async function judge(issued: Issued, bytes: Uint8Array, at: Date) {
  const { status, usable, findings } = await verifyOcspResponse(parseOcspResponse(bytes), { ...issued, at, nonce })
  return { status, usable, codes: findings.map(({ code }) => code) }
}

describe('the OCSP responders', () => {
  it.each(names)('tell from the state of their authority: %s', async (name) => {
    const client = createSandboxClient()
    const issued = await issue(client, name)
    const at = new Date()
    expect(await judge(issued, await ask(client, name, issued), at)).toEqual({
      status: 'good',
      usable: true,
      codes: [],
    })
    await revoke(client, name, issued)
    const revoked = await ask(client, name, issued)
    expect(await judge(issued, revoked, new Date())).toMatchObject({ status: 'revoked', usable: true })
    const other = name === 'ca' ? 'sm2-ca' : 'ca'
    await expect(ask(client, other, issued).then(parseOcspResponse)).rejects.toMatchObject({
      code: 'ERR_OCSP_REFUSED',
      facts: { status: 'unauthorized' },
    })
  })

  it('take the request in the address too, escaped or not', async () => {
    const client = createSandboxClient()
    const issued = await issue(client, 'ca')
    const encoded = toBase64(requestCertificateStatus(issued))
    for (const path of [encodeURIComponent(encoded), encoded]) {
      const bytes = await bytesOf(await client.get(`/ocsp/ca/${path}`))
      expect(parseOcspResponse(bytes).statuses).toMatchObject([
        { status: 'good', id: { serialNumber: issued.certificate.serialNumber } },
      ])
    }
  })

  it('are where the certificates say, and so are the lists', async () => {
    const client = createSandboxClient()
    for (const name of names) {
      const { certificate, issuer } = await issue(client, name)
      expect(certificate.ocspUrls).toEqual([`${origin}/ocsp/${name}`])
      const answer = async (request: Request) =>
        new Uint8Array(await (await client.sandbox.fetch(request)).arrayBuffer())
      const path = { leaf: certificate, anchors: [issuer], at: new Date() }
      const byOcsp = createOcspSource({
        send: (url, body) => answer(new Request(url, { method: 'POST', headers: mediaType, body: body as BodyInit })),
        nonce: 'required',
      })
      expect(await verifyCertificatePath({ ...path, revocation: byOcsp })).toMatchObject({
        revocation: { status: 'good', source: 'ocsp' },
        findings: [],
      })
      const byList = createCrlSource({ fetch: (url) => answer(new Request(url)) })
      expect(await verifyCertificatePath({ ...path, revocation: byList })).toMatchObject({
        revocation: { status: 'good', source: 'crl' },
        findings: [],
      })
    }
  })

  it('answer by the clock of the sandbox, for an hour', async () => {
    const client = createSandboxClient({ clock: fixedClock('2026-11-24T08:00:00+08:00') })
    const issued = await issue(client, 'sm2-ca')
    const { producedAt, statuses } = parseOcspResponse(await ask(client, 'sm2-ca', issued))
    expect(producedAt.toISOString()).toBe('2026-11-24T00:00:00.000Z')
    expect(statuses[0]!.nextUpdate?.toISOString()).toBe('2026-11-24T01:00:00.000Z')
  })

  it.each([
    ['ocsp-stale', 'unknown', false, 'OCSP_STALE'],
    ['ocsp-unknown', 'unknown', true, 'OCSP_STATUS_UNKNOWN'],
    ['ocsp-wrong-nonce', 'unknown', false, 'OCSP_NONCE_MISMATCH'],
    ['ocsp-wrong-key', 'unknown', false, 'OCSP_SIGNATURE_INVALID'],
  ])('misbehave when told so, and nobody is taken in: %s', async (chaos, status, usable, code) => {
    const client = createSandboxClient()
    for (const name of names) {
      const issued = await issue(client, name)
      const bytes = await ask(client, name, issued, chaos)
      expect(await judge(issued, bytes, new Date())).toEqual({ status, usable, codes: [code] })
      expect(await judge(issued, await ask(client, name, issued), new Date())).toMatchObject({ status: 'good' })
    }
  })

  it('answer to another nonce when told so, which the requester refuses', async () => {
    const client = createSandboxClient()
    const issued = await issue(client, 'ca')
    const bytes = await ask(client, 'ca', issued, 'ocsp-wrong-nonce')
    expect(() => processCertificateStatusResponse(bytes, { ...issued, nonce })).toThrow(
      expect.objectContaining({ code: 'ERR_OCSP_MISMATCH' }),
    )
  })

  it('put off, talk nonsense and are down when told so', async () => {
    const client = createSandboxClient()
    const issued = await issue(client, 'ca')
    const later = await ask(client, 'ca', issued, 'ocsp-try-later')
    expect(() => parseOcspResponse(later)).toThrow(
      expect.objectContaining({ code: 'ERR_OCSP_REFUSED', retryable: true, facts: { status: 'tryLater' } }),
    )
    const garbage = await ask(client, 'ca', issued, 'ocsp-garbage')
    expect(() => parseOcspResponse(garbage)).toThrow(expect.objectContaining({ code: 'ERR_DER_INVALID' }))
    const request = requestCertificateStatus(issued)
    const down = await client.post('/ocsp/ca', request, { ...mediaType, 'x-sandbox-chaos': 'ocsp-down' })
    expect([down.status, await codeOf(down)]).toEqual([503, 'ERR_SANDBOX_CHAOS'])
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['what is no DER', utf8('please')],
    ['half a request', Uint8Array.of(0x30, 0x50, 0x30)],
  ])('refuse %s in the words of the protocol, also while they misbehave', async (_, body) => {
    const client = createSandboxClient()
    for (const more of [{}, { 'x-sandbox-chaos': 'ocsp-wrong-nonce' }]) {
      const bytes = await bytesOf(await client.post('/ocsp/ca', body, { ...mediaType, ...more }))
      expect(() => parseOcspResponse(bytes)).toThrow(
        expect.objectContaining({ code: 'ERR_OCSP_REFUSED', facts: { status: 'malformedRequest' } }),
      )
    }
  })

  it.each(['/ocsp/ca/%%%', '/ocsp/ca/%ff', '/ocsp/ca/a', '/ocsp/ca/AAAA'])(
    'call the address %s malformed',
    async (path) => {
      const bytes = await bytesOf(await createSandboxClient().get(path))
      expect(() => parseOcspResponse(bytes)).toThrow(
        expect.objectContaining({ code: 'ERR_OCSP_REFUSED', facts: { status: 'malformedRequest' } }),
      )
    },
  )

  it('take no body beyond all measure, no other media type, and no other address', async () => {
    const client = createSandboxClient()
    const long = await client.post('/ocsp/ca', new Uint8Array(65_537), mediaType)
    expect([long.status, await codeOf(long)]).toEqual([413, 'ERR_BODY_TOO_LARGE'])
    const other = await client.post('/ocsp/ca', new Uint8Array(3), { 'content-type': 'application/octet-stream' })
    expect([other.status, await codeOf(other)]).toEqual([415, 'ERR_SANDBOX_BODY'])
    const body = new Uint8Array(3)
    for (const path of ['/ocsp', '/ocsp/', '/ocsp/tsa', '/ocsp/constructor', '/ocsp/__proto__', '/ocsp/ca/x']) {
      const response = await client.post(path, body, mediaType)
      expect([response.status, await codeOf(response)]).toEqual([404, 'ERR_SANDBOX_NOT_FOUND'])
    }
  })
})

describeWithOpenssl('openssl ocsp (skipped where the command is missing)', () => {
  it('asks, and verifies what it is told', () =>
    withBench(async ({ file, path, openssl }) => {
      const client = createSandboxClient()
      const issued = await issue(client, 'ca')
      const root = file('root.pem', await (await client.get('/ca/ca.pem')).text())
      const about = ['-issuer', root, '-cert', file('leaf.pem', formatCertificatePem(issued.certificate))]
      expect(openssl('ocsp', ...about, '-reqout', path('request.der')).good).toBe(true)
      const check = async (chaos: Record<string, string> = {}) => {
        const query = new Uint8Array(readFileSync(path('request.der')))
        const bytes = await bytesOf(await client.post('/ocsp/ca', query, { ...mediaType, ...chaos }))
        const answer = ['ocsp', '-respin', file('response.der', bytes), '-CAfile', root]
        // It compares nonces only with a request it was given, and shows statuses only of certificates it was given. Without
        // the first word it would add a nonce of its own to that request.
        const nonces = openssl(...answer, '-no_nonce', '-reqin', path('request.der'))
        return nonces.said + openssl(...answer, '-no_nonce', ...about).said
      }
      const says = (status: string) => new RegExp(`^Response verify OK\n.*leaf\\.pem: ${status}\n`)
      expect(await check()).toMatch(says('good'))
      expect(await check({ 'x-sandbox-chaos': 'ocsp-wrong-nonce' })).toContain('Nonce Verify error')
      expect(await check({ 'x-sandbox-chaos': 'ocsp-wrong-key' })).toContain('Response Verify Failure')
      expect(await check({ 'x-sandbox-chaos': 'ocsp-try-later' })).toContain('trylater')
      expect(await check({ 'x-sandbox-chaos': 'ocsp-stale' })).toContain('Status times invalid')
      await revoke(client, 'ca', issued)
      expect(await check()).toMatch(says('revoked'))
    }))
})
