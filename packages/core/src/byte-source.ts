/** Random access to bytes that need not be in memory: what readers of large files ask for. */
import { ZhichengError } from './errors.ts'

/** A file, a blob or an array, read piece by piece. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number
  /**
   * Exactly `length` bytes from `offset`. The result may share memory with the source or with a buffer that the next
   * read reuses: copy what has to live longer. Throws `ERR_BYTES_OUT_OF_RANGE` when the range is not inside the source.
   */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** A source over an array, without a copy. */
export function bytesSource(array: Uint8Array): ByteSource {
  // A Node Buffer is an array with another `slice`: readers get the plain kind.
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.length)
  return {
    size: bytes.length,
    async read(offset, length) {
      assertRange(bytes.length, offset, length)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/** Throws `ERR_BYTES_OUT_OF_RANGE` unless `offset` and `length` lie inside a source of `size` bytes. */
export function assertRange(size: number, offset: number, length: number): void {
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0 ||
    offset + length > size
  ) {
    throw new ZhichengError(
      'ERR_BYTES_OUT_OF_RANGE',
      `The range ${offset}+${length} is not inside the ${size} bytes there are.`,
      { facts: { size, offset, length } },
    )
  }
}

/** The bytes themselves when they are in memory, else the whole source read at once, refused above `maxBytes`. */
export async function readAll(source: Uint8Array | ByteSource, maxBytes: number): Promise<Uint8Array> {
  const size = source instanceof Uint8Array ? source.length : source.size
  if (size > maxBytes) {
    throw new ZhichengError('ERR_BYTES_TOO_LARGE', `The input has ${size} bytes, more than the ${maxBytes} allowed.`, {
      facts: { size, maxBytes },
    })
  }
  // A copy by the constructor: a Node Buffer's own slice would share the memory that the next read may reuse.
  return source instanceof Uint8Array ? source : new Uint8Array(await source.read(0, size))
}
