/** SM2 over @noble/curves: the other implementation that tests and measurements compare with. */
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { curves } from '../src/lib/keys/curves.ts'

type Curve = ReturnType<typeof weierstrass<bigint>>
export type NoblePoint = Curve['BASE']

const { p, b, n } = curves.sm2

/** The curve, with a table for the base point. */
export const nobleSm2: Curve = weierstrass({
  p,
  n,
  h: 1n,
  a: p - 3n,
  b,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
})
nobleSm2.BASE.precompute(8, true)

function modulo(value: bigint): bigint {
  const rest = value % n
  return rest < 0n ? rest + n : rest
}

/** 1 / value modulo the order, by Fermat. */
export function invertModuloOrder(value: bigint): bigint {
  let result = 1n
  for (const bit of (n - 2n).toString(2)) {
    result = modulo(result * result)
    if (bit === '1') result = modulo(result * value)
  }
  return result
}

/** Signs by the formulas of GB/T 32918.2, 6.1, as they stand there; `inverse` is (1 + d)^-1. */
export function nobleSign(
  d: bigint,
  e: bigint,
  k: bigint,
  inverse: bigint = invertModuloOrder(1n + d),
): { r: bigint; s: bigint } {
  const r = modulo(e + nobleSm2.BASE.multiply(k).toAffine().x)
  return { r, s: modulo(inverse * modulo(k - r * d)) }
}

/** Verifies by the formulas of GB/T 32918.2, 7.1; r and s are in range. */
export function nobleVerify(point: NoblePoint, e: bigint, { r, s }: { r: bigint; s: bigint }): boolean {
  const t = modulo(r + s)
  if (t === 0n) return false
  const sum = nobleSm2.BASE.multiplyUnsafe(s).add(point.multiplyUnsafe(t))
  return !sum.is0() && modulo(e + sum.toAffine().x) === r
}
