/** File access for Node: the one place where `core` touches the file system. */
import { type FileHandle, open } from 'node:fs/promises'
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
