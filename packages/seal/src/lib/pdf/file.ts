/** Random access to the bytes of a PDF: small reads come from a few cached blocks, and a view may end before the file does. */
import { assertRange, type ByteSource } from '@zhicheng/core'
import { sealError } from '../../errors.ts'
import { Lexer, NeedMoreBytes } from './lexer.ts'

const blockSize = 65_536
const cachedBlocks = 16
/** Longest text of one object, without stream data: a signature of many megabytes still fits. */
const maxObjectBytes = 67_108_864

/** The bytes of a file, or of its first `size` bytes. */
export interface PdfFile {
  readonly size: number
  /** The bytes from `offset`, fewer than `length` only at the end. Never written to, and safe to keep. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** The first `size` bytes as a file of their own. */
  truncate(size: number): PdfFile
  /** Runs a reader at an offset, again with a longer stretch for as long as it wants more bytes. */
  lex<T>(offset: number, read: (lexer: Lexer) => T): Promise<T>
}

/** Opens an array or a source. */
export function pdfFile(input: Uint8Array | ByteSource): PdfFile {
  if (input instanceof Uint8Array) {
    return view(input.length, Number.POSITIVE_INFINITY, async (offset, length) =>
      input.subarray(offset, offset + length),
    )
  }
  const source = input
  const blocks = new Map<number, Promise<Uint8Array>>()
  function block(index: number): Promise<Uint8Array> {
    const offset = index * blockSize
    const found =
      blocks.get(index) ?? source.read(offset, Math.min(blockSize, source.size - offset)).then((bytes) => bytes.slice())
    // Set again, so that the map's order is the order of use and the first block is the one to drop.
    blocks.delete(index)
    if (blocks.size >= cachedBlocks) blocks.delete(blocks.keys().next().value!)
    blocks.set(index, found)
    return found
  }
  return view(source.size, 4096, async (offset, length) => {
    if (length > blockSize) return (await source.read(offset, length)).slice()
    const first = Math.floor(offset / blockSize)
    const last = Math.floor((offset + Math.max(0, length - 1)) / blockSize)
    const head = await block(first)
    const start = offset - first * blockSize
    if (last === first) return head.subarray(start, start + length)
    const joined = new Uint8Array(length)
    joined.set(head.subarray(start))
    joined.set((await block(last)).subarray(0, length - (head.length - start)), head.length - start)
    return joined
  })
}

function view(
  size: number,
  firstStretch: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): PdfFile {
  return {
    size,
    async read(offset, length) {
      const available = Math.max(0, Math.min(length, size - offset))
      assertRange(size, offset, available)
      return available === 0 ? new Uint8Array(0) : read(offset, available)
    },
    truncate(shorter) {
      assertRange(size, 0, shorter)
      return view(shorter, firstStretch, read)
    },
    async lex(offset, reader) {
      if (offset < 0 || offset >= size) {
        throw sealError('ERR_SEAL_PDF_MALFORMED', `The PDF points to byte ${offset}, which it does not have.`, {
          facts: { offset, size },
        })
      }
      for (let length = firstStretch; ; length *= 8) {
        const bytes = await this.read(offset, Math.min(length, maxObjectBytes))
        try {
          return reader(new Lexer(bytes, { base: offset, atEnd: offset + bytes.length >= size }))
        } catch (error) {
          if (!(error instanceof NeedMoreBytes)) throw error
          if (length >= maxObjectBytes) {
            throw sealError('ERR_SEAL_PDF_LIMIT', `An object of the PDF is longer than ${maxObjectBytes} bytes.`, {
              facts: { offset },
            })
          }
        }
      }
    },
  }
}
