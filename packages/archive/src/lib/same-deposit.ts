/** Compares a statement with what was asked for: a true receipt of another deposit is no answer. */
import type { DepositStatement } from '../deposit-statement.ts'
import { archiveError } from '../errors.ts'

/** Throws `ERR_ARCHIVE_RECEIPT_MISMATCH` unless the statement is about exactly this deposit. */
export function assertSameDeposit(
  statement: DepositStatement,
  wanted: { id: string; number: string; depositor: string; version: number },
): void {
  const { receiptId, number, depositor, version } = statement
  const same =
    receiptId === wanted.id && number === wanted.number && depositor === wanted.depositor && version === wanted.version
  if (same) return
  throw archiveError(
    'ERR_ARCHIVE_RECEIPT_MISMATCH',
    'The receipt holds, but it is for another deposit than this one.',
    {
      facts: { receiptId, id: wanted.id },
    },
  )
}
