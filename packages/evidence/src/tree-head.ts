/** Signed tree heads (签名树头): a log's root at one moment. Shape, reading, verification, and growth between two of them. */
import { fromHex } from '@zhicheng/core'
import type { JsonValue } from '@zhicheng/formats'
import { verifyConsistencyProof } from './consistency-proof.ts'
import { evidenceError } from './errors.ts'
import { verifyDetached } from './lib/detached-jws.ts'
import { fieldsOf } from './lib/fields.ts'
import { readJson } from './lib/read-json.ts'
import { parseLogKey } from './log-key.ts'
import { assertTestMark } from './verify-receipt.ts'

/** A tree head as it travels. */
export interface SignedTreeHead {
  type: 'zhicheng-tree-head/1'
  logId: string
  treeSize: number
  rootHash: string
  /** ISO time with offset. */
  time: string
  test?: true
  notice?: '测试专用'
  signature: string
}

/** Reads the form of a tree head; throws `ERR_EVIDENCE_MALFORMED`. It proves nothing until it is verified. */
export function parseTreeHead(input: unknown): SignedTreeHead {
  const fields = fieldsOf(readJson(input), 'tree head')
  fields.exactly('type', 'zhicheng-tree-head/1')
  fields.text('logId', /^[\x21-\x7e]{1,200}$/)
  fields.count('treeSize')
  fields.text('rootHash', /^[0-9a-f]{64}$/)
  fields.time('time')
  fields.testMark()
  fields.text('signature', /^[A-Za-z0-9_-]{1,2000}\.\.[A-Za-z0-9_-]{1,2000}$/)
  return fields.value as unknown as SignedTreeHead
}

/** The tree head, if its signature is by `logKey`; throws a coded error otherwise. */
export async function verifyTreeHead(input: unknown, { logKey }: { logKey: unknown }): Promise<SignedTreeHead> {
  const key = await parseLogKey(logKey)
  const head = parseTreeHead(input)
  const { signature, ...signed } = head
  await verifyDetached(signed as unknown as JsonValue, { signature, key, kind: 'zhicheng-tree-head' })
  assertTestMark(key, head)
  return head
}

/**
 * Verifies that a log only grew: both heads are signed by `logKey` for the same log, and the proof (hex, from the log)
 * leads to both roots. Throws `ERR_EVIDENCE_PROOF` if it does not: then the log has changed what it had promised.
 */
export async function verifyGrowth(
  heads: { first: unknown; second: unknown },
  { proof, logKey }: { proof: readonly string[]; logKey: unknown },
): Promise<void> {
  const first = await verifyTreeHead(heads.first, { logKey })
  const second = await verifyTreeHead(heads.second, { logKey })
  const grown =
    first.logId === second.logId &&
    proof.every((hex) => /^[0-9a-f]{64}$/.test(hex)) &&
    verifyConsistencyProof({
      firstSize: first.treeSize,
      firstRoot: fromHex(first.rootHash),
      secondSize: second.treeSize,
      secondRoot: fromHex(second.rootHash),
      proof: proof.map((hex) => fromHex(hex)),
    })
  if (grown) return
  throw evidenceError(
    'ERR_EVIDENCE_PROOF',
    `The log of ${second.treeSize} entries does not continue the one of ${first.treeSize}: keep both heads as evidence and report the log.`,
    { facts: { first: first.treeSize, second: second.treeSize } },
  )
}
