/** Checks of a case package's metadata against itself, against the bag and against the files (GB/T 42727-2023, chapter 8). */
import { isZhichengError } from '@zhicheng/core'
import { attribute, childElements, firstChild, parseXml, textOf, type XmlElement } from '@zhicheng/formats'
import type { CaseLayout } from '../../archive-profile.ts'
import { bagInfoValues } from '../../bag-info.ts'
import type { Bag } from '../bag-reader.ts'
import type { CheckRecorder } from '../check-recorder.ts'
import { noProblems, shown } from '../problem.ts'
import type { KeptFiles } from './files.ts'
import { payloadPaths } from './structure.ts'

/** What the metadata is checked against. */
export interface MetadataCheckInput {
  bag: Bag
  layout: CaseLayout
  kept: KeptFiles
  object: string
}

interface ListedFile {
  path: string
  size: string
  title: string
}

/** Records everything the metadata says, or that there is none. */
export function checkMetadata(recorder: CheckRecorder, input: MetadataCheckInput): void {
  const { layout } = input
  const base = readMetadata(recorder, { input, path: layout.baseInfo, root: 'base_info' })
  if (base) {
    checkValues(recorder, { base, layout })
    checkIdentifier(recorder, { base, input })
    checkFileList(recorder, { base, input })
  }
  checkProcess(recorder, input)
  checkPackageSignature(recorder, input)
}

function readMetadata(
  recorder: CheckRecorder,
  { input, path, root }: { input: MetadataCheckInput; path: string; root: string },
): XmlElement | undefined {
  const remedy = 'write the metadata again, then make the package again'
  const fail = (evidence: string) => {
    recorder.add('usability.metadata', { status: 'fail', object: path, evidence, remedy, code: 'ERR_ARCHIVE_METADATA' })
    return undefined
  }
  const bytes = input.kept.get(path)
  if (!bytes) return fail(input.bag.files.has(path) ? 'it could not be read' : 'it is not in the package')
  try {
    const element = parseXml(bytes, { maxBytes: 32 * 1024 * 1024, maxDepth: 32 })
    if (element.localName !== root) return fail(`its root element is not ${root}`)
    recorder.add('usability.metadata', { status: 'pass', object: path, evidence: `well-formed, root ${root}` })
    return element
  } catch (error) {
    return fail(isZhichengError(error) ? `${error.code}: ${error.message}` : 'it is not XML')
  }
}

function checkValues(recorder: CheckRecorder, { base, layout }: { base: XmlElement; layout: CaseLayout }): void {
  const missing = noProblems()
  const wrong = noProblems()
  for (const { tag, title, required, maxLength, pattern } of layout.elements) {
    const found = childElements(base, tag)
    const value = found[0] ? textOf(found[0]).trim() : ''
    const object = `${layout.baseInfo}#${tag}`
    if (value === '') {
      if (required)
        missing.errors.push({ code: 'ERR_ARCHIVE_METADATA_MISSING', object, evidence: `${title} is missing` })
      continue
    }
    const fault =
      found.length > 1
        ? 'stands more than once'
        : value.length > maxLength
          ? `is longer than ${maxLength} characters`
          : /[\p{Cc}\p{Co}\p{Cn}\ufffd]/u.test(value)
            ? 'has a control, private or unassigned character'
            : pattern && !pattern.test(value)
              ? 'does not have its form'
              : undefined
    if (fault) wrong.errors.push({ code: 'ERR_ARCHIVE_METADATA_VALUE', object, evidence: `${title} ${fault}` })
  }
  const object = layout.baseInfo
  recorder.settle('integrity.metadata-required', {
    object,
    problems: missing,
    evidence: `${layout.elements.filter(({ required }) => required).length} required items are there`,
    remedy: 'add the item, then make the package again',
  })
  recorder.settle('authenticity.metadata-values', {
    object,
    problems: wrong,
    evidence: 'length, form and characters of every item are in order',
    remedy: 'correct the item, then make the package again',
  })
}

function checkIdentifier(
  recorder: CheckRecorder,
  { base, input }: { base: XmlElement; input: MetadataCheckInput },
): void {
  const number = firstChild(base, 'document_number')
  const stated = number ? textOf(number).trim() : ''
  const external = bagInfoValues(input.bag.info?.entries ?? [], 'External-Identifier')
  const faults = [
    ...(external.length === 1 && external[0] === stated ? [] : ['External-Identifier in bag-info.txt']),
    ...(input.bag.base === '' || input.bag.base === stated ? [] : ['the name of the base folder']),
  ]
  recorder.add('authenticity.identifier', {
    status: faults.length === 0 ? 'pass' : 'fail',
    object: input.layout.baseInfo,
    evidence:
      faults.length === 0
        ? `电子文件号 ${shown(stated)} is the same everywhere`
        : `电子文件号 ${shown(stated)} differs from ${faults.join(' and ')}`,
    ...(faults.length === 0
      ? {}
      : { code: 'ERR_ARCHIVE_METADATA_MISMATCH', remedy: 'find out which case this is, then make the package again' }),
  })
}

function checkFileList(
  recorder: CheckRecorder,
  { base, input }: { base: XmlElement; input: MetadataCheckInput },
): void {
  const { bag, layout } = input
  const listed = listedFiles(base)
  const count = noProblems()
  const remedy = 'write the metadata from the files, then make the package again'
  const seen = new Set<string>()
  for (const { path, size, title } of listed) {
    const object = shown(path)
    if (seen.has(path)) {
      count.errors.push({ code: 'ERR_ARCHIVE_METADATA_MISMATCH', object, evidence: 'listed more than once' })
      continue
    }
    seen.add(path)
    const file = bag.files.get(path)
    if (!file) {
      count.errors.push({
        code: 'ERR_ARCHIVE_METADATA_MISMATCH',
        object,
        evidence: 'listed in the metadata, but not there',
      })
      continue
    }
    const good = size === String(file.size) && title !== ''
    recorder.add('authenticity.attributes', {
      status: good ? 'pass' : 'fail',
      object,
      evidence: `size ${file.size}, in the metadata ${shown(size) || 'none'}; ${title ? 'a title' : 'no title'}`,
      ...(good ? {} : { code: 'ERR_ARCHIVE_METADATA_MISMATCH', remedy }),
    })
  }
  const described = [layout.baseInfo, layout.processInfo]
  for (const path of payloadPaths(bag)) {
    if (seen.has(path) || described.includes(path)) continue
    const evidence = 'in the package, but not in the metadata'
    count.errors.push({ code: 'ERR_ARCHIVE_METADATA_MISMATCH', object: shown(path), evidence })
  }
  recorder.settle('integrity.file-count', {
    object: layout.baseInfo,
    problems: count,
    evidence: `${listed.length} files in the metadata, and the same ones in the package`,
    remedy,
  })
  if (recorder.open('authenticity.attributes')) {
    const evidence = 'the metadata lists no file'
    recorder.add('authenticity.attributes', { status: 'not-applicable', object: layout.baseInfo, evidence })
  }
}

function listedFiles(base: XmlElement): ListedFile[] {
  return childElements(base, 'fileset')
    .flatMap((fileset) => childElements(fileset, 'folder'))
    .flatMap((folder) =>
      childElements(folder, 'file').map((file) => {
        const text = (tag: string) => {
          const element = firstChild(file, tag)
          return element ? textOf(element).trim() : ''
        }
        return {
          path: `data/${attribute(folder, 'title') ?? ''}/${text('file_actual_name')}`,
          size: text('computer_file_size'),
          title: text('file_standard_name'),
        }
      }),
    )
}

function checkProcess(recorder: CheckRecorder, input: MetadataCheckInput): void {
  const path = input.layout.processInfo
  const process = readMetadata(recorder, { input, path, root: 'process_info' })
  if (!process) return
  const events = childElements(process, 'event')
  const whole = events.every((event) => ['event_name', 'event_time'].every((tag) => firstChild(event, tag)))
  const good = events.length > 0 && whole
  recorder.add('integrity.process', {
    status: good ? 'pass' : 'fail',
    object: path,
    evidence: `${events.length} events${whole ? '' : ', not all of which have a name and a time'}`,
    ...(good
      ? {}
      : { code: 'ERR_ARCHIVE_METADATA_MISSING', remedy: 'record the steps of the case, then pack it again' }),
  })
}

/** A signature over the tag manifest is possible, but this software does not verify it yet: it says so. */
function checkPackageSignature(recorder: CheckRecorder, { bag, object }: MetadataCheckInput): void {
  const signatures = [...bag.files.keys()].filter((path) => path.startsWith('signature/'))
  if (signatures.length === 0) {
    const evidence = 'the package itself carries no signature'
    recorder.add('authenticity.package-signature', { status: 'not-applicable', object, evidence })
    return
  }
  for (const path of signatures) {
    const evidence = 'signatures of whole packages are not verified by this version'
    const remedy = 'verify the signature over the tag manifest by itself'
    recorder.add('authenticity.package-signature', { status: 'not-checked', object: shown(path), evidence, remedy })
  }
}
