import { generateKeyPairSync } from 'node:crypto'
import {
  fromBase64,
  fromUtf8,
  type PlatformRequest,
  type PlatformResponse,
  secret,
  toBase64,
  utf8,
  ZhichengError,
} from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Certificate } from './certificate.ts'
import { type CscSignerOptions, cscSigner } from './csc-signer.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import { createTestAuthority, createTestDigestSigner, type DigestSigner } from './testing.ts'

const message = utf8('样例行政许可决定书')

interface Key {
  chain: readonly Certificate[]
  sign: DigestSigner
  algo: string[]
}
const keys = {} as Record<'rsa' | 'p256' | 'sm2', Key>

beforeAll(async () => {
  const kinds = {
    rsa: ['rsa-2048', ['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10']],
    p256: ['ec-p256', ['1.2.840.10045.4.3.2']],
    sm2: ['sm2', ['1.2.156.10197.1.501']],
  } as const
  for (const [name, [algorithm, algo]] of Object.entries(kinds)) {
    const authority = await createTestAuthority({ algorithm, name: '样例根' })
    const made = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    keys[name as keyof typeof kinds] = {
      chain: made.certificateChain,
      sign: createTestDigestSigner(made.privateKeyPem),
      algo: [...algo],
    }
  }
})

type Fields = Record<string, unknown>

/** A service that is written by hand, without the half this package has of one. */
function service(name: keyof typeof keys, change: (method: string, fields: Fields) => Fields = (_, fields) => fields) {
  const { chain, sign, algo } = keys[name]
  const algorithms: Record<string, SignatureAlgorithm> = {
    '1.2.840.113549.1.1.1': 'rsa-sha256',
    '1.2.840.113549.1.1.10': 'rsa-pss-sha256',
    '1.2.840.10045.4.3.2': 'ecdsa-p256-sha256',
    '1.2.156.10197.1.501': 'sm2-sm3',
  }
  const calls: { method: string; body: Fields; authorization: string | undefined }[] = []
  const send = async (request: PlatformRequest): Promise<PlatformResponse> => {
    const method = request.url.slice('https://rssp.example/csc/v2/'.length)
    const body = JSON.parse(fromUtf8(request.body!)) as Fields & { hashes: string[]; signAlgo: string }
    calls.push({ method, body, authorization: request.headers['authorization'] })
    const answers: Record<string, () => Fields> = {
      'credentials/info': () => ({
        key: { status: 'enabled', algo, len: 256 },
        cert: { status: 'valid', certificates: chain.map(({ der }) => toBase64(der)) },
        auth: { mode: 'explicit', objects: [{ type: 'Password', id: 'PIN' }] },
        multisign: 3,
      }),
      'credentials/authorize': () => ({ SAD: `sad-${calls.length}`, expiresIn: 60 }),
      'signatures/signHash': () => ({
        signatures: body.hashes.map((text) => {
          const hash = fromBase64(text)
          const named = algorithms[body.signAlgo]!
          const algorithm = named === 'rsa-pss-sha256' && hash.length === 64 ? 'rsa-pss-sha512' : named
          return toBase64(sign(algorithm, hash))
        }),
      }),
    }
    return { status: 200, headers: new Headers(), body: utf8(JSON.stringify(change(method, answers[method]!()))) }
  }
  const open = (more: Partial<CscSignerOptions> = {}) =>
    cscSigner({
      send,
      baseUrl: 'https://rssp.example/csc/v2',
      accessToken: secret('token'),
      credentialId: 'seal',
      pin: secret('123456'),
      ...more,
    })
  return { open, calls, send }
}

describe('cscSigner', () => {
  it.each([
    ['rsa', undefined, '1.2.840.113549.1.1.1'],
    ['rsa', 'rsa-pss-sha256', '1.2.840.113549.1.1.10'],
    ['rsa', 'rsa-pss-sha512', '1.2.840.113549.1.1.10'],
    ['p256', undefined, '1.2.840.10045.4.3.2'],
    ['sm2', undefined, '1.2.156.10197.1.501'],
  ] as const)('has digests signed by %s with %s', async (name, algorithm, signAlgo) => {
    const { open, calls } = service(name)
    const signer = await open(algorithm ? { algorithm } : {})
    expect(signer.certificateChain).toEqual(keys[name].chain)
    const signature = await signer.sign(message)
    const { publicKey } = signer.certificateChain[0]
    await expect(verifySignature({ algorithm: signer.algorithm, publicKey, message, signature })).resolves.toBe(true)
    expect(calls.map(({ method }) => method)).toEqual([
      'credentials/info',
      'credentials/authorize',
      'signatures/signHash',
    ])
    expect(calls[1]!.body).toMatchObject({ numSignatures: 1, authData: [{ id: 'PIN', value: '123456' }] })
    expect(calls[2]!.body).toMatchObject({ SAD: 'sad-2', signAlgo, hashes: calls[1]!.body['hashes'] })
    expect(calls[2]!.body['signAlgoParams'] !== undefined).toBe(algorithm?.startsWith('rsa-pss-') === true)
    expect(new Set(calls.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer token']))
    expect(JSON.stringify(calls)).not.toContain(toBase64(message))
  })

  it('signs many with as few authorisations as the credential allows', async () => {
    const { open, calls } = service('p256')
    const signer = await open()
    const messages = Array.from({ length: 7 }, (_, index) => utf8(`样例${index}`))
    const signatures = await signer.signMany(messages)
    const { publicKey } = signer.certificateChain[0]
    for (const [index, signature] of signatures.entries()) {
      const input = { algorithm: signer.algorithm, publicKey, message: messages[index]!, signature }
      await expect(verifySignature(input)).resolves.toBe(true)
    }
    const asked = calls.filter(({ method }) => method === 'credentials/authorize')
    expect(asked.map(({ body }) => body['numSignatures'])).toEqual([3, 3, 1])
    expect(await signer.signMany([])).toEqual([])
  })

  it('asks anew for one-time passwords and tokens', async () => {
    const { open, calls } = service('p256', (method, fields) =>
      method === 'credentials/info'
        ? { ...fields, auth: { mode: 'explicit', objects: [{ id: 'PIN' }, { id: 'OTP' }] } }
        : fields,
    )
    let count = 0
    const signer = await open({
      otp: async () => {
        count += 1
        return secret(`otp-${count}`)
      },
      accessToken: async () => secret('fresh'),
    })
    await signer.sign(message)
    await signer.sign(message)
    const given = calls.filter(({ method }) => method === 'credentials/authorize').map(({ body }) => body['authData'])
    expect(given).toEqual(
      ['otp-1', 'otp-2'].map((value) => [
        { id: 'PIN', value: '123456' },
        { id: 'OTP', value },
      ]),
    )
    expect(calls.every(({ authorization }) => authorization === 'Bearer fresh')).toBe(true)
  })

  it.each<[string, (method: string, fields: Fields) => Fields]>([
    [
      'another message',
      (method, fields) =>
        method === 'signatures/signHash'
          ? { signatures: [toBase64(keys.p256.sign('ecdsa-p256-sha256', new Uint8Array(32)))] }
          : fields,
    ],
    ['nothing', (method, fields) => (method === 'signatures/signHash' ? { signatures: ['AAAA'] } : fields)],
  ])('lets no signature over %s out', async (_, change) => {
    const signer = await service('p256', change).open()
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
  })

  it('notices when signatures of a group are swapped', async () => {
    const signer = await service('p256', (method, fields) =>
      method === 'signatures/signHash' ? { signatures: (fields['signatures'] as string[]).reverse() } : fields,
    ).open()
    await expect(signer.signMany([message, utf8('另一份')])).rejects.toMatchObject({
      code: 'ERR_CRYPTO_SIGNATURE_INVALID',
    })
  })

  it.each<[string, (info: Fields) => Fields, string]>([
    ['a disabled key', (info) => ({ ...info, key: { status: 'disabled', algo: keys.p256.algo } }), 'ERR_CSC_REFUSED'],
    [
      'a revoked certificate',
      (info) => ({ ...info, cert: { ...(info['cert'] as Fields), status: 'revoked' } }),
      'ERR_CSC_REFUSED',
    ],
    ['no certificate', (info) => ({ ...info, cert: { status: 'valid', certificates: [] } }), 'ERR_CSC_INVALID'],
    [
      'a key that does not offer the algorithm',
      (info) => ({ ...info, key: { status: 'enabled', algo: ['1.2.840.113549.1.1.11'] } }),
      'ERR_CRYPTO_UNSUPPORTED',
    ],
    ['authorisation in a browser', (info) => ({ ...info, auth: { mode: 'oauth2code' } }), 'ERR_CRYPTO_UNSUPPORTED'],
    [
      'a question nobody can answer',
      (info) => ({ ...info, auth: { mode: 'explicit', objects: [{ id: 'constructor' }] } }),
      'ERR_CRYPTO_PASSWORD_REQUIRED',
    ],
  ])('refuses a credential with %s', async (_, change, code) => {
    const { open } = service('p256', (method, fields) => (method === 'credentials/info' ? change(fields) : fields))
    await expect(open()).rejects.toMatchObject({ code })
  })

  it('does not take Ed25519, nor a weak key', async () => {
    const edwards = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' })
    const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    for (const [spki, code] of [
      [edwards, 'ERR_SIGNER_NO_DIGEST'],
      [weak, 'ERR_CRYPTO_KEY_WEAK'],
    ] as const) {
      const publicKey = parsePublicKey(new Uint8Array(spki))
      const { der } = await authority.issue({ publicKey, commonName: '样例', profile: 'document-signing' })
      const { open } = service('p256', (method, fields) =>
        method === 'credentials/info' ? { ...fields, cert: { certificates: [toBase64(der)] } } : fields,
      )
      await expect(open()).rejects.toMatchObject({ code })
    }
  })

  it('says that nobody knows what happened when the transport fails after sending', async () => {
    const { send } = service('p256')
    const failures: [unknown, object][] = [
      [new TypeError('socket hang up'), { code: 'ERR_SIGNER_FAILED', outcome: 'unknown' }],
      [
        new ZhichengError('ERR_NETWORK', 'no answer', { outcome: 'unknown' }),
        { code: 'ERR_NETWORK', outcome: 'unknown' },
      ],
      [new ZhichengError('ERR_BODY_TOO_LARGE', 'large'), { code: 'ERR_SIGNER_FAILED', outcome: 'unknown' }],
    ]
    for (const [failure, expected] of failures) {
      const { open } = service('p256')
      const signer = await open({
        send: (request) => (request.url.endsWith('signHash') ? Promise.reject(failure) : send(request)),
      })
      await expect(signer.sign(message)).rejects.toMatchObject(expected)
    }
  })

  it('is called off between its steps and during them', async () => {
    const { send } = service('p256')
    const { open } = service('p256')
    const controller = new AbortController()
    const signer = await open({
      send: async (request) => {
        const response = await send(request)
        if (request.url.endsWith('authorize')) controller.abort(new Error('用户取消'))
        return response
      },
    })
    await expect(signer.sign(message, { signal: controller.signal })).rejects.toThrow('用户取消')
    await expect(signer.sign(message, { signal: controller.signal })).rejects.toThrow('用户取消')
    const later = new AbortController()
    const reason = new Error('超时')
    const hanging = await open({
      send(request) {
        if (request.url.endsWith('info')) return send(request)
        return new Promise((_, reject) => {
          request.signal?.addEventListener('abort', () => reject(new Error('aborted')))
          later.abort(reason)
        })
      },
    })
    await expect(hanging.sign(message, { signal: later.signal })).rejects.toBe(reason)
    await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
