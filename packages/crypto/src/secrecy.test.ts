import { inspect } from 'node:util'
import { isZhichengError, secret, toBase64, toHex, utf8 } from '@zhicheng/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { callbackSigner } from './callback-signer.ts'
import { formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { prepareSignedData } from './cms-deferred.ts'
import { parseDer } from './der.ts'
import type { GeneratedKeyKind } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import { parsePem } from './pem.ts'
import { pemSigner } from './pem-signer.ts'
import { pkcs12Signer } from './pkcs12-signer.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { decryptSm2, encryptSm2 } from './sm2-encryption.ts'
import { decryptSm4, encryptSm4 } from './sm4.ts'
import { createTestAuthority } from './testing.ts'

const kinds: readonly GeneratedKeyKind[] = ['rsa-2048', 'ec-p256', 'sm2']
const password = 'marked-password-20261124'
const written: unknown[] = []

beforeEach(() => {
  written.length = 0
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...values) => void written.push(values))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Every way in which a value ends up in a log, a report or an error page. */
function shown(value: unknown): string {
  const options = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null, maxStringLength: null }
  const json = JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? String(member) : member))
  return [inspect(value, options), json, String(value)].join('\n')
}

/** Pieces of a key as hex, Base64 and numbers: whatever of it shows would hold one of them. */
function marks(pkcs8: Uint8Array): string[] {
  const key = parseDer(pkcs8).children[2]!.content
  const parts = parseDer(key).children.map(({ content }) => content)
  // Version, modulus and exponent of RSA are public; of EC the scalar is the second.
  const secrets = parts.length > 5 ? parts.slice(3, 6) : [parts[1]!]
  return secrets.flatMap((part) => {
    const middle = part.subarray(part.length - 20)
    const number = BigInt(`0x${toHex(part)}`)
    return [
      toHex(middle),
      toBase64(middle.subarray(0, 18)),
      [...middle].join(','),
      [...middle].join(', '),
      String(number),
    ]
  })
}

async function failure(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    expect(isZhichengError(error), String(error)).toBe(true)
    return error
  }
  throw new Error('Nothing failed.')
}

describe.each(kinds)('a key of the kind %s', (algorithm) => {
  it('shows in nothing that is printed, serialised or thrown', async () => {
    const authority = await createTestAuthority({ algorithm, name: '样例根' })
    const { privateKeyPem, certificateChain, ...own } = await authority.createSigner({
      commonName: '样例签章人',
      profile: 'document-signing',
    })
    const pkcs8 = parsePem(privateKeyPem)[0]!.bytes
    const wanted = marks(pkcs8)
    // The test can see a key where there is one.
    expect(wanted.some((mark) => shown(pkcs8).includes(mark))).toBe(true)
    expect(wanted.some((mark) => shown({ hex: toHex(pkcs8) }).includes(mark))).toBe(true)

    const privateKey = parsePrivateKey(privateKeyPem)
    const stranger = await createTestAuthority({ algorithm, name: '样例旁人' })
    const messageDigest = hash(algorithm === 'sm2' ? 'sm3' : 'sha256', utf8('样例'))
    const signer = pemSigner({ key: secret(privateKeyPem), certificateChain })
    const broken = callbackSigner({
      certificateChain,
      signMessage: async () => createSignature({ privateKey, message: utf8('another') }),
    })
    const values: unknown[] = [
      privateKey,
      signer,
      own,
      broken,
      prepareSignedData({ certificateChain, messageDigest }),
      await createSignedData({ signer, messageDigest }),
      await failure(() => pemSigner({ key: privateKeyPem, certificateChain: [stranger.certificate] })),
      await failure(() => broken.sign(utf8('message'))),
      await failure(() => parsePrivateKey(pkcs8.subarray(0, -3))),
      await failure(() => parsePrivateKey(privateKeyPem.replace('PRIVATE', 'PUBLIC'))),
      await failure(() => createSignature({ privateKey: { ...privateKey }, message: utf8('x') })),
      await failure(() => createSignature({ privateKey, message: utf8('x'), algorithm: 'ed25519' })),
      written,
    ]
    for (const [index, value] of values.entries()) {
      const text = shown(value)
      for (const mark of wanted) expect(text.includes(mark), `value ${index}`).toBe(false)
    }
  })
})

describe('keys of ciphers', () => {
  it('show in no error', async () => {
    const key = crypto.getRandomValues(new Uint8Array(16))
    const iv = new Uint8Array(12)
    const sealed = encryptSm4({ mode: 'gcm', key, iv }, utf8('marked-plaintext'))
    const { publicKey, ...rest } = parsePrivateKey(
      (await createTestAuthority({ algorithm: 'sm2', name: '样例' })).export().privateKeyPem,
    )
    const wrapped = encryptSm2({ publicKey: publicKey! }, key)
    const errors = [
      await failure(() => decryptSm4({ mode: 'gcm', key, iv }, sealed.with(0, sealed[0]! ^ 1))),
      await failure(() => decryptSm4({ mode: 'cbc', key, iv: new Uint8Array(16) }, sealed)),
      await failure(() => encryptSm4({ mode: 'gcm', key: key.subarray(1), iv }, sealed)),
      await failure(() => decryptSm2({ privateKey: { ...rest, publicKey: publicKey! } }, wrapped)),
    ]
    for (const text of [...errors, written].map(shown)) {
      expect(text).not.toContain(toHex(key))
      expect(text).not.toContain([...key].join(', '))
      expect(text).not.toContain('marked-plaintext')
    }
  })
})

describeWithOpenssl('passwords of files (skipped when openssl is missing)', () => {
  it('show in no error', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
      const key = file('key.pem', authority.export().privateKeyPem)
      const certificate = file('c.pem', formatCertificatePem(authority.certificate))
      const pass = `pass:${password}`
      openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, '-out', path('k.p12'), '-passout', pass)
      openssl('pkcs8', '-topk8', '-in', key, '-out', path('k.pem'), '-passout', pass)
      const wrong = `${password}-wrong`
      const errors = [
        await failure(() => pkcs12Signer({ file: read('k.p12'), password: wrong })),
        await failure(() => pkcs12Signer({ file: read('k.p12').subarray(0, 300), password })),
        await failure(() => parsePrivateKey(read('k.pem'), { password: secret(wrong) })),
        await failure(() => parsePrivateKey(read('k.pem'))),
      ]
      for (const text of [...errors, written].map(shown)) expect(text).not.toContain(password)
    }))
})
