/** What an archive answers about deposits, for clients and for the elements. */
import { type Operation, operation, type Schema } from '@zhicheng/core'
import type { LogKey, Receipt } from '@zhicheng/evidence'
import type { JsonValue } from '@zhicheng/formats'
import * as v from 'valibot'
import type { CheckId, CheckReport } from './check-report.ts'

/** Where a deposit stands. `manual`: received and checked, and waiting for a person. */
export type DepositState = 'uploading' | 'detecting' | 'accepted' | 'returned' | 'manual' | 'superseded'

/** A deposit as its depositor may see it. */
export interface DepositView {
  id: string
  /** 电子文件号. */
  number: string
  version: number
  state: DepositState
  /** Bytes that are safely stored, and bytes in all. */
  received: number
  total: number
  /** ISO time with offset. */
  updatedAt: string
}

/** The schema of a {@link DepositView}. */
export const depositView: Schema<DepositView> = v.object({
  id: v.string(),
  number: v.string(),
  version: v.number(),
  state: v.picklist(['uploading', 'detecting', 'accepted', 'returned', 'manual', 'superseded']),
  received: v.number(),
  total: v.number(),
  updatedAt: v.string(),
})

/** The schema of a {@link CheckReport}. */
export const checkReport: Schema<CheckReport> = v.object({
  package: v.string(),
  format: v.picklist(['bag', 'zip']),
  profile: v.string(),
  stage: v.picklist(['archiving', 'transfer', 'preservation']),
  verdict: v.picklist(['accepted', 'returned', 'manual']),
  checks: v.array(
    v.object({
      // New checks may come with a newer archive; a client shows them by their property.
      id: v.pipe(v.string(), v.regex(/^(authenticity|integrity|usability|security)\.[a-z0-9-]+$/)) as v.GenericSchema<
        unknown,
        CheckId
      >,
      property: v.picklist(['authenticity', 'integrity', 'usability', 'security']),
      status: v.picklist(['pass', 'fail', 'manual', 'not-applicable', 'not-checked']),
      object: v.string(),
      evidence: v.string(),
      remedy: v.string(),
      code: v.string(),
    }),
  ),
})

/** The schema of a receipt's form. A receipt proves nothing until `verifyReceipt` has looked at it. */
export const depositReceipt: Schema<Receipt> = v.looseObject({
  type: v.literal('zhicheng-receipt/1'),
  logId: v.string(),
  index: v.number(),
  treeSize: v.number(),
  rootHash: v.string(),
  leafHash: v.string(),
  inclusionProof: v.array(v.string()),
  issuedAt: v.string(),
  statement: v.exactOptional(v.record(v.string(), v.unknown() as v.GenericSchema<unknown, JsonValue>)),
  test: v.exactOptional(v.literal(true)),
  notice: v.exactOptional(v.literal('测试专用')),
  signature: v.string(),
})

/** The schema of a log's public key. */
export const logKey: Schema<LogKey> = v.object({
  kty: v.picklist(['EC', 'OKP']),
  crv: v.picklist(['P-256', 'Ed25519']),
  x: v.string(),
  y: v.exactOptional(v.string()),
  alg: v.picklist(['ES256', 'Ed25519']),
  use: v.literal('sig'),
  kid: v.string(),
  test: v.exactOptional(v.literal(true)),
  notice: v.exactOptional(v.literal('测试专用')),
})

const params: Schema<{ deposit: string }> = v.object({
  deposit: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{8,64}$/)),
})

/** Reads where a deposit stands. */
export const readDeposit: Operation<{ params: { deposit: string }; response: DepositView }> = operation({
  id: 'archive.deposit.read',
  method: 'GET',
  path: '/archive/deposits/{deposit}',
  summary: 'Reads where a deposit stands.',
  params,
  response: depositView,
})

/** Reads the four-property report on a deposited package. */
export const readDepositReport: Operation<{ params: { deposit: string }; response: CheckReport }> = operation({
  id: 'archive.deposit.report.read',
  method: 'GET',
  path: '/archive/deposits/{deposit}/report',
  summary: 'Reads the four-property report on a deposited package.',
  params,
  response: checkReport,
})

/** Reads the signed receipt of a deposit. */
export const readDepositReceipt: Operation<{ params: { deposit: string }; response: Receipt }> = operation({
  id: 'archive.deposit.receipt.read',
  method: 'GET',
  path: '/archive/deposits/{deposit}/receipt',
  summary: 'Reads the signed receipt of a deposit; it stays the same for ever.',
  params,
  response: depositReceipt,
})

/** Reads the public key of the archive's log. */
export const readLogKey: Operation<{ response: LogKey }> = operation({
  id: 'archive.log.key.read',
  method: 'GET',
  path: '/archive/log/key',
  summary: 'Reads the public key of the evidence log. Compare it with the one you were given by another way.',
  response: logKey,
})
