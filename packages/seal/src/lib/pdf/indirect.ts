/** Reads `n g obj … endobj` at an offset, streams included, and says where it ends (ISO 32000-2, 7.3.8 and 7.3.10). */
import { sealError } from '../../errors.ts'
import type { PdfFile } from './file.ts'
import { isDictionary, isReference, type PdfReference, type PdfValue } from './objects.ts'

/** An indirect object as it lies in the file. */
export interface IndirectObject {
  readonly number: number
  readonly generation: number
  readonly value: PdfValue
  readonly start: number
  /** Just behind `endobj`. */
  readonly end: number
  /** True if comments stand between its tokens. */
  readonly commented: boolean
}

/**
 * Reads the object at an offset. A stream length that is a reference is asked of `lengthOf`; where no such function is
 * given (cross-reference streams) it is an error.
 */
export async function readIndirectObject(
  file: PdfFile,
  offset: number,
  lengthOf?: (reference: PdfReference) => Promise<number>,
): Promise<IndirectObject> {
  const head = await file.lex(offset, (lexer) => {
    const number = lexer.integer('an object number')
    const generation = lexer.integer('a generation number')
    lexer.expectKeyword('obj')
    const value = lexer.object()
    lexer.skip()
    let stream = false
    if (isDictionary(value) && lexer.peek() === 0x73) {
      lexer.expectKeyword('stream')
      // The data begins after CR LF or LF; a lone CR is not allowed (7.3.8.1).
      if (lexer.peek() === 13) lexer.position += 1
      if (lexer.peek() !== 10) throw lexer.malformed('the line of "stream" does not end')
      lexer.position += 1
      stream = true
    } else lexer.expectKeyword('endobj')
    return { number, generation, value, stream, end: lexer.base + lexer.position, commented: lexer.commented }
  })
  const { number, generation, value, commented } = head
  if (!head.stream || !isDictionary(value)) {
    return { number, generation, value, start: offset, end: head.end, commented }
  }
  const declared = value.entries.get('Length')
  const length = isReference(declared) && lengthOf ? await lengthOf(declared) : declared
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0 || head.end + length > file.size) {
    throw sealError('ERR_SEAL_PDF_MALFORMED', `The stream of object ${number} has no usable Length.`, {
      facts: { object: number },
    })
  }
  const tail = await file.lex(Math.min(head.end + length, file.size - 1), (lexer) => {
    while (lexer.peek() === 10 || lexer.peek() === 13 || lexer.peek() === 32) lexer.position += 1
    lexer.expectKeyword('endstream')
    lexer.expectKeyword('endobj')
    return { end: lexer.base + lexer.position, commented: lexer.commented }
  })
  return {
    number,
    generation,
    value: { kind: 'stream', dictionary: value, start: head.end, length },
    start: offset,
    end: tail.end,
    commented: commented || tail.commented,
  }
}
