/** Hashes of a Merkle tree (RFC 9162, section 2.1.1): leaves and nodes carry different prefixes, so none passes for the other. */
import { equalBytes } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** Length of every hash of a log in bytes. */
export const treeHashLength = 32

/** The hash of a leaf: SHA-256(0x00 ‖ data). */
export function hashLeaf(data: Uint8Array): Uint8Array {
  return hash('sha256', leafPrefix, data)
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash('sha256', nodePrefix, left, right)
}

/** The root of a log without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return hash('sha256')
}

/** True if both are whole tree hashes and equal: a short or empty value never is. */
export function equalTreeHashes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === treeHashLength && equalBytes(left, right)
}
