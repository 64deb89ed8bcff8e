/** Checks of one payload file's content: format, readability, programs, signatures, viruses. */
import { sniffFileType } from '@zhicheng/formats'
import type { CaseLayout } from '../../archive-profile.ts'
import { formatOfName } from '../../file-formats.ts'
import type { DocumentVerification, DocumentVerifier, FileScanner } from '../../inspectors.ts'
import type { CheckRecorder } from '../check-recorder.ts'
import { inspectContent, programKind } from '../inspect-content.ts'
import { shown } from '../problem.ts'
import type { ReadFile } from '../read-file.ts'

/** What comes in from outside. */
export interface ContentCheckOptions {
  path: string
  layout: CaseLayout
  verifyDocument?: DocumentVerifier
  scan?: FileScanner
}

/** Records what there is to say about one file that was read. */
export async function checkContent(
  recorder: CheckRecorder,
  file: ReadFile,
  options: ContentCheckOptions,
): Promise<void> {
  const object = shown(options.path)
  checkFormat(recorder, { file, object })
  const program = programKind(file.head, options.path)
  recorder.add('security.executable', {
    object,
    ...(program
      ? {
          status: 'fail',
          evidence: `it is ${program}`,
          remedy: 'take it out of the package',
          code: 'ERR_ARCHIVE_EXECUTABLE',
        }
      : { status: 'pass', evidence: 'not a program by its first bytes and its name' }),
  })
  if (!file.whole) {
    const evidence = `its ${file.size} bytes are more than this check holds in memory`
    for (const id of ['usability.readable', 'authenticity.seal', 'security.virus'] as const) {
      recorder.add(id, { status: 'not-checked', object, evidence, remedy: 'check this file by itself' })
    }
    return
  }
  const whole = file.whole
  const inspection = await inspectContent(whole, sniffFileType(file.head))
  recorder.add('usability.readable', {
    ...inspection,
    object,
    ...(inspection.status === 'fail'
      ? { code: 'ERR_ARCHIVE_FILE_BROKEN', remedy: 'replace the file by a whole one' }
      : {}),
    ...(inspection.status === 'manual' ? { remedy: 'let a person open the file' } : {}),
  })
  await checkSeal(recorder, { whole, object, options })
  await checkVirus(recorder, { whole, object, options })
}

function checkFormat(recorder: CheckRecorder, { file, object }: { file: ReadFile; object: string }): void {
  const format = formatOfName(object)
  const type = sniffFileType(file.head)
  if (!format) {
    recorder.add('usability.format', {
      status: 'manual',
      object,
      evidence: `content ${type}; its name is not that of an archival format`,
      remedy: 'convert it to PDF or OFD, or let a person accept it',
      code: 'ERR_ARCHIVE_FORMAT_UNKNOWN',
    })
  } else if (format.contents.includes(type)) {
    recorder.add('usability.format', { status: 'pass', object, evidence: `named and made as ${format.name}` })
  } else {
    recorder.add('usability.format', {
      status: 'fail',
      object,
      evidence: `named as ${format.name}, but the content is ${type}`,
      remedy: 'give the file its right extension or its right content',
      code: 'ERR_ARCHIVE_FORMAT_MISMATCH',
    })
  }
}

interface ContentStep {
  whole: Uint8Array
  object: string
  options: ContentCheckOptions
}

async function checkSeal(recorder: CheckRecorder, { whole, object, options }: ContentStep): Promise<void> {
  const type = sniffFileType(whole.subarray(0, 4096))
  if (!/\.(pdf|ofd)$/i.test(options.path) && type !== 'pdf' && type !== 'ofd') {
    recorder.add('authenticity.seal', { status: 'not-applicable', object, evidence: 'neither PDF nor OFD' })
    return
  }
  if (!options.verifyDocument) {
    const evidence = 'no verifier of signatures was given'
    const remedy = 'verify the document by itself, or give the check a verifier'
    recorder.add('authenticity.seal', { status: 'not-checked', object, evidence, remedy })
    return
  }
  let verification: DocumentVerification
  try {
    verification = await options.verifyDocument(options.path, whole)
  } catch {
    recorder.add('authenticity.seal', crashed(object, 'the verifier of signatures failed'))
    return
  }
  recorder.add('authenticity.seal', { object, ...judgeSeal(verification, isResult(options)) })
}

function judgeSeal(
  { verdict, signatures, findings }: DocumentVerification,
  result: boolean,
): { status: 'pass' | 'fail' | 'manual' | 'not-applicable'; evidence: string; remedy?: string; code?: string } {
  if (signatures.length === 0 && findings.some(({ code }) => code === 'ERR_SEAL_NO_SIGNATURE')) {
    return result
      ? {
          status: 'manual',
          evidence: 'a result document without signature or seal',
          remedy: 'let a person confirm that it needs none',
          code: 'ERR_ARCHIVE_SEAL_MISSING',
        }
      : { status: 'not-applicable', evidence: 'the document has no signature or seal' }
  }
  const reasons = signatures.map(({ verdict: one, subIndication }) =>
    subIndication ? `${one} (${subIndication})` : one,
  )
  const evidence = `${verdict}; ${signatures.length} signatures: ${reasons.join(', ') || 'none'}`
  if (verdict === 'TOTAL-PASSED' && signatures.length > 0) return { status: 'pass', evidence }
  return verdict === 'TOTAL-FAILED'
    ? {
        status: 'fail',
        evidence,
        remedy: 'obtain the document again from its issuer',
        code: 'ERR_ARCHIVE_SEAL_INVALID',
      }
    : {
        status: 'manual',
        evidence,
        remedy: 'give the verifier the trust anchors and revocation data it lacks',
        code: 'ERR_ARCHIVE_SEAL_INDETERMINATE',
      }
}

async function checkVirus(recorder: CheckRecorder, { whole, object, options }: ContentStep): Promise<void> {
  if (!options.scan) {
    const evidence = 'no virus scanner was given'
    recorder.add('security.virus', { status: 'not-checked', object, evidence, remedy: 'scan the package for viruses' })
    return
  }
  try {
    const { status, detail } = await options.scan(options.path, whole)
    const evidence = shown(detail)
    if (status === 'clean') recorder.add('security.virus', { status: 'pass', object, evidence })
    else if (status === 'infected') {
      const remedy = 'clean the machine it comes from, and replace the file'
      recorder.add('security.virus', { status: 'fail', object, evidence, remedy, code: 'ERR_ARCHIVE_INFECTED' })
    } else {
      const remedy = 'repair the scanner, then check the package again'
      recorder.add('security.virus', { status: 'not-checked', object, evidence, remedy })
    }
  } catch {
    recorder.add('security.virus', crashed(object, 'the virus scanner failed'))
  }
}

function crashed(object: string, evidence: string) {
  const remedy = 'look into the log of the program that failed'
  return { status: 'not-checked' as const, object, evidence, remedy, code: 'ERR_ARCHIVE_CHECK_CRASHED' }
}

function isResult({ path, layout }: ContentCheckOptions): boolean {
  const folder = layout.folders.find(({ kind }) => kind === 'result')
  return folder !== undefined && path.startsWith(`data/${folder.name}/`)
}
