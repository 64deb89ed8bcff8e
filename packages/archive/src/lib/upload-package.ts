/** Sends a file by tus 1.0.0 and does not give up at the first failure: after each it asks how far it is, and goes on there. */
import { type ByteSource, isZhichengError, readBody, ZhichengError } from '@zhicheng/core'
import { parseJson } from '@zhicheng/formats'
import { archiveError } from '../errors.ts'
import {
  processTusChunk,
  processTusCreation,
  processTusOffset,
  requestTusChunk,
  requestTusCreation,
  requestTusOffset,
  type TusRequestParts,
} from '../tus-client.ts'

/** What the upload needs. */
export interface UploadOptions {
  url: string
  idempotencyKey: string
  metadata: Record<string, string>
  chunkBytes: number
  attempts: number
  fetch: typeof globalThis.fetch
  headers: Readonly<Record<string, string>>
  sleep: (milliseconds: number) => Promise<void>
  random: () => number
  onProgress?: (progress: { sent: number; total: number }) => void
  signal?: AbortSignal
}

/** Uploads everything and returns the identifier of the upload, the last part of its address. */
export async function uploadPackage(source: ByteSource, options: UploadOptions): Promise<string> {
  const { attempts, signal } = options
  let location: string | undefined
  let offset = 0
  let furthest = -1
  let failures = 0
  for (;;) {
    signal?.throwIfAborted()
    try {
      location ??= await create(source.size, options)
      offset = processTusOffset(await send(requestTusOffset(location), options), { length: source.size }).offset
      // Only real progress pays back tries: a server that forgets would keep a client busy for ever.
      if (offset > furthest) failures = 0
      furthest = Math.max(furthest, offset)
      options.onProgress?.({ sent: offset, total: source.size })
      while (offset < source.size) {
        offset = await sendChunk(source, { location, offset, options })
        furthest = Math.max(furthest, offset)
        failures = 0
        options.onProgress?.({ sent: offset, total: source.size })
      }
      return identifierOf(location)
    } catch (error) {
      if (signal?.aborted || !isZhichengError(error)) throw error
      const gone = location !== undefined && [403, 404, 410].includes(Number(error.facts['status']))
      if (!error.retryable && !gone) throw error
      if (gone) location = undefined
      failures += 1
      if (failures >= attempts) throw interrupted(error, { offset: Math.max(furthest, 0), total: source.size })
      await options.sleep(Math.min(options.random() * 200 * 2 ** (failures - 1), 15_000))
    }
  }
}

async function create(length: number, options: UploadOptions): Promise<string> {
  const { url, metadata, idempotencyKey } = options
  const response = await send(requestTusCreation(url, { length, metadata, idempotencyKey }), options)
  if (response.status === 409) {
    throw archiveError(
      'ERR_ARCHIVE_DEPOSIT_CONFLICT',
      'The archive has another package under this number: name the deposit that this one supersedes.',
      { outcome: 'refused', facts: { status: 409, ...(await problemOf(response)) } },
    )
  }
  return processTusCreation(response, { url }).location
}

async function sendChunk(
  source: ByteSource,
  { location, offset, options }: { location: string; offset: number; options: UploadOptions },
): Promise<number> {
  const chunk = await source.read(offset, Math.min(options.chunkBytes, source.size - offset))
  const response = await send(requestTusChunk(location, { offset, chunk, algorithm: 'sha1' }), options)
  return processTusChunk(response, { offset, sent: chunk.length }).offset
}

/** Sends to the address given, whose origin `processTusCreation` has compared; no redirect is followed. */
async function send(
  { method, url, headers, body }: TusRequestParts,
  { fetch, headers: extra, signal }: UploadOptions,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: { ...extra, ...headers },
      redirect: 'error',
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    })
  } catch (cause) {
    throw new ZhichengError('ERR_NETWORK', `The ${method} request of the upload got no answer.`, {
      cause,
      outcome: 'unknown',
      retryable: true,
    })
  }
}

async function problemOf(response: Response): Promise<{ answer?: string }> {
  try {
    const body = parseJson(await readBody(response, 65_536)) as { error?: { code?: unknown } }
    return typeof body.error?.code === 'string' ? { answer: body.error.code.slice(0, 80) } : {}
  } catch {
    // The status alone decides; what else the archive has to say is a courtesy.
    return {}
  }
}

function identifierOf(location: string): string {
  const id = new URL(location).pathname.split('/').at(-1) ?? ''
  if (/^[A-Za-z0-9_-]{8,64}$/.test(id)) return id
  throw archiveError('ERR_ARCHIVE_TUS', 'The address of the upload does not end with an identifier.')
}

function interrupted(cause: unknown, { offset, total }: { offset: number; total: number }): Error {
  return new ZhichengError(
    'ERR_ARCHIVE_DEPOSIT_INTERRUPTED',
    `The upload stopped at ${offset} of ${total} bytes: deposit the same package again later, and it goes on from there.`,
    { cause, outcome: 'unknown', retryable: true, facts: { offset, total } },
  )
}
