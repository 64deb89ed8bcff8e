/** Roots and proofs computed from the complete subtrees that a storage keeps: a logarithmic number of reads each. */
import { emptyRoot, hashNode } from '../leaf-hash.ts'
import type { LogStorage, TreeNode } from '../log-storage.ts'

type Nodes = Pick<LogStorage, 'node'>

/** The nodes that a new leaf completes: the leaf itself, then every subtree that is full with it. */
export async function completedNodes(storage: Nodes, index: number, leafHash: Uint8Array): Promise<TreeNode[]> {
  const nodes: TreeNode[] = [{ level: 0, index, hash: leafHash }]
  let place = index
  let hash = leafHash
  for (let level = 0; place % 2 === 1; level += 1) {
    hash = hashNode(await storage.node(level, place - 1), hash)
    place = (place - 1) / 2
    nodes.push({ level: level + 1, index: place, hash })
  }
  return nodes
}

/** The root over the first `size` leaves (section 2.1.1). */
export async function rootOf(storage: Nodes, size: number): Promise<Uint8Array> {
  return size === 0 ? emptyRoot() : await hashOf(storage, 0, size)
}

/** The inclusion proof of a leaf in the tree over `[start, end)` (section 2.1.3.1). */
export async function inclusionPath(
  storage: Nodes,
  index: number,
  { start, end }: { start: number; end: number },
): Promise<Uint8Array[]> {
  if (end - start === 1) return []
  const split = start + largestPowerBelow(end - start)
  return index < split
    ? [...(await inclusionPath(storage, index, { start, end: split })), await hashOf(storage, split, end)]
    : [...(await inclusionPath(storage, index, { start: split, end })), await hashOf(storage, start, split)]
}

/** The proof that the first `size` leaves of `[start, end)` are an earlier state (section 2.1.4.1). */
export async function consistencyPath(
  storage: Nodes,
  size: number,
  { start, end, known }: { start: number; end: number; known: boolean },
): Promise<Uint8Array[]> {
  if (size === end) return known ? [] : [await hashOf(storage, start, end)]
  const split = start + largestPowerBelow(end - start)
  return size <= split
    ? [...(await consistencyPath(storage, size, { start, end: split, known })), await hashOf(storage, split, end)]
    : [
        ...(await consistencyPath(storage, size, { start: split, end, known: false })),
        await hashOf(storage, start, split),
      ]
}

async function hashOf(storage: Nodes, start: number, end: number): Promise<Uint8Array> {
  const length = end - start
  const split = length === 1 ? 1 : largestPowerBelow(length)
  // The recursion splits at powers of two from an aligned start, so every part whose length is one is a stored node.
  if (length === 1 || split * 2 === length) return storage.node(Math.round(Math.log2(length)), start / length)
  return hashNode(await hashOf(storage, start, start + split), await hashOf(storage, start + split, end))
}

/** The largest power of two that is smaller than `count`, for a count above one. */
function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}
