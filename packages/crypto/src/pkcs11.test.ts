import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { inspect } from 'node:util'
import { fromHex, secret, utf8 } from '@zhicheng/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSoftHsm, describeWithSoftHsm, softHsmModule as module, type SoftHsm } from '../test/softhsm.ts'
import { withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { hash } from './hash.ts'
import { type Pkcs11Signer, type Pkcs11SignerOptions, pkcs11Signer } from './pkcs11.ts'
import { formatPublicKeyPem, type PublicKey, parsePublicKey } from './public-key.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const content = utf8('样例行政许可决定书')
const pin = '61235498'

describe('pkcs11Signer without a device', () => {
  afterEach(() => {
    vi.doUnmock('koffi')
    vi.resetModules()
  })

  it('says what to install when koffi is missing', async () => {
    vi.resetModules()
    vi.doMock('koffi', () => {
      throw new Error('Cannot find package')
    })
    const { pkcs11Signer: fresh } = await import('./pkcs11.ts')
    await expect(fresh({ module: '/nowhere.so' })).rejects.toMatchObject({
      code: 'ERR_PKCS11_UNAVAILABLE',
      message: expect.stringContaining('npm install koffi'),
    })
  })

  it.each(['/nowhere/libnone.so', process.platform === 'linux' ? 'libm.so.6' : '/nowhere/libm.so'])(
    'refuses %s, which is no PKCS#11 library',
    async (path) => {
      await expect(pkcs11Signer({ module: path })).rejects.toMatchObject({ code: 'ERR_PKCS11_UNAVAILABLE' })
    },
  )
})

describeWithSoftHsm('pkcs11Signer with SoftHSM (skipped when softhsm2 or opensc is missing)', () => {
  let hsm: SoftHsm
  let authority: TestAuthority
  const certificates = {} as Record<string, Certificate>
  const open = new Set<Pkcs11Signer>()

  async function signerOf(options: Partial<Pkcs11SignerOptions> = {}): Promise<Pkcs11Signer> {
    const signer = await pkcs11Signer({ module, token: 'seal', pin: secret(pin), ...options })
    open.add(signer)
    return signer
  }

  const issue = (label: string, publicKey: PublicKey): Promise<Certificate> =>
    authority.issue({ publicKey, commonName: `样例 ${label}`, profile: 'document-signing' })

  async function importPair(label: string, id: string, pair: KeyPairKeyObjectResult, withCertificate = true) {
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    hsm.importKey('seal', pin, { label, id, pem })
    const issued = await issue(label, parsePublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()))
    certificates[label] = issued
    if (withCertificate) hsm.importCertificate('seal', pin, { id, der: issued.der })
  }

  beforeAll(async () => {
    hsm = createSoftHsm()
    hsm.createToken('seal', pin)
    hsm.createToken('second', '11112222')
    authority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
    const p256 = { namedCurve: 'P-256' }
    await importPair('rsa', 'a1', generateKeyPairSync('rsa', { modulusLength: 2048 }))
    await importPair('p256', 'a2', generateKeyPairSync('ec', p256))
    await importPair('p384', 'a3', generateKeyPairSync('ec', { namedCurve: 'P-384' }))
    await importPair('bare', 'a4', generateKeyPairSync('ec', p256), false)
    await importPair('ed25519', 'a5', generateKeyPairSync('ed25519'))
    hsm.importCertificate('seal', pin, { id: 'ff', der: authority.certificate.der })
    hsm.tool('seal', pin, '--delete-object', '--type', 'pubkey', '--id', 'a4')
    const always = ['--label', 'always', '--id', 'a6', '--always-auth']
    hsm.tool('seal', pin, '--keypairgen', '--key-type', 'EC:prime256v1', ...always)
    const point = hsm.tool('seal', pin, '--read-object', '--type', 'pubkey', '--id', 'a6')
    certificates['always'] = await issue('always', parsePublicKey(point))
  })

  afterEach(async () => {
    await Promise.all([...open].map((signer) => signer.close()))
    open.clear()
  })

  afterAll(() => hsm?.remove())

  it.each([
    ['rsa', undefined, []],
    ['rsa', 'rsa-sha512', []],
    ['rsa', 'rsa-pss-sha256', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']],
    ['rsa', 'rsa-pss-sha512', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:64']],
    ['p256', undefined, []],
    ['p384', undefined, []],
  ] as const)('signs with the key %s and %s, and openssl agrees', (keyLabel, algorithm, more) =>
    withWorkbench(async ({ file, openssl }) => {
      const signer = await signerOf({ keyLabel, ...(algorithm ? { algorithm } : {}) })
      expect(signer.certificateChain).toEqual([certificates[keyLabel], authority.certificate])
      const signature = file('signature', await signer.sign(content))
      const key = file('key.pem', formatPublicKeyPem(signer.certificateChain[0].publicKey))
      const digest = `-${signer.algorithm.split('-').at(-1)}`
      const verify = ['dgst', digest, '-verify', key, ...more, '-signature', signature]
      expect(openssl(...verify, file('content', content))).toContain('Verified OK')
      expect(() => openssl(...verify, file('other', utf8('另一份')))).toThrow()
    }),
  )

  it('signs with Ed25519, to which the message itself goes, and openssl agrees', () =>
    withWorkbench(async ({ file, openssl }) => {
      const signer = await signerOf({ keyLabel: 'ed25519' })
      const signature = file('signature', await signer.sign(content))
      const key = file('key.pem', formatPublicKeyPem(signer.certificateChain[0].publicKey))
      const verify = ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-sigfile', signature]
      expect(openssl(...verify, '-in', file('content', content))).toContain('Verified Successfully')
    }))

  it.each(['rsa', 'p256'])('makes messages that pass openssl cms -verify with the key %s', (keyLabel) =>
    withWorkbench(async ({ file, openssl }) => {
      const signer = await signerOf({ keyLabel })
      const message = await createSignedData({ signer, messageDigest: hash('sha256', content) })
      const root = file('root.pem', formatCertificatePem(authority.certificate))
      const input = ['-in', file('message.der', message), '-inform', 'DER', '-content', file('content', content)]
      openssl('cms', '-verify', '-binary', ...input, '-CAfile', root, '-purpose', 'any', '-cades')
    }),
  )

  it('finds a key by its identifier', async () => {
    const signer = await signerOf({ keyId: fromHex('a2') })
    expect(signer.certificateChain[0]).toEqual(certificates['p256'])
  })

  it('says the PIN again for a key that wants it at every signature', async () => {
    const signer = await signerOf({ keyLabel: 'always', certificateChain: [certificates['always']!] })
    const signatures = await Promise.all([signer.sign(content), signer.sign(content)])
    expect(signatures[0]).not.toEqual(signatures[1])
  })

  it('shows a wrong PIN nowhere, and names what the device said', async () => {
    const wrong = '99887766'
    const error: unknown = await signerOf({ keyLabel: 'rsa', pin: wrong }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_PKCS11_FAILED',
      facts: { function: 'C_Login', result: 'CKR_PIN_INCORRECT' },
    })
    const signer = await signerOf({ keyLabel: 'rsa' })
    for (const shown of [error, signer]) {
      const text = `${inspect(shown, { depth: 9, showHidden: true })} ${JSON.stringify(shown)} ${(shown as Error).stack}`
      expect(text).not.toContain(wrong)
      expect(text).not.toContain(pin)
    }
  })

  it.each<[string, Partial<Pkcs11SignerOptions>, string]>([
    ['an unknown token', { token: 'none' }, 'ERR_PKCS11_NOT_FOUND'],
    ['an unknown slot', { slot: 123_456 }, 'ERR_PKCS11_NOT_FOUND'],
    ['an unknown key', { keyLabel: 'none' }, 'ERR_PKCS11_NOT_FOUND'],
    ['one key of several', {}, 'ERR_PKCS11_NOT_FOUND'],
    ['a key without a certificate', { keyLabel: 'bare' }, 'ERR_PKCS11_NOT_FOUND'],
    ['an algorithm of another kind of key', { keyLabel: 'rsa', algorithm: 'sm2-sm3' }, 'ERR_CRYPTO_UNSUPPORTED'],
  ])('refuses %s', async (_, options, code) => {
    await expect(signerOf(options)).rejects.toMatchObject({ code })
  })

  it('asks which token is meant, and for a PIN', async () => {
    await expect(pkcs11Signer({ module, pin, keyLabel: 'rsa' })).rejects.toMatchObject({
      code: 'ERR_PKCS11_NOT_FOUND',
      facts: { tokens: expect.arrayContaining(['seal', 'second']) },
    })
    await expect(pkcs11Signer({ module, token: 'seal', keyLabel: 'rsa' })).rejects.toMatchObject({
      code: 'ERR_CRYPTO_PASSWORD_REQUIRED',
    })
  })

  it.each([
    ['rsa', 'p256', 'ERR_CRYPTO_KEY_MISMATCH'],
    ['p256', 'always', 'ERR_CRYPTO_KEY_MISMATCH'],
    ['p256', 'p384', 'ERR_CRYPTO_KEY_MISMATCH'],
  ])('refuses the key %s with the certificate of %s', async (keyLabel, other, code) => {
    await expect(signerOf({ keyLabel, certificateChain: [certificates[other]!] })).rejects.toMatchObject({ code })
  })

  it('lets no signature of another pair out, even if the token does not show the public key', async () => {
    const signer = await signerOf({ keyLabel: 'bare', certificateChain: [certificates['p256']!] })
    await expect(signer.sign(content)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
    const right = await signerOf({ keyLabel: 'bare', certificateChain: [certificates['bare']!] })
    expect((await right.sign(content))[0]).toBe(0x30)
  })

  it('asks the device for SM2 by the number of its vendor alone', async () => {
    const sm2 = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
    const options = { keyLabel: 'bare', certificateChain: [sm2.certificate] }
    await expect(signerOf(options)).rejects.toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
    const signer = await signerOf({ ...options, sm2Mechanism: 0x80000abc })
    await expect(signer.sign(content)).rejects.toMatchObject({
      code: 'ERR_PKCS11_FAILED',
      facts: { function: 'C_SignInit', result: 'CKR_MECHANISM_INVALID' },
    })
  })

  it('signs in parallel, with two signers, while the event loop goes on', async () => {
    const [rsa, p256] = await Promise.all([signerOf({ keyLabel: 'rsa' }), signerOf({ keyLabel: 'p256' })])
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    const messages = Array.from({ length: 40 }, (_, index) => utf8(`样例${index}`))
    const signatures = await Promise.all(messages.flatMap((message) => [rsa.sign(message), p256.sign(message)]))
    clearInterval(timer)
    // Every one of them was verified over its own message before it left.
    expect(new Set(signatures.map((signature) => signature.join())).size).toBe(80)
    expect(turns).toBeGreaterThan(3)
  })

  it('keeps the login while another signer needs it, and ends it with the last', async () => {
    const [first, second] = await Promise.all([signerOf({ keyLabel: 'rsa' }), signerOf({ keyLabel: 'p256' })])
    await first.close()
    await first.close()
    expect((await second.sign(content))[0]).toBe(0x30)
    await expect(first.sign(content)).rejects.toMatchObject({ code: 'ERR_PKCS11_FAILED' })
    const pending = second.sign(content)
    await second.close()
    expect((await pending)[0]).toBe(0x30)
    await expect(signerOf({ keyLabel: 'rsa', pin: '99887766' })).rejects.toMatchObject({
      facts: { result: 'CKR_PIN_INCORRECT' },
    })
  })

  it('does not sign what was called off, also while it waits its turn', async () => {
    const signer = await signerOf({ keyLabel: 'rsa' })
    await expect(signer.sign(content, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
    const controller = new AbortController()
    const before = signer.sign(content)
    const waiting = signer.sign(content, { signal: controller.signal })
    controller.abort(new Error('用户取消'))
    await expect(waiting).rejects.toThrow('用户取消')
    expect(await before).toHaveLength(256)
  })
})
