import { fromUtf8, type PlatformResponse, secret, toBase64, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import {
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
} from './csc.ts'
import { createTestAuthority } from './testing.ts'

const access = { baseUrl: 'https://rssp.example/csc/v2/', accessToken: secret('4/CKN69L8gdSYp5_pwH3XlFQZ3ndFhkXf9P2') }

const answer = (value: unknown, status = 200): PlatformResponse => ({
  status,
  headers: new Headers(),
  body: utf8(typeof value === 'string' ? value : JSON.stringify(value)),
})

let certificate = ''

beforeAll(async () => {
  const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
  certificate = toBase64(authority.certificate.der)
})

/** An answer to credentials/info as services of version 2 write it. */
const credential = () => ({
  description: 'Remote signing key',
  key: { status: 'enabled', algo: ['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.10'], len: 2048 },
  cert: { status: 'valid', certificates: [certificate], issuerDN: 'CN=x', serialNumber: '5AAC41CD8FA22B953640' },
  auth: {
    mode: 'explicit',
    expression: 'PIN AND OTP',
    objects: [
      { type: 'Password', id: 'PIN', format: 'N', label: 'PIN', description: 'Please enter the signature PIN' },
      { type: 'Password', id: 'OTP', format: 'N', generator: 'totp', label: 'OTP' },
    ],
  },
  SCAL: '2',
  multisign: 5,
  lang: 'en-US',
})

describe('requests of the CSC API v2', () => {
  const json = ({ body }: { body?: Uint8Array }): unknown => JSON.parse(fromUtf8(body!))

  it('carry the token, and the fields by their names', () => {
    const authorization = requestCscAuthorization(access, {
      credentialId: 'GX0112348',
      hashes: [new Uint8Array(32), new Uint8Array(32).fill(255)],
      hashAlgorithm: 'sha256',
      authData: { PIN: secret('123456') },
    })
    expect(authorization).toMatchObject({
      method: 'POST',
      url: 'https://rssp.example/csc/v2/credentials/authorize',
      headers: {
        authorization: 'Bearer 4/CKN69L8gdSYp5_pwH3XlFQZ3ndFhkXf9P2',
        'content-type': 'application/json',
      },
      idempotent: false,
    })
    expect(json(authorization)).toEqual({
      credentialID: 'GX0112348',
      numSignatures: 2,
      hashes: [`${'A'.repeat(43)}=`, `${'/'.repeat(42)}8=`],
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      authData: [{ id: 'PIN', value: '123456' }],
    })
    const signing = requestCscSignatures(access, {
      credentialId: 'GX0112348',
      sad: secret('_TiHRG-bAH3XlFQZ3ndFhkXf9P24'),
      hashes: [new Uint8Array(32)],
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      signAlgo: '1.2.840.113549.1.1.1',
    })
    expect(signing).toMatchObject({ url: 'https://rssp.example/csc/v2/signatures/signHash', idempotent: false })
    expect(json(signing)).toEqual({
      credentialID: 'GX0112348',
      SAD: '_TiHRG-bAH3XlFQZ3ndFhkXf9P24',
      hashes: [`${'A'.repeat(43)}=`],
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      signAlgo: '1.2.840.113549.1.1.1',
    })
    expect(json(requestCscCredential(access, 'GX0112348'))).toMatchObject({
      credentialID: 'GX0112348',
      certificates: 'chain',
    })
    expect(requestCscCredentials(access).url).toBe('https://rssp.example/csc/v2/credentials/list')
    expect(requestCscInfo({ baseUrl: access.baseUrl }).headers).not.toHaveProperty('authorization')
  })

  it('ask for tokens with a form, by client, code and refresh token', () => {
    const client = { baseUrl: access.baseUrl, clientId: 'window', clientSecret: secret('s&=') }
    const form = (grant: Parameters<typeof requestCscToken>[0]['grant']): object =>
      Object.fromEntries(new URLSearchParams(fromUtf8(requestCscToken({ ...client, grant }).body!)))
    expect(form({ type: 'client_credentials' })).toEqual({
      grant_type: 'client_credentials',
      client_id: 'window',
      client_secret: 's&=',
    })
    const redirectUri = 'https://window.example/callback'
    expect(
      form({ type: 'authorization_code', code: secret('c'), redirectUri, codeVerifier: secret('v') }),
    ).toMatchObject({ code: 'c', redirect_uri: redirectUri, code_verifier: 'v' })
    expect(form({ type: 'refresh_token', refreshToken: secret('r') })).toMatchObject({ refresh_token: 'r' })
  })

  it.each([
    'http://rssp.example/csc/v2',
    'https://rssp.example/csc/v2?tenant=1',
    'https://user:word@rssp.example/csc/v2',
    'ftp://rssp.example',
    'rssp.example/csc/v2',
    '',
  ])('go nowhere but to https or to this machine: %j', (baseUrl) => {
    expect(() => requestCscInfo({ baseUrl })).toThrow(expect.objectContaining({ code: 'ERR_CSC_INVALID' }))
    expect(requestCscInfo({ baseUrl: 'http://127.0.0.1:4600/csc' }).url).toBe('http://127.0.0.1:4600/csc/info')
  })
})

describe('answers of the CSC API v2', () => {
  it('are read', () => {
    expect(
      processCscInfo(
        answer({
          specs: '2.0.0.2',
          name: 'ACME Trust Services',
          logo: 'https://service.domain.org/images/logo.png',
          region: 'IT',
          lang: 'en-US',
          authType: ['basic', 'oauth2code'],
          oauth2: 'https://www.domain.org/',
          methods: ['oauth2/authorize', 'signatures/signHash'],
        }),
      ),
    ).toEqual({
      specs: '2.0.0.2',
      name: 'ACME Trust Services',
      authTypes: ['basic', 'oauth2code'],
      methods: ['oauth2/authorize', 'signatures/signHash'],
      oauth2: 'https://www.domain.org/',
    })
    expect(processCscCredentials(answer({ credentialIDs: ['GX0112348', 'HX0224685'], onlyValid: false }))).toEqual([
      'GX0112348',
      'HX0224685',
    ])
    expect(processCscCredential(answer(credential()))).toMatchObject({
      keyStatus: 'enabled',
      certificateStatus: 'valid',
      auth: { mode: 'explicit', objects: ['PIN', 'OTP'] },
      multisign: 5,
    })
    const { sad, expiresIn } = processCscAuthorization(answer({ SAD: '_TiHRG-bAH3XlFQZ3ndFhkXf9P24' }))
    expect([sad.reveal(), expiresIn]).toEqual(['_TiHRG-bAH3XlFQZ3ndFhkXf9P24', 3600])
    const token = processCscToken(answer({ access_token: 'a', token_type: 'Bearer', expires_in: 60 }))
    expect([token.accessToken.reveal(), token.expiresIn, JSON.stringify(token)]).toEqual([
      'a',
      60,
      '{"accessToken":"[secret]","expiresIn":60}',
    ])
    expect(processCscSignatures(answer({ signatures: ['AAAA'] }), { count: 1 })).toEqual([new Uint8Array(3)])
  })

  it('that refuse say why, bounded and clean, and that the other side said no', () => {
    const refusal = answer({ error: 'invalid_pin\n', error_description: `\u001b[31m口令错误${'长'.repeat(900)}` }, 400)
    let thrown: unknown
    try {
      processCscAuthorization(refusal)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'ERR_CSC_REFUSED', outcome: 'refused', retryable: false })
    const { facts, message } = thrown as { facts: Record<string, string>; message: string }
    expect(facts).toMatchObject({ status: 400, error: 'invalid_pin' })
    expect(facts['description']).toHaveLength(200)
    expect(message).not.toMatch(/\p{C}/u)
    expect(() => processCscAuthorization(answer({ error: 'temporarily_unavailable' }, 503))).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_REFUSED', retryable: true }),
    )
  })

  it.each<[string, PlatformResponse]>([
    ['a gateway’s page', answer('<html>Bad Gateway</html>', 502)],
    ['a redirect', answer('', 302)],
    ['an error without a name', answer({ message: 'no' }, 400)],
    ['a page in place of JSON', answer('<html>')],
    ['a list', answer([])],
    ['nothing', answer('')],
    ['null', answer('null')],
    ['no SAD', answer({})],
    ['a SAD that is inherited', answer('{"__proto__":{"SAD":"x"}}')],
    ['a number as SAD', answer({ SAD: 5 })],
    ['an endless SAD', answer({ SAD: 'x'.repeat(20_000) })],
    ['a time that is none', answer({ SAD: 'x', expiresIn: -1 })],
    ['megabytes', answer({ SAD: 'x', more: 'x'.repeat(1_100_000) })],
    ['a hundred thousand levels', answer(`{"SAD":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
    ['bytes that are no text', { status: 200, headers: new Headers(), body: Uint8Array.of(0x7b, 0xff, 0x7d) }],
  ])('that break the protocol leave unknown what happened: %s', (_, response) => {
    expect(() => processCscAuthorization(response)).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_INVALID', outcome: 'unknown' }),
    )
  })

  it('never quote what they held', () => {
    const text = '{"SAD":"geheim-token'
    try {
      processCscAuthorization(answer(text))
      expect.unreachable()
    } catch (error) {
      expect(`${(error as Error).stack} ${JSON.stringify(error)} ${String((error as Error).cause)}`).not.toContain(
        'geheim',
      )
    }
  })

  it.each<[string, (value: ReturnType<typeof credential>) => unknown]>([
    ['no key', ({ key: _, ...rest }) => rest],
    ['an unknown status', (value) => ({ ...value, key: { ...value.key, status: 'maybe' } })],
    ['algorithms that are no texts', (value) => ({ ...value, key: { ...value.key, algo: [7] } })],
    ['a broken certificate', (value) => ({ ...value, cert: { certificates: ['AAAA'] } })],
    ['no Base64', (value) => ({ ...value, cert: { certificates: ['%'] } })],
    ['too many certificates', (value) => ({ ...value, cert: { certificates: new Array(17).fill(certificate) } })],
    [
      'too many objects',
      (value) => ({ ...value, auth: { mode: 'explicit', objects: new Array(17).fill({ id: 'x' }) } }),
    ],
    ['no signatures at all', (value) => ({ ...value, multisign: 0 })],
    ['half a signature', (value) => ({ ...value, multisign: 1.5 })],
  ])('about a credential are refused: %s', (_, change) => {
    expect(() => processCscCredential(answer(change(credential())))).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_INVALID' }),
    )
  })

  it('hold as many signatures as were asked for, and tokens of the right type', () => {
    for (const signatures of [[], ['AAAA', 'AAAA', 'AAAA'], ['%', 'AAAA'], 'AAAA', ['A'.repeat(5000), 'AAAA']]) {
      expect(() => processCscSignatures(answer({ signatures }), { count: 2 })).toThrow(
        expect.objectContaining({ code: 'ERR_CSC_INVALID' }),
      )
    }
    expect(() => processCscToken(answer({ access_token: 'a', token_type: 'mac' }))).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_INVALID' }),
    )
  })
})
