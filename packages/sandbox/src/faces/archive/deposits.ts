/** The archive's deposits: created once for each key, filled piece by piece, then checked, recorded in the log and receipted. */
import {
  type CheckPackageOptions,
  type CheckRecord,
  type CheckReport,
  checkPackage,
  createDepositStatement,
  digestPackage,
  type PackageDigest,
  zipPackage,
} from '@zhicheng/archive'
import type { DepositView } from '@zhicheng/archive/wire'
import { type Clock, formatTime, type Logger, toHex } from '@zhicheng/core'
import type { EvidenceLog, Receipt } from '@zhicheng/evidence'
import type { JsonValue } from '@zhicheng/formats'
import type { DepositRecord, DepositStorage } from './deposit-storage.ts'

/** What a new deposit says of itself. */
export type DepositRequest = Pick<
  DepositRecord,
  'key' | 'number' | 'version' | 'depositor' | 'name' | 'sha256' | 'supersedes' | 'metadata' | 'length'
>

/** What the deposits work with. */
export interface DepositsOptions {
  storage: DepositStorage
  log: EvidenceLog
  clock: Clock
  logger: Logger
  check: CheckPackageOptions
}

/** The deposits of one archive. */
export interface Deposits {
  /** The deposit of this key, new or as it stands; `conflict` if another package lies under its number. */
  create(request: DepositRequest): Promise<{ record: DepositRecord } | { conflict: string }>
  find(id: string): Promise<DepositRecord | undefined>
  /** Runs alone for one deposit, so that two writers never meet. */
  exclusively<T>(id: string, work: () => Promise<T>): Promise<T>
  /** Stores bytes behind those that are there. Call it inside `exclusively`. */
  append(record: DepositRecord, bytes: Uint8Array): Promise<void>
  remove(id: string): Promise<void>
  close(): Promise<void>
}

/** Opens the deposits; those that a restart cut off in the middle of the check go on. */
export async function openDeposits({ storage, log, clock, logger, check }: DepositsOptions): Promise<Deposits> {
  const records = new Map((await storage.list()).map((record) => [record.id, record]))
  const turns = new Map<string, Promise<unknown>>()
  const running = new Map<string, Promise<void>>()

  const exclusively: Deposits['exclusively'] = (id, work) => {
    const result = (turns.get(id) ?? Promise.resolve()).then(work)
    const settled = result.catch(() => undefined).finally(() => turns.get(id) === settled && turns.delete(id))
    turns.set(id, settled)
    return result
  }
  const save = async (record: DepositRecord): Promise<void> => {
    record.updatedAt = formatTime(clock.now())
    await storage.write(record)
    records.set(record.id, record)
  }
  const detect = (record: DepositRecord): void => {
    const job = decide(record).finally(() => running.delete(record.id))
    const failed = (error: unknown): void => {
      // Whoever reads the deposit sees that it is still being checked; the next restart tries again.
      logger({ level: 'error', event: 'archive.check-failed', facts: { id: record.id, name: (error as Error).name } })
    }
    running.set(record.id, job.catch(failed))
  }
  const decide = async (record: DepositRecord): Promise<void> => {
    if (!record.statement) {
      const source = await storage.open(record.id, record.length)
      try {
        const digest = await digestPackage(source)
        record.report = withStatedDigest(await checkPackage(zipPackage(record.name, source), check), { record, digest })
        record.statement = createDepositStatement({
          receiptId: record.id,
          number: record.number,
          version: record.version,
          depositor: record.depositor,
          package: { name: record.name, ...digest },
          report: record.report,
          ...(record.supersedes === undefined ? {} : { supersedes: record.supersedes }),
          receivedAt: formatTime(clock.now()),
        })
      } finally {
        await source.close()
      }
      await save(record)
    }
    record.receipt = await log.record(record.statement as unknown as { [name: string]: JsonValue })
    record.state = record.statement.decision
    await save(record)
    const replaced = record.supersedes === undefined ? undefined : records.get(record.supersedes)
    if (record.state !== 'accepted' || !replaced) return
    replaced.state = 'superseded'
    await save(replaced)
  }
  for (const record of records.values()) if (record.state === 'detecting') detect(record)

  return {
    create: (request) =>
      exclusively('create', async () => {
        const same = [...records.values()].find(({ key }) => key === request.key)
        if (same) return { record: same }
        const holder = [...records.values()].find(
          ({ number, depositor, state }) =>
            number === request.number &&
            depositor === request.depositor &&
            ['detecting', 'accepted', 'manual'].includes(state),
        )
        if (holder && request.supersedes !== holder.id) return { conflict: holder.id }
        const id = toHex(crypto.getRandomValues(new Uint8Array(16)))
        const record: DepositRecord = { id, ...request, offset: 0, state: 'uploading', updatedAt: '' }
        await save(record)
        return { record }
      }),
    find: async (id) => records.get(id),
    exclusively,
    async append(record, bytes) {
      if (bytes.length > 0) await storage.append(record.id, record.offset, bytes)
      const complete = record.offset + bytes.length === record.length
      await save(
        Object.assign(record, { offset: record.offset + bytes.length, state: complete ? 'detecting' : 'uploading' }),
      )
      if (complete) detect(record)
    },
    async remove(id) {
      records.delete(id)
      await storage.remove(id)
    },
    async close() {
      await Promise.all(running.values())
    },
  }
}

/** What the depositor may see of a deposit. */
export function viewOf({ id, number, version, state, offset, length, updatedAt }: DepositRecord): DepositView {
  return { id, number, version, state, received: offset, total: length, updatedAt }
}

/** A receipt whose proof leads elsewhere, signed all the same: only a client that follows the proof notices. */
export async function withBadProof(receipt: Receipt, log: EvidenceLog): Promise<Receipt> {
  const { signature: _, ...body } = receipt
  const forged = { ...body, treeSize: body.treeSize + 1, inclusionProof: [...body.inclusionProof, body.leafHash] }
  return { ...forged, signature: await log.signer.sign(forged as unknown as JsonValue, 'zhicheng-receipt') }
}

/** What arrived has to be what the depositor said it would send; the check of the package alone could not know. */
function withStatedDigest(
  report: CheckReport,
  { record, digest }: { record: DepositRecord; digest: PackageDigest },
): CheckReport {
  if (digest.sha256 === record.sha256) return report
  const fault: CheckRecord = {
    id: 'integrity.digest',
    property: 'integrity',
    status: 'fail',
    object: record.name,
    evidence: `sha256 ${digest.sha256}, but the depositor said ${record.sha256}`,
    remedy: 'deposit the package again',
    code: 'ERR_ARCHIVE_DIGEST_MISMATCH',
  }
  return { ...report, verdict: 'returned', checks: [...report.checks, fault] }
}
