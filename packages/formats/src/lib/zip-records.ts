/** The records of a zip archive as the writer makes them (APPNOTE 6.3.10, section 4.3); ZIP64 only where a number asks for it. */
import { concatBytes } from '@zhicheng/core'

/** Everything about an entry that its headers say. */
export interface WrittenEntry {
  name: string
  rawName: Uint8Array
  offset: number
  utf8: boolean
  modified: { time: number; date: number }
  method: 0 | 8
  crc32: number
  size: number
  compressedSize: number
  /** True when checksum and sizes follow the data. */
  described: boolean
  /** True for a described entry whose sizes may need 64 bits. */
  large: boolean
}

const limit32 = 0xffffffff
const limit16 = 0xffff
// Version 4.5 on Unix: programs that unpack take names of a DOS archive for code page 437, whatever the UTF-8 flag says.
const madeBy = (3 << 8) | 45
// Mode rw-r--r-- of a file, rwxr-xr-x of a folder with the folder bit of DOS beside it.
const fileAttributes = 0o100644 * 0x10000
const folderAttributes = 0o40755 * 0x10000 + 0x10

/** The header in front of the data. Sizes of a described entry are zero here and follow the data. */
export function localHeader(entry: WrittenEntry): Uint8Array<ArrayBuffer> {
  const large = entry.large || entry.size >= limit32 || entry.compressedSize >= limit32
  const extra = large ? zip64Field([entry.size, entry.compressedSize]) : new Uint8Array()
  return concatBytes(
    fields(
      [0x04034b50, 4],
      [large ? 45 : 20, 2],
      ...common(entry),
      [large ? limit32 : entry.compressedSize, 4],
      [large ? limit32 : entry.size, 4],
      [entry.rawName.length, 2],
      [extra.length, 2],
    ),
    entry.rawName,
    extra,
  )
}

/** What follows the data of a described entry. */
export function descriptor(entry: WrittenEntry): Uint8Array<ArrayBuffer> {
  const width = entry.large ? 8 : 4
  return fields([0x08074b50, 4], [entry.crc32, 4], [entry.compressedSize, width], [entry.size, width])
}

/** The entry's record in the central directory. */
export function directoryRecord(entry: WrittenEntry): Uint8Array<ArrayBuffer> {
  const numbers = [entry.size, entry.compressedSize, entry.offset]
  const large = numbers.filter((value) => value >= limit32)
  const extra = large.length > 0 ? zip64Field(large) : new Uint8Array()
  const short = (value: number) => Math.min(value, limit32)
  return concatBytes(
    fields(
      [0x02014b50, 4],
      [madeBy, 2],
      [large.length > 0 || entry.large ? 45 : 20, 2],
      ...common(entry),
      [short(entry.compressedSize), 4],
      [short(entry.size), 4],
      [entry.rawName.length, 2],
      [extra.length, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [entry.name.endsWith('/') ? folderAttributes : fileAttributes, 4],
      [short(entry.offset), 4],
    ),
    entry.rawName,
    extra,
  )
}

/** The records that close the archive. */
export function endRecords(directory: { entryCount: number; start: number; size: number }): Uint8Array<ArrayBuffer> {
  const { entryCount, start, size } = directory
  const large = entryCount >= limit16 || start >= limit32 || size >= limit32
  const zip64 = large
    ? fields(
        [0x06064b50, 4],
        [44, 8],
        [45, 2],
        [45, 2],
        [0, 4],
        [0, 4],
        [entryCount, 8],
        [entryCount, 8],
        [size, 8],
        [start, 8],
        [0x07064b50, 4],
        [0, 4],
        [start + size, 8],
        [1, 4],
      )
    : new Uint8Array()
  const count = Math.min(entryCount, limit16)
  return concatBytes(
    zip64,
    fields(
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
      [count, 2],
      [count, 2],
      [Math.min(size, limit32), 4],
      [Math.min(start, limit32), 4],
      [0, 2],
    ),
  )
}

type Field = readonly [value: number, width: 2 | 4 | 8]

function common(entry: WrittenEntry): Field[] {
  return [
    [(entry.utf8 ? 0x800 : 0) | (entry.described ? 8 : 0), 2],
    [entry.method, 2],
    [entry.modified.time, 2],
    [entry.modified.date, 2],
    [entry.crc32, 4],
  ]
}

function zip64Field(values: readonly number[]): Uint8Array<ArrayBuffer> {
  return fields([0x0001, 2], [values.length * 8, 2], ...values.map((value): Field => [value, 8]))
}

function fields(...list: readonly Field[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(list.reduce((sum, [, width]) => sum + width, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const [value, width] of list) {
    if (width === 2) view.setUint16(at, value, true)
    else if (width === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    at += width
  }
  return bytes
}
