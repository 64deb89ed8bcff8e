/** Reads the files that the user names: bounded, and with errors that say which file and why. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { concatBytes, isZhichengError, ZhichengError } from '@zhicheng/core'
import { type FileSource, fileSource } from '@zhicheng/core/node'
import { type JsonValue, parseJson } from '@zhicheng/formats'
import { commandError } from '../errors.ts'
import type { VerbContext } from './verb.ts'

const mebibyte = 1_048_576

/** Reads a whole file of at most `maxBytes`, 16 MiB by default. Pipes are read too: keys often come through one. */
export async function readUserFile(
  context: VerbContext,
  path: string,
  { maxBytes = 16 * mebibyte }: { maxBytes?: number } = {},
): Promise<Uint8Array> {
  let handle: FileHandle | undefined
  try {
    handle = await open(resolve(context.folder, path), constants.O_RDONLY)
    const { size } = await handle.stat()
    return await readAll(handle, { path, size, maxBytes })
  } catch (cause) {
    if (isZhichengError(cause)) throw cause
    throw unreadable(path, cause)
  } finally {
    await handle?.close()
  }
}

async function readAll(
  handle: FileHandle,
  { path, size, maxBytes }: { path: string; size: number; maxBytes: number },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    if (size > maxBytes || total > maxBytes) {
      throw commandError(
        'ERR_COMMAND_FILE_TOO_LARGE',
        `${path} is larger than the ${Math.floor(maxBytes / mebibyte)} MiB that are read here.`,
      )
    }
    // The size is 0 for pipes, and one byte more shows the end of a file without another buffer.
    const chunk = new Uint8Array(Math.max(65_536, Math.min(size - total + 1, 64 * mebibyte)))
    const { bytesRead } = await handle.read(chunk)
    if (bytesRead === 0) return chunks.length === 1 ? chunks[0]! : concatBytes(...chunks)
    chunks.push(chunk.subarray(0, bytesRead))
    total += bytesRead
  }
}

/** What stands at a path; throws when nothing can be read there. */
export async function statUserPath(context: VerbContext, path: string): Promise<Stats> {
  return stat(resolve(context.folder, path)).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
}

/** Opens a plain file for random access; the caller closes it. */
export async function openUserFile(context: VerbContext, path: string): Promise<FileSource> {
  const full = resolve(context.folder, path)
  try {
    const found = await statUserPath(context, path)
    if (!found.isFile()) {
      throw commandError(
        'ERR_COMMAND_FILE',
        `Cannot read ${path}: it is ${found.isDirectory() ? 'a folder' : 'not a plain file'}.`,
      )
    }
    return await fileSource(full)
  } catch (cause) {
    if (isZhichengError(cause) && cause.code === 'ERR_COMMAND_FILE') throw cause
    throw unreadable(path, isZhichengError(cause) ? cause.cause : cause)
  }
}

/** Reads a JSON file; duplicate keys are refused, for nobody could say which of two values counts. */
export async function readUserJson(context: VerbContext, path: string): Promise<JsonValue> {
  const bytes = await readUserFile(context, path)
  return inFile(path, () => parseJson(bytes))
}

/** Runs `read` and puts the name of the file before the message of a coded error. */
export async function inFile<Value>(path: string, read: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (cause) {
    if (!isZhichengError(cause) || cause.message.includes(path)) throw cause
    throw new ZhichengError(cause.code, `${path}: ${cause.message}`, { cause, facts: cause.facts })
  }
}

function unreadable(path: string, cause: unknown): ZhichengError {
  return commandError('ERR_COMMAND_FILE', `Cannot read ${path}: ${reasonOf(cause)}.`, cause)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is missing',
  EPERM: 'permission is missing',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'links lead in a circle',
}

/** The reason of a failed file operation in words. */
export function reasonOf(cause: unknown): string {
  const { code } = cause as { code?: string }
  return code === undefined ? 'the operation failed' : (reasons[code] ?? `the system says ${code}`)
}
