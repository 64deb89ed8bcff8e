/** Verifies every signature and document timestamp of a PDF: coverage, cryptography, later changes, certificates (EN 319 102-1). */
import { type ByteSource, systemClock, worstVerdict } from '@zhicheng/core'
import type { Certificate, CertificateList } from '@zhicheng/crypto'
import { openPdf } from '../lib/pdf/document.ts'
import { type DigestRequest, digestRanges } from '../lib/pdf/range-digests.ts'
import { findSignatures } from '../lib/pdf/signature-range.ts'
import { createChangeAnalysis } from '../lib/pdf/verify/change-analysis.ts'
import { digestRequestOf, type ReadSignature, readSignature } from '../lib/pdf/verify/read-signature.ts'
import { type ProvenTime, reportSignature, type SignatureContext } from '../lib/pdf/verify/report-signature.ts'
import { readStore } from '../lib/pdf/verify/security-store.ts'
import type { SignatureReport, VerificationReport } from '../report.ts'

/** Options of {@link verifyPdf}. */
export interface VerifyPdfOptions {
  /** Trusted certificates; without them no chain is checked, and nothing can be TOTAL-PASSED. */
  trust?: readonly Certificate[]
  /** Certificate revocation lists, besides those the file carries. */
  crls?: readonly CertificateList[]
  /** The moment for which the question is asked; now when absent. */
  at?: Date
  /** Name of the file in the report. */
  file?: string
}

/**
 * Verifies a PDF. A file that cannot be read makes it throw `ERR_SEAL_PDF_MALFORMED`, `ERR_SEAL_PDF_LIMIT` or
 * `ERR_SEAL_PDF_UNSUPPORTED`: nothing is repaired, because a repaired file is not the one that was signed.
 *
 * @example
 * ```ts
 * const report = await verifyPdf(pdf, { trust: parseCertificates(pem), crls })
 * report.verdict   // 'TOTAL-PASSED', 'INDETERMINATE' or 'TOTAL-FAILED'
 * ```
 */
export async function verifyPdf(
  input: Uint8Array | ByteSource,
  { trust = [], crls = [], at = systemClock.now(), file = '' }: VerifyPdfOptions = {},
): Promise<VerificationReport> {
  const document = await openPdf(input)
  const head = { file, format: 'pdf' } as const
  if (document.encrypted) {
    const message = 'The PDF is encrypted, so its signatures were not checked.'
    const finding = { code: 'ERR_SEAL_PDF_ENCRYPTED', severity: 'warning', message } as const
    return { ...head, verdict: 'INDETERMINATE', findings: [finding], signatures: [] }
  }
  const found = await findSignatures(document)
  if (found.length === 0) {
    const finding = { code: 'ERR_SEAL_NO_SIGNATURE', severity: 'error', message: 'The PDF has no signature.' } as const
    return { ...head, verdict: 'TOTAL-FAILED', findings: [finding], signatures: [] }
  }
  const signatures = found.map(readSignature)
  const requests = new Map<ReadSignature, DigestRequest>()
  for (const signature of signatures) {
    const request = digestRequestOf(signature)
    if (request) requests.set(signature, request)
  }
  const digests = await digestRanges(document.file, [...requests.values()])
  const analyse = createChangeAnalysis(document, found)
  const store = await readStore(document)
  const proven: ProvenTime[] = []
  const reports = new Map<ReadSignature, SignatureReport>()

  // Document timestamps from the last one back, then signatures: each stands under the proof of those behind it.
  const order = signatures.toSorted((left, right) => rank(right) - rank(left))
  for (const signature of order) {
    const request = requests.get(signature)
    const context: SignatureContext = {
      digests: (request && digests.get(request)) ?? new Map(),
      changes: await analyse(signature.found),
      trust,
      crls,
      at,
      store,
      proven,
    }
    const report = await reportSignature(signature, context)
    reports.set(signature, report)
    const { token, found: each } = signature
    if (token && each.range && report.verdict === 'TOTAL-PASSED') {
      const then = await openPdf(document.file.truncate(each.range.end))
      proven.push({ time: token.time, end: each.range.end, coversStore: (await readStore(then)).present })
    }
  }
  const list = signatures.map((signature) => reports.get(signature)!)
  return { ...head, verdict: worstVerdict(list.map(({ verdict }) => verdict)), findings: [], signatures: list }
}

/** Timestamps before signatures, later ones before earlier ones. */
function rank({ kind, found }: ReadSignature): number {
  return (found.range?.end ?? 0) + (kind === 'timestamp' ? Number.MAX_SAFE_INTEGER / 2 : 0)
}
