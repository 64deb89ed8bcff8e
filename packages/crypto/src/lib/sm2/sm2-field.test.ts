import { describe, expect, it } from 'vitest'
import { curves } from '../keys/curves.ts'
import { toNumber } from './sm2.ts'
import { combine, createElement, elementOfLimbs, invertElement, isZero, limbsOfElement } from './sm2-element.ts'
import { type FieldElement, multiply, square } from './sm2-field.ts'
import { bytesOfLimbs, limbsOfNumber } from './sm2-inverse.ts'

const { p } = curves.sm2
const limbBound = 2 ** 23 + 2 ** 5
const edges = [
  0n,
  1n,
  2n,
  p - 1n,
  p - 2n,
  (p - 1n) / 2n,
  2n ** 255n,
  2n ** 224n,
  2n ** 96n - 1n,
  2n ** 64n,
  2n ** 24n - 1n,
]

function randomBelow(limit: bigint): bigint {
  return toNumber(crypto.getRandomValues(new Uint8Array(40))) % limit
}

/** What the limbs of an element add up to, Montgomery form and all. */
function sumOf(element: FieldElement): bigint {
  return element.reduceRight((sum, limb) => (sum << 24n) + BigInt(limb), 0n)
}

function sameModulo(left: bigint, right: bigint): boolean {
  return (left - right) % p === 0n
}

function elementOf(value: bigint): FieldElement {
  return elementOfLimbs(limbsOfNumber(value))
}

function numberOf(element: FieldElement): bigint {
  return toNumber(bytesOfLimbs(limbsOfElement(element)))
}

// Every limb at its bound, in each pattern of signs that carries far, and limbs in between.
function hostileElement(fold: number, pattern: number): FieldElement {
  return createElement().map((_, index) => {
    const bound = fold * limbBound
    if (pattern === 0) return bound
    if (pattern === 1) return -bound
    if (pattern === 2) return index % 2 === 0 ? bound : -bound
    if (pattern === 3) return index < 5 ? bound : -bound
    if (pattern === 4) return index === 10 ? bound : -bound
    return Math.floor((Math.random() * 2 - 1) * bound)
  })
}

describe('products in the SM2 field', () => {
  it('are those of BigInt for edge values and 10,000 random pairs', () => {
    const pairs = edges.flatMap((a) => edges.map((b) => [a, b] as const))
    for (let count = 0; count < 10_000; count += 1) pairs.push([randomBelow(p), randomBelow(p)])
    const product = createElement()
    for (const [a, b] of pairs) {
      multiply(product, elementOf(a), elementOf(b))
      if (numberOf(product) !== (a * b) % p) expect.fail(`${a} times ${b}`)
      square(product, elementOf(a))
      if (numberOf(product) !== (a * a) % p) expect.fail(`${a} squared`)
    }
  })

  it.each([
    [1, 11],
    [2, 5],
    [3, 3],
    [11, 1],
  ])('are exact up to the bounds of %i-fold and %i-fold limbs', (foldA, foldB) => {
    const product = createElement()
    for (let pattern = 0; pattern < 300; pattern += 1) {
      const a = hostileElement(foldA, pattern)
      const b = hostileElement(foldB, pattern % 7)
      multiply(product, a, b)
      if (!sameModulo(sumOf(product) << 264n, sumOf(a) * sumOf(b))) expect.fail(`${a} times ${b}`)
      expect(Math.max(...product.subarray(0, 10).map(Math.abs))).toBeLessThanOrEqual(2 ** 23)
      if (foldA > 3) continue
      square(product, a)
      if (!sameModulo(sumOf(product) << 264n, sumOf(a) ** 2n)) expect.fail(`${a} squared`)
    }
  })

  it('would not be exact with limbs far over the bounds, so that the test above can fail', () => {
    const product = createElement()
    const wrong = Array.from({ length: 300 }, (_, pattern) => {
      const a = hostileElement(200, pattern + 5)
      const b = hostileElement(200, pattern + 5)
      multiply(product, a, b)
      return !sameModulo(sumOf(product) << 264n, sumOf(a) * sumOf(b))
    })
    expect(wrong).toContain(true)
  })

  it('may be written over a factor', () => {
    const a = elementOf(5n)
    const b = elementOf(7n)
    multiply(a, a, b)
    multiply(b, a, b)
    square(b, b)
    expect([numberOf(a), numberOf(b)]).toEqual([35n, 245n ** 2n])
  })
})

describe('elements of the SM2 field', () => {
  it('come back from the field as the numbers they were, negative ones as what is equal to them', () => {
    for (const value of edges) {
      expect(numberOf(elementOf(value))).toBe(value)
      const negative = elementOf(value).map((limb) => -limb)
      expect(numberOf(negative)).toBe((p - value) % p)
    }
  })

  it('are zero where their limbs add up to any multiple of p', () => {
    const multiple = (factor: number) => new Float64Array(limbsOfNumber(p)).map((limb) => factor * limb)
    for (const factor of [-2, -1, 0, 1, 2]) expect(isZero(multiple(factor))).toBe(true)
    for (const value of edges.slice(1)) expect(isZero(elementOf(value))).toBe(false)
  })

  it('are carried by a sum without changing it, into limbs of the bound', () => {
    const out = createElement()
    for (let pattern = 0; pattern < 300; pattern += 1) {
      const [a, b, c] = [1, 1, 1].map((fold) => hostileElement(fold, pattern)) as [
        FieldElement,
        FieldElement,
        FieldElement,
      ]
      combine(out, a, -4, b, -2, c)
      expect(sumOf(out)).toBe(sumOf(a) - 4n * sumOf(b) - 2n * sumOf(c))
      expect(Math.max(...out.subarray(0, 10).map(Math.abs))).toBeLessThanOrEqual(limbBound)
    }
  })

  it('times their inverses are 1, and the inverse of 0 is 0', () => {
    const inverse = createElement()
    for (const value of [...edges.slice(1), ...Array.from({ length: 1000 }, () => randomBelow(p - 1n) + 1n)]) {
      invertElement(inverse, elementOf(value))
      expect((numberOf(inverse) * value) % p).toBe(1n)
    }
    invertElement(inverse, elementOf(0n))
    expect(isZero(inverse)).toBe(true)
  })
})
