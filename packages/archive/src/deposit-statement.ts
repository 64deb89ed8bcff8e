/** What an archive states in the receipt of a deposit: which package, what the check said, what was decided. */
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import * as v from 'valibot'
import type { CheckReport, PackageVerdict } from './check-report.ts'
import { archiveError } from './errors.ts'

/** The statement inside a receipt; digests are lower-case hex. */
export interface DepositStatement {
  type: 'archive-deposit/1'
  /** Identifier of the deposit at the archive. */
  receiptId: string
  /** 电子文件号. */
  number: string
  version: number
  /** Who handed the package over. */
  depositor: string
  /** `accepted`, `returned`, or `manual`: received, and waiting for a person. */
  decision: PackageVerdict
  package: { name: string; bytes: number; sha256: string; sm3: string }
  check: { profile: string; stage: string; counts: Record<string, number>; reportSha256: string }
  /** Identifier of the deposit that this one replaces. */
  supersedes?: string
  /** ISO time with offset. */
  receivedAt: string
}

/** What a statement is made of. */
export interface DepositStatementInput extends Omit<DepositStatement, 'type' | 'decision' | 'check'> {
  report: CheckReport
}

/** States what came of a check. The report is bound by its digest over the canonical form. */
export function createDepositStatement({ report, ...about }: DepositStatementInput): DepositStatement {
  const counts: Record<string, number> = {}
  for (const { status } of report.checks) counts[status] = (counts[status] ?? 0) + 1
  return {
    type: 'archive-deposit/1',
    ...about,
    decision: report.verdict,
    check: { profile: report.profile, stage: report.stage, counts, reportSha256: digestReport(report) },
  }
}

/** SHA-256 of a report in its canonical form (RFC 8785), in hex. */
export function digestReport(report: CheckReport): string {
  return toHex(hash('sha256', utf8(canonicalJson(report as unknown as JsonValue))))
}

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const statement: v.GenericSchema<unknown, DepositStatement> = v.looseObject({
  type: v.literal('archive-deposit/1'),
  receiptId: v.string(),
  number: v.string(),
  version: count,
  depositor: v.string(),
  decision: v.picklist(['accepted', 'returned', 'manual']),
  package: v.looseObject({ name: v.string(), bytes: count, sha256: hex, sm3: hex }),
  check: v.looseObject({
    profile: v.string(),
    stage: v.string(),
    counts: v.record(v.string(), count),
    reportSha256: hex,
  }),
  supersedes: v.exactOptional(v.string()),
  receivedAt: v.string(),
})

/** The statement of a verified receipt; throws `ERR_ARCHIVE_RECEIPT_MISMATCH` if the receipt is not about a deposit. */
export function parseDepositStatement(value: unknown): DepositStatement {
  const result = v.safeParse(statement, value)
  if (result.success) return result.output
  throw archiveError('ERR_ARCHIVE_RECEIPT_MISMATCH', 'The receipt holds, but it is not about the deposit of a package.')
}
