/** Proves a deposit offline: the receipt holds, and (if it is at hand) the package is the one it speaks of. */
import type { ByteSource } from '@zhicheng/core'
import { type VerifiedReceipt, verifyReceipt } from '@zhicheng/evidence'
import { type DepositStatement, parseDepositStatement } from './deposit-statement.ts'
import { archiveError } from './errors.ts'
import { digestPackage, type PackageDigest } from './package-digest.ts'

/** Options of {@link proveReceipt}. */
export interface ProveReceiptOptions {
  /** Public key of the archive's log, from a place you trust. */
  logKey: unknown
  /** The package file, or digests of it that were made already. */
  package?: Uint8Array | ByteSource | PackageDigest
}

/** What was proven. */
export interface ProvenReceipt {
  receipt: VerifiedReceipt
  statement: DepositStatement
  /** `not-checked` when no package was given: then the receipt proves a deposit, but not of which bytes you hold. */
  package: 'matches' | 'not-checked'
}

/**
 * Verifies signature and inclusion proof of a deposit's receipt, and compares it with the package. Throws the codes of
 * `verifyReceipt`, and `ERR_ARCHIVE_RECEIPT_MISMATCH` if it is about something else or another package.
 *
 * @example
 * ```ts
 * const { statement } = await proveReceipt(receiptText, { logKey, package: await fileSource('case.zip') })
 * statement.decision // 'accepted' | 'returned' | 'manual'
 * ```
 */
export async function proveReceipt(input: unknown, options: ProveReceiptOptions): Promise<ProvenReceipt> {
  const receipt = await verifyReceipt(input, { logKey: options.logKey })
  const statement = parseDepositStatement(receipt.receipt.statement)
  if (options.package === undefined) return { receipt, statement, package: 'not-checked' }
  const given = 'sha256' in options.package ? options.package : await digestPackage(options.package)
  const { bytes, sha256, sm3 } = statement.package
  if (given.bytes !== bytes || given.sha256 !== sha256 || given.sm3 !== sm3) {
    throw archiveError(
      'ERR_ARCHIVE_RECEIPT_MISMATCH',
      'The receipt holds, but it is for another package than this one.',
      {
        facts: { receiptId: statement.receiptId },
      },
    )
  }
  return { receipt, statement, package: 'matches' }
}
