/** Packs a case (归档信息包): a BagIt 1.0 bag whose payload is laid out in the manner of GB/T 42727-2023. */
import { type Clock, concatBytes, formatTime, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import type { MaterialFolder } from './archive-profile.ts'
import { createBagWriter, type PackedPackage } from './bag-writer.ts'
import { type CaseDescription, parseCaseDescription } from './case-description.ts'
import { archiveError } from './errors.ts'
import { extensionOf, formatOfName } from './file-formats.ts'
import { type DescribedFile, formatBaseInfo, formatPremis, formatProcessInfo } from './lib/case-metadata.ts'
import { type FileContent, type PackageSink, zipSink } from './package-sink.ts'
import { gbt42727Profile } from './profiles/gbt42727-2023.ts'

/** One file of a case. It gets a number as its name in the package; its own name is kept in the metadata. */
export interface CaseFile {
  /** Which material class it belongs to. */
  kind: MaterialFolder['kind']
  /** Name it has now, with extension, without a path. */
  name: string
  /** Name in the catalogue (归档文件目录名称); the file's own name by default. */
  title?: string
  /** Type in the catalogue (归档文件类型); the material class by default. */
  code?: string
  createdAt?: Date
  content: FileContent
}

/** A case with its files. */
export interface PackCaseInput {
  description: CaseDescription
  files: readonly CaseFile[]
  /** The event log of the case as its system keeps it; goes into the package as JSON beside the process metadata. */
  eventLog?: JsonValue
}

/** Options of {@link packCase}. */
export interface PackCaseOptions {
  sink: PackageSink
  clock?: Clock
}

/**
 * Packs a case into a sink. Every file is read once. Throws `ERR_ARCHIVE_DESCRIPTION` and `ERR_ARCHIVE_NAME` before the
 * package is finished, so that a sink never shows half of one.
 *
 * @example
 * ```ts
 * const packed = await packCase({ description, files }, { sink: zipSink((chunk) => file.write(chunk)) })
 * ```
 */
export async function packCase(input: PackCaseInput, { sink, clock }: PackCaseOptions): Promise<PackedPackage> {
  const description = parseCaseDescription(input.description)
  const layout = gbt42727Profile.layout!
  const writer = createBagWriter({ base: description.number, sink, ...(clock ? { clock } : {}) })
  const described: DescribedFile[] = []
  for (const file of withEventLog(input)) {
    const folder = layout.folders.find(({ kind }) => kind === file.kind)
    if (!folder) throw archiveError('ERR_ARCHIVE_DESCRIPTION', `There is no material class ${String(file.kind)}.`)
    const number = described.filter((other) => other.folder === folder).length + 1
    const extension = extensionOf(file.name)
    if (!formatOfName(file.name) && extension === '') {
      throw archiveError('ERR_ARCHIVE_NAME', 'A file of the case has no extension: give it the one of its format.')
    }
    const path = `data/${folder.name}/${String(number).padStart(4, '0')}.${extension}`
    const written = await writer.addPayload(path, file.content)
    described.push({
      ...written,
      folder,
      originalName: file.name,
      title: file.title ?? file.name,
      code: file.code ?? folder.title,
      ...(file.createdAt ? { createdAt: formatTime(file.createdAt) } : {}),
    })
  }
  if (described.length === 0) throw archiveError('ERR_ARCHIVE_DESCRIPTION', 'The case has no file to pack.')
  await writer.addPayload(layout.baseInfo, formatBaseInfo(description, { layout, files: described }))
  await writer.addPayload(layout.processInfo, formatProcessInfo(description))
  await writer.addTag('metadata/premis.xml', formatPremis(described))
  return writer.finish([
    { label: 'Source-Organization', value: description.department.name },
    { label: 'External-Identifier', value: description.number },
    { label: 'Internal-Sender-Identifier', value: description.caseNumber },
    { label: 'Zhicheng-Profile', value: gbt42727Profile.id },
  ])
}

/**
 * Packs a case into a zip in memory. For large cases use {@link packCase} with a sink.
 *
 * @example
 * ```ts
 * const { bytes } = await packCaseZip({ description, files })
 * ```
 */
export async function packCaseZip(
  input: PackCaseInput,
  options: { clock?: Clock } = {},
): Promise<PackedPackage & { zip: Uint8Array<ArrayBuffer> }> {
  const chunks: Uint8Array[] = []
  const packed = await packCase(input, { ...options, sink: zipSink((chunk) => chunks.push(new Uint8Array(chunk))) })
  return { ...packed, zip: concatBytes(...chunks) }
}

function* withEventLog({ files, eventLog }: PackCaseInput): Iterable<CaseFile> {
  yield* files
  if (eventLog === undefined) return
  const content = utf8(canonicalJson(eventLog))
  yield { kind: 'process', name: 'events.json', title: '流程事件日志', code: '事件日志', content }
}
