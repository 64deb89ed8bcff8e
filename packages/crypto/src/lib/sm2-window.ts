/**
 * Tables of multiples of a point, and sums over the signed digits of a number with them.
 *
 * A table of width w and stride s holds, for every s-th place of the digits, the multiples 1 to 2^(w-1) of
 * 2^(w place) P. With a stride of 1 a multiple of P is a sum of entries; with a longer one s sums, each doubled w times
 * before the next; with a stride of all places it is the ordinary ladder over one row of multiples.
 */
import {
  type AffinePoint,
  addAffine,
  copyPoint,
  createPoint,
  createWorkspace,
  doublePoint,
  type JacobianPoint,
  setAffine,
  toAffine,
} from './sm2-point.ts'
import { digitCount } from './sm2-scalar.ts'

const limbCount = 11

/** Words of an entry, which is x and y, which both fit 32-bit integers limb by limb. */
export const entryLength: number = 2 * limbCount

/** Multiples of a point. */
export interface WindowTable {
  readonly width: number
  readonly stride: number
  readonly words: Int32Array
}

/** The table of a point. None of the sums in it meets equal or opposite points: the order is a prime above 2^255. */
export function createTable(point: AffinePoint, width: number, stride: number): WindowTable {
  const size = 1 << (width - 1)
  const rows = Math.ceil(digitCount(width) / stride)
  const words = new Int32Array(rows * size * entryLength)
  const work = createWorkspace()
  let base = point
  for (let row = 0; row < rows; row += 1) {
    const multiples: JacobianPoint[] = []
    const running = createPoint()
    setAffine(running, base)
    for (let multiple = 1; multiple <= size; multiple += 1) {
      if (multiple === 2) doublePoint(running, work)
      else if (multiple > 2) addAffine(running, running, base, work)
      multiples.push(clone(running))
    }
    if (row + 1 < rows) {
      // The last multiple is 2^(width-1) of the base.
      for (let count = 0; count < width * (stride - 1) + 1; count += 1) doublePoint(running, work)
      multiples.push(running)
    }
    const affine = toAffine(multiples)
    affine.slice(0, size).forEach((entry, index) => {
      words.set(entry.x, (row * size + index) * entryLength)
      words.set(entry.y, (row * size + index) * entryLength + limbCount)
    })
    base = affine[size] ?? base
  }
  return { width, stride, words }
}

/** Reads the entry of a row that is `multiple` times its base; for public numbers. */
export function readEntry(out: AffinePoint, { width, words }: WindowTable, row: number, multiple: number): void {
  const from = ((row << (width - 1)) + multiple - 1) * entryLength
  for (let limb = 0; limb < limbCount; limb += 1) {
    out.x[limb] = words[from + limb]!
    out.y[limb] = words[from + limbCount + limb]!
  }
}

function clone(point: JacobianPoint): JacobianPoint {
  const copy = createPoint()
  copyPoint(copy, point)
  return copy
}
