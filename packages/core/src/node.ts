/** File access for Node: the one place where `core` touches the file system. */
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { assertRange, type ByteSource } from './byte-source.ts'
import { ZhichengError } from './errors.ts'

/** A {@link ByteSource} over an open file. `close()` it when done. */
export interface FileSource extends ByteSource {
  close(): Promise<void>
}

/**
 * Opens a file for random access. Throws `ERR_FILE_UNREADABLE` with the path when that fails.
 *
 * @example
 * ```ts
 * const source = await fileSource('licence.pdf')
 * const head = await source.read(0, 5)
 * await source.close()
 * ```
 */
export async function fileSource(path: string): Promise<FileSource> {
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (cause) {
    throw new ZhichengError('ERR_FILE_UNREADABLE', `Cannot open ${path}: check that it exists and may be read.`, {
      cause,
    })
  }
  const { size } = await handle.stat()
  return {
    size,
    async read(offset, length) {
      assertRange(size, offset, length)
      const bytes = new Uint8Array(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled)
        if (bytesRead === 0) throw new ZhichengError('ERR_FILE_TRUNCATED', `${path} became shorter while it was read.`)
        filled += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

/**
 * Makes a folder and those above it that are missing, and returns the topmost one it made, or `undefined` when all were
 * there. It stands for `mkdir(path, { recursive: true })`, which never returns where the system refuses a folder with
 * ENOENT, as under /proc. Throws the system's own error.
 *
 * @example
 * ```ts
 * await makeFolder('out/2026/licences')
 * ```
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  if (await isFolder(path)) return undefined
  const above = dirname(path) === path ? undefined : await makeFolder(dirname(path))
  try {
    await mkdir(path)
  } catch (cause) {
    // Somebody else may have made it in between.
    if (!(await isFolder(path))) throw cause
    return above
  }
  return above ?? path
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
