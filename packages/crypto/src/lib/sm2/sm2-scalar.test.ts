import { describe, expect, it } from 'vitest'
import { curves } from '../keys/curves.ts'
import { toNumber } from './sm2.ts'
import { bytesOfLimbs, createModulus, invert, type Limbs, limbsOfBytes, limbsOfNumber } from './sm2-inverse.ts'
import {
  addScalars,
  digitCount,
  digitWidth,
  invertScalar,
  isZeroScalar,
  multiplyScalars,
  signedDigits,
  smallerScalar,
} from './sm2-scalar.ts'

const { n, p } = curves.sm2
const edges = [0n, 1n, 2n, 15n, 16n, 17n, 31n, 32n, n - 1n, n - 2n, n - 6n, (n - 1n) / 2n, (n + 1n) / 2n, 2n ** 255n]

function random(): bigint {
  return toNumber(crypto.getRandomValues(new Uint8Array(40))) % n
}

function numberOf(limbs: Limbs): bigint {
  expect(Math.min(...limbs)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...limbs)).toBeLessThan(2 ** 24)
  return toNumber(bytesOfLimbs(limbs))
}

const values = [...edges, ...Array.from({ length: 300 }, random)]

describe('numbers modulo the order of SM2', () => {
  it('go into limbs and bytes and back, up to 2^256 - 1', () => {
    for (const value of [...values, p, n, 2n ** 256n - 1n]) {
      const bytes = bytesOfLimbs(limbsOfNumber(value))
      expect(toNumber(bytes)).toBe(value)
      expect(limbsOfBytes(bytes)).toEqual(limbsOfNumber(value))
    }
  })

  it('are added and multiplied as BigInt does it, 10,000 times and at the edges', () => {
    const pairs = edges.flatMap((a) => edges.map((b) => [a, b] as const))
    for (let count = 0; count < 10_000; count += 1) pairs.push([random(), random()])
    for (const [a, b] of pairs) {
      const [left, right] = [limbsOfNumber(a), limbsOfNumber(b)]
      if (toNumber(bytesOfLimbs(addScalars(left, right))) !== (a + b) % n) expect.fail(`${a} plus ${b}`)
      if (toNumber(bytesOfLimbs(multiplyScalars(left, right))) !== (a * b) % n) expect.fail(`${a} times ${b}`)
    }
  })

  it('are inverted modulo n and modulo p, 0 to 0', () => {
    const prime = createModulus(p)
    for (const value of values) {
      const expected = value === 0n ? 0n : 1n
      const inverse = numberOf(invertScalar(limbsOfNumber(value)))
      expect(inverse).toBeLessThan(n)
      expect((inverse * value) % n).toBe(expected)
      expect((numberOf(invert(limbsOfNumber(value), prime)) * value) % p).toBe(expected)
    }
  })

  it('are known as zero only when they are', () => {
    for (const value of values) expect(isZeroScalar(limbsOfNumber(value))).toBe(value === 0n)
    expect(isZeroScalar(addScalars(limbsOfNumber(n - 5n), limbsOfNumber(5n)))).toBe(true)
  })

  it('are replaced by the smaller one of themselves and their negative', () => {
    for (const value of values.slice(1)) {
      const { smaller, negated } = smallerScalar(limbsOfNumber(value))
      expect(numberOf(smaller)).toBe(value <= n / 2n ? value : n - value)
      expect(negated).toBe(value <= n / 2n ? 0 : -1)
    }
  })

  it('are the sum of their signed digits', () => {
    for (const value of [...values, 2n ** 256n - 1n]) {
      const digits = signedDigits(limbsOfNumber(value))
      expect(digits).toHaveLength(digitCount)
      expect(Math.min(...digits)).toBeGreaterThanOrEqual(-15)
      expect(Math.max(...digits)).toBeLessThanOrEqual(16)
      expect(digits.at(-1)).toBeOneOf([0, 1, 2])
      expect(digits.reduceRight((sum, digit) => (sum << BigInt(digitWidth)) + BigInt(digit), 0n)).toBe(value)
    }
  })
})
