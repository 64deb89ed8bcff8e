import * as nodeCrypto from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { sm2 as peer } from 'sm-crypto-v2'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { der } from './der.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { engine as nodeEngine } from './lib/engines/engine-node.ts'
import { engine as webEngine } from './lib/engines/engine-web.ts'
import { type CurveKind, curves } from './lib/keys/curves.ts'
import { ecPkcs8, ecSpki } from './lib/keys/key-encoding.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, sm2Z, verifySignature } from './public-key.ts'

const kinds: readonly CurveKind[] = ['sm2', 'ec-p256', 'ec-p384', 'ec-p521']
const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY_INVALID' })
const bytes = (value: bigint, size: number): Uint8Array => fromHex(value.toString(16).padStart(size * 2, '0'))

function power(base: bigint, exponent: bigint, p: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % p
    if (bit === '1') result = (result * base) % p
  }
  return result
}

/** The point of the curve with the smallest x. */
function smallPoint({ p, b }: { p: bigint; b: bigint }): { x: bigint; y: bigint } {
  for (let x = 0n; ; x += 1n) {
    const square = (((x ** 3n - 3n * x + b) % p) + p) % p
    // All four primes are 3 modulo 4.
    const y = power(square, (p + 1n) / 4n, p)
    if ((y * y) % p === square) return { x, y }
  }
}

describe('the parameters of the curves', () => {
  it.each([
    ['ec-p256', p256],
    ['ec-p384', p384],
    ['ec-p521', p521],
  ] as const)('are those that @noble/curves has: %s', (kind, { Point }) => {
    const { p, b, n } = Point.CURVE()
    expect(curves[kind]).toMatchObject({ p, b, n })
  })

  it('are those that sm-crypto-v2 and GB/T 32918.5 have: SM2', () => {
    const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
    expect(curves.sm2.n).toBe(n)
    const { x, y } = peer.precomputePublicKey(peer.generateKeyPairHex().publicKey).toAffine()
    const { p, b } = curves.sm2
    expect((y * y - (x ** 3n - 3n * x + b)) % p).toBe(0n)
  })
})

describe.each(kinds)('public keys on the curve of %s', (kind) => {
  const { p, size, ...curve } = curves[kind]
  const { x, y } = smallPoint({ p, ...curve })
  const point = (first: bigint, second: bigint): Uint8Array =>
    concatBytes(Uint8Array.of(4), bytes(first, size), bytes(second, size))
  const fits = (value: bigint): boolean => value < 1n << BigInt(size * 8)

  it('are read when the point is on the curve, however small x is', () => {
    expect(parsePublicKey(ecSpki(kind, point(x, y))).kind).toBe(kind)
    expect(parsePublicKey(ecSpki(kind, point(x, p - y))).kind).toBe(kind)
  })

  it.each([
    ['x is larger by p', [x + p, y]],
    ['y is larger by p', [x, y + p]],
    ['x is p', [p, y]],
    ['y is p', [x, p]],
    ['the point is beside the curve', [x, y + 1n]],
    ['both are zero', [0n, 0n]],
    ['x is all ones', [(1n << BigInt(size * 8)) - 1n, y]],
  ] as const)('are refused when %s', (_title, [first, second]) => {
    // Only where the larger number still fits the bytes can it be written at all.
    const written = fits(first) && fits(second) ? point(first, second) : point(p, second % p)
    expect(() => parsePublicKey(ecSpki(kind, written))).toThrow(refused)
  })

  it('are refused with a point of another curve', () => {
    const other = kinds.find((name) => name !== kind && curves[name].size === size)
    if (other === undefined) return
    const { x: theirs, y: alsoTheirs } = smallPoint(curves[other])
    expect(() => parsePublicKey(ecSpki(kind, point(theirs, alsoTheirs)))).toThrow(refused)
  })

  it.each([
    ['cut short', (good: Uint8Array) => good.subarray(0, -1)],
    ['longer', (good: Uint8Array) => concatBytes(good, Uint8Array.of(0))],
    ['04 alone', () => Uint8Array.of(4)],
  ] as const)('are refused when %s', (_title, change) => {
    expect(() => parsePublicKey(ecSpki(kind, change(point(x, y))))).toThrow(refused)
  })

  it.each([
    ['the point at infinity', () => Uint8Array.of(0)],
    ['a compressed point', (good: Uint8Array) => concatBytes(Uint8Array.of(2), good.subarray(1, 1 + size))],
    ['a hybrid point', (good: Uint8Array) => concatBytes(Uint8Array.of(6), good.subarray(1))],
    ['nothing', () => new Uint8Array()],
  ] as const)('verify nothing when they are %s', async (_title, change) => {
    const publicKey = parsePublicKey(ecSpki(kind, change(point(x, y))))
    expect(publicKey.kind).toBe('other')
    const input = { algorithm: 'sm2-sm3', publicKey, message: utf8('x'), signature: new Uint8Array(64) } as const
    await expect(verifySignature(input)).rejects.toMatchObject({ code: 'ERR_CRYPTO_UNSUPPORTED' })
  })

  it('are refused in a BIT STRING that does not hold whole bytes', () => {
    const spki = ecSpki(kind, point(x, y))
    const at = spki.length - (1 + 2 * size) - 1
    expect(spki[at]).toBe(0)
    expect(() => parsePublicKey(spki.with(at, 3))).toThrow(expect.objectContaining({ code: 'ERR_DER_INVALID' }))
  })
})

describe('RSA keys', () => {
  const spki = (modulus: bigint, exponent: bigint): Uint8Array =>
    der.sequence(
      der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null()),
      der.bitString(der.sequence(der.integer(modulus), der.integer(exponent))),
    )
  const modulus = (1n << 2048n) - 1n

  it.each([
    ['the exponent is one', modulus, 1n],
    ['the exponent is zero', modulus, 0n],
    ['the exponent is even', modulus, 65_536n],
    ['the exponent is negative', modulus, -3n],
    ['the exponent has more than 64 bits', modulus, (1n << 64n) + 1n],
    ['the modulus is even', modulus - 1n, 3n],
    ['the modulus is zero', 0n, 3n],
    ['the modulus is negative', -modulus, 3n],
    ['the modulus has 256 bits', (1n << 256n) - 1n, 3n],
    ['the modulus has 20,000 bits', (1n << 20_000n) - 1n, 3n],
  ])('are refused when %s', (_title, n, e) => {
    expect(() => parsePublicKey(spki(n, e))).toThrow(refused)
  })
})

describe('Ed25519 keys', () => {
  const spki = (key: Uint8Array): Uint8Array => der.sequence(der.sequence(der.oid('1.3.101.112')), der.bitString(key))
  const eighth = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

  it('of small order, under which one signature holds for every message, are refused', () => {
    const torsion = ed25519.Point.fromHex(eighth)
    const points = Array.from({ length: 8 }, (_, index) =>
      index === 0 ? ed25519.Point.ZERO : torsion.multiplyUnsafe(BigInt(index)),
    )
    expect(new Set(points.map((each) => each.toHex())).size).toBe(8)
    for (const each of points) {
      expect(each.isSmallOrder()).toBe(true)
      expect(() => parsePublicKey(spki(each.toBytes()))).toThrow(refused)
    }
    for (const twice of [`ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(31)}`]) {
      expect(() => parsePublicKey(spki(fromHex(twice)))).toThrow(refused)
    }
    expect(parsePublicKey(spki(ed25519.Point.BASE.toBytes())).kind).toBe('ed25519')
  })

  it('of another length are refused', () => {
    for (const length of [0, 31, 33, 64]) expect(() => parsePublicKey(spki(new Uint8Array(length)))).toThrow(refused)
  })
})

describe('private keys out of range', () => {
  it.each(kinds)('are refused: %s', (kind) => {
    const { n, size } = curves[kind]
    const largest = kind === 'sm2' ? n - 2n : n - 1n
    for (const scalar of [0n, largest + 1n, n, n + 1n]) {
      expect(() => parsePrivateKey(ecPkcs8(kind, bytes(scalar, size), undefined))).toThrow(refused)
    }
    for (const scalar of [1n, largest]) {
      expect(parsePrivateKey(ecPkcs8(kind, bytes(scalar, size), undefined)).kind).toBe(kind)
    }
  })
})

describe('new keys and signatures', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const predictable = (): void => {
    // What the keys of CVE-2026-73567 came from.
    vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('Math.random is no source of keys')
    })
    vi.spyOn(Date, 'now').mockReturnValue(0)
    vi.spyOn(performance, 'now').mockReturnValue(0)
  }

  it.each([
    ['Node', nodeEngine],
    ['web', webEngine],
  ] as const)('do not come from Math.random or the time (%s)', async (_name, engine) => {
    predictable()
    const keys = new Set<string>()
    for (let round = 0; round < 20; round += 1) keys.add(toHex(await engine.generate('sm2')))
    for (let round = 0; round < 4; round += 1) keys.add(toHex(await engine.generate('ec-p256')))
    keys.add(toHex(await engine.generate('rsa-2048')))
    expect(keys.size).toBe(25)
  })

  it('come from getRandomValues where there is no OpenSSL, and from nothing else', async () => {
    predictable()
    const asked: number[] = []
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
      const view = array as unknown as Uint8Array
      asked.push(view.length)
      view.fill(7)
      return array
    })
    const [one, two] = [await webEngine.generate('sm2'), await webEngine.generate('sm2')]
    expect(asked.filter((length) => length === 32).length).toBeGreaterThanOrEqual(2)
    expect(one).toEqual(two)
    expect(toHex(one)).toContain('07'.repeat(32))
  })

  it('that are no scalars are drawn again', async () => {
    const { n } = curves.sm2
    const draws = [0n, n - 1n, n, (1n << 256n) - 1n, 5n].map((value) => bytes(value, 32))
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
      const view = array as unknown as Uint8Array
      // Shorter ones blind the multiplication.
      view.set(view.length === 32 && draws.length > 0 ? draws.shift()! : new Uint8Array(view.length).fill(7))
      return array
    })
    expect(toHex(await webEngine.generate('sm2'))).toContain(toHex(bytes(5n, 32)))
    expect(draws).toEqual([])
  })

  it.each([
    ['Node', nodeEngine],
    ['web', webEngine],
  ] as const)('have a number of their own in every SM2 signature (%s)', async (_name, engine) => {
    const { privateKeyPem, publicKey } = await generateKeyPair('sm2')
    const pkcs8 = new Uint8Array(nodeCrypto.createPrivateKey(privateKeyPem).export({ format: 'der', type: 'pkcs8' }))
    predictable()
    const message = utf8('样例')
    const made = Array.from({ length: 20 }, () =>
      toHex(engine.sm2Sign({ kind: 'sm2', pkcs8 }, sm2Z(publicKey), message)),
    )
    expect(new Set(made).size).toBe(20)
    const privateKey = parsePrivateKey(privateKeyPem)
    const [one, two] = [await createSignature({ privateKey, message }), await createSignature({ privateKey, message })]
    expect(one).not.toEqual(two)
  })
})
