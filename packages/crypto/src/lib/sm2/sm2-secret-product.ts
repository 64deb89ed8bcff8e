/**
 * Products of a secret number and a point of the SM2 curve: for signatures and for encryption.
 *
 * The sequence of operations and of memory accesses is the same for every number in [1, n): a table row is read as a
 * whole for each digit, and what is not wanted is masked out. Nothing here is guaranteed about what a JavaScript engine
 * makes of it; see `sm2.ts`.
 */
import { createElement, fieldConstants } from './sm2-element.ts'
import type { FieldElement } from './sm2-field.ts'
import { type Limbs, limbCount } from './sm2-inverse.ts'
import {
  type AffinePoint,
  addAffine,
  createPoint,
  createWorkspace,
  doublePoint,
  type JacobianPoint,
} from './sm2-point.ts'
import { digitCount, digitWidth, signedDigits, smallerScalar } from './sm2-scalar.ts'
import { entryLength, rowLength, type WindowTable } from './sm2-window.ts'

/**
 * scalar P for a scalar in [1, n), which is never infinity; the table has stride 1 or one row.
 *
 * No sum on the way meets equal or opposite points, because what is calculated is m P for the smaller one m of scalar and
 * n - scalar, and -P in the end for the latter. Let v P be the sum so far and d the next digit but 0:
 * - Stride 1 goes from low places to high ones. With B = 2^(5 place), |v| < 0.52 B, so v is neither d B nor -d B. It is
 *   not so modulo n either, for |d| B + |v| is at most 16.52 B < n before the last place, and at the last one, B = 2^255,
 *   d is 1 since m < 2^255, and 1.52 B < n.
 * - One row goes from the highest place down. 32 v + d is the leading part of m < n/2, at most 0.52 above the quotient
 *   it stands for and not negative. So v is not negative, 32 v + |d| is below n/2 + 32 < n, and 32 v - |d| is at least 16
 *   as soon as v is not 0.
 * That v is 0 before the first digit other than 0 is no exception: there the entry itself is taken, by masking.
 */
export function multiplySecret({ stride, words }: WindowTable, scalar: Limbs): JacobianPoint {
  const { smaller, negated } = smallerScalar(scalar)
  const digits = signedDigits(smaller)
  const work = createWorkspace()
  const entry: AffinePoint = { x: createElement(), y: createElement() }
  const total = createPoint()
  const sum = createPoint()
  const { one } = fieldConstants()
  let empty = 1
  for (let turn = stride - 1; turn >= 0; turn -= 1) {
    for (let place = turn, row = 0; place < digitCount; place += stride, row += 1) {
      const digit = digits[place]!
      const sign = digit >> 31
      const magnitude = (digit ^ sign) - sign
      selectLimbs(entry.x, words, row * rowLength * entryLength, magnitude, 1)
      selectLimbs(entry.y, words, row * rowLength * entryLength + limbCount, magnitude, 1 + 2 * (sign ^ negated))
      addAffine(sum, total, entry, work)
      const used = -magnitude >>> 31
      const first = used & empty
      const further = used & ~empty
      blend(total.x, 1 - used, sum.x, further, entry.x, first)
      blend(total.y, 1 - used, sum.y, further, entry.y, first)
      blend(total.z, 1 - used, sum.z, further, one, first)
      empty &= ~used
    }
    if (turn > 0) for (let bit = 0; bit < digitWidth; bit += 1) doublePoint(total, work)
  }
  return total
}

/** The eleven words at `from` in the entry of a magnitude, times `factor`; zeros for the magnitude 0. Reads all entries. */
function selectLimbs(out: FieldElement, words: Int32Array, from: number, magnitude: number, factor: number): void {
  let w0 = 0
  let w1 = 0
  let w2 = 0
  let w3 = 0
  let w4 = 0
  let w5 = 0
  let w6 = 0
  let w7 = 0
  let w8 = 0
  let w9 = 0
  let w10 = 0
  for (let multiple = 1, at = from; multiple <= rowLength; multiple += 1, at += entryLength) {
    // -1 for the wanted one, 0 for the others.
    const mask = ((magnitude ^ multiple) - 1) >> 31
    w0 |= words[at]! & mask
    w1 |= words[at + 1]! & mask
    w2 |= words[at + 2]! & mask
    w3 |= words[at + 3]! & mask
    w4 |= words[at + 4]! & mask
    w5 |= words[at + 5]! & mask
    w6 |= words[at + 6]! & mask
    w7 |= words[at + 7]! & mask
    w8 |= words[at + 8]! & mask
    w9 |= words[at + 9]! & mask
    w10 |= words[at + 10]! & mask
  }
  out[0] = w0 * factor
  out[1] = w1 * factor
  out[2] = w2 * factor
  out[3] = w3 * factor
  out[4] = w4 * factor
  out[5] = w5 * factor
  out[6] = w6 * factor
  out[7] = w7 * factor
  out[8] = w8 * factor
  out[9] = w9 * factor
  out[10] = w10 * factor
}

/** out = keep out + takeA a + takeB b, where one of the three is 1 and the others are 0. */
function blend(out: FieldElement, keep: number, a: FieldElement, takeA: number, b: FieldElement, takeB: number): void {
  for (let limb = 0; limb < limbCount; limb += 1) {
    out[limb] = keep * out[limb]! + takeA * a[limb]! + takeB * b[limb]!
  }
}
