import * as nodeCrypto from 'node:crypto'
import { inspect } from 'node:util'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
// @ts-expect-error the older peer has no types
import olderPeer from 'sm-crypto'
import { sm2 as peer } from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import vectors from '../test/vectors/encryption-vectors.json' with { type: 'json' }
import { der } from './der.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import { curves, isOnCurve } from './lib/keys/curves.ts'
import { sm2MultiplyPoint, sm2Order, sm2PublicPoint, toBytes32, toNumber } from './lib/sm2/sm2.ts'
import { formatSm2Ciphertext, parseSm2Ciphertext } from './lib/sm2/sm2-ciphertext.ts'
import { sm2Decrypt, sm2Encrypt } from './lib/sm2/sm2-encrypt.ts'
import { compressSm2Point } from './lib/sm2/sm2-point-format.ts'
import { formatPrivateKeyPem, parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem } from './public-key.ts'
import { decryptSm2, encryptSm2 } from './sm2-encryption.ts'
import { importSm2PrivateKey, importSm2PublicKey } from './sm2-key-format.ts'

const { sm2Encrypt: example } = vectors
const privateKey = importSm2PrivateKey(example.d)
const publicKey = importSm2PublicKey(example.Px + example.Py)
const layouts = ['c1c3c2', 'c1c2c3', 'der'] as const
const invalid = expect.objectContaining({ code: 'ERR_SM2_CIPHERTEXT_INVALID' })
const keyInvalid = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })

function random(length: number): Uint8Array {
  return new Uint8Array(nodeCrypto.randomBytes(length))
}

describe('the example of GB/T 32918.5', () => {
  const parts = { point: fromHex(example.C1), digest: fromHex(example.C3), text: fromHex(example.C2) }

  it('is made with the key and the random number of the standard', () => {
    const made = sm2Encrypt(publicKey.keyBytes, utf8(example.message), () => BigInt(`0x${example.k}`))
    expect(made).toEqual(parts)
  })

  it.each(layouts)('decrypts from the layout %s', (layout) => {
    const ciphertext = formatSm2Ciphertext(layout, parts)
    expect(decryptSm2({ privateKey, layout }, ciphertext)).toEqual(utf8(example.message))
  })

  it('decrypts with its point compressed', () => {
    const ciphertext = concatBytes(compressSm2Point(parts.point), parts.digest, parts.text)
    expect(decryptSm2({ privateKey }, ciphertext)).toEqual(utf8(example.message))
  })
})

describe('encryptSm2 and decryptSm2', () => {
  it.each(layouts)('lead back to the text in the layout %s, whatever its length', (layout) => {
    for (const length of [1, 2, 31, 32, 33, 64, 65, 1000]) {
      const text = random(length)
      const ciphertext = encryptSm2({ publicKey, layout }, text)
      expect(decryptSm2({ privateKey, layout }, ciphertext)).toEqual(text)
      if (layout !== 'der') expect(ciphertext).toHaveLength(65 + 32 + length)
    }
  })

  it('take c1c3c2 unless told otherwise', () => {
    const ciphertext = encryptSm2({ publicKey }, utf8('样例'))
    expect(decryptSm2({ privateKey, layout: 'c1c3c2' }, ciphertext)).toEqual(utf8('样例'))
  })

  it('never make the same ciphertext twice', () => {
    const made = new Set(Array.from({ length: 20 }, () => toHex(encryptSm2({ publicKey }, utf8('x')))))
    expect(made.size).toBe(20)
  })

  it('draw another random number where the mask is zero, and refuse such a ciphertext', () => {
    // One byte makes the mask zero once in 256 times, so such a number is soon found.
    const maskOf = (k: bigint) =>
      hash('sm3', sm2MultiplyPoint(publicKey.keyBytes, k).subarray(1), Uint8Array.of(0, 0, 0, 1))[0]!
    let weak = 1n
    while (maskOf(weak) !== 0) weak += 1n
    const strong = weak + 1n
    expect(maskOf(strong)).not.toBe(0)
    const drawn: bigint[] = [weak, weak, strong]
    const parts = sm2Encrypt(publicKey.keyBytes, Uint8Array.of(0x41), () => drawn.shift()!)
    expect(drawn).toEqual([])
    expect(parts.point).toEqual(sm2PublicPoint(strong))
    const shared = sm2MultiplyPoint(publicKey.keyBytes, weak).subarray(1)
    const unmasked = {
      point: sm2PublicPoint(weak),
      digest: hash('sm3', shared.subarray(0, 32), Uint8Array.of(0x41), shared.subarray(32)),
      text: Uint8Array.of(0x41),
    }
    expect(sm2Decrypt(BigInt(`0x${example.d}`), unmasked)).toBeUndefined()
    expect(() => decryptSm2({ privateKey }, formatSm2Ciphertext('c1c3c2', unmasked))).toThrow(invalid)
  })

  it('have nothing to say to an empty text', () => {
    const unsupported = expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' })
    expect(() => encryptSm2({ publicKey }, new Uint8Array())).toThrow(unsupported)
    expect(() => encryptSm2({ publicKey }, 'text' as unknown as Uint8Array)).toThrow(unsupported)
  })

  it('refuse keys of another kind, and objects that are no key', async () => {
    const pair = await generateKeyPair('ec-p256')
    const ciphertext = encryptSm2({ publicKey }, utf8('样例'))
    expect(() => encryptSm2({ publicKey: pair.publicKey }, utf8('样例'))).toThrow(keyInvalid)
    expect(() => decryptSm2({ privateKey: parsePrivateKey(pair.privateKeyPem) }, ciphertext)).toThrow(keyInvalid)
    expect(() => decryptSm2({ privateKey: { kind: 'sm2' } }, ciphertext)).toThrow(keyInvalid)
  })

  it('refuse a layout by another name', () => {
    const parameters = { privateKey, publicKey, layout: 'c2c1c3' as 'der' }
    expect(() => encryptSm2(parameters, utf8('x'))).toThrow(invalid)
    expect(() => decryptSm2(parameters, encryptSm2({ publicKey }, utf8('x')))).toThrow(invalid)
  })
})

describe('decryptSm2 of a hostile ciphertext', () => {
  const text = utf8('sixteen byte key')

  it.each(layouts)(
    'refuses any changed bit in the layout %s',
    (layout) => {
      const ciphertext = encryptSm2({ publicKey, layout }, text)
      for (let bit = 0; bit < ciphertext.length * 8; bit += 1) {
        const changed = ciphertext.slice()
        changed[bit >> 3]! ^= 1 << (bit & 7)
        expect(() => decryptSm2({ privateKey, layout }, changed)).toThrow(invalid)
      }
    },
    120_000,
  )

  it.each(layouts)('refuses any shortened one and any bytes after it in the layout %s', (layout) => {
    const ciphertext = encryptSm2({ publicKey, layout }, text)
    for (let length = 0; length < ciphertext.length; length += 1) {
      expect(() => decryptSm2({ privateKey, layout }, ciphertext.subarray(0, length))).toThrow(invalid)
    }
    expect(() => decryptSm2({ privateKey, layout }, concatBytes(ciphertext, Uint8Array.of(0)))).toThrow(invalid)
  })

  it('never takes one layout for another', () => {
    for (const made of layouts) {
      const ciphertext = encryptSm2({ publicKey, layout: made }, text)
      for (const layout of layouts.filter((other) => other !== made)) {
        expect(() => decryptSm2({ privateKey, layout }, ciphertext)).toThrow(invalid)
      }
    }
  })

  it('refuses one for another key, and does not give an empty text instead', async () => {
    const other = await generateKeyPair('sm2')
    const ciphertext = encryptSm2({ publicKey: other.publicKey }, text)
    expect(() => decryptSm2({ privateKey }, ciphertext)).toThrow(invalid)
  })

  // CVE-2026-23966: with points of small order on other curves the secret number comes out piece by piece.
  it('refuses points that are not on the curve before it multiplies', () => {
    const { p } = curves.sm2
    const parts = parseSm2Ciphertext('c1c3c2', encryptSm2({ publicKey }, text))
    const point = (x: bigint, y: bigint) => concatBytes(Uint8Array.of(4), toBytes32(x), toBytes32(y))
    const x = toNumber(parts.point.subarray(1, 33))
    const y = toNumber(parts.point.subarray(33))
    const hostile = [
      point(x, y ^ 1n),
      point(1n, 0n),
      point(0n, 0n),
      point(x, 0n),
      point(p, y),
      point(x, p),
      point((1n << 256n) - 1n, (1n << 256n) - 1n),
      // On y² = x³ - 3x + b' of another b, where orders are smooth.
      point(2n, 3n),
    ]
    for (const each of hostile) {
      expect(isOnCurve(curves.sm2, each)).toBe(false)
      for (const layout of layouts) {
        const ciphertext = formatSm2Ciphertext(layout, { ...parts, point: each })
        expect(() => decryptSm2({ privateKey, layout }, ciphertext)).toThrow(/point of the SM2 curve/)
        expect(() => decryptSm2({ privateKey, layout }, ciphertext)).toThrow(invalid)
      }
    }
  })

  it('refuses what the older peer answers with an empty text', () => {
    const ciphertext = encryptSm2({ publicKey }, text)
    const offCurve = ciphertext.slice()
    offCurve[64]! ^= 1
    expect(olderPeer.sm2.doDecrypt(toHex(offCurve.subarray(1)), example.d, 1)).toBe('')
    expect(() => decryptSm2({ privateKey }, offCurve)).toThrow(invalid)
  })

  it('refuses points at infinity, in the hybrid form, without their first byte, and compressed ones without a root', () => {
    const ciphertext = encryptSm2({ publicKey }, text)
    const withFirst = (first: number) => concatBytes(Uint8Array.of(first), ciphertext.subarray(1))
    for (const first of [0, 1, 5, 6, 7, 0x30, 0xff]) {
      expect(() => decryptSm2({ privateKey }, withFirst(first))).toThrow(invalid)
    }
    expect(() => decryptSm2({ privateKey }, ciphertext.subarray(1))).toThrow(invalid)
    let x = 2n
    const { p, b } = curves.sm2
    // Euler's criterion, written out: no y belongs to this x.
    while (power((((x * x - 3n) * x + b) % p) + p, (p - 1n) / 2n, p) === 1n) x += 1n
    const rootless = concatBytes(Uint8Array.of(2), toBytes32(x), ciphertext.subarray(65))
    expect(() => decryptSm2({ privateKey }, rootless)).toThrow(invalid)
    const tooLarge = concatBytes(Uint8Array.of(3), toBytes32(p + 1n), ciphertext.subarray(65))
    expect(() => decryptSm2({ privateKey }, tooLarge)).toThrow(invalid)
  })

  it('refuses DER that is not exactly the sequence', () => {
    const parts = parseSm2Ciphertext('c1c3c2', encryptSm2({ publicKey }, text))
    const x = der.unsignedInteger(parts.point.subarray(1, 33))
    const y = der.unsignedInteger(parts.point.subarray(33))
    const [digest, octets] = [der.octetString(parts.digest), der.octetString(parts.text)]
    const right = der.sequence(x, y, digest, octets)
    expect(decryptSm2({ privateKey, layout: 'der' }, right)).toEqual(text)
    const minus = der.integer(-toNumber(parts.point.subarray(1, 33)))
    const padded = concatBytes(Uint8Array.of(2, 34, 0, 0), parts.point.subarray(1, 33))
    for (const wrong of [
      new Uint8Array(),
      der.sequence(),
      der.sequence(x, y, digest),
      der.sequence(x, y, digest, octets, der.null()),
      der.sequence(y, x, digest, octets),
      der.sequence(x, y, octets, digest),
      der.sequence(x, y, der.octetString(parts.digest.subarray(1)), octets),
      der.sequence(x, y, digest, der.octetString(new Uint8Array())),
      der.sequence(minus, y, digest, octets),
      der.sequence(padded, y, digest, octets),
      der.sequence(Uint8Array.of(2, 0), y, digest, octets),
      der.sequence(der.unsignedInteger(random(33).fill(0xff, 0, 1)), y, digest, octets),
      der.sequence(der.unsignedInteger(random(200_000)), y, digest, octets),
      der.sequence(der.sequence(x), y, digest, octets),
      der.setOf(x, y, digest, octets),
      concatBytes(right, Uint8Array.of(0)),
      concatBytes(Uint8Array.of(0x30, 0x80), right.subarray(2), Uint8Array.of(0, 0)),
    ]) {
      expect(() => decryptSm2({ privateKey, layout: 'der' }, wrong)).toThrow(invalid)
    }
  })

  it('says the same of a wrong digest, a wrong key and a zero mask, and shows no secret', () => {
    const ciphertext = encryptSm2({ publicKey }, text)
    ciphertext[70]! ^= 1
    try {
      decryptSm2({ privateKey }, ciphertext)
      throw new Error('accepted')
    } catch (error) {
      expect(error).toEqual(invalid)
      expect(inspect(error, { depth: 5 }).toLowerCase()).not.toContain(example.d.toLowerCase())
      expect((error as { facts?: object }).facts ?? {}).toEqual({})
    }
  })
})

describe('SM2 encryption beside other implementations', () => {
  const publicHex = `04${example.Px}${example.Py}`

  it('exchanges texts with sm-crypto-v2 in all layouts', () => {
    for (const [layout, mode] of [
      ['c1c3c2', 1],
      ['c1c2c3', 0],
    ] as const) {
      const text = random(50)
      // The peer leaves out the first byte of the point.
      const theirs = concatBytes(Uint8Array.of(4), fromHex(peer.doEncrypt(text, publicHex, mode)))
      expect(decryptSm2({ privateKey, layout }, theirs)).toEqual(text)
      const ours = toHex(encryptSm2({ publicKey, layout }, text).subarray(1))
      expect(new Uint8Array(peer.doDecrypt(ours, example.d, mode, { output: 'array' }))).toEqual(text)
    }
    const text = random(50)
    const theirs = fromHex(peer.doEncrypt(text, publicHex, 1, { asn1: true }))
    expect(decryptSm2({ privateKey, layout: 'der' }, theirs)).toEqual(text)
    const ours = toHex(encryptSm2({ publicKey, layout: 'der' }, text))
    expect(new Uint8Array(peer.doDecrypt(ours, example.d, 1, { output: 'array', asn1: true }))).toEqual(text)
  })

  it('exchanges texts with sm-crypto', () => {
    for (const [layout, mode] of [
      ['c1c3c2', 1],
      ['c1c2c3', 0],
    ] as const) {
      const theirs = fromHex(`04${olderPeer.sm2.doEncrypt('统一社会信用代码', publicHex, mode)}`)
      expect(decryptSm2({ privateKey, layout }, theirs)).toEqual(utf8('统一社会信用代码'))
      const ours = toHex(encryptSm2({ publicKey, layout }, utf8('统一社会信用代码')).subarray(1))
      expect(olderPeer.sm2.doDecrypt(ours, example.d, mode)).toBe('统一社会信用代码')
    }
  })
})

describeWithOpenssl('SM2 encryption beside the openssl command', () => {
  it('exchanges DER with openssl pkeyutl', async () => {
    await withWorkbench((bench) => {
      const key = bench.file('key.pem', formatPrivateKeyPem(privateKey))
      const pub = bench.file('pub.pem', formatPublicKeyPem(publicKey))
      for (const length of [4, 16, 33, 200]) {
        const text = random(length)
        bench.openssl(
          'pkeyutl',
          '-encrypt',
          '-pubin',
          '-inkey',
          pub,
          '-in',
          bench.file('text', text),
          '-out',
          bench.path('c'),
        )
        expect(decryptSm2({ privateKey, layout: 'der' }, bench.read('c'))).toEqual(text)
        const ours = bench.file('ours', encryptSm2({ publicKey, layout: 'der' }, text))
        bench.openssl('pkeyutl', '-decrypt', '-inkey', key, '-in', ours, '-out', bench.path('p'))
        expect(bench.read('p')).toEqual(text)
      }
    })
  })
})

describe('sm2MultiplyPoint', () => {
  it('gives the point that OpenSSL gives for the product of both numbers', () => {
    const d = BigInt(`0x${example.d}`)
    for (let index = 0; index < 5; index += 1) {
      const other = nodeCrypto.createECDH('SM2')
      const point = new Uint8Array(other.generateKeys())
      const both = nodeCrypto.createECDH('SM2')
      both.setPrivateKey(toBytes32((BigInt(`0x${other.getPrivateKey('hex')}`) * d) % sm2Order))
      expect(toHex(sm2MultiplyPoint(point, d))).toBe(both.getPublicKey('hex'))
    }
  })
})

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus
    if (bit === '1') result = (result * base) % modulus
  }
  return result
}
