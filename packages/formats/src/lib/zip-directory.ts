/** Finds the end of a zip archive and reads its central directory (APPNOTE 6.3.10, sections 4.3.12 to 4.3.16). */
import type { ByteSource } from '@zhicheng/core'
import { formatsError } from '../errors.ts'

/** Where the directory lies. */
export interface DirectoryLocation {
  entryCount: number
  /** Position in the source. */
  start: number
  size: number
  /** Bytes before the archive: what must be added to the offsets it states. */
  shift: number
  /** Where the records behind the directory begin. */
  end: number
}

/** A record of the central directory, numbers as stated. */
export interface DirectoryRecord {
  flags: number
  method: number
  time: number
  date: number
  crc32: number
  compressedSize: number
  size: number
  rawName: Uint8Array
  unicodePath?: Uint8Array
  offset: number
  /** File type bits of the Unix mode, or 0. */
  fileType: number
  madeByUnix: boolean
}

const endSize = 22
const maxDirectoryBytes = 268_435_456
const uint32 = 0xffffffff

/** Finds the one end record. Throws when there is none that ends the file, or when a second one could be taken for it. */
export async function findDirectory(source: ByteSource): Promise<DirectoryLocation> {
  const tailStart = Math.max(0, source.size - endSize - 0xffff)
  const tail = new Uint8Array(await source.read(tailStart, source.size - tailStart))
  const view = new DataView(tail.buffer)
  const candidates: number[] = []
  for (let at = tail.length - endSize; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== 0x06054b50) continue
    if (at + endSize + view.getUint16(at + 20, true) === tail.length) candidates.push(at)
  }
  const [at] = candidates
  if (at === undefined) {
    throw formatsError('ERR_ZIP_END_MISSING', 'This is no complete zip archive: no end record closes it.')
  }
  const comment = tail.subarray(at + endSize)
  if (candidates.length > 1 || holdsEndSignature(comment)) {
    throw formatsError('ERR_ZIP_END_AMBIGUOUS', 'The zip archive has more than one end record.')
  }
  const end = {
    disk: view.getUint16(at + 4, true),
    directoryDisk: view.getUint16(at + 6, true),
    countHere: view.getUint16(at + 8, true),
    entryCount: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  }
  if (end.countHere !== end.entryCount || ![0, 0xffff].includes(end.disk) || ![0, 0xffff].includes(end.directoryDisk)) {
    throw formatsError('ERR_ZIP_DIRECTORY', 'The zip archive is split over several files.')
  }
  const endAt = tailStart + at
  const large = at >= 20 && view.getUint32(at - 20, true) === 0x07064b50
  const location = large
    ? await readZip64End(source, { endAt, stated: Number(view.getBigUint64(at - 12, true)), end })
    : { entryCount: end.entryCount, size: end.size, offset: end.offset, end: endAt }
  const start = location.end - location.size
  const shift = start - location.offset
  if (start < 0 || shift < 0) {
    throw formatsError('ERR_ZIP_DIRECTORY', 'The directory of the zip archive does not lie where its end record says.')
  }
  return { entryCount: location.entryCount, start, size: location.size, shift, end: location.end }
}

async function readZip64End(
  source: ByteSource,
  { endAt, stated, end }: { endAt: number; stated: number; end: { entryCount: number; size: number; offset: number } },
): Promise<{ entryCount: number; size: number; offset: number; end: number }> {
  const position = endAt - 20 - 56
  const record = position >= 0 ? new Uint8Array(await source.read(position, 56)) : new Uint8Array(56)
  const view = new DataView(record.buffer)
  if (view.getUint32(0, true) !== 0x06064b50 || view.getBigUint64(4, true) !== 44n || stated > position) {
    throw formatsError('ERR_ZIP_DIRECTORY', 'The ZIP64 end record is missing, or has fields that nobody can read.')
  }
  const entryCount = safeNumber(view.getBigUint64(32, true))
  const size = safeNumber(view.getBigUint64(40, true))
  const offset = safeNumber(view.getBigUint64(48, true))
  const agree = (short: number, long: number, marker: number) => short === marker || short === long
  if (
    view.getBigUint64(24, true) !== view.getBigUint64(32, true) ||
    !agree(end.entryCount, entryCount, 0xffff) ||
    !agree(end.size, size, uint32) ||
    !agree(end.offset, offset, uint32)
  ) {
    throw formatsError('ERR_ZIP_DIRECTORY', 'The two end records of the zip archive contradict each other.')
  }
  return { entryCount, size, offset, end: position }
}

/** Reads the records, exactly as many and exactly as long as the end record says. */
export async function readDirectory(
  source: ByteSource,
  { location, maxEntries }: { location: DirectoryLocation; maxEntries: number },
): Promise<DirectoryRecord[]> {
  const { entryCount, start, size } = location
  if (entryCount > maxEntries || size > maxDirectoryBytes) {
    throw formatsError(
      'ERR_ZIP_LIMIT',
      `The zip archive has ${entryCount} entries, more than the ${maxEntries} allowed.`,
      {
        facts: { entryCount, maxEntries },
      },
    )
  }
  const bytes = new Uint8Array(await source.read(start, size))
  const view = new DataView(bytes.buffer)
  const records: DirectoryRecord[] = []
  let at = 0
  while (records.length < entryCount) {
    if (at + 46 > size || view.getUint32(at, true) !== 0x02014b50) throw malformed()
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > size) throw malformed()
    records.push(readRecord(bytes, view, at))
    at = next
  }
  if (at !== size) throw malformed()
  return records
}

function readRecord(bytes: Uint8Array, view: DataView, at: number): DirectoryRecord {
  const nameEnd = at + 46 + view.getUint16(at + 28, true)
  const extra = readExtra(bytes.subarray(nameEnd, nameEnd + view.getUint16(at + 30, true)))
  const disk = view.getUint16(at + 34, true)
  if (disk !== 0 && disk !== 0xffff) throw malformed()
  const [size, compressedSize, offset] = readLarge(
    [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
    extra.get(0x0001),
  )
  const unicodePath = extra.get(0x7075)
  return {
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    time: view.getUint16(at + 12, true),
    date: view.getUint16(at + 14, true),
    crc32: view.getUint32(at + 16, true),
    compressedSize: compressedSize!,
    size: size!,
    rawName: bytes.subarray(at + 46, nameEnd),
    ...(unicodePath ? { unicodePath } : {}),
    offset: offset!,
    fileType: view.getUint16(at + 40, true) & 0xf000,
    madeByUnix: [3, 19].includes(bytes[at + 5]!),
  }
}

/** The extra fields by their identifier; a field that stands twice, or does not fit, is refused. */
export function readExtra(extra: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>()
  let at = 0
  while (at + 4 <= extra.length) {
    const id = extra[at]! | (extra[at + 1]! << 8)
    const end = at + 4 + (extra[at + 2]! | (extra[at + 3]! << 8))
    if (end > extra.length || ((id === 0x0001 || id === 0x7075) && fields.has(id))) throw malformed()
    fields.set(id, extra.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** Replaces each 32-bit field that holds the marker by the next 64-bit field (APPNOTE 4.5.3). */
export function readLarge(short: readonly number[], field: Uint8Array | undefined): number[] {
  let at = 0
  return short.map((value) => {
    if (value !== uint32 || field === undefined) return value
    if (at + 8 > field.length) throw malformed()
    at += 8
    return safeNumber(new DataView(field.buffer, field.byteOffset).getBigUint64(at - 8, true))
  })
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed()
  return Number(value)
}

function holdsEndSignature(bytes: Uint8Array): boolean {
  for (let at = 0; at + 4 <= bytes.length; at += 1) {
    if (bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === 0x05 && bytes[at + 3] === 0x06) return true
  }
  return false
}

function malformed(): Error {
  return formatsError('ERR_ZIP_DIRECTORY', 'The directory of the zip archive is damaged.')
}
