/** Verifies that a log only grew between two of its roots (RFC 9162, section 2.1.4.2). */
import { emptyRoot, equalTreeHashes, hashNode, treeHashLength } from './leaf-hash.ts'

/** Two states of one log and the hashes that lead to both roots. */
export interface ConsistencyProofInput {
  firstSize: number
  firstRoot: Uint8Array
  secondSize: number
  secondRoot: Uint8Array
  proof: readonly Uint8Array[]
}

/**
 * True only if the first `firstSize` leaves of the second state are those of the first state. Nothing precedes
 * everything: an empty first state wants the root of no leaves and an empty proof.
 */
export function verifyConsistencyProof(input: ConsistencyProofInput): boolean {
  const { firstSize, firstRoot, secondSize, secondRoot, proof } = input
  if (!Number.isSafeInteger(firstSize) || !Number.isSafeInteger(secondSize)) return false
  if (firstSize < 0 || firstSize > secondSize || secondRoot.length !== treeHashLength) return false
  if (firstSize === 0) return proof.length === 0 && equalTreeHashes(firstRoot, emptyRoot())
  if (firstSize === secondSize) return proof.length === 0 && equalTreeHashes(firstRoot, secondRoot)
  if (proof.length === 0 || [firstRoot, ...proof].some((part) => part.length !== treeHashLength)) return false

  let place = firstSize - 1
  let last = secondSize - 1
  while (place % 2 === 1) {
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  // A first state of a power of two is itself a node of the second; its hash is known and left out of the proof.
  const [seed, ...path] = place === 0 ? [firstRoot, ...proof] : proof
  let first = seed!
  let second = seed!
  for (const part of path) {
    if (last === 0) return false
    if (place % 2 === 1 || place === last) {
      first = hashNode(part, first)
      second = hashNode(part, second)
      while (place % 2 === 0 && place !== 0) {
        place /= 2
        last = Math.floor(last / 2)
      }
    } else {
      second = hashNode(second, part)
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equalTreeHashes(first, firstRoot) && equalTreeHashes(second, secondRoot)
}
