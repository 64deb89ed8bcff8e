/** Verifies a receipt offline: form, signature, entry, inclusion proof. There is no partial success. */
import { fromHex, toHex, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import { evidenceError } from './errors.ts'
import { verifyInclusionProof } from './inclusion-proof.ts'
import { hashLeaf } from './leaf-hash.ts'
import { verifyDetached } from './lib/detached-jws.ts'
import { type LogKey, parseLogKey } from './log-key.ts'
import { parseReceipt, type Receipt, receiptProof } from './receipt.ts'

/** A receipt of which every part holds. Only `verifyReceipt` makes one. */
export interface VerifiedReceipt {
  readonly verified: true
  readonly receipt: Receipt
  readonly issuedAt: Date
  /** True if the log's key or the receipt says that it is only for tests (测试专用): such a receipt proves nothing. */
  readonly test: boolean
  /** How the content is bound to the leaf: by the statement inside, by the bytes given, or not looked at. */
  readonly content: 'statement' | 'given-leaf' | 'not-checked'
}

/** Options of {@link verifyReceipt}. */
export interface VerifyReceiptOptions {
  /** Public key of the log, from a place the verifier trusts; never from the receipt. */
  logKey: unknown
  /** The entry itself. When it is given, it has to be the leaf that the receipt is about. */
  leaf?: Uint8Array
}

/**
 * Verifies a receipt, given as an object, a text or bytes. Resolves only if the signature is by `logKey`, the inclusion
 * proof leads from the leaf to the signed root, and the statement and `leaf` (where present) hash to that leaf. Throws
 * `ERR_EVIDENCE_MALFORMED`, `ERR_EVIDENCE_KEY_MISMATCH`, `ERR_EVIDENCE_SIGNATURE`, `ERR_EVIDENCE_TEST_MARK`,
 * `ERR_EVIDENCE_LEAF` or `ERR_EVIDENCE_PROOF` for everything else.
 *
 * @example
 * ```ts
 * const { receipt, test } = await verifyReceipt(await readFile('receipt.json'), { logKey: JSON.parse(jwk) })
 * ```
 */
export async function verifyReceipt(input: unknown, { logKey, leaf }: VerifyReceiptOptions): Promise<VerifiedReceipt> {
  const key = await parseLogKey(logKey)
  const receipt = parseReceipt(input)
  const { signature, ...signed } = receipt
  await verifyDetached(signed as unknown as JsonValue, { signature, key, kind: 'zhicheng-receipt' })
  assertTestMark(key, receipt)
  assertContent(receipt, leaf)
  const proven = verifyInclusionProof({
    leafHash: fromHex(receipt.leafHash),
    index: receipt.index,
    treeSize: receipt.treeSize,
    root: fromHex(receipt.rootHash),
    proof: receiptProof(receipt),
  })
  if (!proven) {
    throw evidenceError(
      'ERR_EVIDENCE_PROOF',
      'The inclusion proof does not lead from the entry to the signed root: ask the log for a new receipt and report this one.',
      { facts: { index: receipt.index, treeSize: receipt.treeSize } },
    )
  }
  const content = leaf ? 'given-leaf' : receipt.statement ? 'statement' : 'not-checked'
  return { verified: true, receipt, issuedAt: new Date(receipt.issuedAt), test: receipt.test === true, content }
}

/** A test key must say so in what it signs: otherwise its receipts would look like real ones once the key is renamed. */
export function assertTestMark(key: LogKey, { test }: { test?: true }): void {
  if (key.test === true && test !== true) {
    throw evidenceError('ERR_EVIDENCE_TEST_MARK', 'A test key signed this, but it does not say 测试专用: refuse it.')
  }
}

function assertContent({ statement, leafHash }: Receipt, leaf: Uint8Array | undefined): void {
  const contents = [statement ? utf8(canonicalJson(statement)) : undefined, leaf]
  if (contents.every((content) => content === undefined || toHex(hashLeaf(content)) === leafHash)) return
  throw evidenceError(
    'ERR_EVIDENCE_LEAF',
    'The content is not the entry that the log holds: the receipt is for another.',
  )
}
