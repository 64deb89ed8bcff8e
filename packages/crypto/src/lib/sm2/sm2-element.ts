/** Elements of the SM2 field: sums, carries, inverses, and the way from bytes and back. Bounds are those of `sm2-field.ts`. */
import { curves } from '../keys/curves.ts'
import { down, type FieldElement, multiply, rounder } from './sm2-field.ts'
import { addMasked, createModulus, invert, type Limbs, limbCount, limbsOfNumber, type Modulus } from './sm2-inverse.ts'

interface FieldConstants {
  readonly prime: Modulus
  /** The number 1, not in Montgomery form: a product with it leaves that form. */
  readonly plainOne: FieldElement
  /** 1 in Montgomery form. */
  readonly one: FieldElement
  readonly squareOfR: FieldElement
}

let constants: FieldConstants | undefined

/** What the field needs to know, made at first use. */
export function fieldConstants(): FieldConstants {
  constants ??= createConstants()
  return constants
}

function createConstants(): FieldConstants {
  const { p } = curves.sm2
  const power = (exponent: bigint) => new Float64Array(limbsOfNumber((1n << (264n * exponent)) % p))
  return {
    prime: createModulus(p),
    plainOne: new Float64Array(limbsOfNumber(1n)),
    one: power(1n),
    squareOfR: power(2n),
  }
}

/** Zero. */
export function createElement(): FieldElement {
  return new Float64Array(limbCount)
}

/** out = a - b, not carried. */
export function subtract(out: FieldElement, a: FieldElement, b: FieldElement): void {
  for (let index = 0; index < limbCount; index += 1) out[index] = a[index]! - b[index]!
}

/** out = a + b, not carried. */
export function add(out: FieldElement, a: FieldElement, b: FieldElement): void {
  for (let index = 0; index < limbCount; index += 1) out[index] = a[index]! + b[index]!
}

/**
 * out = a + factorB b + factorC c, carried once: limbs up to 2^28 in magnitude become 1-fold, because what a limb
 * hands on is below 2^5.
 */
export function combine(
  out: FieldElement,
  a: FieldElement,
  factorB: number,
  b: FieldElement,
  factorC: number,
  c: FieldElement,
): void {
  let handed = 0
  for (let index = 0; index < limbCount - 1; index += 1) {
    const limb = a[index]! + factorB * b[index]! + factorC * c[index]!
    const high = limb + rounder - rounder
    out[index] = limb - high + handed
    handed = high * down
  }
  const last = limbCount - 1
  out[last] = a[last]! + factorB * b[last]! + factorC * c[last]! + handed
}

/** The element in Montgomery form of a number in [0, p). */
export function elementOfLimbs(limbs: Limbs): FieldElement {
  const element = new Float64Array(limbs)
  multiply(element, element, fieldConstants().squareOfR)
  return element
}

/** The number in [0, p) that an element stands for. */
export function limbsOfElement(element: FieldElement): Limbs {
  const { plainOne, prime } = fieldConstants()
  const plain = createElement()
  multiply(plain, element, plainOne)
  // Its value is below 0.52 p in magnitude now, so that one p makes it positive. The first pass only carries.
  const limbs = new Int32Array(plain)
  addMasked(limbs, prime.limbs, 0)
  addMasked(limbs, prime.limbs, limbs[limbCount - 1]! >> 31)
  return limbs
}

/** True if the element is 0 modulo p. */
export function isZero(element: FieldElement): boolean {
  let bits = 0
  for (const limb of limbsOfElement(element)) bits |= limb
  return bits === 0
}

/** out = 1 / a; of 0 it is 0. */
export function invertElement(out: FieldElement, a: FieldElement): void {
  const { prime, squareOfR } = fieldConstants()
  out.set(invert(limbsOfElement(a), prime))
  multiply(out, out, squareOfR)
}
