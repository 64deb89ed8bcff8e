/** What happened to a document after each of its signatures, held against what that signature and earlier ones allow. */
import { isZhichengError } from '@zhicheng/core'
import type { ChangeReport } from '../../../report.ts'
import { explainRevision } from '../changes/explain.ts'
import { type ChangeLevel, type Ledger, worseLevel } from '../changes/ledger.ts'
import type { PdfDocument } from '../document.ts'
import { certificationLevel, type FieldLock, isLocked, readLock, readTransforms } from '../permissions.ts'
import { type Revision, readLaterRevisions } from '../revisions.ts'
import type { FoundSignature } from '../signature-range.ts'

/** The changes after a signature and whether they may stand. */
export interface ChangeOutcome {
  readonly report: ChangeReport
  readonly judgement: 'allowed' | 'open' | 'forbidden'
  /** True if nothing but white space follows what is signed. */
  readonly last: boolean
}

interface Limits {
  readonly level: 1 | 2 | 3 | undefined
  readonly locks: readonly FieldLock[]
}

/** Prepares the analysis: revisions that several signatures precede are compared once. */
export function createChangeAnalysis(
  document: PdfDocument,
  signatures: readonly FoundSignature[],
): (signature: FoundSignature) => Promise<ChangeOutcome> {
  const ledgers = new Map<number, Promise<Ledger>>()
  function explained(revision: Revision): Promise<Ledger> {
    const key = revision.after.sections[0]!.offset
    const ledger = ledgers.get(key) ?? explainRevision(revision)
    ledgers.set(key, ledger)
    return ledger
  }

  return async (signature) => {
    const end = signature.range?.end
    if (end === undefined) return { report: { level: 'not-checked', findings: [] }, judgement: 'open', last: false }
    try {
      const revisions = await readLaterRevisions(document, end)
      let level: ChangeLevel = 'none'
      const findings: ChangeReport['findings'] = []
      const fields = new Set<string>()
      for (const revision of revisions) {
        const ledger = await explained(revision)
        level = worseLevel(level, ledger.level)
        findings.push(...ledger.findings)
        for (const field of ledger.fields) fields.add(field)
      }
      const limits = await readLimits(document, signatures, end)
      return { ...judge({ level, findings, fields }, limits), last: revisions.length === 0 }
    } catch (error) {
      if (!isZhichengError(error)) throw error
      const finding = { code: 'ERR_SEAL_CHANGES_UNEXPLAINED', message: error.message }
      return { report: { level: 'other', findings: [finding] }, judgement: 'forbidden', last: false }
    }
  }
}

/** The strictest of what the signatures up to a place in the file allow. */
async function readLimits(document: PdfDocument, signatures: readonly FoundSignature[], end: number): Promise<Limits> {
  const levels: (1 | 2 | 3)[] = []
  const locks: FieldLock[] = []
  for (const { dictionary, range } of signatures) {
    if (!range || range.end > end) continue
    for (const { method, parameters } of await readTransforms(document, dictionary)) {
      if (method === 'DocMDP') levels.push(certificationLevel(parameters))
      const lock = method === 'FieldMDP' ? await readLock(document, parameters) : undefined
      if (lock) locks.push(lock)
    }
  }
  return { level: levels.length > 0 ? (Math.min(...levels) as 1 | 2 | 3) : undefined, locks }
}

function judge(
  { level, findings, fields }: { level: ChangeLevel; findings: ChangeReport['findings']; fields: ReadonlySet<string> },
  limits: Limits,
): Pick<ChangeOutcome, 'report' | 'judgement'> {
  const forbid = (message: string): Pick<ChangeOutcome, 'report' | 'judgement'> => ({
    report: { level, findings: [...findings, { code: 'ERR_SEAL_CHANGES_FORBIDDEN', message }] },
    judgement: 'forbidden',
  })
  if (level === 'other') return { report: { level, findings }, judgement: 'forbidden' }
  const locked = [...fields].find((field) => limits.locks.some((lock) => isLocked(lock, field)))
  if (locked !== undefined) return forbid(`The field "${locked}" was changed, though a signature locks it.`)
  if (level === 'annotations') {
    if (limits.level !== 3) return forbid('Annotations were added, which the signatures do not allow.')
    return { report: { level, findings }, judgement: 'open' }
  }
  if (limits.level === 1 && level !== 'none' && level !== 'ltv') {
    return forbid('The document was changed, though its certification allows no changes.')
  }
  return { report: { level, findings }, judgement: level === 'not-checked' ? 'open' : 'allowed' }
}
