/** The archive (电子档案馆, 测试专用): resumable deposit by tus 1.0.0, four-property check, evidence log, signed receipts. */
import type { CheckPackageOptions } from '@zhicheng/archive'
import { readDeposit, readDepositReceipt, readDepositReport, readLogKey } from '@zhicheng/archive/wire'
import { matchPath, type Secret, toHex } from '@zhicheng/core'
import {
  createEvidenceLog,
  createLogKey,
  createLogSigner,
  type LogStorage,
  memoryLogStorage,
  type Receipt,
} from '@zhicheng/evidence'
import type { JWK } from 'jose'
import type { Face, FaceContext } from '../../face.ts'
import { json, problem } from '../../lib/answers.ts'
import { type DepositStorage, memoryDepositStorage } from './deposit-storage.ts'
import { type Deposits, openDeposits, viewOf, withBadProof } from './deposits.ts'
import { testScanner } from './test-scanner.ts'
import { answerUpload } from './uploads.ts'

/** Options of {@link createArchiveFace}. */
export interface ArchiveFaceOptions {
  /** Private key of the log, marked as a test key; made anew when left out. */
  logKey?: JWK | Secret<JWK>
  logStorage?: LogStorage
  storage?: DepositStorage
  /** How packages are checked: stage `transfer`, and a scanner that knows only the EICAR test file, unless given. */
  check?: CheckPackageOptions
  /** Largest package in bytes; 1 GiB by default. */
  maxBytes?: number
}

const faults = {
  'archive-drop-after-bytes': 'Stores half of each chunk, then cuts the connection.',
  'archive-wrong-offset': 'Says after each chunk that nothing was stored.',
  'archive-answer-500': 'Answers uploads with status 500 and stores nothing.',
  'archive-refuse': 'Refuses every new deposit.',
  'archive-bad-receipt-signature': 'Shows receipts whose signature does not fit.',
  'archive-bad-proof': 'Shows receipts that are signed, but whose inclusion proof leads elsewhere.',
}

/**
 * Makes the face. Its log key is published at `/archive/log/key`, the signed tree head at `/archive/log/head`, and proofs
 * that the log only grew at `/archive/log/consistency?first=N`.
 *
 * @example
 * ```ts
 * const face = await createArchiveFace(context, { check: { stage: 'transfer', verifyDocument } })
 * ```
 */
export async function createArchiveFace(context: FaceContext, options: ArchiveFaceOptions = {}): Promise<Face> {
  const { storage = memoryDepositStorage(), logStorage = memoryLogStorage(), maxBytes = 1024 ** 3 } = options
  const signer = await createLogSigner(options.logKey ?? (await createLogKey({ test: true })).privateKey)
  const log = createEvidenceLog({ id: 'sandbox-archive', storage: logStorage, signer, clock: context.clock })
  const check: CheckPackageOptions = { stage: 'transfer', scan: testScanner, ...options.check }
  const deposits = await openDeposits({ storage, log, clock: context.clock, logger: context.logger, check })

  const readLog = async (url: URL): Promise<Response> => {
    if (url.pathname === readLogKey.path) return json(signer.publicKey)
    if (url.pathname === '/archive/log/head') return json(await log.treeHead())
    if (url.pathname !== '/archive/log/consistency') return unknown()
    const first = Number(url.searchParams.get('first'))
    const second = Number(url.searchParams.get('second') ?? (await log.size()))
    const possible = [first, second].every((size) => Number.isSafeInteger(size) && size >= 0)
    if (!possible || first > second || second > (await log.size())) {
      return problem(400, 'ERR_EVIDENCE_RANGE', 'The log has no such sizes.')
    }
    return json({ first, second, proof: (await log.proveConsistency(first, second)).map((hash) => toHex(hash)) })
  }

  return {
    id: 'archive',
    title: '电子档案馆',
    path: '/archive',
    faults,
    async fetch(request) {
      const url = new URL(request.url)
      const upload = /^\/archive\/uploads(?:\/([0-9a-f]{32}))?\/?$/.exec(url.pathname)
      if (upload) return answerUpload(request, upload[1], { deposits, context, maxBytes })
      if (request.method !== 'GET') return unknown()
      if (url.pathname.startsWith('/archive/log/')) return readLog(url)
      return (
        (await readDepositPart(url.pathname, deposits, async (receipt) => {
          if (context.chaos('archive-bad-proof', request)) return json(await withBadProof(receipt, log))
          if (!context.chaos('archive-bad-receipt-signature', request)) return json(receipt)
          const [header, , value] = receipt.signature.split('.')
          return json({ ...receipt, signature: `${header}..${[...value!].reverse().join('')}` })
        })) ?? unknown()
      )
    },
    close: () => deposits.close(),
  }
}

async function readDepositPart(
  pathname: string,
  deposits: Deposits,
  showReceipt: (receipt: Receipt) => Promise<Response>,
): Promise<Response | undefined> {
  for (const operation of [readDeposit, readDepositReport, readDepositReceipt]) {
    const params = matchPath(operation, pathname)
    if (!params) continue
    const record = await deposits.find(params['deposit']!)
    if (!record) return undefined
    if (operation === readDeposit) return json(viewOf(record))
    const part = operation === readDepositReport ? record.report : record.receipt
    if (!part) return problem(409, 'ERR_ARCHIVE_DEPOSIT_PENDING', 'The archive has not decided yet.')
    return operation === readDepositReport || !record.receipt ? json(part) : showReceipt(record.receipt)
  }
  return undefined
}

function unknown(): Response {
  return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The archive has no such address.')
}
