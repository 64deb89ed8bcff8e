/** An append-only log (RFC 9162): takes entries, proves them, and signs receipts and tree heads. */
import { type Clock, formatTime, systemClock, toHex, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import { evidenceError } from './errors.ts'
import { hashLeaf } from './leaf-hash.ts'
import { testNotice } from './lib/test-notice.ts'
import { completedNodes, consistencyPath, inclusionPath, rootOf } from './lib/tree.ts'
import type { LogSigner, SignedKind } from './log-signer.ts'
import type { LogStorage } from './log-storage.ts'
import type { Receipt } from './receipt.ts'
import type { SignedTreeHead } from './tree-head.ts'

/** Options of {@link createEvidenceLog}. */
export interface EvidenceLogOptions {
  /** Name of the log, such as `archive.example.gov.cn`; printable ASCII without blanks. */
  id: string
  storage: LogStorage
  signer: LogSigner
  clock?: Clock
}

/** A log. Sizes default to the present size. */
export interface EvidenceLog {
  readonly id: string
  readonly signer: LogSigner
  size(): Promise<number>
  /** Adds an entry and resolves once it is stored. */
  append(data: Uint8Array): Promise<{ index: number; leafHash: Uint8Array }>
  /** Where an entry of this hash is, if it is in: what to ask after a crash, before appending again. */
  find(leafHash: Uint8Array): Promise<number | undefined>
  /** The data of an entry. */
  read(index: number): Promise<Uint8Array>
  root(treeSize?: number): Promise<Uint8Array>
  proveInclusion(index: number, treeSize?: number): Promise<Uint8Array[]>
  proveConsistency(firstSize: number, secondSize?: number): Promise<Uint8Array[]>
  treeHead(): Promise<SignedTreeHead>
  /** A receipt for an entry that is in. */
  receipt(index: number): Promise<Receipt>
  /** Adds a statement in its canonical form, unless it is in already, and gives the receipt that carries it. */
  record(statement: { [name: string]: JsonValue }): Promise<Receipt>
}

/**
 * Opens a log over its storage.
 *
 * @example
 * ```ts
 * const { privateKey, publicKey } = await createLogKey({ test: true })
 * const log = createEvidenceLog({ id: 'sandbox', storage: memoryLogStorage(), signer: await createLogSigner(privateKey) })
 * const receipt = await log.record({ what: 'case archived', number: 'A-1' })
 * await verifyReceipt(receipt, { logKey: publicKey })
 * ```
 */
export function createEvidenceLog({ id, storage, signer, clock = systemClock }: EvidenceLogOptions): EvidenceLog {
  let tail: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work)
    tail = result.catch(() => undefined)
    return result
  }
  const mark = signer.publicKey.test === true ? { test: true as const, notice: testNotice } : {}
  const seal = async <Body extends object>(body: Body, kind: SignedKind): Promise<Body & { signature: string }> => {
    const marked = { ...body, ...mark }
    return { ...marked, signature: await signer.sign(marked as unknown as JsonValue, kind) }
  }
  const sizeUpTo = async (wanted: number | undefined): Promise<number> => {
    const size = await storage.size()
    if (wanted === undefined) return size
    assertRange(wanted, 0, size)
    return wanted
  }
  const append = async (data: Uint8Array) => {
    const index = await storage.size()
    const leafHash = hashLeaf(data)
    await storage.append({ index, data, nodes: await completedNodes(storage, index, leafHash) })
    return { index, leafHash }
  }
  const prove = async (index: number, treeSize: number): Promise<Uint8Array[]> => {
    assertRange(index, 0, treeSize - 1)
    return inclusionPath(storage, index, { start: 0, end: treeSize })
  }
  const receipt = async (index: number, statement?: { [name: string]: JsonValue }): Promise<Receipt> => {
    const treeSize = await storage.size()
    const inclusionProof = (await prove(index, treeSize)).map(toHex)
    const body: Omit<Receipt, 'signature'> = {
      type: 'zhicheng-receipt/1',
      logId: id,
      index,
      treeSize,
      rootHash: toHex(await rootOf(storage, treeSize)),
      leafHash: toHex(await storage.node(0, index)),
      inclusionProof,
      issuedAt: formatTime(clock.now()),
      ...(statement ? { statement } : {}),
    }
    return seal(body, 'zhicheng-receipt')
  }
  return {
    id,
    signer,
    size: () => storage.size(),
    append: (data) => inTurn(() => append(data)),
    find: (leafHash) => storage.find(leafHash),
    async read(index) {
      assertRange(index, 0, (await storage.size()) - 1)
      return storage.leaf(index)
    },
    root: async (treeSize) => rootOf(storage, await sizeUpTo(treeSize)),
    proveInclusion: async (index, treeSize) => prove(index, await sizeUpTo(treeSize)),
    async proveConsistency(firstSize, secondSize) {
      const size = await sizeUpTo(secondSize)
      assertRange(firstSize, 0, size)
      return firstSize === 0 || firstSize === size
        ? []
        : consistencyPath(storage, firstSize, { start: 0, end: size, known: true })
    },
    async treeHead() {
      const treeSize = await storage.size()
      const body = {
        type: 'zhicheng-tree-head/1' as const,
        logId: id,
        treeSize,
        rootHash: toHex(await rootOf(storage, treeSize)),
        time: formatTime(clock.now()),
      }
      return seal(body, 'zhicheng-tree-head')
    },
    receipt: (index) => receipt(index),
    record: (statement) =>
      inTurn(async () => {
        const data = utf8(canonicalJson(statement))
        const index = (await storage.find(hashLeaf(data))) ?? (await append(data)).index
        return receipt(index, statement)
      }),
  }
}

function assertRange(value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  throw evidenceError(
    'ERR_EVIDENCE_RANGE',
    `The log has nothing at ${value}: it wants a whole number from ${least} to ${most}.`,
    {
      facts: { value, least, most },
    },
  )
}
