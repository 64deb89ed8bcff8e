import { readFileSync } from 'node:fs'
import { fixedClock } from '@zhicheng/core'
import {
  buildCertificateRequest,
  createDistinguishedName,
  formatPem,
  generateKeyPair,
  listRevoked,
  parseCertificateList,
  parseCertificates,
  parsePrivateKey,
} from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withBench } from '../../test-support/openssl.ts'
import { codeOf, createSandboxClient, hostileBodies, type SandboxClient } from '../../test-support/sandbox-client.ts'

const kinds = { ca: 'ec-p256', 'sm2-ca': 'sm2' } as const
type Name = keyof typeof kinds
const names = ['ca', 'sm2-ca'] as const

async function requestFor(name: Name): Promise<Uint8Array> {
  const { privateKeyPem } = await generateKeyPair(kinds[name])
  return buildCertificateRequest({
    subject: createDistinguishedName([['CN', '申请人自称的名字']]),
    privateKey: parsePrivateKey(privateKeyPem),
  })
}

const enrolment = async (name: Name, request?: Uint8Array) => ({
  authority: name,
  request: formatPem('CERTIFICATE REQUEST', request ?? (await requestFor(name))),
  profile: 'document-signing',
  commonName: '样例签章证书',
})

async function enrol({ post }: SandboxClient, name: Name): Promise<{ pem: string; serialNumber: string }> {
  const response = await post('/ca/enroll', await enrolment(name))
  expect(response.status).toBe(201)
  const { certificateChain } = (await response.json()) as { certificateChain: string }
  return { pem: certificateChain, serialNumber: parseCertificates(certificateChain)[0]!.serialNumber }
}

describe('the certificate authority', () => {
  it.each(names)(
    '%s certifies the key of a request, under the name that was ordered and the mark of tests',
    async (name) => {
      const client = createSandboxClient()
      const { pem } = await enrol(client, name)
      const [leaf, root] = parseCertificates(pem)
      expect(leaf!.subject.text).toContain('样例签章证书')
      expect(leaf!.subject.text).toContain('测试专用')
      expect(leaf!.subject.text).not.toContain('申请人自称的名字')
      expect(leaf!.crlDistributionPoints).toEqual([`http://sandbox.test/ca/${name}.crl`])
      expect(parseCertificates(await (await client.get(`/ca/${name}.pem`)).text())[0]).toEqual(root)
    },
  )

  it('certifies no key whose request is signed by another', async () => {
    const { post } = createSandboxClient()
    const request = await requestFor('ca')
    // The last byte lies in the signature.
    request[request.length - 1]! ^= 1
    const response = await post('/ca/enroll', await enrolment('ca', request))
    expect([response.status, await codeOf(response)]).toEqual([400, 'ERR_CERTIFICATE_REQUEST_INVALID'])
  })

  it('certifies no key that was put into the request of another', async () => {
    const { post } = createSandboxClient()
    const [first, second] = [await requestFor('sm2-ca'), await requestFor('sm2-ca')]
    const forged = first.slice()
    // Both requests have the same layout; the key's point ends where the attributes begin, before algorithm and signature.
    const from = Buffer.from(first).indexOf(Buffer.from([0x03, 0x42, 0x00, 0x04]))
    forged.set(second.subarray(from, from + 68), from)
    const response = await post('/ca/enroll', await enrolment('sm2-ca', forged))
    expect([response.status, await codeOf(response)]).toEqual([400, 'ERR_CERTIFICATE_REQUEST_INVALID'])
  })

  it.each([
    ['an authority there is not', { authority: 'constructor' }],
    ['a profile that is not handed out', { profile: 'ca' }],
    ['an empty name', { commonName: '' }],
    ['a name without end', { commonName: '样'.repeat(65) }],
    ['a field nobody knows', { days: 36_500 }],
  ])('refuses an enrolment with %s', async (_, change) => {
    const { post } = createSandboxClient()
    const response = await post('/ca/enroll', { ...(await enrolment('ca')), ...change })
    expect([response.status, await codeOf(response)]).toEqual([400, 'ERR_SANDBOX_BODY'])
  })

  it.each(['', 'no PEM', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n'])(
    'refuses %j in place of a request with a code',
    async (request) => {
      const { post } = createSandboxClient()
      const response = await post('/ca/enroll', { ...(await enrolment('ca')), request })
      expect([response.status, await codeOf(response)]).toEqual([
        400,
        expect.stringMatching(/^ERR_(PEM|DER|CRYPTO|CERT)/),
      ])
    },
  )

  describe.each(['/ca/enroll', '/ca/revoke'])('at %s', (path) => {
    it.each(hostileBodies)('refuses %s', async (_, body, status, code) => {
      const { post } = createSandboxClient()
      const response = await post(path, body)
      expect([response.status, await codeOf(response)]).toEqual([status, code])
    })
  })

  it('puts a revoked certificate on the list of its own authority alone', async () => {
    const clock = fixedClock('2026-11-24T08:00:00+08:00')
    const client = createSandboxClient({ clock })
    const { serialNumber } = await enrol(client, 'sm2-ca')
    const listed = async (name: Name) => {
      const response = await client.get(`/ca/${name}.crl`)
      expect(response.headers.get('content-type')).toBe('application/pkix-crl')
      const list = parseCertificateList(new Uint8Array(await response.arrayBuffer()))
      return [...listRevoked(list)].map((entry) => entry.serialNumber)
    }
    expect(await listed('sm2-ca')).toEqual([])
    const response = await client.post('/ca/revoke', { authority: 'sm2-ca', serialNumber })
    expect(await response.json()).toEqual({ revokedAt: '2026-11-24T08:00:00+08:00' })
    expect(await listed('sm2-ca')).toEqual([serialNumber])
    expect(await listed('ca')).toEqual([])
  })

  it('hands out no list when told so', async () => {
    const { get } = createSandboxClient()
    const response = await get('/ca/ca.crl', { 'x-sandbox-chaos': 'ca-stale-list' })
    expect([response.status, await codeOf(response)]).toEqual([503, 'ERR_SANDBOX_CHAOS'])
    expect((await get('/ca/ca.crl')).status).toBe(200)
  })

  it.each([
    '/ca',
    '/ca/',
    '/ca/other.pem',
    '/ca/tsa.crl',
    '/ca/constructor.pem',
    '/ca/__proto__.pem',
    '/ca/toString.crl',
    '/ca/../ca.pem',
    '/ca/enroll',
  ])('has nothing to read at %s', async (path) => {
    const response = await createSandboxClient().get(path)
    expect([response.status, await codeOf(response)]).toEqual([404, 'ERR_SANDBOX_NOT_FOUND'])
  })
})

describeWithOpenssl('openssl (skipped where the command is missing)', () => {
  it.each(names)('accepts what the authority %s issued, and no more once it is revoked', (name) =>
    withBench(async ({ file, openssl }) => {
      const client = createSandboxClient()
      const root = file('root.pem', await (await client.get(`/ca/${name}.pem`)).text())
      const { pem, serialNumber } = await enrol(client, name)
      const leaf = file('leaf.pem', pem.slice(0, pem.indexOf('-----END CERTIFICATE-----') + 26))
      const sm2 = name === 'sm2-ca'
      // The option gives SM2's user identifier, which the standard has every signature over certificates use.
      const verify = ['verify', '-x509_strict', '-CAfile', root, ...(sm2 ? ['-vfyopt', 'distid:1234567812345678'] : [])]
      expect(openssl(...verify, leaf)).toEqual({ good: true, said: expect.stringContaining('OK') })

      await client.post('/ca/revoke', { authority: name, serialNumber })
      const der = file('list.crl', new Uint8Array(await (await client.get(`/ca/${name}.crl`)).arrayBuffer()))
      expect(openssl('crl', '-inform', 'DER', '-in', der, '-noout', '-text').said).toContain(
        `Serial Number: ${serialNumber.toUpperCase()}`,
      )
      // OpenSSL 3.0 cannot verify the signature of a revocation list by SM2.
      if (sm2) return
      const { good, said } = openssl(...verify, '-crl_check', '-CRLfile', der, leaf)
      expect([good, said]).toEqual([false, expect.stringContaining('certificate revoked')])
    }),
  )

  it('gets a certificate for a request of its own', () =>
    withBench(async ({ path, openssl }) => {
      const key = path('own.key')
      const made = openssl(
        'req',
        '-new',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=x',
        '-keyout',
        key,
        '-out',
        path('own.csr'),
      )
      expect(made.good).toBe(true)
      const client = createSandboxClient()
      const response = await client.post('/ca/enroll', {
        ...(await enrolment('ca')),
        request: readFileSync(path('own.csr'), 'utf8'),
        profile: 'timestamping',
      })
      const { certificateChain } = (await response.json()) as { certificateChain: string }
      const { publicKey } = parseCertificates(certificateChain)[0]!
      expect(openssl('pkey', '-in', key, '-pubout').said).toBe(formatPem('PUBLIC KEY', publicKey.spki))
    }))
})
