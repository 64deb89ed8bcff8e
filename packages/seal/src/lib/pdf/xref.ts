/** Cross-reference sections: tables read entry by entry, streams decoded once, hybrid files through XRefStm (ISO 32000-2, 7.5). */
import { sealError } from '../../errors.ts'
import type { PdfFile } from './file.ts'
import { decodeStream } from './filter.ts'
import { readIndirectObject } from './indirect.ts'
import { isWhitespace } from './lexer.ts'
import { isArray, isDictionary, isName, isStream, type PdfDictionary } from './objects.ts'

/** Where an object lies, or that it is free. */
export type XrefEntry =
  | { readonly type: 'free' }
  | { readonly type: 'plain'; readonly offset: number; readonly generation: number }
  | { readonly type: 'compressed'; readonly container: number; readonly index: number }

/** One section of cross-references with its trailer. */
export interface XrefSection {
  readonly kind: 'table' | 'stream'
  /** Where `startxref` or `Prev` points. */
  readonly offset: number
  /** Just behind the trailer dictionary, or behind `endobj` of a cross-reference stream. */
  readonly end: number
  readonly trailer: PdfDictionary
  /** True if comments stand between its tokens. */
  readonly commented: boolean
  /** Object number of the cross-reference stream itself. */
  readonly streamNumber?: number
  /** The stream that a hybrid table names; it belongs to the same revision. */
  readonly hybrid?: XrefSection
  /** Ranges of object numbers as they are listed: first number and count. */
  readonly ranges: readonly (readonly [first: number, count: number])[]
  entry(number: number): Promise<XrefEntry | undefined>
}

/** Object numbers above this are refused: no real file has them, and a hostile one costs memory. */
const maxObjectNumber = 20_000_000

/** Reads the section at an offset. */
export async function readXrefSection(file: PdfFile, offset: number): Promise<XrefSection> {
  const table = await file.lex(offset, (lexer) => {
    if (isWhitespace(lexer.peek())) throw lexer.malformed('no cross-reference section begins where one is announced')
    return lexer.peek() === 0x78
  })
  return table ? readTable(file, offset) : readStream(file, offset)
}

async function readTable(file: PdfFile, offset: number): Promise<XrefSection> {
  let position = await file.lex(offset, (lexer) => {
    lexer.expectKeyword('xref')
    return lexer.base + lexer.position
  })
  const subsections: { first: number; count: number; start: number }[] = []
  let commented = false
  for (;;) {
    const header = await file.lex(position, (lexer) => {
      lexer.skip()
      if (lexer.peek() === 0x74) {
        lexer.expectKeyword('trailer')
        const trailer = lexer.object()
        if (!isDictionary(trailer)) throw lexer.malformed('the trailer is not a dictionary')
        return { trailer, end: lexer.base + lexer.position, commented: lexer.commented }
      }
      const first = lexer.integer('the first object number of a cross-reference subsection')
      const count = lexer.integer('the length of a cross-reference subsection')
      while (isWhitespace(lexer.peek())) lexer.position += 1
      return { first, count, start: lexer.base + lexer.position, commented: lexer.commented }
    })
    commented ||= header.commented
    if (header.trailer) {
      return finishTable(file, { offset, subsections, trailer: header.trailer, end: header.end, commented })
    }
    if (header.first + header.count > maxObjectNumber) {
      throw sealError('ERR_SEAL_PDF_LIMIT', `The PDF lists object numbers above ${maxObjectNumber}.`)
    }
    const length = header.count * 20
    if (header.start + length > file.size) {
      throw sealError('ERR_SEAL_PDF_MALFORMED', 'A cross-reference table of the PDF is longer than the file.', {
        facts: { offset: header.start },
      })
    }
    if (subsections.length >= 100_000)
      throw sealError('ERR_SEAL_PDF_LIMIT', 'A cross-reference table has too many parts.')
    subsections.push(header)
    position = header.start + length
  }
}

async function finishTable(
  file: PdfFile,
  table: {
    offset: number
    end: number
    trailer: PdfDictionary
    commented: boolean
    subsections: { first: number; count: number; start: number }[]
  },
): Promise<XrefSection> {
  const { offset, end, trailer, commented, subsections } = table
  const ranges = subsections.map(({ first, count }) => [first, count] as const)
  const hybridOffset = trailer.entries.get('XRefStm')
  const hybrid = typeof hybridOffset === 'number' ? await readStream(file, hybridOffset) : undefined
  async function entry(number: number): Promise<XrefEntry | undefined> {
    const subsection = subsections.find(({ first, count }) => number >= first && number < first + count)
    if (!subsection) return undefined
    const bytes = await file.read(subsection.start + (number - subsection.first) * 20, 20)
    const match = /^(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)$/.exec(String.fromCharCode(...bytes))
    if (!match) {
      throw sealError('ERR_SEAL_PDF_MALFORMED', `The cross-reference entry of object ${number} is malformed.`, {
        facts: { object: number },
      })
    }
    return match[3] === 'f'
      ? { type: 'free' }
      : { type: 'plain', offset: Number(match[1]), generation: Number(match[2]) }
  }
  return { kind: 'table', offset, end, trailer, commented, ranges, entry, ...(hybrid ? { hybrid } : {}) }
}

async function readStream(file: PdfFile, offset: number): Promise<XrefSection> {
  const object = await readIndirectObject(file, offset)
  const { value, end, commented, number: streamNumber } = object
  if (!isStream(value) || !isName(value.dictionary.entries.get('Type'), 'XRef')) {
    throw sealError(
      'ERR_SEAL_PDF_MALFORMED',
      `No cross-reference section begins at byte ${offset}, where one is announced.`,
      {
        facts: { offset },
      },
    )
  }
  const trailer = value.dictionary
  const data = await decodeStream(trailer, await file.read(value.start, value.length))
  const widths = numbers(trailer, 'W')
  const size = trailer.entries.get('Size')
  const index = trailer.entries.has('Index') ? numbers(trailer, 'Index') : [0, typeof size === 'number' ? size : 0]
  if (widths.length !== 3 || widths.some((width) => width > 8) || index.length % 2 !== 0) {
    throw sealError('ERR_SEAL_PDF_MALFORMED', 'A cross-reference stream of the PDF has no usable W or Index.')
  }
  const rowLength = widths[0]! + widths[1]! + widths[2]!
  const ranges: (readonly [number, number])[] = []
  const starts: number[] = []
  let row = 0
  for (let pair = 0; pair < index.length; pair += 2) {
    const [first, count] = [index[pair]!, index[pair + 1]!]
    if (first + count > maxObjectNumber) {
      throw sealError('ERR_SEAL_PDF_LIMIT', `The PDF lists object numbers above ${maxObjectNumber}.`)
    }
    ranges.push([first, count])
    starts.push(row)
    row += count
  }
  if (rowLength === 0 || row * rowLength > data.length) {
    throw sealError('ERR_SEAL_PDF_MALFORMED', 'A cross-reference stream of the PDF is shorter than its Index says.')
  }
  async function entry(number: number): Promise<XrefEntry | undefined> {
    const range = ranges.findIndex(([first, count]) => number >= first && number < first + count)
    if (range < 0) return undefined
    const at = (starts[range]! + number - ranges[range]![0]) * rowLength
    const field = (column: number, fallback: number): number => {
      const width = widths[column]!
      if (width === 0) return fallback
      const start = at + (column > 0 ? widths[0]! : 0) + (column > 1 ? widths[1]! : 0)
      let result = 0
      for (let position = start; position < start + width; position += 1) result = result * 256 + data[position]!
      return result
    }
    const type = field(0, 1)
    if (type === 1) return { type: 'plain', offset: field(1, 0), generation: field(2, 0) }
    if (type === 2) return { type: 'compressed', container: field(1, 0), index: field(2, 0) }
    // Entries of unknown types are references to the null object (ISO 32000-2, 7.5.8.3).
    return { type: 'free' }
  }
  return { kind: 'stream', offset, end, trailer, commented, streamNumber, ranges, entry }
}

function numbers(dictionary: PdfDictionary, key: string): number[] {
  const value = dictionary.entries.get(key)
  if (!isArray(value) || !value.every((item) => Number.isInteger(item) && (item as number) >= 0)) return []
  return value as number[]
}

/** Where the last `startxref` of the file points, and where the line after it ends. */
export async function findStartXref(file: PdfFile): Promise<{ offset: number; keyword: number }> {
  const length = Math.min(file.size, 2048)
  const start = file.size - length
  const tail = String.fromCharCode(...(await file.read(start, length)))
  const keyword = tail.lastIndexOf('startxref')
  const match = keyword < 0 ? null : /^startxref\s+(\d{1,10})\s+%%EOF/.exec(tail.slice(keyword))
  if (!match) {
    throw sealError('ERR_SEAL_PDF_MALFORMED', 'The PDF does not end with startxref, an offset and %%EOF.')
  }
  return { offset: Number(match[1]), keyword: start + keyword }
}
