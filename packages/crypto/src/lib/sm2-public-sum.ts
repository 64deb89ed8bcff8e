/** Sums of products of public numbers and points of the SM2 curve, as verifying needs them: fast, not in constant time. */
import { createElement, isZero, subtract } from './sm2-element.ts'
import { multiply, square } from './sm2-field.ts'
import type { Limbs } from './sm2-inverse.ts'
import {
  type AffinePoint,
  addAffine,
  createPoint,
  createWorkspace,
  doublePoint,
  type JacobianPoint,
  setAffine,
  type Workspace,
} from './sm2-point.ts'
import { signedDigits } from './sm2-scalar.ts'
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
 * The sum of both products, `undefined` for the point at infinity; the scalars are in [0, n). The second table has
 * stride 1, for its product is added to the first.
 *
 * A sum that meets equal or opposite points on its way ends with Z = 0. That happens by no chance, but a signature can
 * be made for it; only then is every single sum looked at.
 */
export function sumOfProducts(first: Term, second: Term): JacobianPoint | undefined {
  const quick = addProducts(first, second, false)
  const { point, infinite } = isZero(quick.point.z) ? addProducts(first, second, true) : quick
  return infinite ? undefined : point
}

function addProducts(first: Term, second: Term, checked: boolean): Total {
  const work = createWorkspace()
  const total = { point: createPoint(), infinite: true }
  addProduct(total, first, checked, work)
  addProduct(total, second, checked, work)
  return total
}

function addProduct(total: Total, { table, scalar }: Term, checked: boolean, work: Workspace): void {
  const { width, stride } = table
  const digits = signedDigits(scalar, width)
  const entry: AffinePoint = { x: createElement(), y: createElement() }
  for (let turn = stride - 1; turn >= 0; turn -= 1) {
    if (turn < stride - 1 && !total.infinite)
      for (let count = 0; count < width; count += 1) doublePoint(total.point, work)
    for (let place = turn, row = 0; place < digits.length; place += stride, row += 1) {
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
}

function addChecked(total: Total, other: AffinePoint, work: Workspace): void {
  const { x, y, z } = total.point
  const before = { x: x.slice(), y: y.slice(), z: z.slice() }
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
