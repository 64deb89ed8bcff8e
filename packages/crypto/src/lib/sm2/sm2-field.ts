/**
 * The field of the SM2 curve, modulo p = 2^256 - 2^224 - 2^96 + 2^64 - 1 (GB/T 32918.5), without BigInt: products.
 *
 * An element is eleven limbs of weight 2^(24 i) in doubles, signed, in Montgomery form with R = 2^264. A limb is always
 * an integer below 2^53 in magnitude, so every operation here is exact and no rounding mode can matter. What each
 * function takes and gives is said in two measures:
 *
 * - "k-fold": every limb is at most k (2^23 + 2^5). What {@link multiply}, {@link square} and `carry` give is 1-fold, and
 *   the sum or difference of a j-fold and a k-fold element is (j + k)-fold.
 * - the value: at most 9 p in magnitude. A product has at most p: (9 p)^2 / R < 0.32 p, and the multiple of p that
 *   Montgomery's method adds is at most (2^263 + 2^239) p / R < 0.51 p. Nothing here adds up more than nine products.
 *
 * A product of a j-fold and a k-fold element with j k <= 11 is exact: a column sums at most eleven products of
 * magnitude j k (2^23 + 2^5)^2, which is below 2^52.92, and less than 2^41 from the reduction, together below 2^53.
 * The limbs 0 to 9 of the result are what is left of rounding to a multiple of 2^24, at most 2^23; limb 10 follows from
 * the value and is below 2^17.
 *
 * No branch and no index depends on a value. Additions and multiplications of doubles take the same time for all
 * numbers on common processors except for subnormal ones, which integers never are.
 */

/** Eleven limbs. */
export type FieldElement = Float64Array

/**
 * Adding and subtracting this rounds a number below 2^75 to a multiple of 2^24: the last bit of a double between 2^76 and
 * 2^77 has that weight.
 */
export const rounder: number = 3 * 2 ** 75
/** One limb down. */
export const down: number = 2 ** -24
const up16 = 2 ** 16
const up8 = 2 ** 8

/**
 * out = a b / R mod p. `out` may be a or b.
 *
 * Column by column: what a column holds modulo 2^24, qK, is cancelled by adding qK p, whose lowest term is -qK; the
 * other terms 2^64, -2^96, -2^224 and 2^256 go to the columns 2, 4, 9 and 10 places up. What is above, cK, is carried.
 */
// biome-ignore format: one line is one column of the product.
export function multiply(out: FieldElement, a: FieldElement, b: FieldElement): void {
  const a0 = a[0]!
  const a1 = a[1]!
  const a2 = a[2]!
  const a3 = a[3]!
  const a4 = a[4]!
  const a5 = a[5]!
  const a6 = a[6]!
  const a7 = a[7]!
  const a8 = a[8]!
  const a9 = a[9]!
  const a10 = a[10]!
  const b0 = b[0]!
  const b1 = b[1]!
  const b2 = b[2]!
  const b3 = b[3]!
  const b4 = b[4]!
  const b5 = b[5]!
  const b6 = b[6]!
  const b7 = b[7]!
  const b8 = b[8]!
  const b9 = b[9]!
  const b10 = b[10]!
  const t0 = a0 * b0
  const c0 = t0 + rounder - rounder
  const q0 = t0 - c0
  const r0 = q0 * up16
  const t1 = a0 * b1 + a1 * b0 + c0 * down
  const c1 = t1 + rounder - rounder
  const q1 = t1 - c1
  const r1 = q1 * up16
  const t2 = a0 * b2 + a1 * b1 + a2 * b0 + c1 * down + r0
  const c2 = t2 + rounder - rounder
  const q2 = t2 - c2
  const r2 = q2 * up16
  const t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + c2 * down + r1
  const c3 = t3 + rounder - rounder
  const q3 = t3 - c3
  const r3 = q3 * up16
  const t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + c3 * down + r2 - q0
  const c4 = t4 + rounder - rounder
  const q4 = t4 - c4
  const r4 = q4 * up16
  const t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + c4 * down + r3 - q1
  const c5 = t5 + rounder - rounder
  const q5 = t5 - c5
  const r5 = q5 * up16
  const t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + c5 * down + r4 - q2
  const c6 = t6 + rounder - rounder
  const q6 = t6 - c6
  const r6 = q6 * up16
  const t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + c6 * down + r5 - q3
  const c7 = t7 + rounder - rounder
  const q7 = t7 - c7
  const r7 = q7 * up16
  const t8 = a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0 + c7 * down + r6 - q4
  const c8 = t8 + rounder - rounder
  const q8 = t8 - c8
  const r8 = q8 * up16
  const t9 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0 + c8 * down + r7 - q5 - q0 * up8
  const c9 = t9 + rounder - rounder
  const q9 = t9 - c9
  const r9 = q9 * up16
  const t10 = a0 * b10 + a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1 + a10 * b0 + c9 * down + r8 - q6 - q1 * up8 + r0
  const c10 = t10 + rounder - rounder
  const q10 = t10 - c10
  const r10 = q10 * up16
  const t11 = a1 * b10 + a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2 + a10 * b1 + c10 * down + r9 - q7 - q2 * up8 + r1
  const c11 = t11 + rounder - rounder
  out[0] = t11 - c11
  const t12 = a2 * b10 + a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3 + a10 * b2 + c11 * down + r10 - q8 - q3 * up8 + r2
  const c12 = t12 + rounder - rounder
  out[1] = t12 - c12
  const t13 = a3 * b10 + a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4 + a10 * b3 + c12 * down - q9 - q4 * up8 + r3
  const c13 = t13 + rounder - rounder
  out[2] = t13 - c13
  const t14 = a4 * b10 + a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5 + a10 * b4 + c13 * down - q10 - q5 * up8 + r4
  const c14 = t14 + rounder - rounder
  out[3] = t14 - c14
  const t15 = a5 * b10 + a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6 + a10 * b5 + c14 * down - q6 * up8 + r5
  const c15 = t15 + rounder - rounder
  out[4] = t15 - c15
  const t16 = a6 * b10 + a7 * b9 + a8 * b8 + a9 * b7 + a10 * b6 + c15 * down - q7 * up8 + r6
  const c16 = t16 + rounder - rounder
  out[5] = t16 - c16
  const t17 = a7 * b10 + a8 * b9 + a9 * b8 + a10 * b7 + c16 * down - q8 * up8 + r7
  const c17 = t17 + rounder - rounder
  out[6] = t17 - c17
  const t18 = a8 * b10 + a9 * b9 + a10 * b8 + c17 * down - q9 * up8 + r8
  const c18 = t18 + rounder - rounder
  out[7] = t18 - c18
  const t19 = a9 * b10 + a10 * b9 + c18 * down - q10 * up8 + r9
  const c19 = t19 + rounder - rounder
  out[8] = t19 - c19
  const t20 = a10 * b10 + c19 * down + r10
  const c20 = t20 + rounder - rounder
  out[9] = t20 - c20
  out[10] = c20 * down
}

/** out = a^2 / R mod p; as {@link multiply}, with the mixed products taken once from the doubled limbs dK. */
// biome-ignore format: one line is one column of the product.
export function square(out: FieldElement, a: FieldElement): void {
  const a0 = a[0]!
  const a1 = a[1]!
  const a2 = a[2]!
  const a3 = a[3]!
  const a4 = a[4]!
  const a5 = a[5]!
  const a6 = a[6]!
  const a7 = a[7]!
  const a8 = a[8]!
  const a9 = a[9]!
  const a10 = a[10]!
  const d0 = a0 + a0
  const d1 = a1 + a1
  const d2 = a2 + a2
  const d3 = a3 + a3
  const d4 = a4 + a4
  const d5 = a5 + a5
  const d6 = a6 + a6
  const d7 = a7 + a7
  const d8 = a8 + a8
  const d9 = a9 + a9
  const t0 = a0 * a0
  const c0 = t0 + rounder - rounder
  const q0 = t0 - c0
  const r0 = q0 * up16
  const t1 = d0 * a1 + c0 * down
  const c1 = t1 + rounder - rounder
  const q1 = t1 - c1
  const r1 = q1 * up16
  const t2 = d0 * a2 + a1 * a1 + c1 * down + r0
  const c2 = t2 + rounder - rounder
  const q2 = t2 - c2
  const r2 = q2 * up16
  const t3 = d0 * a3 + d1 * a2 + c2 * down + r1
  const c3 = t3 + rounder - rounder
  const q3 = t3 - c3
  const r3 = q3 * up16
  const t4 = d0 * a4 + d1 * a3 + a2 * a2 + c3 * down + r2 - q0
  const c4 = t4 + rounder - rounder
  const q4 = t4 - c4
  const r4 = q4 * up16
  const t5 = d0 * a5 + d1 * a4 + d2 * a3 + c4 * down + r3 - q1
  const c5 = t5 + rounder - rounder
  const q5 = t5 - c5
  const r5 = q5 * up16
  const t6 = d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + c5 * down + r4 - q2
  const c6 = t6 + rounder - rounder
  const q6 = t6 - c6
  const r6 = q6 * up16
  const t7 = d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + c6 * down + r5 - q3
  const c7 = t7 + rounder - rounder
  const q7 = t7 - c7
  const r7 = q7 * up16
  const t8 = d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + c7 * down + r6 - q4
  const c8 = t8 + rounder - rounder
  const q8 = t8 - c8
  const r8 = q8 * up16
  const t9 = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5 + c8 * down + r7 - q5 - q0 * up8
  const c9 = t9 + rounder - rounder
  const q9 = t9 - c9
  const r9 = q9 * up16
  const t10 = d0 * a10 + d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5 + c9 * down + r8 - q6 - q1 * up8 + r0
  const c10 = t10 + rounder - rounder
  const q10 = t10 - c10
  const r10 = q10 * up16
  const t11 = d1 * a10 + d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6 + c10 * down + r9 - q7 - q2 * up8 + r1
  const c11 = t11 + rounder - rounder
  out[0] = t11 - c11
  const t12 = d2 * a10 + d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6 + c11 * down + r10 - q8 - q3 * up8 + r2
  const c12 = t12 + rounder - rounder
  out[1] = t12 - c12
  const t13 = d3 * a10 + d4 * a9 + d5 * a8 + d6 * a7 + c12 * down - q9 - q4 * up8 + r3
  const c13 = t13 + rounder - rounder
  out[2] = t13 - c13
  const t14 = d4 * a10 + d5 * a9 + d6 * a8 + a7 * a7 + c13 * down - q10 - q5 * up8 + r4
  const c14 = t14 + rounder - rounder
  out[3] = t14 - c14
  const t15 = d5 * a10 + d6 * a9 + d7 * a8 + c14 * down - q6 * up8 + r5
  const c15 = t15 + rounder - rounder
  out[4] = t15 - c15
  const t16 = d6 * a10 + d7 * a9 + a8 * a8 + c15 * down - q7 * up8 + r6
  const c16 = t16 + rounder - rounder
  out[5] = t16 - c16
  const t17 = d7 * a10 + d8 * a9 + c16 * down - q8 * up8 + r7
  const c17 = t17 + rounder - rounder
  out[6] = t17 - c17
  const t18 = d8 * a10 + a9 * a9 + c17 * down - q9 * up8 + r8
  const c18 = t18 + rounder - rounder
  out[7] = t18 - c18
  const t19 = d9 * a10 + c18 * down - q10 * up8 + r9
  const c19 = t19 + rounder - rounder
  out[8] = t19 - c19
  const t20 = a10 * a10 + c19 * down + r10
  const c20 = t20 + rounder - rounder
  out[9] = t20 - c20
  out[10] = c20 * down
}
