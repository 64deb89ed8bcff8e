import * as nodeCrypto from 'node:crypto'
import { inspect } from 'node:util'
import { concatBytes, secret, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithMaterial, describeWithOpenssl, material, withWorkbench } from '../test/tools.ts'
import { der } from './der.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { ecPkcs8 } from './lib/keys/key-encoding.ts'
import { sm2Order, toBytes32 } from './lib/sm2/sm2.ts'
import { createSignature, formatPrivateKeyPem, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'

const message = utf8('样例')

describe('parsePrivateKey', () => {
  it('finds the public half of every kind of key, and its signatures verify', async () => {
    const kinds = [
      ['rsa', nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 })],
      ['ec-p256', nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      ['ec-p384', nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-384' })],
      ['ec-p521', nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-521' })],
      ['sm2', nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'SM2' })],
      ['ed25519', nodeCrypto.generateKeyPairSync('ed25519')],
    ] as const
    for (const [kind, pair] of kinds) {
      const privateKey = parsePrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
      const publicKey = parsePublicKey(new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })))
      expect(privateKey).toEqual({ kind, publicKey })
      const signature = await createSignature({ privateKey, message })
      const algorithm = (
        {
          rsa: 'rsa-sha256',
          'ec-p256': 'ecdsa-p256-sha256',
          'ec-p384': 'ecdsa-p384-sha384',
          'ec-p521': 'ecdsa-p521-sha512',
          sm2: 'sm2-sm3',
          ed25519: 'ed25519',
        } as const
      )[kind]
      await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(true)
    }
  })

  it('reads one key in all its forms: PKCS#8, SEC1 or PKCS#1, as PEM, DER and bare Base64', () => {
    const rsa = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const ec = nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    for (const [key, own] of [
      [rsa, 'pkcs1'],
      [ec, 'sec1'],
    ] as const) {
      const expected = key.export({ format: 'pem', type: 'pkcs8' })
      for (const type of ['pkcs8', own] as const) {
        const bytes = new Uint8Array(key.export({ format: 'der', type: type as 'pkcs8' }))
        const pem = key.export({ format: 'pem', type: type as 'pkcs8' }) as string
        for (const form of [bytes, pem, utf8(pem), secret(pem), Buffer.from(bytes).toString('base64')]) {
          expect(formatPrivateKeyPem(parsePrivateKey(form))).toBe(expected)
        }
      }
    }
  })

  it('opens encrypted keys with the right password only', async () => {
    const { privateKeyPem } = await generateKeyPair('sm2')
    const native = nodeCrypto.createPrivateKey(privateKeyPem)
    const pem = native.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: '口令 1' }) as string
    expect(formatPrivateKeyPem(parsePrivateKey(pem, { password: secret('口令 1') }))).toBe(privateKeyPem)
    expect(() => parsePrivateKey(pem)).toThrow(expect.objectContaining({ code: 'ERR_CRYPTO_PASSWORD_REQUIRED' }))
    expect(() => parsePrivateKey(pem, { password: 'wrong' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_PASSWORD_WRONG' }),
    )
  })

  it('shows nothing of the key in logs', async () => {
    const { privateKeyPem } = await generateKeyPair('sm2')
    const key = parsePrivateKey(privateKeyPem)
    const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)
    const scalar = nodeCrypto.createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' }).subarray(36, 68)
    expect(shown).not.toContain(scalar.toString('hex'))
    expect(shown).not.toContain([...scalar.subarray(0, 6)].join(', '))
    expect(Object.keys(key)).toEqual(['kind', 'publicKey'])
  })

  it('takes scalars with a zero byte too many or with zeros left out', () => {
    const short = toBytes32(5n)
    const expected = parsePrivateKey(ecPkcs8('sm2', short, undefined))
    for (const scalar of [concatBytes(Uint8Array.of(0), short), Uint8Array.of(5)]) {
      expect(parsePrivateKey(ecPkcs8('sm2', scalar, undefined))).toEqual(expected)
    }
  })

  it('refuses keys out of range and keys beside which a foreign public point lies', async () => {
    const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })
    for (const scalar of [0n, sm2Order - 1n, sm2Order]) {
      expect(() => parsePrivateKey(ecPkcs8('sm2', toBytes32(scalar), undefined))).toThrow(refused)
    }
    const foreign = (await generateKeyPair('sm2')).publicKey.keyBytes
    expect(() => parsePrivateKey(ecPkcs8('sm2', toBytes32(5n), foreign))).toThrow(refused)
    expect(() => parsePrivateKey(ecPkcs8('ec-p256', new Uint8Array(32).fill(255), undefined))).toThrow(refused)
  })

  it.each([
    ['no DER', Uint8Array.of(0x30, 0x80, 0, 0), 'ERR_DER_INVALID'],
    ['an empty structure', der.sequence(), 'ERR_DER_INVALID'],
    ['a PEM text without a key', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'ERR_PEM_INVALID'],
    ['a PEM block that does not end', '-----BEGIN PRIVATE KEY-----\nAAAA', 'ERR_PEM_INVALID'],
    [
      'a kind of key not known here',
      nodeCrypto.generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
      'ERR_CRYPTO_UNSUPPORTED',
    ],
    [
      'a curve not known here',
      nodeCrypto
        .generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
        .privateKey.export({ format: 'pem', type: 'sec1' }),
      'ERR_CRYPTO_UNSUPPORTED',
    ],
  ])('refuses %s', (_name, input, code) => {
    expect(() => parsePrivateKey(input as string)).toThrow(expect.objectContaining({ code }))
  })
})

describe('createSignature', () => {
  it('refuses RSA keys below 2048 bits and algorithms of another kind of key', async () => {
    const small = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const privateKey = parsePrivateKey(small.export({ format: 'pem', type: 'pkcs1' }) as string)
    await expect(createSignature({ privateKey, message })).rejects.toMatchObject({ code: 'ERR_CRYPTO_KEY_WEAK' })
    await expect(createSignature({ privateKey, message, algorithm: 'sm2-sm3' })).rejects.toMatchObject({
      code: 'ERR_CRYPTO_UNSUPPORTED',
    })
  })

  it('signs only with keys that were parsed here', async () => {
    const { publicKey } = await generateKeyPair('sm2')
    await expect(createSignature({ privateKey: { kind: 'sm2', publicKey }, message })).rejects.toMatchObject({
      code: 'ERR_CRYPTO_KEY_INVALID',
    })
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('keys go both ways', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      for (const kind of ['rsa-2048', 'ec-p256', 'sm2'] as const) {
        const { privateKeyPem, publicKey } = await generateKeyPair(kind)
        openssl(
          'pkey',
          '-in',
          file('ours.pem', privateKeyPem),
          '-pubout',
          '-outform',
          'DER',
          '-out',
          path('public.der'),
        )
        expect(parsePublicKey(read('public.der'))).toEqual(publicKey)
      }
      openssl('ecparam', '-name', 'SM2', '-genkey', '-out', path('theirs.pem'))
      openssl('pkey', '-in', path('theirs.pem'), '-aes256', '-passout', 'pass:x', '-out', path('encrypted.pem'))
      const plain = parsePrivateKey(read('theirs.pem'))
      expect(plain.kind).toBe('sm2')
      expect(parsePrivateKey(read('encrypted.pem'), { password: 'x' })).toEqual(plain)
      openssl('genrsa', '-aes128', '-traditional', '-passout', 'pass:y', '-out', path('old.pem'), '2048')
      expect(parsePrivateKey(read('old.pem'), { password: 'y' }).publicKey?.rsaBits).toBe(2048)
      expect(() => parsePrivateKey(read('old.pem'))).toThrow(
        expect.objectContaining({ code: 'ERR_CRYPTO_PASSWORD_REQUIRED' }),
      )
    }))
})

describeWithMaterial('with published keys (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it('reads the four forms in which Alipay hands out one key', () => {
    const [first, ...others] = ['', '-pkcs8', '-no-wrapper', '-pkcs8-no-wrapper'].map((form) =>
      parsePrivateKey(material('pay', 'alipay', `app-private-key${form}.pem`)),
    )
    for (const key of others) expect(key).toEqual(first)
    expect(first!.publicKey).toEqual(parsePublicKey(material('pay', 'alipay', 'app-public-key-no-wrapper.pem')))
  })
})
