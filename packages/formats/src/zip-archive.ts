/** What a zip archive looks like to its readers. */
import type { Finding } from '@zhicheng/core'

/** Limits of {@link openZip}; each has a default that fits a case file and not a bomb. */
export interface ZipLimits {
  /** Entries in the archive; 100,000 by default. */
  maxEntries?: number
  /** Inflated length of one entry in bytes; 1 GiB by default. */
  maxEntryBytes?: number
  /** Inflated length of all entries in bytes; 4 GiB by default. */
  maxTotalBytes?: number
  /** Inflated by compressed length, asked of entries above 1 MiB; 250 by default. */
  maxRatio?: number
}

/** One entry, as the central directory describes it. */
export interface ZipEntry {
  /** Path with `/`; a folder ends with one. */
  readonly name: string
  /** The bytes of the name as they lie in the archive. */
  readonly rawName: Uint8Array
  /** Length after inflating, in bytes. */
  readonly size: number
  readonly compressedSize: number
  readonly crc32: number
  readonly method: 'store' | 'deflate'
  /** Zip times have no zone; this reads them as UTC. */
  readonly modified: Date
  readonly directory: boolean
}

/** An archive whose structure was checked as a whole. */
export interface ZipArchive {
  /** In the order of the central directory. */
  readonly entries: readonly ZipEntry[]
  /** What was tolerated. */
  readonly findings: readonly Finding[]
  /** The entry of exactly this name. */
  get(name: string): ZipEntry | undefined
  /** The content, with length and checksum verified before anything is returned. */
  read(entry: ZipEntry | string): Promise<Uint8Array>
  /** The content in pieces. Length and checksum are known only at the end: use nothing before the stream has ended. */
  stream(entry: ZipEntry | string): AsyncIterable<Uint8Array>
  /** The compressed bytes as they lie in the archive, unverified; for copying an entry untouched. */
  streamCompressed(entry: ZipEntry | string): AsyncIterable<Uint8Array>
}
