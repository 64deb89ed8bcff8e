/** Compares what a signature protects with what is in the package, and judges every file that is left over. */
import type { ChangeReport, Coverage } from '../../report.ts'
import type { Assessment } from './assessment.ts'
import type { ReferenceResult } from './check-references.ts'
import { entryFile, type OfdPackage } from './package.ts'
import type { Reachability } from './reachable.ts'
import { type ListedSignature, locate } from './signatures.ts'

/** Answer of {@link checkCoverage}. */
export interface CoverageResult {
  coverage: Coverage
  changes: ChangeReport
}

/** What the judgement needs to know beside the signature. */
export interface CoverageContext {
  ofd: OfdPackage
  reachable: Reachability
  signatures: readonly ListedSignature[]
  /** OFDEntries.xml and its signature value (GM/T 0099), judged on their own. */
  integrityFiles: ReadonlySet<string>
}

/**
 * A file that the signature does not protect is another signature's part, a gap that real writers leave (OFD.xml,
 * templates), or content that anybody may have put there: the last fails.
 */
export function checkCoverage(
  signature: ListedSignature,
  { named: covered, intact }: ReferenceResult,
  { context, assessment }: { context: CoverageContext; assessment: Assessment },
): CoverageResult {
  const { ofd, reachable, signatures, integrityFiles } = context
  const own = new Set([signature.descriptionFile, signature.description?.valueFile])
  const others = partsOfOthers(ofd, signature, signatures)
  const changes: ChangeReport = intact
    ? { level: 'none', findings: [] }
    : { level: 'other', findings: [{ code: 'ERR_OFD_DIGEST_MISMATCH', message: 'Protected files changed.' }] }
  let coverage: Coverage = 'whole-file'
  const change = (level: ChangeReport['level'], code: string, message: string): void => {
    if (changes.level !== 'other') changes.level = level
    changes.findings.push({ code, message })
  }
  for (const name of ofd.files.keys()) {
    if (covered.has(name) || own.has(name)) continue
    if (name === signature.listFile) {
      assessment.note({
        code: 'OFD_LIST_OPEN',
        severity: 'info',
        message: 'The list of signatures is not protected: further signatures may be added or removed.',
      })
    } else if (others.has(name) && !reachable.files.has(name)) {
      if (coverage === 'whole-file') coverage = 'whole-revision'
      change('form-filling', 'OFD_OTHER_SIGNATURE', `${name} belongs to another signature.`)
    } else if (integrityFiles.has(name) && !reachable.files.has(name)) {
      change('ltv', 'OFD_INTEGRITY_FILE', `${name} belongs to the integrity list.`)
    } else if (name === entryFile || reachable.files.get(name) === 'template') {
      coverage = 'partial'
      const what = name === entryFile ? 'the title and data of the document' : 'a template of its pages'
      assessment.doubt(
        'SIG_CONSTRAINTS_FAILURE',
        'OFD_COVERAGE_INCOMPLETE',
        `${name} is not protected: ${what} may have been changed.`,
      )
      change('not-checked', 'OFD_COVERAGE_INCOMPLETE', `${name} is not protected.`)
    } else {
      coverage = 'partial'
      const how = reachable.files.has(name) ? 'is part of what is shown' : 'belongs to nothing'
      assessment.fail(
        'SIG_CONSTRAINTS_FAILURE',
        'ERR_OFD_FILE_UNCOVERED',
        `${name} ${how} and is not protected by the signature.`,
      )
      change('other', 'ERR_OFD_FILE_UNCOVERED', `${name} is not protected.`)
    }
  }
  noteUnreferenced({ covered, signatures, context, assessment })
  return { coverage, changes }
}

/** Files of the other signatures of the list: descriptions, values and seals. */
function partsOfOthers(
  ofd: OfdPackage,
  signature: ListedSignature,
  signatures: readonly ListedSignature[],
): ReadonlySet<string> {
  const parts = new Set<string>()
  for (const other of signatures) {
    if (other === signature) continue
    for (const part of partsOf(ofd, other)) parts.add(part)
    parts.add(other.listFile)
  }
  return parts
}

function partsOf(ofd: OfdPackage, { descriptionFile, description }: ListedSignature): string[] {
  if (descriptionFile === undefined) return []
  const { sealLocation, valueFile } = description ?? {}
  const seal = sealLocation && locate(ofd, { holder: descriptionFile, location: sealLocation, findings: [] })
  return [descriptionFile, valueFile, seal].filter((part): part is string => typeof part === 'string')
}

function noteUnreferenced({
  covered,
  signatures,
  context,
  assessment,
}: {
  covered: ReadonlySet<string>
  signatures: readonly ListedSignature[]
  context: CoverageContext
  assessment: Assessment
}): void {
  const { ofd, reachable, integrityFiles } = context
  const known = new Set(signatures.flatMap((each) => [each.listFile, ...partsOf(ofd, each)]))
  for (const name of covered) {
    if (reachable.files.has(name) || known.has(name) || integrityFiles.has(name)) continue
    assessment.note({
      code: 'OFD_FILE_UNREFERENCED',
      severity: 'info',
      message: `${name} is protected, but nothing in the document refers to it.`,
    })
  }
}
