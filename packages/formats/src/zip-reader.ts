/** Opens zip archives that strangers made: everything that could be read in two ways is refused before a byte is used. */
import { type ByteSource, bytesSource, type Finding } from '@zhicheng/core'
import { formatsError } from './errors.ts'
import { updateCrc32 } from './lib/crc32.ts'
import { fromDosTime } from './lib/dos-time.ts'
import { inflate } from './lib/inflate.ts'
import { checkEntries, createNameRegister } from './lib/zip-checks.ts'
import { type DirectoryRecord, findDirectory, readDirectory } from './lib/zip-directory.ts'
import { checkLocalHeaders, type LocatedRecord } from './lib/zip-local.ts'
import { decodeName, printable } from './lib/zip-names.ts'
import type { ZipArchive, ZipEntry, ZipLimits } from './zip-archive.ts'

/** Options of {@link openZip}: limits, and tolerances that are off by default and leave a finding when used. */
export interface OpenZipOptions extends ZipLimits {
  /** Accepts bytes before the first entry. */
  allowLeadingBytes?: boolean
  /** Accepts bytes between entries that belong to none. */
  allowUnaccountedBytes?: boolean
  /** Reads names without the UTF-8 flag that are not UTF-8 as GBK. */
  allowGbkNames?: boolean
  /** Accepts names that differ only in case or in Unicode form. */
  allowCaseVariants?: boolean
}

const chunkBytes = 65_536

/**
 * Opens an archive and checks its structure as a whole: the central directory decides, ZIP64 is read, and every class of
 * ambiguity is refused with a code (names that leave the folder, duplicates and twins, overlaps, headers that differ,
 * links, encryption, sizes beyond the limits). Contents are verified when they are read.
 *
 * @example
 * ```ts
 * const archive = await openZip(bytes, { maxTotalBytes: 100_000_000 })
 * const content = await archive.read('OFD.xml')
 * ```
 */
export async function openZip(input: Uint8Array | ByteSource, options: OpenZipOptions = {}): Promise<ZipArchive> {
  const { maxEntries = 100_000, allowLeadingBytes = false, allowUnaccountedBytes = false } = options
  const { allowGbkNames: allowGbk = false, allowCaseVariants = false } = options
  const source = input instanceof Uint8Array ? bytesSource(input) : input
  const findings: Finding[] = []
  const location = await findDirectory(source)
  const records: LocatedRecord[] = []
  for (const record of await readDirectory(source, { location, maxEntries })) {
    const { name, finding } = decodeName(record.rawName, {
      utf8Flag: (record.flags & 0x800) !== 0,
      ...(record.unicodePath ? { unicodePath: record.unicodePath } : {}),
      allowGbk,
    })
    if (finding) findings.push(finding)
    records.push({ name, record })
  }
  checkEntries(records, options)
  const names = createNameRegister({ allowCaseVariants, findings })
  for (const { name } of records) names.add(name)
  const starts = await checkLocalHeaders(source, {
    records,
    location,
    allowLeadingBytes,
    allowUnaccountedBytes,
    findings,
  })
  const positions = new Map(records.map(({ name, record }) => [toEntry(name, record), starts.get(record)!]))
  return createArchive(source, { positions, findings })
}

function toEntry(name: string, record: DirectoryRecord): ZipEntry {
  return {
    name,
    rawName: record.rawName,
    size: record.size,
    compressedSize: record.compressedSize,
    crc32: record.crc32,
    method: record.method === 0 ? 'store' : 'deflate',
    modified: fromDosTime(record.time, record.date),
    directory: name.endsWith('/'),
  }
}

function createArchive(
  source: ByteSource,
  { positions, findings }: { positions: ReadonlyMap<ZipEntry, number>; findings: readonly Finding[] },
): ZipArchive {
  const entries = [...positions.keys()]
  const byName = new Map(entries.map((entry) => [entry.name, entry]))

  function locate(wanted: ZipEntry | string): { entry: ZipEntry; start: number } {
    const entry = typeof wanted === 'string' ? byName.get(wanted) : wanted
    const start = entry && positions.get(entry)
    if (entry === undefined || start === undefined) {
      const name = printable(typeof wanted === 'string' ? wanted : wanted.name)
      throw formatsError('ERR_ZIP_ENTRY_MISSING', `The archive has no entry "${name}".`, { facts: { name } })
    }
    return { entry, start }
  }

  async function* compressed(wanted: ZipEntry | string): AsyncGenerator<Uint8Array, void, undefined> {
    const { entry, start } = locate(wanted)
    for (let done = 0; done < entry.compressedSize; done += chunkBytes) {
      const length = Math.min(chunkBytes, entry.compressedSize - done)
      yield new Uint8Array(await source.read(start + done, length))
    }
  }

  async function* content(wanted: ZipEntry | string): AsyncGenerator<Uint8Array, void, undefined> {
    const { entry } = locate(wanted)
    const name = printable(entry.name)
    const chunks = compressed(entry)
    let crc = 0
    for await (const chunk of entry.method === 'store' ? chunks : inflate(chunks, { size: entry.size, name })) {
      crc = updateCrc32(crc, chunk)
      yield chunk
    }
    if (crc !== entry.crc32) {
      throw formatsError('ERR_ZIP_CRC_MISMATCH', `The content of "${name}" does not fit its checksum.`, {
        facts: { name },
      })
    }
  }

  return {
    entries,
    findings,
    get: (name) => byName.get(name),
    stream: content,
    streamCompressed: compressed,
    async read(wanted) {
      const { entry } = locate(wanted)
      const whole = new Uint8Array(entry.size)
      let offset = 0
      for await (const chunk of content(entry)) {
        whole.set(chunk, offset)
        offset += chunk.length
      }
      return whole
    },
  }
}
