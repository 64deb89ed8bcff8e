/** Verifies that a leaf is in a log of a known root (RFC 9162, section 2.1.3.2). */
import { equalTreeHashes, hashNode, treeHashLength } from './leaf-hash.ts'

/** A leaf, its place, and the hashes that lead from it to the root. */
export interface InclusionProofInput {
  leafHash: Uint8Array
  /** Place of the leaf, from 0. */
  index: number
  /** Number of leaves under the root. */
  treeSize: number
  root: Uint8Array
  /** Sibling hashes from the leaf upwards. */
  proof: readonly Uint8Array[]
}

/**
 * True only if the proof leads from exactly this leaf at exactly this place to exactly this root.
 * Anything unusable (an index outside the tree, a hash of another length, a hash too many or too few) is false.
 *
 * @example
 * ```ts
 * verifyInclusionProof({ leafHash: hashLeaf(data), index: 3, treeSize: 8, root, proof })
 * ```
 */
export function verifyInclusionProof({ leafHash, index, treeSize, root, proof }: InclusionProofInput): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(treeSize) || index < 0 || index >= treeSize) return false
  if (leafHash.length !== treeHashLength) return false
  let current = leafHash
  let place = index
  let last = treeSize - 1
  for (const sibling of proof) {
    if (sibling.length !== treeHashLength || last === 0) return false
    if (place % 2 === 1 || place === last) {
      current = hashNode(sibling, current)
      // The right edge of an uneven tree: levels on which this node has no sibling are skipped.
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      current = hashNode(current, sibling)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalTreeHashes(current, root)
}

/** A leaf, its place in the whole log, and the part `[start, end)` of the log whose root is known. */
export interface SubtreeInclusionProofInput extends Omit<InclusionProofInput, 'treeSize'> {
  start: number
  end: number
}

/**
 * True only if the leaf lies in the subtree over `[start, end)` and the proof leads to that subtree's root. A part of a
 * log is a subtree only if `start` is a multiple of the smallest power of two that is not below its length.
 */
export function verifySubtreeInclusionProof({ start, end, index, ...rest }: SubtreeInclusionProofInput): boolean {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start >= end) return false
  let width = 1
  while (width < end - start) width *= 2
  return start % width === 0 && verifyInclusionProof({ ...rest, index: index - start, treeSize: end - start })
}
