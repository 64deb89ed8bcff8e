/** Packs a folder: as a case package if it has a `case.json`, else as a plain bag. What `zhicheng archive pack` does. */
import { readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { type Clock, isZhichengError } from '@zhicheng/core'
import { type JsonValue, parseJson } from '@zhicheng/formats'
import { createBagWriter, type PackedPackage } from '../bag-writer.ts'
import type { CaseDescription } from '../case-description.ts'
import { archiveError } from '../errors.ts'
import { type CaseFile, packCase } from '../pack-case.ts'
import type { PackageSink } from '../package-sink.ts'
import type { PackageFile } from '../package-source.ts'
import type { ProfileId } from '../profile.ts'
import { gbt42727Profile } from '../profiles/gbt42727-2023.ts'
import { folderPackage } from './folder-package.ts'
import { openPackageOutput } from './package-output.ts'

/** Options of {@link packDirectory}. */
export interface PackDirectoryOptions {
  /** A folder or a zip; by default a zip if the output's name ends so, else a folder. */
  format?: 'bag' | 'zip'
  /** By default `gbt42727-2023` if the folder has a `case.json`, else `bagit`. */
  profile?: ProfileId
  clock?: Clock
  /** Ends the packing with the signal's reason. A package that is complete by then stays. */
  signal?: AbortSignal
}

/** Names that steer the packing and are not packed themselves in a case package. */
const descriptionName = 'case.json'
const eventLogName = 'events.json'

/**
 * Packs the files of a folder into a package at `output`, where nothing may be yet. In a case package a file belongs to the
 * material class whose name its first folder bears (`application`, `materials`, `process`, `result`, `payment`), any other to
 * `materials`; `events.json` is the event log. Throws `ERR_ARCHIVE_DESCRIPTION`, `ERR_ARCHIVE_NAME`, `ERR_ARCHIVE_LINK` or
 * `ERR_ARCHIVE_OUTPUT`, or the reason of `signal`, and then leaves nothing behind.
 *
 * @example
 * ```ts
 * await packDirectory('cases/A-1', 'out/A-1.zip')
 * ```
 */
export async function packDirectory(
  directory: string,
  output: string,
  { format = output.toLowerCase().endsWith('.zip') ? 'zip' : 'bag', profile, clock, signal }: PackDirectoryOptions = {},
): Promise<PackedPackage> {
  signal?.throwIfAborted()
  const from = resolve(directory)
  if (`${resolve(output)}${sep}`.startsWith(from + sep)) {
    throw archiveError('ERR_ARCHIVE_OUTPUT', 'The output lies inside the folder that is packed: choose another place.')
  }
  const { files, problems } = await openFolder(from)
  const [problem] = problems
  if (problem) {
    const code = problem.check === 'security.links' ? 'ERR_ARCHIVE_LINK' : 'ERR_ARCHIVE_NAME'
    throw archiveError(code, `"${problem.object}" cannot be packed: it is ${problem.evidence}.`)
  }
  const asCase =
    (profile ?? (files.some(({ path }) => path === descriptionName) ? gbt42727Profile.id : 'bagit')) !== 'bagit'
  const input = asCase ? await readCase(from, files) : undefined
  const target = await openPackageOutput(output, format)
  const options = { sink: signal ? abortableSink(target.sink, signal) : target.sink, ...(clock ? { clock } : {}) }
  try {
    return input ? await packCase(input, options) : await packPlain(files, { base: basename(from), ...options })
  } catch (error) {
    await target.abort()
    throw error
  }
}

/** Asks before each file and each piece of one whether to go on; what finishes the package is not cut in two. */
function abortableSink(sink: PackageSink, signal: AbortSignal): PackageSink {
  return {
    withBase: sink.withBase,
    add(path, content) {
      return sink.add(path, untilAborted(content, signal))
    },
    async finish() {
      signal.throwIfAborted()
      await sink.finish()
    },
  }
}

async function* untilAborted(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted()
  for await (const chunk of content) {
    yield chunk
    signal.throwIfAborted()
  }
}

async function openFolder(path: string) {
  try {
    return await folderPackage(path).open()
  } catch (cause) {
    if (isZhichengError(cause)) throw cause
    throw archiveError('ERR_ARCHIVE_READ', `${basename(path)} cannot be read as a folder.`, { cause })
  }
}

async function packPlain(
  files: readonly PackageFile[],
  { base, ...options }: { base: string; sink: PackageSink; clock?: Clock },
): Promise<PackedPackage> {
  const writer = createBagWriter({ base: base.normalize('NFC'), ...options })
  for (const file of files) await writer.addPayload(`data/${file.path.normalize('NFC')}`, () => file.stream())
  return writer.finish([{ label: 'Zhicheng-Profile', value: 'bagit' }])
}

async function readCase(from: string, files: readonly PackageFile[]) {
  if (!files.some(({ path }) => path === descriptionName)) {
    throw archiveError(
      'ERR_ARCHIVE_DESCRIPTION',
      `The folder has no ${descriptionName}, and a case package wants a description of the case: add it, or pack a plain bag.`,
    )
  }
  const description = (await readJsonFile(join(from, descriptionName))) as unknown as CaseDescription
  const eventLog = files.some(({ path }) => path === eventLogName)
    ? await readJsonFile(join(from, eventLogName))
    : undefined
  const packed = files.filter(({ path }) => path !== descriptionName && path !== eventLogName)
  return { description, files: packed.map(toCaseFile), ...(eventLog === undefined ? {} : { eventLog }) }
}

function toCaseFile(file: PackageFile): CaseFile {
  const [first, ...rest] = file.path.split('/')
  const folder = gbt42727Profile.layout!.folders.find(
    ({ kind, name }) => rest.length > 0 && (kind === first || name === first),
  )
  return { kind: folder?.kind ?? 'materials', name: basename(file.path), content: () => file.stream() }
}

async function readJsonFile(path: string): Promise<JsonValue> {
  try {
    return parseJson(await readFile(path))
  } catch (cause) {
    throw archiveError('ERR_ARCHIVE_DESCRIPTION', `${basename(path)} is not well-formed JSON.`, { cause })
  }
}
