/** Writes zip archives that are the same bytes for the same content, and that every reader reads in one way. */
import { utf8 } from '@zhicheng/core'
import { Deflate, deflateSync } from 'fflate'
import { formatsError } from './errors.ts'
import { updateCrc32 } from './lib/crc32.ts'
import { toDosTime } from './lib/dos-time.ts'
import { createNameRegister } from './lib/zip-checks.ts'
import { descriptor, directoryRecord, endRecords, localHeader, type WrittenEntry } from './lib/zip-records.ts'
import type { ZipArchive, ZipEntry } from './zip-archive.ts'

/** Options of {@link createZipWriter}. */
export interface ZipWriterOptions {
  /** Time written for every entry; 1980-01-01 by default, so that bytes depend on content alone. */
  modified?: Date
}

/** Options of {@link ZipWriter.add}. */
export interface ZipAddOptions {
  /** Leaves the content uncompressed. */
  store?: boolean
  /** Length of a stream in bytes if it is known: spares 64-bit records, and is held against what comes. */
  size?: number
}

/** Writes one archive; entries come one after the other, each awaited. */
export interface ZipWriter {
  /** Adds an entry. Bytes get their sizes in front; a stream gets a data descriptor behind. A name that ends with `/` is a folder. */
  add(name: string, content: Uint8Array | AsyncIterable<Uint8Array>, options?: ZipAddOptions): Promise<void>
  /** Adds an entry of another archive with its name, time and compressed bytes untouched. */
  copy(archive: ZipArchive, entry: ZipEntry): Promise<void>
  /** Writes the directory. Nothing can be added afterwards. */
  finish(): Promise<void>
}

/** Deflate makes data that does not compress a little longer; below this length it stays within 32 bits. */
const largestPlainStream = 0xf0000000

/**
 * Creates a writer that hands its bytes to `sink`, waiting for it each time. UTF-8 names, fixed times, ZIP64 where needed.
 * Throws `ERR_ZIP_WRITER_STATE` when entries are not awaited, after `finish()`, and after a failure.
 *
 * @example
 * ```ts
 * const writer = createZipWriter((chunk) => file.write(chunk))
 * await writer.add('data/form.xml', bytes)
 * await writer.finish()
 * ```
 */
export function createZipWriter(
  sink: (chunk: Uint8Array) => unknown,
  { modified = new Date(Date.UTC(1980, 0, 1)) }: ZipWriterOptions = {},
): ZipWriter {
  const entries: WrittenEntry[] = []
  const names = createNameRegister()
  let offset = 0
  let state: 'open' | 'busy' | 'failed' | 'finished' = 'open'

  async function write(chunk: Uint8Array): Promise<void> {
    offset += chunk.length
    await sink(chunk)
  }

  async function exclusively(work: () => Promise<void>, next: 'open' | 'finished'): Promise<void> {
    if (state !== 'open') {
      throw formatsError('ERR_ZIP_WRITER_STATE', `The zip writer is ${state}: add entries one by one and finish once.`)
    }
    state = 'busy'
    try {
      await work()
      state = next
    } catch (cause) {
      state = 'failed'
      throw cause
    }
  }

  function begin(name: string): Pick<WrittenEntry, 'name' | 'rawName' | 'offset' | 'utf8' | 'modified'> {
    return { name, rawName: utf8(name), offset, utf8: true, modified: toDosTime(modified) }
  }

  async function addBytes(name: string, content: Uint8Array, store: boolean): Promise<void> {
    const deflated = store || content.length === 0 ? content : deflateSync(content)
    const smaller = deflated.length < content.length
    const data = smaller ? deflated : content
    const entry: WrittenEntry = {
      ...begin(name),
      method: smaller ? 8 : 0,
      crc32: updateCrc32(0, content),
      size: content.length,
      compressedSize: data.length,
      described: false,
      large: false,
    }
    await write(localHeader(entry))
    if (data.length > 0) await write(data)
    entries.push(entry)
  }

  async function addStream(
    name: string,
    content: AsyncIterable<Uint8Array>,
    { store = false, size }: ZipAddOptions,
  ): Promise<void> {
    const entry: WrittenEntry = {
      ...begin(name),
      method: store ? 0 : 8,
      crc32: 0,
      size: 0,
      compressedSize: 0,
      described: true,
      large: size === undefined || size > largestPlainStream,
    }
    await write(localHeader(entry))
    let pending: Uint8Array[] = []
    const engine = store ? undefined : new Deflate({}, (chunk) => pending.push(chunk))
    const flush = async (): Promise<void> => {
      const ready = pending
      pending = []
      for (const chunk of ready) {
        entry.compressedSize += chunk.length
        if (chunk.length > 0) await write(chunk)
      }
    }
    for await (const chunk of content) {
      entry.crc32 = updateCrc32(entry.crc32, chunk)
      entry.size += chunk.length
      if (engine) engine.push(chunk)
      else pending.push(chunk)
      await flush()
    }
    engine?.push(new Uint8Array(), true)
    await flush()
    if (size !== undefined && size !== entry.size) {
      throw formatsError('ERR_ZIP_SIZE_MISMATCH', `"${name}" has ${entry.size} bytes, not the ${size} it promises.`, {
        facts: { name, size, length: entry.size },
      })
    }
    await write(descriptor(entry))
    entries.push(entry)
  }

  return {
    add: (name, content, options = {}) =>
      exclusively(async () => {
        names.add(name)
        if (name.endsWith('/') && !(content instanceof Uint8Array && content.length === 0)) {
          throw formatsError('ERR_ZIP_NAME_UNSAFE', `The folder "${name}" cannot have content.`)
        }
        await (content instanceof Uint8Array
          ? addBytes(name, content, options.store ?? false)
          : addStream(name, content, options))
      }, 'open'),
    copy: (archive, source) =>
      exclusively(async () => {
        names.add(source.name)
        const { name, rawName, size, compressedSize, crc32 } = source
        const entry: WrittenEntry = {
          name,
          rawName,
          offset,
          utf8: new TextDecoder().decode(rawName) === name,
          modified: toDosTime(source.modified),
          method: source.method === 'store' ? 0 : 8,
          crc32,
          size,
          compressedSize,
          described: false,
          large: false,
        }
        await write(localHeader(entry))
        for await (const chunk of archive.streamCompressed(source)) await write(chunk)
        entries.push(entry)
      }, 'open'),
    finish: () =>
      exclusively(async () => {
        const start = offset
        for (const entry of entries) await write(directoryRecord(entry))
        await write(endRecords({ entryCount: entries.length, start, size: offset - start }))
      }, 'finished'),
  }
}

/** The bytes of an archive of these entries, in this order. */
export async function writeZip(
  entries: Iterable<{ name: string; content: Uint8Array; store?: boolean }>,
  options: ZipWriterOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  const writer = createZipWriter((chunk) => chunks.push(chunk), options)
  for (const { name, content, store = false } of entries) await writer.add(name, content, { store })
  await writer.finish()
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
