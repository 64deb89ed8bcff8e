import {
  composePolicies,
  fetchTransport,
  fixedClock,
  type PlatformRequest,
  type Secret,
  type Send,
  secret,
  timeoutPolicy,
  utf8,
} from '@zhicheng/core'
import {
  type CscSigner,
  completeSignedData,
  createSignedData,
  cscSigner,
  type DigestToSign,
  formatPublicKeyPem,
  hash,
  type PreparedSignedDataState,
  parseCertificates,
  parseSignedData,
  prepareSignedData,
  processCscAuthorization,
  processCscCredential,
  processCscCredentials,
  processCscInfo,
  processCscSignatures,
  processCscToken,
  requestCscAuthorization,
  requestCscCredential,
  requestCscCredentials,
  requestCscInfo,
  requestCscSignatures,
  requestCscToken,
  type SignatureAlgorithm,
  verifySignature,
  verifySignedData,
} from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import type { SandboxOptions } from '../../create-sandbox.ts'
import type { DepartmentRegistration } from '../../registration.ts'
import { describeWithOpenssl, withBench } from '../../test-support/openssl.ts'
import { createSandboxClient, hostileBodies } from '../../test-support/sandbox-client.ts'

const origin = 'https://sandbox.test'
const content = utf8('样例行政许可决定书')
const digestOf = (algorithm: Parameters<typeof hash>[0]): Uint8Array => hash(algorithm, content)

type Papers = DepartmentRegistration['remoteSigning']

interface World {
  papers: Papers
  send: Send
  token: Secret<string>
  access: { baseUrl: string; accessToken: Secret<string> }
  fetch(request: Request): Promise<Response>
  /** A signer whose requests of one method carry the name of a fault. */
  signer(
    credential: keyof Papers['credentials'],
    more?: { algorithm?: SignatureAlgorithm; fault?: string; at?: string; pin?: string },
  ): Promise<CscSigner>
}

async function open(options: SandboxOptions = {}): Promise<World> {
  const { sandbox } = createSandboxClient({ origin, ...options })
  const { remoteSigning: papers } = await sandbox.registration()
  // As a network does, it rejects when the caller hangs up, whatever the service still says.
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const response = await sandbox.fetch(request)
    request.signal.throwIfAborted()
    return response
  }
  const send = fetchTransport({ fetch })
  const { baseUrl, clientId } = papers
  const clientSecret = secret(papers.clientSecret)
  const asked = requestCscToken({ baseUrl, clientId, clientSecret, grant: { type: 'client_credentials' } })
  const { accessToken: token } = processCscToken(await send(asked))
  return {
    papers,
    send,
    token,
    access: { baseUrl, accessToken: token },
    fetch: (request) => sandbox.fetch(request),
    signer: (credential, { algorithm, fault, at, pin = papers.pin } = {}) =>
      cscSigner({
        send: (request) =>
          send(
            fault && at && request.url.endsWith(at)
              ? { ...request, headers: { ...request.headers, 'x-sandbox-chaos': fault } }
              : request,
          ),
        baseUrl,
        accessToken: token,
        credentialId: papers.credentials[credential],
        pin: secret(pin),
        ...(algorithm ? { algorithm } : {}),
      }),
  }
}

const authorize = async ({ access, send, papers }: World, { value, algorithm }: DigestToSign, credentialId: string) =>
  processCscAuthorization(
    await send(
      requestCscAuthorization(access, {
        credentialId,
        hashes: [value],
        hashAlgorithm: algorithm,
        authData: { PIN: secret(papers.pin) },
      }),
    ),
  )

const signRequest = ({ access }: World, credentialId: string, sad: Secret<string>, digest: Uint8Array) =>
  requestCscSignatures(access, {
    credentialId,
    sad,
    hashes: [digest],
    hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
    signAlgo: '1.2.840.10045.4.3.2',
  })

describe('the remote signing service', () => {
  it('says what it is and which keys it keeps, marked as test keys', async () => {
    const { send, access, papers } = await open()
    const info = processCscInfo(await send(requestCscInfo(access)))
    expect(info).toMatchObject({ specs: '2.0.0.2', name: expect.stringContaining('测试专用') })
    expect(info.methods).toContain('signatures/signHash')
    const ids = processCscCredentials(await send(requestCscCredentials(access)))
    expect(ids).toEqual(Object.values(papers.credentials))
    for (const id of ids) {
      const { certificates, auth } = processCscCredential(await send(requestCscCredential(access, id)))
      expect(certificates).toHaveLength(2)
      expect(certificates[0]?.subject.text).toContain('测试专用')
      expect(auth).toEqual({ mode: 'explicit', objects: ['PIN'] })
    }
  })

  it.each([
    ['rsa', 'rsa-sha256'],
    ['rsa', 'rsa-sha512'],
    ['rsa', 'rsa-pss-sha256'],
    ['p256', 'ecdsa-p256-sha256'],
    ['sm2', 'sm2-sm3'],
  ] as const)('signs messages with the key %s and %s', async (credential, algorithm) => {
    const { signer: signerOf } = await open()
    const signer = await signerOf(credential, { algorithm })
    const digest = algorithm.split('-').at(-1) as 'sha256' | 'sha512' | 'sm3'
    const message = await createSignedData({ signer, messageDigest: digestOf(digest) })
    const result = await verifySignedData(parseSignedData(message), { messageDigest: digestOf })
    expect(result).toMatchObject({ status: 'valid', algorithm, findings: [], bindsCertificate: true })
  })

  it('signs many at once, and more than it allows at once in turns', async () => {
    const { signer: signerOf } = await open()
    const signer = await signerOf('p256')
    const messages = Array.from({ length: 23 }, (_, index) => utf8(`样例${index}`))
    const signatures = await signer.signMany(messages)
    expect(new Set(signatures.map((signature) => signature.join())).size).toBe(23)
  })

  it('gives leave once, for its digests, and to the key it was asked for', async () => {
    const clock = fixedClock(new Date())
    const world = await open({ clock })
    const { send, papers } = world
    const { p256, rsa } = papers.credentials
    const value = digestOf('sha256')
    const digest: DigestToSign = { signatureAlgorithm: 'ecdsa-p256-sha256', algorithm: 'sha256', value }
    const leave = async (): Promise<Secret<string>> => (await authorize(world, digest, p256)).sad
    const refused = {
      code: 'ERR_CSC_REFUSED',
      facts: { error: 'invalid_request', description: 'Invalid parameter SAD' },
    }
    const ask = async (id: string, sad: Secret<string>, bytes = value): Promise<Uint8Array[]> =>
      processCscSignatures(await send(signRequest(world, id, sad, bytes)), { count: 1 })

    const used = await leave()
    expect(await ask(p256, used)).toHaveLength(1)
    await expect(ask(p256, used)).rejects.toMatchObject(refused)
    await expect(ask(p256, await leave(), hash('sha256', utf8('另一份')))).rejects.toMatchObject(refused)
    await expect(ask(rsa, await leave())).rejects.toMatchObject(refused)
    await expect(ask(p256, secret('guessed'))).rejects.toMatchObject(refused)
    const old = await leave()
    clock.advance(301_000)
    await expect(ask(p256, old)).rejects.toMatchObject(refused)
  })

  it('asks for the PIN, the token and the client’s secret', async () => {
    const clock = fixedClock(new Date())
    const world = await open({ clock })
    const { send, papers, access, signer: signerOf } = world
    const { baseUrl, clientId } = papers
    const wrongPin = await signerOf('p256', { pin: '00000' })
    await expect(wrongPin.sign(content)).rejects.toMatchObject({
      code: 'ERR_CSC_REFUSED',
      outcome: 'refused',
      facts: { error: 'invalid_pin' },
    })
    const clientSecret = secret('guessed')
    const grant = { type: 'client_credentials' } as const
    const guessed = await send(requestCscToken({ baseUrl, clientId, clientSecret, grant }))
    expect(() => processCscToken(guessed)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ status: 401, error: 'invalid_client' }) }),
    )
    for (const accessToken of [secret('guessed'), undefined]) {
      const answer = await send(requestCscCredentials({ baseUrl, ...(accessToken ? { accessToken } : {}) }))
      expect(() => processCscCredentials(answer)).toThrow(
        expect.objectContaining({ facts: expect.objectContaining({ status: 401, error: 'invalid_token' }) }),
      )
    }
    clock.advance(3_601_000)
    expect((await send(requestCscCredentials(access))).status).toBe(401)
  })

  it('renews tokens, each refresh token once', async () => {
    const { send, papers } = await open()
    const client = { baseUrl: papers.baseUrl, clientId: papers.clientId, clientSecret: secret(papers.clientSecret) }
    const first = processCscToken(await send(requestCscToken({ ...client, grant: { type: 'client_credentials' } })))
    const renewal = requestCscToken({ ...client, grant: { type: 'refresh_token', refreshToken: first.refreshToken! } })
    const { accessToken } = processCscToken(await send(renewal))
    expect((await send(requestCscCredentials({ baseUrl: papers.baseUrl, accessToken }))).status).toBe(200)
    expect((await send(renewal)).status).toBe(400)
    const code = { type: 'authorization_code', code: secret('c'), redirectUri: 'https://x.example' } as const
    const other = await send(requestCscToken({ ...client, grant: code }))
    expect(() => processCscToken(other)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ error: 'unsupported_grant_type' }) }),
    )
  })

  it('refuses what it cannot read in the words of the protocol', async () => {
    const { fetch, papers, token } = await open()
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token.reveal()}` }
    const duplicate = 'a key that stands twice'
    for (const method of ['credentials/info', 'credentials/authorize', 'signatures/signHash']) {
      for (const [name, body, status] of hostileBodies.filter(([each]) => each !== duplicate)) {
        const request = new Request(`${papers.baseUrl}/${method}`, { method: 'POST', headers, body: body as BodyInit })
        const response = await fetch(request)
        expect([method, name, response.status]).toEqual([method, name, status])
        expect(await response.json()).toMatchObject({ error: 'invalid_request', error_description: expect.any(String) })
      }
    }
    for (const path of ['/credentials/none', '/constructor', '']) {
      const request = new Request(papers.baseUrl + path, { method: 'POST', headers, body: '{}' })
      expect((await fetch(request)).status).toBe(404)
    }
    expect((await fetch(new Request(`${papers.baseUrl}/info`))).status).toBe(404)
  })

  it('does not sign with an algorithm or for a key it does not have', async () => {
    const world = await open()
    const { send, papers, access } = world
    const digest: DigestToSign = {
      signatureAlgorithm: 'ecdsa-p256-sha256',
      algorithm: 'sha256',
      value: digestOf('sha256'),
    }
    const { sad } = await authorize(world, digest, papers.credentials.rsa)
    const answer = await send(signRequest(world, papers.credentials.rsa, sad, digest.value))
    expect(() => processCscSignatures(answer, { count: 1 })).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ description: 'Invalid parameter signAlgo' }) }),
    )
    const unknown = await send(requestCscCredential(access, 'none'))
    expect(() => processCscCredential(unknown)).toThrow(expect.objectContaining({ code: 'ERR_CSC_REFUSED' }))
  })
})

describe('its misbehaviour, as a signer sees it', () => {
  it.each<[string, string, object]>([
    ['csc-wrong-signature', 'signHash', { code: 'ERR_CRYPTO_SIGNATURE_INVALID' }],
    ['csc-sad-expired', 'signHash', { code: 'ERR_CSC_REFUSED', outcome: 'refused' }],
    ['csc-few-signatures', 'signHash', { code: 'ERR_CSC_INVALID', outcome: 'unknown' }],
    ['csc-garbage', 'signHash', { code: 'ERR_CSC_INVALID', outcome: 'unknown' }],
    ['csc-answer-500', 'signHash', { code: 'ERR_CSC_INVALID', outcome: 'unknown' }],
    ['csc-token-expired', 'authorize', { code: 'ERR_CSC_REFUSED', facts: { error: 'invalid_token' } }],
  ])('%s at %s', async (fault, at, expected) => {
    const { signer: signerOf } = await open()
    const signer = await signerOf('p256', { fault, at })
    await expect(signer.sign(content)).rejects.toMatchObject(expected)
  })

  it('csc-disabled', async () => {
    const { signer: signerOf } = await open()
    await expect(signerOf('p256', { fault: 'csc-disabled', at: 'info' })).rejects.toMatchObject({
      code: 'ERR_CSC_REFUSED',
    })
  })

  it('csc-slow: nobody knows whether it signed', async () => {
    const { send, papers, token } = await open()
    const slow = (request: PlatformRequest): PlatformRequest =>
      request.url.endsWith('signHash')
        ? { ...request, headers: { ...request.headers, 'x-sandbox-chaos': 'csc-slow' } }
        : request
    const signer = await cscSigner({
      send: composePolicies([timeoutPolicy(300)], (request) => send(slow(request))),
      baseUrl: papers.baseUrl,
      accessToken: token,
      credentialId: papers.credentials.p256,
      pin: secret(papers.pin),
    })
    await expect(signer.sign(content)).rejects.toMatchObject({ code: 'ERR_TIMEOUT', outcome: 'unknown' })
  })
})

/** A signed message of which the service saw the digest alone. */
async function inTwoHalves(world: World, credential: 'p256' | 'sm2'): Promise<Uint8Array> {
  const { send, access, papers } = world
  const credentialId = papers.credentials[credential]
  const { certificates } = processCscCredential(await send(requestCscCredential(access, credentialId)))
  const messageDigest = digestOf(credential === 'sm2' ? 'sm3' : 'sha256')
  const { digest, state } = prepareSignedData({ certificateChain: certificates, messageDigest })
  const kept = JSON.stringify(state)
  const { sad } = await authorize(world, digest, credentialId)
  const asked = requestCscSignatures(access, {
    credentialId,
    sad,
    hashes: [digest.value],
    ...(credential === 'sm2'
      ? { hashAlgorithmOID: '1.2.156.10197.1.401', signAlgo: '1.2.156.10197.1.501' }
      : { hashAlgorithmOID: '2.16.840.1.101.3.4.2.1', signAlgo: '1.2.840.10045.4.3.2' }),
  })
  const [signature] = processCscSignatures(await send(asked), { count: 1 })
  return completeSignedData(JSON.parse(kept) as PreparedSignedDataState, signature!)
}

describe('a message in two halves, signed by the service', () => {
  it.each(['p256', 'sm2'] as const)('is verified: %s', async (credential) => {
    const message = await inTwoHalves(await open(), credential)
    const result = await verifySignedData(parseSignedData(message), { messageDigest: digestOf })
    expect(result).toMatchObject({ status: 'valid', findings: [] })
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  const signed = (credential: 'rsa' | 'p256') => async (world: World) =>
    createSignedData({ signer: await world.signer(credential), messageDigest: digestOf('sha256') })

  it.each<[string, (world: World) => Promise<Uint8Array>]>([
    ['rsa', signed('rsa')],
    ['p256', signed('p256')],
    ['p256 in two halves', (world) => inTwoHalves(world, 'p256')],
  ])('messages signed by the service pass cms -verify: %s', (_, make) =>
    withBench(async ({ file, openssl }) => {
      const world = await open()
      const message = await make(world)
      const root = file('root.pem', await (await world.fetch(new Request(`${origin}/ca/ca.pem`))).text())
      const verify = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', file('message.der', message)]
      const trust = ['-CAfile', root, '-purpose', 'any', '-cades']
      expect(openssl(...verify, '-content', file('content', content), ...trust)).toMatchObject({ good: true })
      expect(openssl(...verify, '-content', file('other', utf8('另一份')), ...trust)).toMatchObject({ good: false })
    }),
  )

  it('SM2 signatures of the service pass dgst -verify', () =>
    withBench(async ({ file, openssl }) => {
      const { signer: signerOf, fetch } = await open()
      const signer = await signerOf('sm2')
      const [leaf] = signer.certificateChain
      const signature = await signer.sign(content)
      const [root] = parseCertificates(await (await fetch(new Request(`${origin}/ca/sm2-ca.pem`))).text())
      const input = { algorithm: 'sm2-sm3', publicKey: root!.publicKey } as const
      expect(await verifySignature({ ...input, message: leaf.tbs, signature: leaf.signature })).toBe(true)
      const key = file('key.pem', formatPublicKeyPem(leaf.publicKey))
      const verify = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key]
      const said = openssl(...verify, '-signature', file('signature', signature), file('content', content))
      expect(said).toEqual({ good: true, said: expect.stringContaining('Verified OK') })
    }))
})
