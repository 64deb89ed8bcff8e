/** Deposits a package at an archive: a resumable upload (tus 1.0.0), then the decision, then a receipt that was verified. */
import {
  type ByteSource,
  bytesSource,
  callOperation,
  isZhichengError,
  toHex,
  utf8,
  ZhichengError,
} from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import type { LogKey, VerifiedReceipt } from '@zhicheng/evidence'
import { canonicalJson } from '@zhicheng/formats'
import type { DepositStatement } from './deposit-statement.ts'
import { archiveError } from './errors.ts'
import { assertSameDeposit } from './lib/same-deposit.ts'
import { uploadPackage } from './lib/upload-package.ts'
import { digestPackage, type PackageDigest } from './package-digest.ts'
import { proveReceipt } from './prove-receipt.ts'
import { type DepositView, readDeposit, readDepositReceipt, readLogKey } from './wire.ts'

/** A package to be deposited: one file. */
export interface DepositSource {
  /** Name of the file. */
  name: string
  bytes: Uint8Array | ByteSource
}

/** Options of {@link depositPackage}. */
export interface DepositOptions {
  /** Address of the archive, such as `https://archive.example.gov.cn/archive`. */
  url: string
  /** 电子文件号 of the case. */
  number: string
  /** Who hands over; a code of the office. */
  depositor: string
  /** 1 for the first, one more for each corrected package of the same number. */
  version?: number
  /** Identifier of the deposit that this one replaces. */
  supersedes?: string
  /**
   * Public key of the archive's log, from a place you trust. Without it the receipt is verified against the key that the
   * archive itself shows, and the result says so: that proves consistency, not who signed.
   */
  logKey?: unknown
  fetch?: typeof globalThis.fetch
  /** Sent with every request, such as an authorization. */
  headers?: Readonly<Record<string, string>>
  /** Bytes of one request; 4 MiB by default. */
  chunkBytes?: number
  /** Failures in a row without progress until the upload gives up; 8 by default. */
  attempts?: number
  /** How often the decision is asked for, once a `pollMilliseconds`; 240 by default. */
  polls?: number
  pollMilliseconds?: number
  sleep?: (milliseconds: number) => Promise<void>
  random?: () => number
  onProgress?: (progress: { sent: number; total: number }) => void
  signal?: AbortSignal
}

/** What came of a deposit. */
export interface DepositResult {
  id: string
  /** `manual`: received, and waiting for a person. */
  decision: DepositStatement['decision']
  statement: DepositStatement
  receipt: VerifiedReceipt
  /** Whether the receipt was verified against a key you gave, or only against the one the archive shows. */
  keySource: 'given' | 'platform'
}

/**
 * Uploads a package, waits for the decision, and verifies the receipt against the bytes that were sent. An interrupted
 * upload goes on where it was, also in another process: the key of the deposit is made of depositor, number, version and
 * digest, so nothing is deposited twice. Throws `ERR_ARCHIVE_DEPOSIT_INTERRUPTED`, `…_CONFLICT`, `…_REFUSED`, `…_PENDING`,
 * `ERR_ARCHIVE_RECEIPT_MISMATCH`, and the codes of `verifyReceipt`.
 *
 * @example
 * ```ts
 * const { decision, receipt } = await depositPackage(
 *   { name: 'case.zip', bytes },
 *   { url: 'https://archive.example.gov.cn/archive', number: 'A-1', depositor: '91330110MA2AXY0E7F', logKey },
 * )
 * ```
 */
export async function depositPackage(source: DepositSource, options: DepositOptions): Promise<DepositResult> {
  const { fetch = globalThis.fetch, headers = {}, version = 1, signal, number, depositor, supersedes } = options
  const bytes = source.bytes instanceof Uint8Array ? bytesSource(source.bytes) : source.bytes
  const digest = await digestPackage(bytes, { ...(signal ? { signal } : {}) })
  const baseUrl = archiveBase(options.url)
  const call = { baseUrl, fetch, headers: { ...headers }, ...(signal ? { signal } : {}) }
  const id = await uploadPackage(bytes, {
    url: `${baseUrl}/archive/uploads`,
    idempotencyKey: depositKey({ depositor, number, version, sha256: digest.sha256 }),
    metadata: {
      filename: source.name,
      number,
      depositor,
      version: String(version),
      sha256: digest.sha256,
      ...(supersedes === undefined ? {} : { supersedes }),
    },
    ...retries(options),
    fetch,
    headers,
  })
  await awaitDecision(id, { options, call })
  const text = await callOperation(readDepositReceipt, { params: { deposit: id } }, call)
  const platformKey: LogKey | undefined =
    options.logKey === undefined ? await callOperation(readLogKey, {}, call) : undefined
  const { receipt, statement } = await proveReceipt(text, { logKey: options.logKey ?? platformKey, package: digest })
  assertSameDeposit(statement, { id, number, depositor, version })
  return { id, decision: statement.decision, statement, receipt, keySource: platformKey ? 'platform' : 'given' }
}

/** The idempotency key of a deposit: the same package of the same case is the same deposit, whoever sends it again. */
export function depositKey(about: {
  depositor: string
  number: string
  version: number
  sha256: PackageDigest['sha256']
}): string {
  const { depositor, number, version, sha256 } = about
  return toHex(hash('sha256', utf8(canonicalJson([depositor, number, version, sha256]))))
}

/** The address under which `/archive/…` lies, from an address of the archive itself or of its uploads. */
function archiveBase(url: string): string {
  const base = URL.canParse(url) ? new URL(url) : undefined
  if (!base || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '' || base.hash !== '') {
    throw archiveError(
      'ERR_ARCHIVE_DEPOSIT_ADDRESS',
      'The address of the archive is not a plain http or https address.',
    )
  }
  return base.href.replace(/\/+$/, '').replace(/(\/archive)?(\/uploads)?$/, '')
}

function retries({ chunkBytes = 4 * 1024 * 1024, attempts = 8, random = Math.random, ...options }: DepositOptions) {
  const { sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)) } =
    options
  const { onProgress, signal } = options
  return {
    chunkBytes,
    attempts,
    random,
    sleep,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  }
}

async function awaitDecision(
  id: string,
  { options, call }: { options: DepositOptions; call: Parameters<typeof callOperation>[2] },
): Promise<DepositView> {
  const { polls = 240, pollMilliseconds = 500 } = options
  const { sleep } = retries(options)
  for (let poll = 1; ; poll += 1) {
    options.signal?.throwIfAborted()
    const view = await callOperation(readDeposit, { params: { deposit: id } }, call).catch((error: unknown) => {
      if (poll < polls && isZhichengError(error) && error.retryable) return undefined
      throw error
    })
    if (view && view.state !== 'uploading' && view.state !== 'detecting') return view
    if (poll >= polls) {
      throw new ZhichengError('ERR_ARCHIVE_DEPOSIT_PENDING', `The archive has not decided yet on the deposit ${id}.`, {
        outcome: 'unknown',
        retryable: true,
        facts: { id, state: view?.state },
      })
    }
    await sleep(pollMilliseconds)
  }
}
