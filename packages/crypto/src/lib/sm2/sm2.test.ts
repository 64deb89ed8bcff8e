import * as nodeCrypto from 'node:crypto'
import { createRequire } from 'node:module'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { sm2 as peer } from 'sm-crypto-v2'
import { describe, expect, it, vi } from 'vitest'
import { invertModuloOrder, nobleSign, nobleSm2, nobleVerify } from '../../../test/noble-sm2.ts'
import { describeWithOpenssl, vectors, withWorkbench } from '../../../test/tools.ts'
import { der } from '../../der.ts'
import { curves } from '../keys/curves.ts'
import { ecPkcs8, ecSpki } from '../keys/key-encoding.ts'
import { createSm3 } from '../sm3/sm3.ts'
import {
  formatSm2Signature,
  isSm2Signature,
  parseSm2Signature,
  type Sm2Signature,
  sm2DefaultUserId,
  sm2MultiplyPoint,
  sm2Order,
  sm2PublicPoint,
  sm2RandomScalar,
  sm2SignDigest,
  sm2VerifyDigest,
  sm2ZInput,
  toBytes32,
  toNumber,
} from './sm2.ts'

const older = createRequire(import.meta.url)('sm-crypto') as {
  sm2: {
    doSignature(message: string, key: string, options: object): string
    doVerifySignature(message: string, signature: string, point: string, options: object): boolean
  }
}

const n = sm2Order
const { p } = curves.sm2
const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })
const edges = [
  ...Array.from({ length: 70 }, (_, index) => BigInt(index + 1)),
  ...Array.from({ length: 70 }, (_, index) => n - BigInt(index + 1)),
  ...Array.from({ length: 40 }, (_, index) => n / 2n - 20n + BigInt(index)),
  ...[5n, 24n, 48n, 128n, 250n, 255n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, n - 2n ** bits]),
  BigInt(`0x${'84'.repeat(31)}`),
  BigInt(`0x0f${'ff'.repeat(31)}`),
]

function modulo(value: bigint): bigint {
  const rest = value % n
  return rest < 0n ? rest + n : rest
}

/** Functions of a copy of the module that has seen no point yet, so that nothing has a table. */
async function freshModule(): Promise<typeof import('./sm2.ts')> {
  vi.resetModules()
  return import('./sm2.ts')
}

function digestOf(point: Uint8Array, message: Uint8Array): Uint8Array {
  const z = createSm3().update(sm2ZInput(point, sm2DefaultUserId)).digest()
  return createSm3().update(z).update(message).digest()
}

describe('multiples of points', () => {
  it('of the base point are those of @noble/curves, without a table and with it', async () => {
    const { sm2PublicPoint } = await freshModule()
    for (const d of [...edges, ...Array.from({ length: 200 }, sm2RandomScalar)]) {
      expect(toHex(sm2PublicPoint(d))).toBe(nobleSm2.BASE.multiply(d).toHex(false))
    }
  })

  it('of the base point are those of OpenSSL', () => {
    const native = nodeCrypto.createECDH('SM2')
    for (let round = 0; round < 50; round += 1) {
      native.generateKeys()
      const d = toNumber(native.getPrivateKey())
      expect(toHex(sm2PublicPoint(d))).toBe(native.getPublicKey('hex'))
    }
  })

  it('of another point are those of @noble/curves and OpenSSL', () => {
    const native = nodeCrypto.createECDH('SM2')
    for (const scalar of [...edges, ...Array.from({ length: 100 }, sm2RandomScalar)]) {
      const k = sm2RandomScalar()
      const point = nobleSm2.BASE.multiply(k)
      const product = toHex(sm2MultiplyPoint(point.toBytes(false), scalar))
      expect(product).toBe(point.multiply(scalar).toHex(false))
      native.setPrivateKey(toBytes32(modulo(k * scalar)))
      expect(product).toBe(native.getPublicKey('hex'))
    }
  })

  it('take scalars modulo the order and refuse those that lead to infinity', () => {
    const point = sm2PublicPoint(7n)
    expect(sm2MultiplyPoint(point, n + 3n)).toEqual(sm2PublicPoint(21n))
    expect(sm2MultiplyPoint(point, -1n)).toEqual(sm2PublicPoint(n - 7n))
    for (const scalar of [0n, n, 5n * n, -n]) expect(() => sm2MultiplyPoint(point, scalar)).toThrow(refused)
    for (const scalar of [0n, n, -1n]) expect(() => sm2PublicPoint(scalar)).toThrow(refused)
  })

  it.each([
    ['off the curve', sm2PublicPoint(9n).map((byte, index) => (index === 64 ? byte ^ 1 : byte))],
    ['on the curve after reduction only', concatBytes(Uint8Array.of(4), toBytes32(p + 1n), toBytes32(1n))],
    ['compressed', nobleSm2.BASE.toBytes(true)],
    ['infinity', Uint8Array.of(0)],
    ['zero', concatBytes(Uint8Array.of(4), new Uint8Array(64))],
    ['too long', concatBytes(sm2PublicPoint(9n), Uint8Array.of(0))],
    ['empty', new Uint8Array()],
  ])('refuse a point that is %s', (_name, point) => {
    expect(() => sm2MultiplyPoint(point, 5n)).toThrow(refused)
    expect(() => sm2VerifyDigest(point, new Uint8Array(32), { r: 1n, s: 1n })).toThrow(refused)
  })
})

describe('signing with SM2', () => {
  it('gives what the formulas of the standard give with @noble/curves, for 300 keys and nonces', () => {
    for (let round = 0; round < 300; round += 1) {
      const [d, k, e] = [sm2RandomScalar(), sm2RandomScalar(), sm2RandomScalar()] as const
      expect(sm2SignDigest(d, toBytes32(e), () => k)).toEqual(nobleSign(d, e, k))
    }
    for (const d of [1n, 2n, n - 2n, n - 3n]) {
      for (const k of [1n, 2n, n - 1n, n - 2n]) {
        for (const e of [0n, 1n, n - 1n, n, 2n ** 256n - 1n]) {
          expect(sm2SignDigest(d, toBytes32(e), () => k)).toEqual(nobleSign(d, e, k))
        }
      }
    }
  })

  it('takes another nonce where r is 0, r + k is n, or s is 0', () => {
    const d = sm2RandomScalar()
    const [bad, good] = [sm2RandomScalar(), sm2RandomScalar()] as const
    const { x } = nobleSm2.BASE.multiply(bad).toAffine()
    const digests = { r: modulo(-x), sum: modulo(n - bad - x), s: modulo(bad * invertModuloOrder(d) - x) }
    for (const e of Object.values(digests)) {
      const nonces = [bad, good]
      expect(sm2SignDigest(d, toBytes32(e), () => nonces.shift()!)).toEqual(nobleSign(d, e, good))
      expect(nonces).toEqual([])
    }
  })

  it.each([0n, -1n, n - 1n, n, n + 5n])('refuses the key %s', (d) => {
    expect(() => sm2SignDigest(d, new Uint8Array(32))).toThrow(refused)
  })

  it.each([0n, n, n + 1n, -1n])('refuses the nonce %s', (k) => {
    expect(() => sm2SignDigest(5n, new Uint8Array(32), () => k)).toThrow(refused)
  })

  it('is accepted by node:crypto, @noble/curves, sm-crypto-v2 and sm-crypto, and accepts what they sign', () => {
    for (let round = 0; round < 8; round += 1) {
      const d = sm2RandomScalar()
      const point = sm2PublicPoint(d)
      const [key, pointHex, text] = [toHex(toBytes32(d)), toHex(point), `第 ${round} 号文件`]
      const digest = digestOf(point, utf8(text))
      const z = createSm3().update(sm2ZInput(point, sm2DefaultUserId)).digest()
      const signature = sm2SignDigest(d, digest)
      const encoded = formatSm2Signature(signature)
      const spki = { key: Buffer.from(ecSpki('sm2', point)), format: 'der', type: 'spki' } as const
      const pkcs8 = { key: Buffer.from(ecPkcs8('sm2', toBytes32(d), point)), format: 'der', type: 'pkcs8' } as const
      expect(
        nodeCrypto.createVerify('sm3').update(z).update(text).verify(nodeCrypto.createPublicKey(spki), encoded),
      ).toBe(true)
      expect(nobleVerify(nobleSm2.fromHex(pointHex), toNumber(digest), signature)).toBe(true)
      expect(peer.doVerifySignature(text, toHex(encoded), pointHex, { der: true, hash: true })).toBe(true)
      expect(older.sm2.doVerifySignature(text, toHex(encoded), pointHex, { der: true, hash: true })).toBe(true)
      const theirs = [
        nodeCrypto.createSign('sm3').update(z).update(text).sign(nodeCrypto.createPrivateKey(pkcs8), 'hex'),
        toHex(formatSm2Signature(nobleSign(d, toNumber(digest), sm2RandomScalar()))),
        peer.doSignature(text, key, { der: true, hash: true }),
        older.sm2.doSignature(text, key, { der: true, hash: true }),
      ]
      for (const their of theirs) {
        const values = parseSm2Signature(fromHex(their))!
        expect(sm2VerifyDigest(point, digest, values)).toBe(true)
        expect(sm2VerifyDigest(point, digestOf(point, utf8('other')), values)).toBe(false)
      }
    }
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('signatures go both ways', async () => {
    const d = sm2RandomScalar()
    const point = sm2PublicPoint(d)
    const digest = digestOf(point, utf8('message'))
    const identifier = ['-sigopt', 'distid:1234567812345678']
    await withWorkbench(({ file, path, read, openssl }) => {
      const key = file('key.der', ecPkcs8('sm2', toBytes32(d), point))
      const publicKey = file('public.der', ecSpki('sm2', point))
      const message = file('message', 'message')
      const ours = file('ours', formatSm2Signature(sm2SignDigest(d, digest)))
      const verify = ['dgst', '-sm3', '-verify', publicKey, '-keyform', 'DER', ...identifier, '-signature']
      expect(openssl(...verify, ours, message)).toContain('Verified OK')
      openssl('dgst', '-sm3', '-sign', key, '-keyform', 'DER', ...identifier, '-out', path('theirs'), message)
      expect(sm2VerifyDigest(point, digest, parseSm2Signature(read('theirs'))!)).toBe(true)
    })
  })
})

/** A signature over a chosen digest that verifies if and only if s G + t P is the given multiple of G, for P = d G. */
function signatureFor(
  d: bigint,
  s: bigint,
  t: bigint,
): { digest: Uint8Array; signature: Sm2Signature; valid: boolean } {
  const signature = { r: modulo(t - s), s }
  const total = modulo(s + t * d)
  const x = total === 0n ? 0n : nobleSm2.BASE.multiply(total).toAffine().x
  return { digest: toBytes32(modulo(signature.r - x)), signature, valid: total !== 0n }
}

describe('verifying SM2', () => {
  it('refuses r and s out of range and r + s = n', () => {
    const { digest, signature } = signatureFor(3n, sm2RandomScalar(), sm2RandomScalar())
    const { r, s } = signature
    const point = sm2PublicPoint(3n)
    expect(sm2VerifyDigest(point, digest, { r, s })).toBe(true)
    for (const wrong of [
      { r: 0n, s },
      { r, s: 0n },
      { r: n, s },
      { r, s: n },
      { r: r + n, s },
      { r, s: s + n },
      { r: r - n, s },
      { r, s: s - n },
      { r, s: n - r },
      { r: n - s, s },
    ]) {
      expect(sm2VerifyDigest(point, digest, wrong)).toBe(false)
    }
  })

  it('agrees with @noble/curves on right and wrong signatures by keys that come back and keys that do not', async () => {
    const { sm2VerifyDigest } = await freshModule()
    const keys = Array.from({ length: 70 }, () => nobleSm2.BASE.multiply(sm2RandomScalar()))
    const secret = sm2RandomScalar()
    const known = nobleSm2.BASE.multiply(secret)
    for (const key of keys) {
      const e = sm2RandomScalar()
      const signature = nobleSign(secret, e, sm2RandomScalar())
      for (const point of [known, key]) {
        for (const { r, s } of [signature, { r: signature.r, s: modulo(signature.s + 1n) }]) {
          const expected = nobleVerify(point, e, { r, s })
          expect(expected).toBe(point === known && s === signature.s)
          expect(sm2VerifyDigest(point.toBytes(false), toBytes32(e), { r, s })).toBe(expected)
        }
      }
    }
  })

  it('takes an x of the sum that is n or more', () => {
    // A point with such an x is not met by chance: there are 2^127 of 2^256.
    let x = n
    for (; ; x += 1n) {
      try {
        nobleSm2.fromHex(`02${toHex(toBytes32(x))}`)
        break
      } catch {
        // No point of the curve has this x.
      }
    }
    const sum = nobleSm2.fromHex(`02${toHex(toBytes32(x))}`)
    const [s, t] = [sm2RandomScalar(), sm2RandomScalar()] as const
    const point = sum.subtract(nobleSm2.BASE.multiply(s)).multiply(invertModuloOrder(t))
    const r = modulo(t - s)
    expect(x).toBeLessThan(p)
    expect(nobleVerify(point, modulo(r - x), { r, s })).toBe(true)
    expect(sm2VerifyDigest(point.toBytes(false), toBytes32(modulo(r - x)), { r, s })).toBe(true)
    expect(sm2VerifyDigest(point.toBytes(false), toBytes32(modulo(r - x + 1n)), { r, s })).toBe(false)
  })

  // What a sum meets on its way depends on the tables: 7 is the lowest digit of s, which comes last without tables and
  // first with them.
  const s = (n / 96n) * 32n + 7n
  const d = 0x1234567n
  const cases: [string, bigint, bigint, bigint][] = [
    ['equal points in the last sum', d, s, modulo((14n - s) * invertModuloOrder(d))],
    ['opposite points in the last sum', d, s, modulo(-s * invertModuloOrder(d))],
    ['equal points in the first sum of the base point', d, s, modulo(7n * invertModuloOrder(d))],
    ['opposite points in the first sum of the base point', d, s, modulo(-7n * invertModuloOrder(d))],
    ['opposite points on the way', n - 12_345n, 32n * 12_345n + 3n, 32n + 5n],
    ['equal points in the first sum of all', 1n, 32n * 5n + 1n, 32n * 5n + 2n],
    ['the base point as the key', 1n, s, s + 1n],
    ['the negative of the base point as the key', n - 1n, s, s + 1n],
  ]
  it.each(cases)('copes with %s, without tables and with them', async (_name, d, s, t) => {
    const { digest, signature, valid } = signatureFor(d, s, t)
    const point = nobleSm2.BASE.multiply(d)
    const { sm2VerifyDigest } = await freshModule()
    expect(nobleVerify(point, toNumber(digest), signature)).toBe(valid)
    for (let round = 0; round < 12; round += 1) {
      expect(sm2VerifyDigest(point.toBytes(false), digest, signature)).toBe(valid)
      const other = toBytes32(modulo(toNumber(digest) + 1n))
      expect(sm2VerifyDigest(point.toBytes(false), other, signature)).toBe(false)
    }
  })
})

describe('encoded SM2 signatures', () => {
  const { r, s } = { r: BigInt(`0x${vectors.sm2Sign.r}`), s: BigInt(`0x${vectors.sm2Sign.s}`) }
  const encode = (r: bigint, s: bigint) => der.sequence(der.integer(r), der.integer(s))
  const good = encode(r, s)

  it('are read with numbers of every length', () => {
    for (const left of [
      1n,
      0x7fn,
      0x80n,
      0xffn,
      0x8000n,
      2n ** 247n,
      2n ** 248n - 1n,
      2n ** 255n - 1n,
      2n ** 255n,
      n - 1n,
    ]) {
      for (const right of [1n, 0x80n, 2n ** 255n, n - 1n, r]) {
        expect(parseSm2Signature(encode(left, right))).toEqual({ r: left, s: right })
        expect(formatSm2Signature({ r: left, s: right })).toEqual(encode(left, right))
      }
    }
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['an empty sequence', der.sequence()],
    ['one number', der.sequence(der.integer(r))],
    ['three numbers', der.sequence(der.integer(r), der.integer(s), der.integer(1n))],
    ['zero r', encode(0n, s)],
    ['zero s', encode(r, 0n)],
    ['r of n', encode(n, s)],
    ['s of n', encode(r, n)],
    ['s of 2^256 - 1', encode(r, 2n ** 256n - 1n)],
    ['r of 2^256', encode(2n ** 256n, s)],
    ['r of 2^264', encode(2n ** 264n, s)],
    ['negative r', encode(-r, s)],
    ['negative s', encode(r, -1n)],
    ['a byte after it', concatBytes(good, Uint8Array.of(0))],
    ['a byte missing', good.subarray(0, -1)],
    ['a byte inside after the numbers', der.sequence(der.integer(r), der.integer(s), Uint8Array.of(0))],
    ['an empty number', der.sequence(Uint8Array.of(2, 0), der.integer(s))],
    ['a padded number', der.sequence(Uint8Array.of(2, 2, 0, 5), der.integer(s))],
    ['a long form length', concatBytes(Uint8Array.of(0x30, 0x81), good.subarray(1))],
    ['an indefinite length', concatBytes(Uint8Array.of(0x30, 0x80), good.subarray(2), Uint8Array.of(0, 0))],
    ['a SET', concatBytes(Uint8Array.of(0x31), good.subarray(1))],
    ['an OCTET STRING for r', der.sequence(der.octetString(Uint8Array.of(5)), der.integer(s))],
    ['64 raw bytes', concatBytes(toBytes32(r), toBytes32(s))],
    ['a number that reaches past the end', Uint8Array.of(0x30, 6, 2, 1, 5, 2, 33, 5)],
    ['a first number that swallows the second', Uint8Array.of(0x30, 6, 2, 4, 5, 2, 1, 5)],
  ])('are refused with %s', (_name, bytes) => {
    expect(isSm2Signature(bytes)).toBe(false)
    expect(parseSm2Signature(bytes)).toBeUndefined()
  })

  it('are refused cut at every byte and never throw on noise', () => {
    for (let length = 0; length < good.length; length += 1) expect(isSm2Signature(good.subarray(0, length))).toBe(false)
    for (let round = 0; round < 20_000; round += 1) {
      const noise = crypto.getRandomValues(new Uint8Array(round % 80))
      noise.set(Uint8Array.of(0x30, noise.length - 2, 2, round % 36).subarray(0, noise.length))
      const values = parseSm2Signature(noise)
      if (values !== undefined) expect(formatSm2Signature(values)).toEqual(noise)
    }
  })
})
