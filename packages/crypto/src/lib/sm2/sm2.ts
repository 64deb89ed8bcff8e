/**
 * SM2 signatures (GB/T 32918.2-2016) in JavaScript, and what both engines share: Z, and the strict reading of signatures.
 *
 * What is guaranteed about time: from the nonce k and the key d on, signing and `sm2PublicPoint` run the same sequence of
 * operations with the same branches and memory accesses for every value, `sm2MultiplyPoint` for every scalar; the
 * arithmetic is on doubles and 32-bit integers alone. The one branch is for a nonce that the standard itself throws away.
 *
 * What is not: JavaScript has no say in how an engine compiles this, when it collects what lies in memory, or whether a
 * processor multiplies in constant time, and secrets are not wiped. Keys and nonces come in and go out as BigInt; their
 * conversion is a fixed number of shifts, but a number with leading zero bits is a shorter BigInt. Verifying takes
 * different time for different input, all of which is public. Where a production key is at stake, sign in Node (OpenSSL)
 * or in a device.
 */
import { concatBytes, toHex, utf8 } from '@zhicheng/core'
import { der } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { curves, isOnCurve } from '../keys/curves.ts'
import { elementOfLimbs, limbsOfElement } from './sm2-element.ts'
import { bytesOfLimbs, type Limbs, limbsOfBytes, limbsOfNumber } from './sm2-inverse.ts'
import { type AffinePoint, hasCoordinate, type JacobianPoint, toAffine } from './sm2-point.ts'
import { sumOfProducts } from './sm2-public-sum.ts'
import { addScalars, digitCount, invertScalar, isZeroScalar, multiplyScalars } from './sm2-scalar.ts'
import { multiplySecret } from './sm2-secret-product.ts'
import { createKnownPoint, createTable, type KnownPoint, tableOf, type WindowTable } from './sm2-window.ts'

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

/** True for SEQUENCE { r, s } in DER and nothing else, with both in [1, n-1]. */
export function isSm2Signature(bytes: Uint8Array): boolean {
  // Both numbers have at most 33 bytes, so every length takes one byte.
  if (bytes.length > 72 || bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return false
  const second = 4 + bytes[3]!
  return isScalarAt(bytes, 2, second) && isScalarAt(bytes, second, bytes.length)
}

const orderBytes = toBytes32(sm2Order)

// A minimal, positive INTEGER below n that begins at `start` and ends at `end`.
function isScalarAt(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start - 2
  if (end > bytes.length || bytes[start] !== 2 || bytes[start + 1] !== length || length < 1 || length > 33) return false
  const first = bytes[start + 2]!
  if (length === 33 ? first !== 0 : first >= 0x80) return false
  if (first === 0 && (length === 1 || bytes[start + 3]! < 0x80)) return false
  if (length < 33) return true
  for (let index = 0; index < 32; index += 1) {
    const difference = bytes[start + 3 + index]! - orderBytes[index]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Reads SEQUENCE { r, s }; `undefined` if it is not exactly that, in DER, with both in [1, n-1]. */
export function parseSm2Signature(bytes: Uint8Array): Sm2Signature | undefined {
  if (!isSm2Signature(bytes)) return undefined
  const second = 4 + bytes[3]!
  return { r: toNumber(bytes.subarray(4, second)), s: toNumber(bytes.subarray(second + 2)) }
}

/** SEQUENCE { r, s }. */
export function formatSm2Signature({ r, s }: Sm2Signature): Uint8Array {
  return der.sequence(der.integer(r), der.integer(s))
}

let knownGenerator: KnownPoint | undefined

// Made at first use: a page that never meets SM2 does not pay for it.
function generatorTable(): WindowTable {
  knownGenerator ??= createKnownPoint(
    { x: elementOfLimbs(limbsOfNumber(generator.x)), y: elementOfLimbs(limbsOfNumber(generator.y)) },
    1,
  )
  return tableOf(knownGenerator)
}

/** 04 ‖ x ‖ y of d·G, for d in [1, n-1]. */
export function sm2PublicPoint(d: bigint): Uint8Array {
  return formatPoint(multiplySecret(generatorTable(), scalarLimbs(d, sm2Order)))
}

/**
 * 04 ‖ x ‖ y of scalar·P, where `point` is 04 ‖ x ‖ y. Throws `ERR_CRYPTO_KEY_INVALID` if that is not on the curve, and
 * for a scalar that is a multiple of the order, for then the result is the point at infinity.
 */
export function sm2MultiplyPoint(point: Uint8Array, scalar: bigint): Uint8Array {
  const table = createTable(readPoint(point), digitCount)
  return formatPoint(multiplySecret(table, scalarLimbs(modulo(scalar), sm2Order)))
}

function readPoint(bytes: Uint8Array): AffinePoint {
  if (!isOnCurve(curves.sm2, bytes)) {
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The bytes are not an uncompressed point of the SM2 curve.')
  }
  return {
    x: elementOfLimbs(limbsOfBytes(bytes.subarray(1, 33))),
    y: elementOfLimbs(limbsOfBytes(bytes.subarray(33))),
  }
}

function formatPoint(point: JacobianPoint): Uint8Array {
  const { x, y } = toAffine([point])[0]!
  return concatBytes(Uint8Array.of(4), bytesOfLimbs(limbsOfElement(x)), bytesOfLimbs(limbsOfElement(y)))
}

function scalarLimbs(scalar: bigint, end: bigint): Limbs {
  if (scalar > 0n && scalar < end) return limbsOfNumber(scalar)
  throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The secret number is zero or larger than the SM2 curve allows.')
}

/** A scalar in [1, n-2], by rejection. */
export function sm2RandomScalar(): bigint {
  for (;;) {
    const scalar = toNumber(globalThis.crypto.getRandomValues(new Uint8Array(32)))
    if (scalar > 0n && scalar < sm2Order - 1n) return scalar
  }
}

/**
 * Signs the digest e = SM3(Z ‖ M) (clause 6.2) with d in [1, n-2]. `randomScalar` is there for the standard's own example.
 *
 * s = (1 + d)^-1 (k - r d) is calculated as (1 + d)^-1 (k + r) - r: the secrets meet in one product, and that product,
 * s + r, is no longer a secret.
 */
export function sm2SignDigest(
  d: bigint,
  digest: Uint8Array,
  randomScalar: () => bigint = sm2RandomScalar,
): Sm2Signature {
  const e = toNumber(digest)
  const inverse = invertScalar(addScalars(scalarLimbs(d, sm2Order - 1n), limbsOfNumber(1n)))
  for (;;) {
    const k = scalarLimbs(randomScalar(), sm2Order)
    const { x } = toAffine([multiplySecret(generatorTable(), k)])[0]!
    const r = modulo(e + numberOfLimbs(limbsOfElement(x)))
    const sum = addScalars(k, limbsOfNumber(r))
    if (r === 0n || isZeroScalar(sum)) continue
    const s = modulo(numberOfLimbs(multiplyScalars(inverse, sum)) - r)
    if (s !== 0n) return { r, s }
  }
}

// Keys that come back, such as an issuer's, keep their tables.
const points = new Map<string, KnownPoint>()
const maxPoints = 64

/** Verifies over the digest e = SM3(Z ‖ M) (clause 7.1); `point` is 04 ‖ x ‖ y on the curve. */
export function sm2VerifyDigest(point: Uint8Array, digest: Uint8Array, { r, s }: Sm2Signature): boolean {
  if (r <= 0n || s <= 0n || r >= sm2Order || s >= sm2Order) return false
  const t = modulo(r + s)
  if (t === 0n) return false
  const sum = sumOfProducts([
    { table: tableOfPoint(point), scalar: limbsOfNumber(t) },
    { table: generatorTable(), scalar: limbsOfNumber(s) },
  ])
  if (sum === undefined) return false
  // x is below p, and r - e modulo n stands for up to two such numbers.
  const x = modulo(r - toNumber(digest))
  return hasCoordinate(sum, limbsOfNumber(x)) || (x + sm2Order < p && hasCoordinate(sum, limbsOfNumber(x + sm2Order)))
}

function tableOfPoint(bytes: Uint8Array): WindowTable {
  const key = toHex(bytes)
  const known = points.get(key) ?? createKnownPoint(readPoint(bytes), 2)
  // Put last again, so that what goes is what was not used for longest.
  points.delete(key)
  if (points.size >= maxPoints) points.delete(points.keys().next().value!)
  points.set(key, known)
  return tableOf(known)
}

function modulo(value: bigint): bigint {
  const rest = value % sm2Order
  return rest < 0n ? rest + sm2Order : rest
}

function numberOfLimbs(limbs: Limbs): bigint {
  return toNumber(bytesOfLimbs(limbs))
}

/** A big-endian number. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

/** 32 big-endian bytes of a number in [0, 2^256). */
export function toBytes32(value: bigint): Uint8Array {
  return bytesOfLimbs(limbsOfNumber(value))
}
