/**
 * Inverses modulo the two odd primes of SM2 in a fixed number of steps: the "safegcd" of Bernstein and Yang
 * (2019, "Fast constant-time gcd computation and modular inversion"), in the variant that starts from delta = 1/2.
 *
 * Numbers are eleven limbs of 24 bits. No branch and no index depends on them.
 */

/** Eleven limbs of 24 bits, the lowest first. */
export type Limbs = Int32Array

/** A modulus below 2^256. */
export interface Modulus {
  readonly limbs: Limbs
  /** Its inverse modulo 2^24. */
  readonly inverse24: number
}

/** How many limbs a number has. */
export const limbCount = 11
const mask = 0xffffff
const down = 2 ** -24

// 590 steps bring every pair of numbers below 2^256 to an end, by the convex hull argument of P. Wuille's
// safegcd-bounds; 25 batches of 24 are 600.
const batches = 25
const batchSteps = 24

/** A modulus of its value. */
export function createModulus(value: bigint): Modulus {
  const limbs = limbsOfNumber(value)
  // Newton's iteration doubles the number of right bits; every odd number is its own inverse modulo 8.
  let inverse = limbs[0]!
  for (let bits = 3; bits < 24; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(limbs[0]!, inverse))
  return { limbs, inverse24: inverse & mask }
}

/** Limbs of a number in [0, 2^256); the steps do not depend on it, as far as shifting a BigInt does not. */
export function limbsOfNumber(value: bigint): Limbs {
  const view = new DataView(new ArrayBuffer(32))
  for (let word = 0; word < 4; word += 1) view.setBigUint64(24 - 8 * word, value >> BigInt(64 * word))
  return limbsOfView(view)
}

/** Limbs of 32 big-endian bytes. */
export function limbsOfBytes(bytes: Uint8Array): Limbs {
  return limbsOfView(new DataView(bytes.buffer, bytes.byteOffset, 32))
}

function limbsOfView(view: DataView): Limbs {
  const limbs = new Int32Array(limbCount)
  for (let index = 0; index < limbCount - 1; index += 1) limbs[index] = view.getUint32(28 - 3 * index) & mask
  limbs[limbCount - 1] = view.getUint16(0)
  return limbs
}

/** 32 big-endian bytes of limbs in [0, 2^256). */
export function bytesOfLimbs(limbs: Limbs): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32)
  for (let index = 0; index < 32; index += 1) {
    bytes[31 - index] = limbs[Math.floor(index / 3)]! >> (8 * (index % 3))
  }
  return bytes
}

/** The inverse of a number in [0, modulus); of 0 it is 0. */
export function invert(value: Limbs, { limbs: modulus, inverse24 }: Modulus): Limbs {
  const f = modulus.slice()
  const g = value.slice()
  const d = new Int32Array(limbCount)
  const e = new Int32Array(limbCount)
  e[0] = 1
  const matrix = new Int32Array(4)
  // -(delta + 1/2)
  let zeta = -1
  for (let batch = 0; batch < batches; batch += 1) {
    zeta = divisionSteps(zeta, f[0]!, g[0]!, matrix)
    updateCofactors(d, e, matrix, modulus, inverse24)
    updatePair(f, g, matrix)
  }
  // Now g is 0 and f is 1 or -1, and d is f times the inverse, in (-2 modulus, modulus).
  return normalize(d, f[limbCount - 1]! >> 31, modulus)
}

/** 24 steps on the lowest limbs; the matrix gets 2^24 times the transition, its entries at most 2^24 in magnitude. */
function divisionSteps(start: number, f0: number, g0: number, matrix: Int32Array): number {
  let zeta = start
  let f = f0
  let g = g0
  let u = 1
  let v = 0
  let q = 0
  let r = 1
  for (let step = 0; step < batchSteps; step += 1) {
    let swap = zeta >> 31
    const odd = -(g & 1)
    g = (g + (((f ^ swap) - swap) & odd)) | 0
    q = (q + (((u ^ swap) - swap) & odd)) | 0
    r = (r + (((v ^ swap) - swap) & odd)) | 0
    swap &= odd
    zeta = ((zeta ^ swap) - 1) | 0
    f = (f + (g & swap)) | 0
    u = (u + (q & swap)) | 0
    v = (v + (r & swap)) | 0
    g >>= 1
    u <<= 1
    v <<= 1
  }
  matrix[0] = u
  matrix[1] = v
  matrix[2] = q
  matrix[3] = r
  return zeta
}

/** (f, g) becomes matrix (f, g) / 2^24, which is exact. Sums stay below 2^50, so doubles hold them. */
function updatePair(f: Limbs, g: Limbs, matrix: Int32Array): void {
  const u = matrix[0]!
  const v = matrix[1]!
  const q = matrix[2]!
  const r = matrix[3]!
  let carryF = (u * f[0]! + v * g[0]!) * down
  let carryG = (q * f[0]! + r * g[0]!) * down
  for (let index = 1; index < limbCount; index += 1) {
    const fi = f[index]!
    const gi = g[index]!
    const sumF = u * fi + v * gi + carryF
    const sumG = q * fi + r * gi + carryG
    const lowF = sumF & mask
    const lowG = sumG & mask
    f[index - 1] = lowF
    g[index - 1] = lowG
    carryF = (sumF - lowF) * down
    carryG = (sumG - lowG) * down
  }
  f[limbCount - 1] = carryF
  g[limbCount - 1] = carryG
}

/** (d, e) becomes matrix (d, e) / 2^24 modulo the modulus; both stay in (-2 modulus, modulus). */
function updateCofactors(d: Limbs, e: Limbs, matrix: Int32Array, modulus: Limbs, inverse24: number): void {
  const u = matrix[0]!
  const v = matrix[1]!
  const q = matrix[2]!
  const r = matrix[3]!
  const signD = d[limbCount - 1]! >> 31
  const signE = e[limbCount - 1]! >> 31
  let sumD = u * d[0]! + v * e[0]!
  let sumE = q * d[0]! + r * e[0]!
  // As many times the modulus as make a negative d or e positive, less what clears the lowest limb.
  let timesD = (u & signD) + (v & signE)
  let timesE = (q & signD) + (r & signE)
  timesD -= (Math.imul(inverse24, sumD) + timesD) & mask
  timesE -= (Math.imul(inverse24, sumE) + timesE) & mask
  let carryD = (sumD + modulus[0]! * timesD) * down
  let carryE = (sumE + modulus[0]! * timesE) * down
  for (let index = 1; index < limbCount; index += 1) {
    const di = d[index]!
    const ei = e[index]!
    sumD = u * di + v * ei + modulus[index]! * timesD + carryD
    sumE = q * di + r * ei + modulus[index]! * timesE + carryE
    const lowD = sumD & mask
    const lowE = sumE & mask
    d[index - 1] = lowD
    e[index - 1] = lowE
    carryD = (sumD - lowD) * down
    carryE = (sumE - lowE) * down
  }
  d[limbCount - 1] = carryD
  e[limbCount - 1] = carryE
}

/** `value`, in (-2 modulus, modulus), or its negative where `negate` is -1, brought into [0, modulus). */
function normalize(value: Limbs, negate: number, modulus: Limbs): Limbs {
  addMasked(value, modulus, value[limbCount - 1]! >> 31)
  let carry = 0
  for (let index = 0; index < limbCount; index += 1) {
    const limb = ((value[index]! ^ negate) - negate + carry) | 0
    carry = limb >> 24
    value[index] = index < limbCount - 1 ? limb & mask : limb
  }
  addMasked(value, modulus, value[limbCount - 1]! >> 31)
  return value
}

/** value += modulus where `condition` is -1, nothing where it is 0; the last limb keeps the sign. */
export function addMasked(value: Limbs, modulus: Limbs, condition: number): void {
  let carry = 0
  for (let index = 0; index < limbCount; index += 1) {
    const limb = (value[index]! + (modulus[index]! & condition) + carry) | 0
    carry = limb >> 24
    value[index] = index < limbCount - 1 ? limb & mask : limb
  }
}
