/** Where the archive keeps deposits: one record and the bytes of each. */

import type { CheckReport, DepositStatement } from '@zhicheng/archive'
import type { DepositState } from '@zhicheng/archive/wire'
import { type ByteSource, bytesSource, concatBytes } from '@zhicheng/core'
import type { Receipt } from '@zhicheng/evidence'

/** Everything that is known of a deposit besides its bytes. */
export interface DepositRecord {
  id: string
  /** Idempotency key of the depositor. */
  key: string
  number: string
  version: number
  depositor: string
  /** Name of the file. */
  name: string
  /** Digest that the depositor stated, in hex. */
  sha256: string
  supersedes?: string
  metadata: string
  length: number
  /** Bytes that are safely stored. */
  offset: number
  state: DepositState
  updatedAt: string
  report?: CheckReport
  /** Kept before it goes into the log, so that a restart records the same one and not a second. */
  statement?: DepositStatement
  receipt?: Receipt
}

/** Storage of deposits. What a method has resolved is safe, as far as `durable` says. */
export interface DepositStorage {
  readonly durable: boolean
  /** All records, oldest first: read once at the start. */
  list(): Promise<DepositRecord[]>
  /** Replaces the record as a whole, or not at all. */
  write(record: DepositRecord): Promise<void>
  /** Stores bytes at this place; whatever lay behind it was never acknowledged and is overwritten. */
  append(id: string, offset: number, bytes: Uint8Array): Promise<void>
  /** The bytes of a whole package; `close` it when done. */
  open(id: string, length: number): Promise<ByteSource & { close(): Promise<void> }>
  remove(id: string): Promise<void>
}

/** Deposits in memory: gone with the sandbox. */
export function memoryDepositStorage(): DepositStorage {
  const records = new Map<string, DepositRecord>()
  const contents = new Map<string, Uint8Array[]>()
  return {
    durable: false,
    list: async () => [...records.values()].map((record) => structuredClone(record)),
    async write(record) {
      records.set(record.id, structuredClone(record))
    },
    async append(id, _, bytes) {
      const parts = contents.get(id) ?? []
      parts.push(new Uint8Array(bytes))
      contents.set(id, parts)
    },
    async open(id) {
      const whole = concatBytes(...(contents.get(id) ?? []))
      contents.set(id, [whole])
      return { ...bytesSource(whole), close: async () => {} }
    },
    async remove(id) {
      records.delete(id)
      contents.delete(id)
    },
  }
}
