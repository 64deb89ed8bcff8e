/**
 * SM2 signatures (GB/T 32918.2-2016) in JavaScript over @noble/curves, and what both engines share: Z, and the strict
 * reading of signatures.
 *
 * BigInt arithmetic is not constant-time. Where a production key is at stake, sign in Node or in a device.
 */
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { der, derTag, isUniversal, parseDer, readInteger } from '../der.ts'
import { curves } from './curves.ts'

const { p, b } = curves.sm2

/** Order of the base point. */
export const sm2Order: bigint = curves.sm2.n

const generator = {
  x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
}

/** The user identifier that GB/T 35276 prescribes where none was agreed. */
export const sm2DefaultUserId: Uint8Array = utf8('1234567812345678')

/** r and s, each in [1, n-1]. */
export interface Sm2Signature {
  readonly r: bigint
  readonly s: bigint
}

type Point = ReturnType<typeof createCurve>['BASE']

function createCurve() {
  return weierstrass({ p, n: sm2Order, h: 1n, a: p - 3n, b, Gx: generator.x, Gy: generator.y })
}

let curve: ReturnType<typeof createCurve> | undefined

// Made at first use: a page that never meets SM2 does not pay for the tables.
function sm2Curve(): ReturnType<typeof createCurve> {
  if (curve === undefined) {
    curve = createCurve()
    curve.BASE.precompute(8, true)
  }
  return curve
}

/** Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ G ‖ P) is hashed from this; `point` is 04 ‖ x ‖ y, the identifier shorter than 8 KiB. */
export function sm2ZInput(point: Uint8Array, userId: Uint8Array): Uint8Array {
  const bits = userId.length * 8
  return concatBytes(
    Uint8Array.of(bits >> 8, bits & 0xff),
    userId,
    ...[p - 3n, b, generator.x, generator.y].map(toBytes32),
    point.subarray(1),
  )
}

/** Reads SEQUENCE { r, s }; `undefined` if it is not exactly that, in DER, with both in [1, n-1]. */
export function parseSm2Signature(bytes: Uint8Array): Sm2Signature | undefined {
  try {
    const node = parseDer(bytes, { maxBytes: 80, maxDepth: 2 })
    if (!isUniversal(node, derTag.sequence) || node.children.length !== 2) return undefined
    // ENUMERATED reads as a number too, but is not how a signature is written.
    if (!node.children.every((child) => isUniversal(child, derTag.integer))) return undefined
    const r = readInteger(node.children[0])
    const s = readInteger(node.children[1])
    return r > 0n && r < sm2Order && s > 0n && s < sm2Order ? { r, s } : undefined
  } catch {
    return undefined
  }
}

/** SEQUENCE { r, s }. */
export function formatSm2Signature({ r, s }: Sm2Signature): Uint8Array {
  return der.sequence(der.integer(r), der.integer(s))
}

/** 04 ‖ x ‖ y of d·G. */
export function sm2PublicPoint(d: bigint): Uint8Array {
  return sm2Curve().BASE.multiply(d).toBytes(false)
}

/** A scalar in [1, n-2], by rejection. */
export function sm2RandomScalar(): bigint {
  for (;;) {
    const scalar = toNumber(globalThis.crypto.getRandomValues(new Uint8Array(32)))
    if (scalar > 0n && scalar < sm2Order - 1n) return scalar
  }
}

/** Signs the digest e = SM3(Z ‖ M) (clause 6.2). `randomScalar` is there for the standard's own example. */
export function sm2SignDigest(
  d: bigint,
  digest: Uint8Array,
  randomScalar: () => bigint = sm2RandomScalar,
): Sm2Signature {
  const e = toNumber(digest)
  const inverse = powerModulo(1n + d, sm2Order - 2n)
  for (;;) {
    const k = randomScalar()
    const r = modulo(e + sm2Curve().BASE.multiply(k).toAffine().x)
    if (r === 0n || r + k === sm2Order) continue
    const s = modulo(inverse * modulo(k - r * d))
    if (s !== 0n) return { r, s }
  }
}

// Keys that come back, such as an issuer's, get a table of their own; one look at a key does not pay for it.
const points = new Map<string, { point: Point; uses: number }>()
const maxPoints = 64

/** Verifies over the digest e = SM3(Z ‖ M) (clause 7.1); `point` is 04 ‖ x ‖ y on the curve. */
export function sm2VerifyDigest(point: Uint8Array, digest: Uint8Array, { r, s }: Sm2Signature): boolean {
  if (r <= 0n || s <= 0n || r >= sm2Order || s >= sm2Order) return false
  const t = modulo(r + s)
  if (t === 0n) return false
  const sum = sm2Curve().BASE.multiplyUnsafe(s).add(cachedPoint(point).multiplyUnsafe(t))
  if (sum.is0()) return false
  return modulo(toNumber(digest) + sum.toAffine().x) === r
}

function cachedPoint(bytes: Uint8Array): Point {
  const key = toHex(bytes)
  let entry = points.get(key)
  if (entry === undefined) {
    if (points.size >= maxPoints) points.delete(points.keys().next().value!)
    entry = { point: sm2Curve().fromBytes(bytes), uses: 0 }
    points.set(key, entry)
  }
  entry.uses += 1
  if (entry.uses === 3) entry.point.precompute(8, false)
  return entry.point
}

function modulo(value: bigint): bigint {
  const rest = value % sm2Order
  return rest < 0n ? rest + sm2Order : rest
}

// Fermat rather than Euclid: the number of steps does not depend on the secret.
function powerModulo(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = modulo(result * result)
    if (bit === '1') result = modulo(result * base)
  }
  return result
}

/** A big-endian number. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

/** 32 big-endian bytes. */
export function toBytes32(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0'))
}
