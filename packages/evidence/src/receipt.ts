/** Receipts (存证回执): the signed statement of a log that it holds an entry, with the proof of it. Shape, reading, writing. */
import { fromHex } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import { fieldsOf } from './lib/fields.ts'
import { readJson } from './lib/read-json.ts'

/** A receipt as it travels and lies in `receipt.json`. Hashes are lower-case hex; everything but `signature` is signed. */
export interface Receipt {
  type: 'zhicheng-receipt/1'
  logId: string
  /** Place of the entry in the log, from 0. */
  index: number
  treeSize: number
  rootHash: string
  leafHash: string
  /** Sibling hashes from the leaf upwards. */
  inclusionProof: string[]
  /** When it was issued; ISO time with offset. */
  issuedAt: string
  /** What the entry says. When it is there, the leaf is the canonical form (RFC 8785) of it. */
  statement?: { [name: string]: JsonValue }
  /** Present when the log's key is only for tests, together with `notice`. */
  test?: true
  notice?: '测试专用'
  /** JWS with detached content over the canonical form of the other members. */
  signature: string
}

/**
 * Reads a receipt's form, and nothing more: it proves nothing until `verifyReceipt` has looked at it.
 * Throws `ERR_EVIDENCE_MALFORMED` for whatever does not have the agreed form.
 */
export function parseReceipt(input: unknown): Receipt {
  const fields = fieldsOf(readJson(input), 'receipt')
  fields.exactly('type', 'zhicheng-receipt/1')
  fields.text('logId', /^[\x21-\x7e]{1,200}$/)
  fields.count('index')
  fields.count('treeSize')
  fields.text('rootHash', /^[0-9a-f]{64}$/)
  fields.text('leafHash', /^[0-9a-f]{64}$/)
  fields.texts('inclusionProof', /^[0-9a-f]{64}$/, 64)
  fields.time('issuedAt')
  if ('statement' in fields.value) fields.object('statement')
  fields.testMark()
  fields.text('signature', /^[A-Za-z0-9_-]{1,2000}\.\.[A-Za-z0-9_-]{1,2000}$/)
  return fields.value as unknown as Receipt
}

/** The text of a receipt, indented for people; the signature is over the canonical form and does not mind. */
export function formatReceipt(receipt: Receipt): string {
  return `${JSON.stringify(receipt, null, 2)}\n`
}

/** The hashes of a receipt's proof as bytes. */
export function receiptProof({ inclusionProof }: Pick<Receipt, 'inclusionProof'>): Uint8Array[] {
  return inclusionProof.map((hex) => fromHex(hex))
}
