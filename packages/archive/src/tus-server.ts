/** The server's half of tus 1.0.0: what a request wants, and the headers of the answer. State is the caller's. */
import { isZhichengError } from '@zhicheng/core'
import { archiveError } from './errors.ts'
import { parseTusChecksum, parseTusLength, parseTusMetadata, type TusChecksum, tusVersion } from './tus-headers.ts'

/** What a request wants. */
export type TusCommand =
  | { kind: 'options' }
  | { kind: 'create'; length: number; metadata: Record<string, string>; idempotencyKey?: string }
  | { kind: 'offset' }
  | { kind: 'chunk'; offset: number; checksum?: TusChecksum }
  | { kind: 'terminate' }

/** Why a request is refused, with the status that the protocol wants. */
export interface TusRefusal {
  status: 400 | 405 | 412 | 415
  message: string
}

/** Reads a request: a command, or the refusal to answer with. `X-HTTP-Method-Override` is honoured. */
export function readTusRequest(request: Request): { command: TusCommand } | { refusal: TusRefusal } {
  const method = (request.headers.get('x-http-method-override') ?? request.method).toUpperCase()
  if (method === 'OPTIONS') return { command: { kind: 'options' } }
  if (request.headers.get('tus-resumable') !== tusVersion) {
    return refuse(412, `This server speaks tus ${tusVersion}; the request does not say that it does.`)
  }
  try {
    return readCommand(method, request.headers)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return refuse(400, error.message)
  }
}

/** Headers of every answer; to OPTIONS also what the server can do. */
export function tusAnswerHeaders({
  options = false,
  maxSize,
}: {
  options?: boolean
  maxSize?: number
} = {}): Record<string, string> {
  if (!options) return { 'tus-resumable': tusVersion, 'cache-control': 'no-store' }
  return {
    'tus-resumable': tusVersion,
    'tus-version': tusVersion,
    'tus-extension': 'creation,checksum,termination',
    'tus-checksum-algorithm': 'sha1,sha256',
    ...(maxSize === undefined ? {} : { 'tus-max-size': String(maxSize) }),
  }
}

function readCommand(method: string, headers: Headers): { command: TusCommand } | { refusal: TusRefusal } {
  switch (method) {
    case 'POST': {
      if (headers.has('upload-defer-length')) return refuse(400, 'An upload of unknown length is not taken.')
      const key = headers.get('idempotency-key')
      if (key !== null && !/^[\x21-\x7e]{1,200}$/.test(key))
        return refuse(400, 'The idempotency key does not have its form.')
      const length = parseTusLength(headers, 'Upload-Length')
      const metadata = parseTusMetadata(headers.get('upload-metadata'))
      return { command: { kind: 'create', length, metadata, ...(key === null ? {} : { idempotencyKey: key }) } }
    }
    case 'HEAD':
      return { command: { kind: 'offset' } }
    case 'PATCH': {
      if (headers.get('content-type') !== 'application/offset+octet-stream') {
        return refuse(415, 'A chunk has the content type application/offset+octet-stream.')
      }
      const checksum = headers.get('upload-checksum')
      const offset = parseTusLength(headers, 'Upload-Offset')
      return {
        command: { kind: 'chunk', offset, ...(checksum === null ? {} : { checksum: parseTusChecksum(checksum) }) },
      }
    }
    case 'DELETE':
      return { command: { kind: 'terminate' } }
    default:
      return refuse(405, `The method ${archiveMethod(method)} has no meaning here.`)
  }
}

function refuse(status: TusRefusal['status'], message: string): { refusal: TusRefusal } {
  return { refusal: { status, message } }
}

function archiveMethod(method: string): string {
  if (!/^[A-Z]{1,20}$/.test(method)) throw archiveError('ERR_ARCHIVE_TUS', 'The method is no word.')
  return method
}
