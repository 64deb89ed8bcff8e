/** Compares every local header with the central directory, and accounts for every byte of the archive. */
import type { ByteSource, Finding } from '@zhicheng/core'
import { formatsError } from '../errors.ts'
import { type DirectoryLocation, type DirectoryRecord, readExtra, readLarge } from './zip-directory.ts'
import { printable } from './zip-names.ts'

/** What of a directory record the local header must repeat. */
export interface LocatedRecord {
  name: string
  record: DirectoryRecord
}

const windowBytes = 16_384

/**
 * Checks all local headers and returns where each entry's data begins. Throws for entries that overlap, headers that
 * differ, and bytes that belong to nothing.
 */
export async function checkLocalHeaders(
  source: ByteSource,
  {
    records,
    location,
    allowLeadingBytes,
    allowUnaccountedBytes,
    findings,
  }: {
    records: readonly LocatedRecord[]
    location: DirectoryLocation
    allowLeadingBytes: boolean
    allowUnaccountedBytes: boolean
    findings: Finding[]
  },
): Promise<Map<DirectoryRecord, number>> {
  const read = windowed(source)
  const starts = new Map<DirectoryRecord, number>()
  const ordered = [...records].sort((left, right) => left.record.offset - right.record.offset)
  const first = ordered[0] ? ordered[0].record.offset + location.shift : location.start
  if (first > 0) {
    const message = `${first} bytes lie before the zip archive.`
    if (!allowLeadingBytes) throw formatsError('ERR_ZIP_LEADING_BYTES', message, { facts: { count: first } })
    findings.push({ code: 'ZIP_LEADING_BYTES', severity: 'warning', message })
  }
  let expected = first
  for (const [index, { name, record }] of ordered.entries()) {
    const start = record.offset + location.shift
    if (start < expected) throw overlap(name)
    if (start > expected) unaccounted(start - expected)
    if (start + 30 > location.start) throw overlap(name)
    const header = new Uint8Array(await read(start, 30))
    const view = new DataView(header.buffer)
    if (view.getUint32(0, true) !== 0x04034b50) throw mismatch(name, 'is not there')
    const nameLength = view.getUint16(26, true)
    const extraLength = view.getUint16(28, true)
    const dataStart = start + 30 + nameLength + extraLength
    const dataEnd = dataStart + record.compressedSize
    if (dataEnd > location.start) throw overlap(name)
    const tail = new Uint8Array(await read(start + 30, nameLength + extraLength))
    compareHeader(name, record, view, { rawName: tail.subarray(0, nameLength), extra: tail.subarray(nameLength) })
    starts.set(record, dataStart)
    const next = ordered[index + 1]
    const limit = next ? next.record.offset + location.shift : location.start
    if (limit < dataEnd) throw overlap(next?.name ?? name)
    const describes = (record.flags & 8) !== 0 && limit > dataEnd
    expected = describes ? dataEnd + (await descriptorLength(read, { record, dataEnd, limit })) : dataEnd
  }
  if (location.start > expected) unaccounted(location.start - expected)
  return starts

  function unaccounted(count: number): void {
    const message = `${count} bytes of the zip archive belong to no entry.`
    if (!allowUnaccountedBytes) throw formatsError('ERR_ZIP_UNACCOUNTED_BYTES', message, { facts: { count } })
    findings.push({ code: 'ZIP_UNACCOUNTED_BYTES', severity: 'warning', message })
  }
}

function compareHeader(
  name: string,
  record: DirectoryRecord,
  view: DataView,
  { rawName, extra }: { rawName: Uint8Array; extra: Uint8Array },
): void {
  const sameName = rawName.length === record.rawName.length && rawName.every((byte, at) => byte === record.rawName[at])
  if (!sameName) throw mismatch(name, 'has another name')
  if (view.getUint16(8, true) !== record.method) throw mismatch(name, 'has another compression method')
  // Encryption (0), descriptor (3), strong encryption (6), UTF-8 (11) and masked headers (13) change what is read.
  if (((view.getUint16(6, true) ^ record.flags) & 0x2849) !== 0) throw mismatch(name, 'has other flags')
  const fields = readExtra(extra)
  const path = fields.get(0x7075)
  if (path && record.unicodePath && !path.every((byte, at) => byte === record.unicodePath?.[at])) {
    throw mismatch(name, 'has another name')
  }
  const crc = view.getUint32(14, true)
  const [size, compressedSize] = readLarge([view.getUint32(22, true), view.getUint32(18, true)], fields.get(0x0001))
  const later = (record.flags & 8) !== 0
  const agree = (local: number | undefined, central: number) => local === central || (later && local === 0)
  if (!agree(crc, record.crc32)) throw mismatch(name, 'has another checksum')
  if (!agree(size, record.size) || !agree(compressedSize, record.compressedSize)) {
    throw mismatch(name, 'has another size')
  }
}

/** Length of the data descriptor behind an entry: with or without signature, with 32-bit or 64-bit sizes (APPNOTE 4.3.9). */
async function descriptorLength(
  read: ByteSource['read'],
  { record, dataEnd, limit }: { record: DirectoryRecord; dataEnd: number; limit: number },
): Promise<number> {
  const available = Math.min(24, limit - dataEnd)
  const bytes = new Uint8Array(await read(dataEnd, available))
  const view = new DataView(bytes.buffer)
  const long = (at: number) => Number(view.getBigUint64(at, true))
  const short = (at: number) => view.getUint32(at, true)
  for (const signature of [4, 0]) {
    if (signature === 4 && (available < 4 || short(0) !== 0x08074b50)) continue
    for (const width of [8, 4]) {
      const length = signature + 4 + 2 * width
      if (length > available || short(signature) !== record.crc32) continue
      const field = width === 8 ? long : short
      const fits = field(signature + 4) === record.compressedSize && field(signature + 4 + width) === record.size
      if (fits) return length
    }
  }
  return 0
}

/** Reads through one window, so that many small entries cost few reads. */
function windowed(source: ByteSource): ByteSource['read'] {
  let start = 0
  let bytes = new Uint8Array()
  return async (offset, length) => {
    if (offset < start || offset + length > start + bytes.length) {
      start = offset
      bytes = new Uint8Array(await source.read(offset, Math.min(Math.max(windowBytes, length), source.size - offset)))
    }
    return bytes.subarray(offset - start, offset - start + length)
  }
}

function mismatch(name: string, what: string): Error {
  return formatsError('ERR_ZIP_HEADER_MISMATCH', `The local header of "${printable(name)}" ${what}.`, {
    facts: { name: printable(name) },
  })
}

function overlap(name: string): Error {
  return formatsError('ERR_ZIP_OVERLAP', `The entry "${printable(name)}" overlaps with other parts of the archive.`, {
    facts: { name: printable(name) },
  })
}
