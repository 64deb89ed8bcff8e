/** The four named curves of certificates: NIST P-256, P-384, P-521 (SEC 2) and SM2 (GB/T 32918.5). All have a = p - 3. */
import { toHex } from '@zhicheng/core'

/** A curve over a prime field. */
export interface NamedCurve {
  readonly oid: string
  readonly p: bigint
  readonly b: bigint
  /** Order of the base point. */
  readonly n: bigint
  /** Length of a coordinate in bytes. */
  readonly size: number
}

/** Kinds of keys on a curve. */
export type CurveKind = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'sm2'

/** Parameters by kind. */
export const curves: Readonly<Record<CurveKind, NamedCurve>> = {
  'ec-p256': {
    oid: '1.2.840.10045.3.1.7',
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    size: 32,
  },
  'ec-p384': {
    oid: '1.3.132.0.34',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    size: 48,
  },
  'ec-p521': {
    oid: '1.3.132.0.35',
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    size: 66,
  },
  sm2: {
    oid: '1.2.156.10197.1.301',
    p: 2n ** 256n - 2n ** 224n - 2n ** 96n + 2n ** 64n - 1n,
    b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
    n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
    size: 32,
  },
}

/** The kind whose curve has this object identifier. */
export function curveOfOid(oid: string): CurveKind | undefined {
  return (Object.keys(curves) as CurveKind[]).find((kind) => curves[kind].oid === oid)
}

/** True if an uncompressed point (04 ‖ x ‖ y) lies on the curve. All four curves have cofactor 1, so that is enough. */
export function isOnCurve({ p, b, size }: NamedCurve, point: Uint8Array): boolean {
  if (point.length !== 1 + 2 * size || point[0] !== 4) return false
  const x = BigInt(`0x${toHex(point.subarray(1, 1 + size))}`)
  const y = BigInt(`0x${toHex(point.subarray(1 + size))}`)
  if (x >= p || y >= p) return false
  return (y * y - (x * x - 3n) * x - b) % p === 0n
}
