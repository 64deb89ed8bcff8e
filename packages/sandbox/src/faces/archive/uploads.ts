/** The archive's door: a tus 1.0.0 server (core, creation, checksum, termination) over the deposits. */
import {
  formatTusMetadata,
  readTusRequest,
  type TusChecksum,
  type TusCommand,
  tusAnswerHeaders,
} from '@zhicheng/archive'
import { concatBytes, equalBytes } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import type { FaceContext } from '../../face.ts'
import type { DepositRecord } from './deposit-storage.ts'
import type { DepositRequest, Deposits } from './deposits.ts'

/** What the door needs. */
export interface UploadsOptions {
  deposits: Deposits
  context: FaceContext
  /** Largest package in bytes. */
  maxBytes: number
}

/** Largest body of one request in bytes; what comes beyond it is not stored, and the client goes on from there. */
const maxChunkBytes = 64 * 1024 * 1024

/** Answers a request to `/archive/uploads` (no `id`) or `/archive/uploads/{id}`. */
export async function answerUpload(
  request: Request,
  id: string | undefined,
  options: UploadsOptions,
): Promise<Response> {
  const { context, maxBytes } = options
  const read = readTusRequest(request)
  if ('refusal' in read) return refuse(read.refusal.status, 'ERR_ARCHIVE_TUS', read.refusal.message)
  const { command } = read
  if (command.kind === 'options')
    return new Response(null, { status: 204, headers: tusAnswerHeaders({ options: true, maxSize: maxBytes }) })
  if (context.chaos('archive-answer-500', request)) return refuse(500, 'ERR_SANDBOX_CHAOS', 'The archive failed.')
  if (command.kind === 'create') return id === undefined ? create(request, command, options) : notFound()
  const record = id === undefined ? undefined : await options.deposits.find(id)
  if (!record) return notFound()
  if (command.kind === 'offset') return answer(200, positionHeaders(record))
  if (command.kind === 'chunk')
    return options.deposits.exclusively(record.id, () => store(request, { command, record, options }))
  if (record.state !== 'uploading')
    return refuse(403, 'ERR_ARCHIVE_DEPOSIT_REFUSED', 'A deposit that is complete stays.')
  await options.deposits.exclusively(record.id, () => options.deposits.remove(record.id))
  return answer(204)
}

async function create(
  request: Request,
  command: Extract<TusCommand, { kind: 'create' }>,
  { deposits, context, maxBytes }: UploadsOptions,
): Promise<Response> {
  if (context.chaos('archive-refuse', request)) {
    return refuse(403, 'ERR_ARCHIVE_DEPOSIT_REFUSED', 'The archive takes nothing from this depositor.')
  }
  if (command.length > maxBytes)
    return refuse(413, 'ERR_ARCHIVE_LIMIT', `A package has at most ${maxBytes} bytes here.`)
  const wanted = depositRequest(command)
  if (!wanted)
    return refuse(400, 'ERR_ARCHIVE_TUS', 'Upload-Metadata wants filename, number, depositor, version and sha256.')
  const made = await deposits.create(wanted)
  if ('conflict' in made) {
    return refuse(
      409,
      'ERR_ARCHIVE_DEPOSIT_CONFLICT',
      `Another package lies under this number, as deposit ${made.conflict}.`,
    )
  }
  const { record } = made
  if (record.length !== wanted.length)
    return refuse(409, 'ERR_ARCHIVE_DEPOSIT_CONFLICT', 'The key was used for another package.')
  if (record.length === 0 && record.state === 'uploading') await deposits.append(record, new Uint8Array())
  return answer(201, {
    location: `${context.origin}/archive/uploads/${record.id}`,
    'upload-offset': String(record.offset),
  })
}

async function store(
  request: Request,
  {
    command,
    record,
    options,
  }: { command: Extract<TusCommand, { kind: 'chunk' }>; record: DepositRecord; options: UploadsOptions },
): Promise<Response> {
  const { context, deposits } = options
  if (!(await deposits.find(record.id))) return notFound()
  if (command.offset !== record.offset || record.state !== 'uploading') {
    return refuse(409, 'ERR_ARCHIVE_TUS', `The upload is at ${record.offset}, not at ${command.offset}.`)
  }
  const body = await readArrived(request)
  if (record.offset + body.bytes.length > record.length) {
    return refuse(413, 'ERR_ARCHIVE_LIMIT', 'The chunk goes beyond the length of the upload.')
  }
  if (command.checksum && !fits(command.checksum, body.bytes)) {
    return refuse(460, 'ERR_ARCHIVE_TUS', 'The checksum of the chunk does not fit; nothing of it was stored.')
  }
  if (context.chaos('archive-drop-after-bytes', request)) {
    await deposits.append(record, body.bytes.subarray(0, Math.ceil(body.bytes.length / 2)))
    // A body that fails makes the server cut the connection in the middle of the answer.
    const cut = new ReadableStream({ start: (controller) => controller.error(new Error('connection dropped')) })
    return new Response(cut, { status: 500, headers: tusAnswerHeaders() })
  }
  await deposits.append(record, body.bytes)
  if (context.chaos('archive-wrong-offset', request)) return answer(204, { 'upload-offset': String(command.offset) })
  return answer(204, { 'upload-offset': String(record.offset) })
}

/** What of the body arrived: a connection that breaks is no reason to forget what it brought. */
async function readArrived(request: Request): Promise<{ bytes: Uint8Array }> {
  const parts: Uint8Array[] = []
  let length = 0
  try {
    for await (const part of request.body ?? []) {
      const room = maxChunkBytes - length
      parts.push(part.subarray(0, room))
      length += Math.min(part.length, room)
      if (length === maxChunkBytes) break
    }
  } catch {
    // The rest comes with the next request; a checksum over the whole chunk will fail and discard it instead.
  }
  return { bytes: concatBytes(...parts) }
}

function depositRequest({
  length,
  metadata,
  idempotencyKey,
}: Extract<TusCommand, { kind: 'create' }>): DepositRequest | undefined {
  const { filename, number, depositor, version, sha256, supersedes } = metadata
  const good =
    /^[^\p{Cc}/\\]{1,200}$/u.test(filename ?? '') &&
    /^[A-Za-z0-9._-]{1,100}$/.test(number ?? '') &&
    /^[^\p{Cc}]{1,200}$/u.test(depositor ?? '') &&
    /^[1-9]\d{0,5}$/.test(version ?? '') &&
    /^[0-9a-f]{64}$/.test(sha256 ?? '')
  if (!good) return undefined
  return {
    key: idempotencyKey ?? `${depositor} ${number} ${version} ${sha256}`,
    number: number!,
    version: Number(version),
    depositor: depositor!,
    name: filename!,
    sha256: sha256!,
    ...(supersedes === undefined ? {} : { supersedes }),
    metadata: formatTusMetadata(metadata),
    length,
  }
}

function positionHeaders({ offset, length, metadata }: DepositRecord): Record<string, string> {
  return { 'upload-offset': String(offset), 'upload-length': String(length), 'upload-metadata': metadata }
}

function fits({ algorithm, value }: TusChecksum, bytes: Uint8Array): boolean {
  return equalBytes(hash(algorithm, bytes), value)
}

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...tusAnswerHeaders(), ...headers } })
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json(
    { error: { code, message } },
    { status, headers: { ...tusAnswerHeaders(), ...(status === 412 ? { 'tus-version': '1.0.0' } : {}) } },
  )
}

function notFound(): Response {
  return refuse(404, 'ERR_ARCHIVE_DEPOSIT_UNKNOWN', 'There is no such upload.')
}
