import * as nodeCrypto from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { sm2 as peer } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, vectors, withWorkbench } from '../test/tools.ts'
import { der } from './der.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import type { Engine } from './lib/engines/engine.ts'
import { hasNativeSm2, engine as nodeEngine } from './lib/engines/engine-node.ts'
import { engine as webEngine } from './lib/engines/engine-web.ts'
import { ecPkcs8, ecSpki } from './lib/keys/key-encoding.ts'
import { formatSm2Signature, parseSm2Signature, sm2Order, sm2SignDigest, toBytes32, toNumber } from './lib/sm2/sm2.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem, type PublicKey, parsePublicKey, sm2Z, verifySignature } from './public-key.ts'
import { allowSha1 } from './signature-algorithm.ts'

const example = vectors.sm2Sign
const point = fromHex(`04${example.Px}${example.Py}`)
const publicKey = parsePublicKey(ecSpki('sm2', point))
const message = utf8(example.message)
const exampleSignature = formatSm2Signature({ r: BigInt(`0x${example.r}`), s: BigInt(`0x${example.s}`) })
const engines: readonly (readonly [string, Engine])[] = [
  ['Node', nodeEngine],
  ['web', webEngine],
]

function sm2Verify(
  engine: Engine,
  signature: Uint8Array,
  over: Uint8Array = message,
  key: PublicKey = publicKey,
): boolean {
  return engine.sm2Verify(key, sm2Z(key), over, signature)
}

describe('SM2', () => {
  it('is native in this Node, so that both engines below are different code', () => {
    expect(hasNativeSm2()).toBe(true)
  })

  it('computes Z and e as GB/T 32918.5, A.2 does', () => {
    expect(toHex(sm2Z(publicKey))).toBe(example.Z.toLowerCase())
    expect(toHex(hash('sm3', sm2Z(publicKey), message))).toBe(example.e.toLowerCase())
  })

  it('signs the example of GB/T 32918.5, A.2 with the given k', () => {
    const { r, s } = sm2SignDigest(BigInt(`0x${example.d}`), fromHex(example.e), () => BigInt(`0x${example.k}`))
    expect(toHex(toBytes32(r))).toBe(example.r.toLowerCase())
    expect(toHex(toBytes32(s))).toBe(example.s.toLowerCase())
  })

  it.each(engines)('verifies the example and refuses every changed bit of it (%s)', (_name, engine) => {
    expect(sm2Verify(engine, exampleSignature)).toBe(true)
    for (let index = 0; index < exampleSignature.length; index += 1) {
      const changed = exampleSignature.slice()
      changed[index]! ^= 1 << (index % 8)
      expect(sm2Verify(engine, changed)).toBe(false)
    }
    expect(sm2Verify(engine, exampleSignature, utf8('message digesT'))).toBe(false)
  })

  it('signs with each engine what the other and sm-crypto-v2 accept', async () => {
    for (let round = 0; round < 8; round += 1) {
      const key = parsePrivateKey((await generateKeyPair('sm2')).privateKeyPem).publicKey!
      const pair = peer.generateKeyPairHex()
      const peerKey = parsePublicKey(ecSpki('sm2', fromHex(pair.publicKey)))
      const material = { kind: 'sm2', pkcs8: ecPkcs8('sm2', fromHex(pair.privateKey), undefined) } as const
      const text = utf8(`第 ${round} 号文件`)
      for (const [, signing] of engines) {
        const signature = signing.sm2Sign(material, sm2Z(peerKey), text)
        for (const [, verifying] of engines) expect(sm2Verify(verifying, signature, text, peerKey)).toBe(true)
        expect(peer.doVerifySignature(text, toHex(signature), pair.publicKey, { der: true, hash: true })).toBe(true)
        expect(sm2Verify(signing, signature, text, key)).toBe(false)
      }
      const theirs = fromHex(peer.doSignature(text, pair.privateKey, { der: true, hash: true }))
      for (const [, verifying] of engines) expect(sm2Verify(verifying, theirs, text, peerKey)).toBe(true)
    }
  })

  it('refuses a signature that was made over the bare digest, without Z', async () => {
    const pair = peer.generateKeyPairHex()
    const key = parsePublicKey(ecSpki('sm2', fromHex(pair.publicKey)))
    const withoutZ = fromHex(peer.doSignature(message, pair.privateKey, { der: true, hash: false }))
    await expect(verifySignature({ algorithm: 'sm2-sm3', publicKey: key, message, signature: withoutZ })).resolves.toBe(
      false,
    )
  })

  it('takes another user identifier only where it is given', async () => {
    const { privateKeyPem, publicKey: key } = await generateKeyPair('sm2')
    const userId = utf8('ALICE123@YAHOO.COM')
    const signature = await createSignature({ privateKey: parsePrivateKey(privateKeyPem), message, userId })
    const input = { algorithm: 'sm2-sm3', publicKey: key, message, signature } as const
    await expect(verifySignature({ ...input, userId })).resolves.toBe(true)
    await expect(verifySignature(input)).resolves.toBe(false)
    expect(() => sm2Z(key, new Uint8Array(8192))).toThrow(expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' }))
  })

  const { r, s } = parseSm2Signature(exampleSignature)!
  it.each([
    ['r is zero', formatSm2Signature({ r: 0n, s })],
    ['s is zero', formatSm2Signature({ r, s: 0n })],
    ['r is n more', formatSm2Signature({ r: r + sm2Order, s })],
    ['s is n more', formatSm2Signature({ r, s: s + sm2Order })],
    ['s is negative', formatSm2Signature({ r, s: s - sm2Order })],
    ['r + s is n', formatSm2Signature({ r, s: sm2Order - r })],
    ['a byte follows', concatBytes(exampleSignature, Uint8Array.of(0))],
    ['a third number follows', der.sequence(der.integer(r), der.integer(s), der.integer(1))],
    ['a number is padded', der.sequence(Uint8Array.of(2, 34, 0, 0, ...toBytes32(r)), der.integer(s))],
    ['it is r and s without DER', concatBytes(toBytes32(r), toBytes32(s))],
    ['it is empty', new Uint8Array()],
  ])('refuses a signature when %s, without throwing', async (_reason, signature) => {
    for (const [, engine] of engines) expect(sm2Verify(engine, signature)).toBe(false)
    await expect(verifySignature({ algorithm: 'sm2-sm3', publicKey, message, signature })).resolves.toBe(false)
  })

  it('refuses a key whose point is not on the curve', () => {
    const wrong = point.slice()
    wrong[64]! ^= 1
    const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })
    expect(() => parsePublicKey(ecSpki('sm2', wrong))).toThrow(refused)
    expect(() => parsePublicKey(ecSpki('sm2', concatBytes(Uint8Array.of(4), new Uint8Array(64))))).toThrow(refused)
    expect(() => parsePublicKey(ecSpki('sm2', concatBytes(Uint8Array.of(4), new Uint8Array(64).fill(255))))).toThrow(
      refused,
    )
    expect(() => parsePublicKey(ecSpki('ec-p256', point))).toThrow(refused)
  })
})

const classic = [
  ['rsa-sha256', 'rsa'],
  ['rsa-sha384', 'rsa'],
  ['rsa-sha512', 'rsa'],
  ['rsa-pss-sha256', 'rsa'],
  ['rsa-sha1', 'rsa'],
  ['ecdsa-p256-sha256', 'P-256'],
  ['ecdsa-p384-sha384', 'P-384'],
  ['ecdsa-p521-sha512', 'P-521'],
  // The name of the algorithm gives the digest, the key gives the curve.
  ['ecdsa-p256-sha256', 'P-384'],
  ['ed25519', 'ed25519'],
] as const

function newKey(kind: string): nodeCrypto.KeyPairKeyObjectResult {
  if (kind === 'rsa') return nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
  if (kind === 'ed25519') return nodeCrypto.generateKeyPairSync('ed25519')
  return nodeCrypto.generateKeyPairSync('ec', { namedCurve: kind })
}

describe('verifySignature', () => {
  it.each(classic)('lets both engines sign and verify %s with a key of the kind %s', async (algorithm, kind) => {
    const pair = newKey(kind)
    const key = parsePublicKey(new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' })))
    const material = {
      kind: key.kind as 'rsa',
      pkcs8: new Uint8Array(pair.privateKey.export({ format: 'der', type: 'pkcs8' })),
    }
    for (const [, signing] of engines) {
      const signature = await signing.sign(algorithm, material, message)
      const longer = concatBytes(signature, Uint8Array.of(0))
      for (const [, verifying] of engines) {
        await expect(verifying.verify(algorithm, key, message, signature)).resolves.toBe(true)
        await expect(verifying.verify(algorithm, key, utf8('other'), signature)).resolves.toBe(false)
        await expect(verifying.verify(algorithm, key, message, longer)).resolves.toBe(false)
        await expect(verifying.verify(algorithm, key, message, new Uint8Array())).resolves.toBe(false)
      }
    }
  })

  it('says false when the algorithm does not fit the key', async () => {
    const { publicKey: rsa } = await generateKeyPair('rsa-2048')
    for (const algorithm of ['sm2-sm3', 'ecdsa-p256-sha256', 'ed25519'] as const) {
      await expect(verifySignature({ algorithm, publicKey: rsa, message, signature: exampleSignature })).resolves.toBe(
        false,
      )
    }
    const signature = exampleSignature
    await expect(verifySignature({ algorithm: 'ecdsa-p256-sha256', publicKey, message, signature })).resolves.toBe(
      false,
    )
  })

  it('takes SHA-1 only when it is told to', async () => {
    const { privateKey, publicKey: native } = newKey('rsa')
    const key = parsePublicKey(native.export({ format: 'pem', type: 'spki' }) as string)
    const signature = nodeCrypto.sign('sha1', message, privateKey)
    const input = { algorithm: 'rsa-sha1', publicKey: key, message, signature } as const
    await expect(verifySignature(input)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SHA1_REFUSED' })
    await expect(verifySignature({ ...input, [allowSha1]: true })).resolves.toBe(true)
  })

  it('refuses to say anything about RSA keys that anybody can break', async () => {
    const { publicKey: native, privateKey } = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 768 })
    const key = parsePublicKey(new Uint8Array(native.export({ format: 'der', type: 'spki' })))
    const signature = nodeCrypto.sign('sha256', message, privateKey)
    await expect(
      verifySignature({ algorithm: 'rsa-sha256', publicKey: key, message, signature }),
    ).rejects.toMatchObject({
      code: 'ERR_CRYPTO_KEY_WEAK',
    })
  })

  it('parses keys it cannot verify with, and then says that it cannot', async () => {
    const { publicKey: native } = nodeCrypto.generateKeyPairSync('ed448')
    const key = parsePublicKey(new Uint8Array(native.export({ format: 'der', type: 'spki' })))
    expect(key.kind).toBe('other')
    await expect(
      verifySignature({ algorithm: 'ed25519', publicKey: key, message, signature: new Uint8Array(64) }),
    ).rejects.toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
  })
})

describe('parsePublicKey', () => {
  it('reads DER, PEM and bare Base64 alike', () => {
    const pem = formatPublicKeyPem(publicKey)
    const bare = pem.replace(/-----[A-Z ]+-----/g, '')
    for (const form of [publicKey.spki, pem, utf8(pem), bare]) expect(parsePublicKey(form)).toEqual(publicKey)
  })

  it('does not follow explicit curve parameters', () => {
    const pem = nodeCrypto.generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).publicKey
    expect(parsePublicKey(new Uint8Array(pem.export({ format: 'der', type: 'spki' }))).kind).toBe('other')
  })

  it('refuses RSA keys that only stall', () => {
    const rsa = (modulus: Uint8Array, exponent: Uint8Array) =>
      der.sequence(
        der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null()),
        der.bitString(der.sequence(der.unsignedInteger(modulus), der.unsignedInteger(exponent))),
      )
    const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })
    const modulus = new Uint8Array(256).fill(255)
    expect(() => parsePublicKey(rsa(new Uint8Array(1_000_000).fill(255), Uint8Array.of(3)))).toThrow(refused)
    expect(() => parsePublicKey(rsa(modulus, modulus))).toThrow(refused)
    expect(() => parsePublicKey(rsa(modulus, Uint8Array.of(1)))).toThrow(refused)
    expect(() => parsePublicKey(rsa(modulus, Uint8Array.of(4)))).toThrow(refused)
    expect(() => parsePublicKey(rsa(modulus.with(255, 254), Uint8Array.of(3)))).toThrow(refused)
    expect(parsePublicKey(rsa(modulus, Uint8Array.of(3))).rsaBits).toBe(2048)
  })

  it('refuses what follows the key or is no key', () => {
    const refused = expect.objectContaining({ code: 'ERR_DER_INVALID' })
    expect(() => parsePublicKey(concatBytes(publicKey.spki, Uint8Array.of(0)))).toThrow(refused)
    expect(() => parsePublicKey(publicKey.spki.subarray(0, 40))).toThrow(refused)
    expect(() => parsePublicKey(der.sequence())).toThrow(refused)
    expect(() => parsePublicKey('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----')).toThrow(
      expect.objectContaining({ code: 'ERR_PEM_INVALID' }),
    )
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('SM2 signatures are accepted both ways with the standard user identifier', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const { privateKeyPem, publicKey: key } = await generateKeyPair('sm2')
      const keyFile = file('key.pem', privateKeyPem)
      const keyText = file('public.pem', formatPublicKeyPem(key))
      const text = file('message', message)
      const options = ['-sm3', '-sigopt', 'distid:1234567812345678']
      const signature = await createSignature({ privateKey: parsePrivateKey(privateKeyPem), message })
      const ours = file('ours.sig', signature)
      expect(openssl('dgst', ...options, '-verify', keyText, '-signature', ours, text)).toContain('Verified OK')
      openssl('dgst', ...options, '-sign', keyFile, '-out', path('theirs.sig'), text)
      const theirs = read('theirs.sig')
      for (const [, engine] of engines) expect(sm2Verify(engine, theirs, message, key)).toBe(true)
      expect(toNumber(theirs.subarray(0, 1))).toBe(0x30n)
    }))
})
