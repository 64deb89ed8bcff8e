/**
 * Tables of multiples of a point, for sums over the signed digits of a number.
 *
 * A table of stride s holds for every s-th place of the digits the multiples 1 to 16 of 2^(5 place) P. With stride 1 a
 * multiple of P is a sum of entries. With a longer one it is s sums, the one for the places s - 1, 2 s - 1, … first, and
 * the total is doubled five times before each next one. With as many places as there are, it is the ordinary ladder over
 * one row of multiples.
 */
import { limbCount } from './sm2-inverse.ts'
import {
  type AffinePoint,
  addAffine,
  clonePoint,
  createPoint,
  createWorkspace,
  doublePoint,
  type JacobianPoint,
  setAffine,
  toAffine,
} from './sm2-point.ts'
import { digitCount, digitWidth } from './sm2-scalar.ts'

/** Multiples in a row. */
export const rowLength = 16

/** Words of an entry, which is x and y; both fit 32-bit integers limb by limb. */
export const entryLength: number = 2 * limbCount

/** Multiples of a point. */
export interface WindowTable {
  readonly stride: number
  readonly words: Int32Array
}

/** A point and the best table it has earned so far. */
export interface KnownPoint {
  readonly point: AffinePoint
  /** Stride of the table that it gets when it keeps coming back. */
  readonly finalStride: number
  table: WindowTable
  uses: number
}

const usesUntilFinal = 8

/** A point with one row of multiples, which is all that pays for a point that is used once or twice. */
export function createKnownPoint(point: AffinePoint, finalStride: number): KnownPoint {
  return { point, finalStride, table: createTable(point, digitCount), uses: 0 }
}

/** The table for the next use of a point; how often it was used is no secret. */
export function tableOf(known: KnownPoint): WindowTable {
  known.uses += 1
  if (known.uses === usesUntilFinal) known.table = createTable(known.point, known.finalStride)
  return known.table
}

/** The table of a point. No sum in it meets equal or opposite points: the order is a prime above 2^255. */
export function createTable(point: AffinePoint, stride: number): WindowTable {
  const rows = Math.ceil(digitCount / stride)
  const words = new Int32Array(rows * rowLength * entryLength)
  const work = createWorkspace()
  let base = point
  for (let row = 0; row < rows; row += 1) {
    const multiples: JacobianPoint[] = []
    const running = createPoint()
    setAffine(running, base)
    for (let multiple = 1; multiple <= rowLength; multiple += 1) {
      if (multiple === 2) doublePoint(running, work)
      else if (multiple > 2) addAffine(running, running, base, work)
      multiples.push(clonePoint(running))
    }
    if (row + 1 < rows) {
      // From 16 times this base to 2^(5 stride) times it, the next one.
      for (let count = 4; count < digitWidth * stride; count += 1) doublePoint(running, work)
      multiples.push(running)
    }
    const affine = toAffine(multiples)
    for (let index = 0; index < rowLength; index += 1) {
      const { x, y } = affine[index]!
      words.set(x, (row * rowLength + index) * entryLength)
      words.set(y, (row * rowLength + index) * entryLength + limbCount)
    }
    base = affine[rowLength] ?? base
  }
  return { stride, words }
}

/** Reads the entry of a row that is `multiple` times its base; for public numbers. */
export function readEntry(out: AffinePoint, { words }: WindowTable, row: number, multiple: number): void {
  const from = (row * rowLength + multiple - 1) * entryLength
  for (let limb = 0; limb < limbCount; limb += 1) {
    out.x[limb] = words[from + limb]!
    out.y[limb] = words[from + limbCount + limb]!
  }
}
