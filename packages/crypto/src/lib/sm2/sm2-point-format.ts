/** Points of the SM2 curve as bytes (GB/T 32918.1, 4.2.9 and 4.2.10; the same as SEC 1, 2.3). */
import { concatBytes } from '@zhicheng/core'
import { curves, isOnCurve } from '../keys/curves.ts'
import { toBytes32, toNumber } from './sm2.ts'

const { p, b } = curves.sm2

/**
 * 04 ‖ x ‖ y of a point given like that or compressed (02 or 03 ‖ x); `undefined` for anything else: the point at
 * infinity, the hybrid form, wrong lengths, and what is not on the curve.
 */
export function readSm2Point(bytes: Uint8Array): Uint8Array | undefined {
  const point = bytes.length === 33 ? decompress(bytes) : bytes
  return point !== undefined && isOnCurve(curves.sm2, point) ? point : undefined
}

/** The compressed form of 04 ‖ x ‖ y. */
export function compressSm2Point(point: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(2 | (point[64]! & 1)), point.subarray(1, 33))
}

// Whoever calls checks that the result is on the curve, and with that both x < p and that there was a root at all.
function decompress(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 2 && bytes[0] !== 3) return undefined
  const x = toNumber(bytes.subarray(1))
  // p = 3 modulo 4, so the root is a power.
  const root = powerModulo((((x * x - 3n) * x + b) % p) + p, (p + 1n) / 4n)
  const y = (root & 1n) === BigInt(bytes[0] & 1) ? root : (p - root) % p
  return concatBytes(Uint8Array.of(4), bytes.subarray(1), toBytes32(y))
}

// Points that come from outside are no secret, so the time may depend on them.
function powerModulo(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % p
    if (bit === '1') result = (result * base) % p
  }
  return result
}
