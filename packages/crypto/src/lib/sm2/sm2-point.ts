/**
 * Points of the SM2 curve y^2 = x^3 - 3 x + b in Jacobian coordinates: (X, Y, Z) stands for (X / Z^2, Y / Z^3).
 *
 * The formulas are the usual ones for a = -3 and for the sum with an affine point. They have no branches, and no answer
 * for a sum of equal or opposite points: Z becomes 0 there, and stays 0. Who calls them either knows that this cannot
 * happen or looks at Z in the end. Bounds are those of `sm2-field.ts`: a point is 1-fold in X and at most 2-fold in Y
 * and Z, an affine one is 1-fold.
 */
import {
  add,
  combine,
  createElement,
  elementOfLimbs,
  fieldConstants,
  invertElement,
  isZero,
  subtract,
} from './sm2-element.ts'
import { type FieldElement, multiply, square } from './sm2-field.ts'
import type { Limbs } from './sm2-inverse.ts'

/** A point in Jacobian coordinates. */
export interface JacobianPoint {
  readonly x: FieldElement
  readonly y: FieldElement
  readonly z: FieldElement
}

/** A point in affine coordinates, which the point at infinity has not. */
export interface AffinePoint {
  readonly x: FieldElement
  readonly y: FieldElement
}

/** Room for intermediate values, so that a multiplication allocates it once. */
export type Workspace = readonly [FieldElement, FieldElement, FieldElement, FieldElement, FieldElement]

/** A point with all coordinates 0. */
export function createPoint(): JacobianPoint {
  return { x: createElement(), y: createElement(), z: createElement() }
}

/** A new workspace. */
export function createWorkspace(): Workspace {
  return [createElement(), createElement(), createElement(), createElement(), createElement()]
}

/** A copy. */
export function clonePoint({ x, y, z }: JacobianPoint): JacobianPoint {
  return { x: x.slice(), y: y.slice(), z: z.slice() }
}

/** out = the affine point. */
export function setAffine(out: JacobianPoint, { x, y }: AffinePoint): void {
  out.x.set(x)
  out.y.set(y)
  out.z.set(fieldConstants().one)
}

/** point = 2 point. No point but infinity, whose Z stays 0, is its own double: the order is an odd prime. */
export function doublePoint({ x, y, z }: JacobianPoint, work: Workspace): void {
  const [alpha, beta, gamma, delta, sum] = work
  square(delta, z)
  square(gamma, y)
  add(gamma, gamma, gamma)
  multiply(beta, x, gamma)
  add(sum, x, delta)
  subtract(delta, x, delta)
  multiply(alpha, sum, delta)
  // alpha = 3 (X - Z^2) (X + Z^2), 3-fold; gamma = 2 Y^2, 2-fold; beta = 2 X Y^2
  add(sum, alpha, alpha)
  add(alpha, alpha, sum)
  multiply(z, y, z)
  add(z, z, z)
  square(sum, alpha)
  combine(x, sum, -4, beta, 0, beta)
  add(beta, beta, beta)
  subtract(beta, beta, x)
  multiply(alpha, alpha, beta)
  square(gamma, gamma)
  combine(y, alpha, -2, gamma, 0, gamma)
}

/** out = point + other, for points that differ in x; `out` may be `point`. */
export function addAffine(out: JacobianPoint, point: JacobianPoint, other: AffinePoint, work: Workspace): void {
  const [difference, slope, power, cube, product] = work
  const { x, y, z } = point
  square(power, z)
  multiply(difference, other.x, power)
  multiply(power, power, z)
  multiply(slope, other.y, power)
  subtract(difference, difference, x)
  subtract(slope, slope, y)
  // difference = x2 Z^2 - X, 2-fold; slope = y2 Z^3 - Y, 3-fold
  multiply(out.z, z, difference)
  square(power, difference)
  multiply(cube, power, difference)
  multiply(product, x, power)
  multiply(power, y, cube)
  square(difference, slope)
  combine(out.x, difference, -1, cube, -2, product)
  subtract(product, product, out.x)
  multiply(slope, slope, product)
  subtract(out.y, slope, power)
}

/** Brings points, none at infinity, into affine coordinates with one inversion for all of them. */
export function toAffine(points: readonly JacobianPoint[]): AffinePoint[] {
  const products: FieldElement[] = []
  const running = fieldConstants().one.slice()
  for (const { z } of points) {
    products.push(running.slice())
    multiply(running, running, z)
  }
  invertElement(running, running)
  const affine: AffinePoint[] = []
  const power = createElement()
  for (let index = points.length - 1; index >= 0; index -= 1) {
    const { x, y, z } = points[index]!
    const inverse = products[index]!
    multiply(inverse, inverse, running)
    multiply(running, running, z)
    square(power, inverse)
    const point = { x: createElement(), y: createElement() }
    multiply(point.x, x, power)
    multiply(power, power, inverse)
    multiply(point.y, y, power)
    affine[index] = point
  }
  return affine
}

/** True if the affine x of a point, which is not infinity, is this number in [0, p). */
export function hasCoordinate({ x, z }: JacobianPoint, number: Limbs): boolean {
  const expected = elementOfLimbs(number)
  const power = createElement()
  square(power, z)
  multiply(expected, expected, power)
  subtract(expected, expected, x)
  return isZero(expected)
}
