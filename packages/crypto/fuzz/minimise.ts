/** Shrinks an input that breaks a property (delta debugging, Zeller 2002), first by DER values, then by bytes. */
import { concatBytes } from '@zhicheng/core'
import { formatForest, parseForest, siblingLists } from './tree.ts'

/** How much may be spent. */
export interface MinimiseBudget {
  /** Candidates that may be tried. */
  readonly tries: number
  readonly milliseconds: number
}

/** A smaller input for which `isBad` still holds; the input itself where none was found. */
export async function minimise(
  input: Uint8Array,
  isBad: (candidate: Uint8Array) => Promise<boolean>,
  budget: MinimiseBudget,
): Promise<Uint8Array> {
  let best = input
  let left = budget.tries
  const end = performance.now() + budget.milliseconds
  const improve = async (candidate: Uint8Array): Promise<boolean> => {
    if (left === 0 || performance.now() > end || candidate.length >= best.length) return false
    left -= 1
    if (!(await isBad(candidate))) return false
    best = candidate
    return true
  }
  let before: number
  do {
    before = best.length
    await dropValues(() => best, improve)
    await dropBytes(() => best, improve)
  } while (best.length < before && left > 0 && performance.now() < end)
  return best
}

type Improve = (candidate: Uint8Array) => Promise<boolean>

/** Leaves out one value after another, with the lengths around it put right. */
async function dropValues(best: () => Uint8Array, improve: Improve): Promise<void> {
  let list = 0
  let index = 0
  for (;;) {
    const forest = parseForest(best())
    const lists = siblingLists(forest)
    const siblings = lists[list]
    if (siblings === undefined) return
    if (index >= siblings.length) {
      list += 1
      index = 0
      continue
    }
    siblings.splice(index, 1)
    if (!(await improve(formatForest(forest)))) index += 1
  }
}

/** Leaves out runs of bytes, from halves down to single ones. */
async function dropBytes(best: () => Uint8Array, improve: Improve): Promise<void> {
  for (let size = best().length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best().length; ) {
      const candidate = concatBytes(best().subarray(0, at), best().subarray(at + size))
      if (!(await improve(candidate))) at += size
    }
  }
}
