/** Where a log keeps its leaves and the hashes of its complete subtrees. */
import { toHex } from '@zhicheng/core'
import { evidenceError } from './errors.ts'

/** The hash over the leaves `[index · 2^level, (index + 1) · 2^level)`. */
export interface TreeNode {
  level: number
  index: number
  hash: Uint8Array
}

/** One leaf with the subtrees that it completes, itself at level 0 first. */
export interface LogRecord {
  index: number
  data: Uint8Array
  nodes: readonly TreeNode[]
}

/** Storage of one log. Nothing is ever changed or removed. */
export interface LogStorage {
  /** True if what `append` has promised survives a crash. */
  readonly durable: boolean
  /** Number of leaves. */
  size(): Promise<number>
  /**
   * Stores one leaf and its nodes, all or nothing, and resolves once they are safe. Throws `ERR_EVIDENCE_CONFLICT` unless
   * the log has exactly `record.index` leaves, so that two writers cannot both take one place.
   */
  append(record: LogRecord): Promise<void>
  /** Data of a leaf. Throws `ERR_EVIDENCE_STORAGE` when it is missing. */
  leaf(index: number): Promise<Uint8Array>
  /** Hash of a complete subtree. Throws `ERR_EVIDENCE_STORAGE` when it is missing. */
  node(level: number, index: number): Promise<Uint8Array>
  /** The first leaf of this hash, so that a writer that was cut off can find out whether its entry is in. */
  find(leafHash: Uint8Array): Promise<number | undefined>
}

/** A log in memory: gone with the process. For tests and the local platform. */
export function memoryLogStorage(): LogStorage {
  const leaves: Uint8Array[] = []
  const levels: Uint8Array[][] = []
  const byHash = new Map<string, number>()
  return {
    durable: false,
    size: async () => leaves.length,
    async append({ index, data, nodes }) {
      if (index !== leaves.length) throw conflict(index, leaves.length)
      leaves.push(new Uint8Array(data))
      for (const node of nodes) {
        levels[node.level] ??= []
        levels[node.level]![node.index] = new Uint8Array(node.hash)
        if (node.level === 0 && !byHash.has(toHex(node.hash))) byHash.set(toHex(node.hash), index)
      }
    },
    leaf: async (index) => present(leaves[index], `leaf ${index}`),
    node: async (level, index) => present(levels[level]?.[index], `node ${level}/${index}`),
    find: async (leafHash) => byHash.get(toHex(leafHash)),
  }
}

function conflict(wanted: number, size: number): Error {
  return evidenceError(
    'ERR_EVIDENCE_CONFLICT',
    `The log has ${size} leaves, so nothing can be stored as leaf ${wanted}: read the log again, then append.`,
    { outcome: 'refused', retryable: true, facts: { wanted, size } },
  )
}

function present(value: Uint8Array | undefined, what: string): Uint8Array {
  if (value) return value
  throw evidenceError(
    'ERR_EVIDENCE_STORAGE',
    `The log's storage has no ${what}: it is damaged or was never written; restore it before the log is used again.`,
  )
}
