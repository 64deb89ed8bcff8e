/** The client's half of tus 1.0.0: requests to send, and what their answers say. Nothing here opens a socket. */
import { ZhichengError } from '@zhicheng/core'
import { archiveError } from './errors.ts'
import {
  formatTusChecksum,
  formatTusMetadata,
  parseTusLength,
  type TusChecksumAlgorithm,
  tusVersion,
} from './tus-headers.ts'

/** A request for `fetch`. */
export interface TusRequestParts {
  method: 'POST' | 'HEAD' | 'PATCH'
  url: string
  headers: Record<string, string>
  body?: Uint8Array<ArrayBuffer>
}

/** The request that creates an upload (extension creation). The same idempotency key leads to the same upload. */
export function requestTusCreation(
  url: string,
  { length, metadata, idempotencyKey }: { length: number; metadata: Record<string, string>; idempotencyKey: string },
): TusRequestParts {
  return {
    method: 'POST',
    url,
    headers: {
      'tus-resumable': tusVersion,
      'upload-length': String(length),
      'upload-metadata': formatTusMetadata(metadata),
      'idempotency-key': idempotencyKey,
    },
  }
}

/**
 * The address of the upload. An address on another site than the one that was asked is refused with
 * `ERR_ARCHIVE_DEPOSIT_ADDRESS`: bytes and headers go only where the caller wanted them.
 */
export function processTusCreation(response: Response, { url }: { url: string }): { location: string } {
  assertTus(response, [200, 201])
  const header = response.headers.get('location')
  if (header === null) throw archiveError('ERR_ARCHIVE_TUS', 'The answer to the creation of an upload has no Location.')
  const location = URL.canParse(header, url) ? new URL(header, url) : undefined
  if (location?.origin !== new URL(url).origin) {
    throw archiveError('ERR_ARCHIVE_DEPOSIT_ADDRESS', 'The address of the upload is on another site than the archive.')
  }
  return { location: location.href }
}

/** The request that asks how far an upload is. */
export function requestTusOffset(location: string): TusRequestParts {
  return { method: 'HEAD', url: location, headers: { 'tus-resumable': tusVersion } }
}

/** How far the upload is; throws `ERR_ARCHIVE_TUS` if the answer does not fit an upload of `length` bytes. */
export function processTusOffset(response: Response, { length }: { length: number }): { offset: number } {
  assertTus(response, [200, 204])
  const offset = parseTusLength(response.headers, 'Upload-Offset')
  if (offset > length || parseTusLength(response.headers, 'Upload-Length') !== length) {
    throw archiveError('ERR_ARCHIVE_TUS', 'The upload has another length than the package.', {
      facts: { offset, length },
    })
  }
  return { offset }
}

/** The request that sends a chunk, with its checksum (extension checksum). */
export function requestTusChunk(
  location: string,
  { offset, chunk, algorithm }: { offset: number; chunk: Uint8Array; algorithm?: TusChecksumAlgorithm },
): TusRequestParts {
  return {
    method: 'PATCH',
    url: location,
    headers: {
      'tus-resumable': tusVersion,
      'content-type': 'application/offset+octet-stream',
      'upload-offset': String(offset),
      ...(algorithm ? { 'upload-checksum': formatTusChecksum(algorithm, chunk) } : {}),
    },
    // A source may reuse its buffer while the request is still on its way.
    body: new Uint8Array(chunk),
  }
}

/** How far the upload is after a chunk; throws `ERR_ARCHIVE_TUS` unless it moved, and by no more than the chunk. */
export function processTusChunk(
  response: Response,
  { offset, sent }: { offset: number; sent: number },
): { offset: number } {
  assertTus(response, [200, 204])
  const next = parseTusLength(response.headers, 'Upload-Offset')
  if (next <= offset || next > offset + sent) {
    throw archiveError('ERR_ARCHIVE_TUS', 'The archive says that it stored more or less than it was sent.', {
      facts: { offset, sent, next },
    })
  }
  return { offset: next }
}

/** Throws a coded error for an answer that is not one of the wanted: what may pass is `retryable`. */
function assertTus(response: Response, wanted: readonly number[]): void {
  const { status } = response
  if (wanted.includes(status)) {
    if (response.headers.get('tus-resumable') === tusVersion) return
    throw archiveError(
      'ERR_ARCHIVE_TUS',
      `The answer does not speak tus ${tusVersion}: check the address of the archive.`,
    )
  }
  const retryable =
    status === 408 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500
  throw new ZhichengError('ERR_ARCHIVE_DEPOSIT_REFUSED', `The archive answered with status ${status}.`, {
    outcome: status >= 500 ? 'unknown' : 'refused',
    retryable,
    facts: { status },
  })
}
