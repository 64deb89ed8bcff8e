/** Sums of products of public numbers and points of the SM2 curve, as verifying needs them: fast, not in constant time. */
import { createElement, isZero, subtract } from './sm2-element.ts'
import { multiply, square } from './sm2-field.ts'
import type { Limbs } from './sm2-inverse.ts'
import {
  type AffinePoint,
  addAffine,
  clonePoint,
  createPoint,
  createWorkspace,
  doublePoint,
  type JacobianPoint,
  setAffine,
  type Workspace,
} from './sm2-point.ts'
import { digitCount, digitWidth, signedDigits } from './sm2-scalar.ts'
import { readEntry, type WindowTable } from './sm2-window.ts'

/** A table and what the point of it is multiplied with. */
export interface Term {
  readonly table: WindowTable
  readonly scalar: Limbs
}

/** A sum in the making. */
interface Total {
  readonly point: JacobianPoint
  /** Then the coordinates mean nothing. */
  infinite: boolean
}

/**
 * The sum of the products, `undefined` for the point at infinity; the scalars are in [0, n).
 *
 * A sum that meets equal or opposite points on its way ends with Z = 0. That happens by no chance, but a signature can
 * be made for it; only then is every single sum looked at.
 */
export function sumOfProducts(terms: readonly Term[]): JacobianPoint | undefined {
  const quick = addProducts(terms, false)
  const { point, infinite } = isZero(quick.point.z) ? addProducts(terms, true) : quick
  return infinite ? undefined : point
}

function addProducts(terms: readonly Term[], checked: boolean): Total {
  const work = createWorkspace()
  const entry: AffinePoint = { x: createElement(), y: createElement() }
  const total: Total = { point: createPoint(), infinite: true }
  const parts = terms.map(({ table, scalar }) => ({ table, digits: signedDigits(scalar) }))
  for (let turn = Math.max(...terms.map(({ table }) => table.stride)) - 1; turn >= 0; turn -= 1) {
    for (const { table, digits } of parts) {
      if (turn >= table.stride) continue
      for (let place = turn, row = 0; place < digitCount; place += table.stride, row += 1) {
        const digit = digits[place]!
        if (digit === 0) continue
        readEntry(entry, table, row, Math.abs(digit))
        if (digit < 0) for (let limb = 0; limb < entry.y.length; limb += 1) entry.y[limb] = -entry.y[limb]!
        if (total.infinite) {
          setAffine(total.point, entry)
          total.infinite = false
        } else if (checked) addChecked(total, entry, work)
        else addAffine(total.point, total.point, entry, work)
      }
    }
    if (turn > 0 && !total.infinite) for (let bit = 0; bit < digitWidth; bit += 1) doublePoint(total.point, work)
  }
  return total
}

function addChecked(total: Total, other: AffinePoint, work: Workspace): void {
  const { z } = total.point
  const before = clonePoint(total.point)
  addAffine(total.point, before, other, work)
  if (!isZero(z)) return
  const power = createElement()
  square(power, before.z)
  multiply(power, power, before.z)
  multiply(power, power, other.y)
  subtract(power, power, before.y)
  if (isZero(power)) {
    setAffine(total.point, other)
    doublePoint(total.point, work)
  } else total.infinite = true
}
