/**
 * Secret numbers modulo the order n of SM2, without BigInt: sums, products, inverses, and the digits that windows take.
 *
 * Numbers are eleven limbs of 24 bits in [0, n). No branch and no index depends on them.
 */
import { curves } from '../keys/curves.ts'
import { addMasked, createModulus, invert, type Limbs, limbCount, limbsOfNumber, type Modulus } from './sm2-inverse.ts'

interface OrderConstants {
  readonly modulus: Modulus
  /** 2^528 modulo n. */
  readonly squareOfR: Limbs
  /** -n, for sums that are brought back below n. */
  readonly negative: Limbs
}

let constants: OrderConstants | undefined

function orderConstants(): OrderConstants {
  constants ??= createConstants()
  return constants
}

function createConstants(): OrderConstants {
  const { n } = curves.sm2
  const modulus = createModulus(n)
  return {
    modulus,
    squareOfR: limbsOfNumber((1n << 528n) % n),
    negative: modulus.limbs.map((limb) => -limb),
  }
}

const mask = 0xffffff
const down = 2 ** -24

/** a + b modulo n. */
export function addScalars(a: Limbs, b: Limbs): Limbs {
  const sum = a.map((limb, index) => limb + b[index]!)
  return reduceOnce(sum)
}

/** n - a, for a in [1, n). */
function negateScalar(a: Limbs): Limbs {
  const negative = a.map((limb) => -limb)
  addMasked(negative, orderConstants().modulus.limbs, -1)
  return negative
}

/** The smaller one of a and n - a, for a in [1, n), and -1 if it is n - a, else 0. */
export function smallerScalar(a: Limbs): { smaller: Limbs; negated: number } {
  const negative = negateScalar(a)
  const difference = negative.map((limb, index) => limb - a[index]!)
  addMasked(difference, a, 0)
  const negated = difference[limbCount - 1]! >> 31
  return { smaller: a.map((limb, index) => limb ^ ((limb ^ negative[index]!) & negated)), negated }
}

/** a b modulo n. */
export function multiplyScalars(a: Limbs, b: Limbs): Limbs {
  return multiplyMontgomery(multiplyMontgomery(a, b), orderConstants().squareOfR)
}

/** 1 / a modulo n. */
export function invertScalar(a: Limbs): Limbs {
  return invert(a, orderConstants().modulus)
}

/** True for 0. */
export function isZeroScalar(a: Limbs): boolean {
  let bits = 0
  for (const limb of a) bits |= limb
  return bits === 0
}

// Brings a sum in [0, 2 n) into [0, n).
function reduceOnce(sum: Limbs): Limbs {
  const { modulus, negative } = orderConstants()
  addMasked(sum, negative, -1)
  addMasked(sum, modulus.limbs, sum[limbCount - 1]! >> 31)
  return sum
}

/**
 * a b / 2^264 modulo n. A column sums at most eleven products of each kind, each below 2^48, and a carry below 2^30:
 * together below 2^53, so doubles hold it.
 */
function multiplyMontgomery(a: Limbs, b: Limbs): Limbs {
  const { limbs: modulus, inverse24 } = orderConstants().modulus
  const columns = new Float64Array(limbCount)
  for (let row = 0; row < limbCount; row += 1) {
    const factor = a[row]!
    const lowest = columns[0]! + factor * b[0]!
    const multiple = -Math.imul(inverse24, lowest & mask) & mask
    columns[1]! += (lowest + multiple * modulus[0]!) * down
    for (let index = 1; index < limbCount; index += 1) {
      columns[index - 1] = columns[index]! + factor * b[index]! + multiple * modulus[index]!
    }
    columns[limbCount - 1] = 0
  }
  const product = new Int32Array(limbCount)
  let carry = 0
  for (let index = 0; index < limbCount; index += 1) {
    const sum = columns[index]! + carry
    product[index] = sum & mask
    carry = (sum - product[index]!) * down
  }
  // Below 2 n < 2^257, so nothing is carried out of the last limb.
  return reduceOnce(product)
}

/** Bits of a digit. */
export const digitWidth = 5

/** How many digits a number below 2^256 has. */
export const digitCount = 52

/**
 * The digits d of a number, in [-15, 16] and the lowest first: the number is the sum of d 2^(5 place). Of a number below
 * 2^256 the last digit is in [0, 2].
 */
export function signedDigits(scalar: Limbs): Int32Array {
  const digits = new Int32Array(digitCount)
  let carry = 0
  for (let place = 0; place < digitCount; place += 1) {
    const limb = Math.floor((place * digitWidth) / 24)
    const shift = (place * digitWidth) % 24
    const above = limb + 1 < limbCount ? scalar[limb + 1]! << (24 - shift) : 0
    const value = (((scalar[limb]! >> shift) | above) & 31) + carry
    carry = (value + 15) >> digitWidth
    digits[place] = value - (carry << digitWidth)
  }
  return digits
}
