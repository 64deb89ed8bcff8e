/** The header fields that both halves of tus 1.0.0 (resumable uploads) read and write. */
import { fromBase64, fromUtf8, toBase64, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { archiveError } from './errors.ts'

/** Version of the protocol, in `Tus-Resumable` of every request and answer. */
export const tusVersion = '1.0.0'

/** Checksums of chunks; tus requires sha1, and it guards only against accidents on the way. */
export type TusChecksumAlgorithm = 'sha1' | 'sha256'

/** A checksum of a chunk. */
export interface TusChecksum {
  algorithm: TusChecksumAlgorithm
  value: Uint8Array
}

/** `Upload-Metadata`: keys with Base64 values. Throws `ERR_ARCHIVE_TUS` for a key with a blank or comma. */
export function formatTusMetadata(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata)
    .map(([key, value]) => {
      if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(key))
        throw archiveError('ERR_ARCHIVE_TUS', 'A key of Upload-Metadata is not printable ASCII.')
      return `${key} ${toBase64(utf8(value))}`
    })
    .join(',')
}

/** The values of `Upload-Metadata`; throws `ERR_ARCHIVE_TUS` for a repeated key, or a value that is not Base64 of UTF-8. */
export function parseTusMetadata(header: string | null): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>
  if (header === null || header.trim() === '') return metadata
  if (header.length > 16_384) throw archiveError('ERR_ARCHIVE_TUS', 'Upload-Metadata is longer than 16 KiB.')
  for (const pair of header.split(',')) {
    const match = /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/]*={0,2}))?$/.exec(pair.trim())
    if (!match || match[1]! in metadata)
      throw archiveError('ERR_ARCHIVE_TUS', 'Upload-Metadata does not have its form.')
    metadata[match[1]!] = fromUtf8(fromBase64(match[2] ?? ''))
  }
  return metadata
}

/** `Upload-Checksum` of a chunk. */
export function formatTusChecksum(algorithm: TusChecksumAlgorithm, chunk: Uint8Array): string {
  return `${algorithm} ${toBase64(hash(algorithm, chunk))}`
}

/** Reads `Upload-Checksum`; throws `ERR_ARCHIVE_TUS` for an unknown algorithm or form. */
export function parseTusChecksum(header: string): TusChecksum {
  const match = /^(sha1|sha256) ([A-Za-z0-9+/]+={0,2})$/.exec(header)
  if (!match) throw archiveError('ERR_ARCHIVE_TUS', 'Upload-Checksum has an unknown algorithm or form.')
  return { algorithm: match[1] as TusChecksumAlgorithm, value: fromBase64(match[2]!) }
}

/** A whole number of bytes in a header; throws `ERR_ARCHIVE_TUS`. */
export function parseTusLength(headers: Headers, name: 'Upload-Length' | 'Upload-Offset'): number {
  const text = headers.get(name) ?? ''
  const value = Number(text)
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw archiveError('ERR_ARCHIVE_TUS', `The header ${name} is missing or not a whole number.`)
  }
  return value
}
