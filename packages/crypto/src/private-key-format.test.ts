import * as nodeCrypto from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { formatPem } from './pem.ts'
import { parsePrivateKey } from './private-key.ts'
import { formatPrivateKeyPkcs8, formatPrivateKeySec1 } from './private-key-format.ts'

const curvesOfNode = ['P-256', 'P-384', 'P-521', 'SM2'] as const

describe('formatPrivateKeyPkcs8', () => {
  it('writes what parsePrivateKey and OpenSSL read, for every kind', () => {
    const pairs = [
      nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
      nodeCrypto.generateKeyPairSync('ed25519'),
      ...curvesOfNode.map((namedCurve) => nodeCrypto.generateKeyPairSync('ec', { namedCurve })),
    ]
    for (const pair of pairs) {
      const privateKey = parsePrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
      const pkcs8 = formatPrivateKeyPkcs8(privateKey)
      expect(parsePrivateKey(pkcs8)).toEqual(privateKey)
      const read = nodeCrypto.createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
      expect(new Uint8Array(nodeCrypto.createPublicKey(read).export({ format: 'der', type: 'spki' }))).toEqual(
        privateKey.publicKey!.spki,
      )
    }
  })

  it('gives a copy', async () => {
    const privateKey = parsePrivateKey((await generateKeyPair('sm2')).privateKeyPem)
    const before = formatPrivateKeyPkcs8(privateKey)
    formatPrivateKeyPkcs8(privateKey).fill(0)
    expect(formatPrivateKeyPkcs8(privateKey)).toEqual(before)
  })

  it('refuses an object that is no key', () => {
    expect(() => formatPrivateKeyPkcs8({ kind: 'sm2' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' }),
    )
  })
})

describe('formatPrivateKeySec1', () => {
  it.each(curvesOfNode)('writes byte for byte what OpenSSL writes for %s', (namedCurve) => {
    const pair = nodeCrypto.generateKeyPairSync('ec', { namedCurve })
    const privateKey = parsePrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
    const sec1 = formatPrivateKeySec1(privateKey)
    expect(sec1).toEqual(new Uint8Array(pair.privateKey.export({ format: 'der', type: 'sec1' })))
    expect(parsePrivateKey(sec1)).toEqual(privateKey)
  })

  it('has no form for RSA and Ed25519', () => {
    for (const pair of [
      nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
      nodeCrypto.generateKeyPairSync('ed25519'),
    ]) {
      const privateKey = parsePrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string)
      expect(() => formatPrivateKeySec1(privateKey)).toThrow(
        expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
      )
    }
  })
})

describeWithOpenssl('the writers beside the openssl command', () => {
  it('are read by openssl pkey', async () => {
    const { privateKeyPem } = await generateKeyPair('sm2')
    const privateKey = parsePrivateKey(privateKeyPem)
    await withWorkbench((bench) => {
      const sec1 = bench.file('sec1.pem', formatPem('EC PRIVATE KEY', formatPrivateKeySec1(privateKey)))
      const pkcs8 = bench.file('pkcs8.der', formatPrivateKeyPkcs8(privateKey))
      for (const args of [
        ['-in', sec1],
        ['-inform', 'DER', '-in', pkcs8],
      ]) {
        bench.openssl('pkey', ...args, '-pubout', '-outform', 'DER', '-out', bench.path('spki'))
        expect(bench.read('spki')).toEqual(privateKey.publicKey!.spki)
      }
    })
  })
})
