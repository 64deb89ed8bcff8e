/** Reads PDF objects from a stretch of bytes (ISO 32000-2, clauses 7.2 and 7.3): bounded, and without recursion bombs. */
import { sealError } from '../../errors.ts'
import type { PdfDictionary, PdfValue } from './objects.ts'

/** Thrown when the stretch ends before the object does, so that the caller can read on with a longer one. */
export class NeedMoreBytes extends Error {}

/** Nesting of arrays and dictionaries that is still read. */
const maxDepth = 64
/** Array items and dictionary keys of one object that are still read. */
const maxItems = 2_000_000

const whitespace = new Set([0, 9, 10, 12, 13, 32])
const delimiters = new Set([...'()<>[]{}/%'].map((character) => character.charCodeAt(0)))

export function isWhitespace(byte: number | undefined): boolean {
  return byte !== undefined && whitespace.has(byte)
}

function isRegular(byte: number): boolean {
  return !whitespace.has(byte) && !delimiters.has(byte)
}

/** A bare word such as `obj`, `endobj`, `stream`, `R`, `xref`. */
export interface Keyword {
  readonly kind: 'keyword'
  readonly word: string
}

/** Reads tokens and objects of one stretch of a file. */
export class Lexer {
  readonly bytes: Uint8Array
  /** Offset of the stretch in the file; positions in results are file offsets. */
  readonly base: number
  /** True if the file (or the stream) ends where the stretch ends. */
  readonly atEnd: boolean
  /** Index of the next byte. */
  position: number
  /** True once a comment was skipped: its text is seen by readers that search a damaged file for objects. */
  commented = false
  #items = 0

  constructor(
    bytes: Uint8Array,
    { base = 0, atEnd = true, position = 0 }: { base?: number; atEnd?: boolean; position?: number } = {},
  ) {
    this.bytes = bytes
    this.base = base
    this.atEnd = atEnd
    this.position = position
  }

  /** The next byte without taking it; `undefined` at the end of the file. */
  peek(ahead = 0): number | undefined {
    const byte = this.bytes[this.position + ahead]
    if (byte === undefined && !this.atEnd) throw new NeedMoreBytes()
    return byte
  }

  malformed(message: string): Error {
    const offset = this.base + this.position
    return sealError('ERR_SEAL_PDF_MALFORMED', `The PDF cannot be read: ${message} (at byte ${offset}).`, {
      facts: { offset },
    })
  }

  /** Skips white space and comments. */
  skip(): void {
    for (let byte = this.peek(); byte !== undefined; byte = this.peek()) {
      if (byte === 0x25) {
        this.commented = true
        for (let next = this.peek(); next !== undefined && next !== 10 && next !== 13; next = this.peek())
          this.position += 1
      } else if (whitespace.has(byte)) this.position += 1
      else return
    }
  }

  /** The next object or keyword; a reference only where the number pair and `R` stand there. */
  read(depth = 0): PdfValue | Keyword {
    this.skip()
    const byte = this.peek()
    if (byte === undefined) throw this.malformed('it ends where an object should stand')
    if (depth > maxDepth) throw this.malformed(`arrays and dictionaries are nested more than ${maxDepth} deep`)
    switch (byte) {
      case 0x2f:
        return { kind: 'name', name: this.#name() }
      case 0x28:
        return this.#literal()
      case 0x3c:
        return this.peek(1) === 0x3c ? this.#dictionary(depth) : this.#hex()
      case 0x5b:
        return this.#array(depth)
    }
    if (!isRegular(byte))
      throw this.malformed(`the character "${String.fromCharCode(byte)}" stands where no object begins`)
    const word = this.#word()
    const number = parseNumber(word)
    if (number === undefined) {
      if (word === 'true') return true
      if (word === 'false') return false
      if (word === 'null') return null
      return { kind: 'keyword', word }
    }
    if (/^\d{1,10}$/.test(word)) {
      const generation = this.#referenceTail()
      if (generation !== undefined) return { kind: 'reference', number, generation }
    }
    return number
  }

  /** An object; a keyword is an error. */
  object(depth = 0): PdfValue {
    const value = this.read(depth)
    if (isKeyword(value)) throw this.malformed(`the word "${value.word.slice(0, 20)}" stands where an object should`)
    return value
  }

  /** Takes a keyword or reports what stands in its place. */
  expectKeyword(word: string): void {
    this.skip()
    for (let index = 0; index < word.length; index += 1) {
      if (this.peek(index) !== word.charCodeAt(index)) throw this.malformed(`"${word}" is missing`)
    }
    const after = this.peek(word.length)
    if (after !== undefined && isRegular(after)) throw this.malformed(`"${word}" is missing`)
    this.position += word.length
  }

  /** A non-negative integer of at most 10 digits. */
  integer(what: string): number {
    this.skip()
    const start = this.position
    const byte = this.peek()
    const word = byte !== undefined && isRegular(byte) ? this.#word() : ''
    if (!/^\d{1,10}$/.test(word)) {
      this.position = start
      throw this.malformed(`${what} is not a number`)
    }
    return Number(word)
  }

  #word(): string {
    let word = ''
    for (let byte = this.peek(); byte !== undefined && isRegular(byte); byte = this.peek()) {
      if (word.length > 255) throw this.malformed('a word is longer than 255 characters')
      word += String.fromCharCode(byte)
      this.position += 1
    }
    return word
  }

  #referenceTail(): number | undefined {
    const start = this.position
    let digits = ''
    while (isWhitespace(this.peek())) this.position += 1
    for (
      let byte = this.peek();
      byte !== undefined && byte >= 0x30 && byte <= 0x39 && digits.length < 6;
      byte = this.peek()
    ) {
      digits += String.fromCharCode(byte)
      this.position += 1
    }
    if (digits !== '' && isWhitespace(this.peek())) {
      while (isWhitespace(this.peek())) this.position += 1
      const next = this.peek(1)
      if (this.peek() === 0x52 && (next === undefined || !isRegular(next))) {
        this.position += 1
        return Number(digits)
      }
    }
    this.position = start
    return undefined
  }

  #name(): string {
    this.position += 1
    let name = ''
    for (let byte = this.peek(); byte !== undefined && isRegular(byte); byte = this.peek()) {
      this.position += 1
      if (byte === 0x23) {
        const code = Number.parseInt(String.fromCharCode(this.peek() ?? 0, this.peek(1) ?? 0), 16)
        if (/^[0-9a-fA-F]{2}$/.test(String.fromCharCode(this.peek() ?? 0, this.peek(1) ?? 0))) {
          name += String.fromCharCode(code)
          this.position += 2
          continue
        }
      }
      name += String.fromCharCode(byte)
      if (name.length > 1024) throw this.malformed('a name is longer than 1024 characters')
    }
    return name
  }

  #literal(): PdfValue {
    const start = this.position
    const out: number[] = []
    let open = 0
    for (;;) {
      const byte = this.peek()
      if (byte === undefined) throw this.malformed('a string does not end')
      this.position += 1
      if (byte === 0x28) open += 1
      else if (byte === 0x29) {
        open -= 1
        if (open === 0) break
      } else if (byte === 0x5c) {
        this.#escape(out)
        continue
      } else if (byte === 13) {
        if (this.peek() === 10) this.position += 1
        out.push(10)
        continue
      }
      if (!(byte === 0x28 && open === 1 && this.position === start + 1)) out.push(byte)
    }
    return {
      kind: 'string',
      bytes: Uint8Array.from(out),
      hex: false,
      start: this.base + start,
      end: this.base + this.position,
    }
  }

  #escape(out: number[]): void {
    const byte = this.peek()
    if (byte === undefined) throw this.malformed('a string does not end')
    this.position += 1
    const simple = 'nrtbf'.indexOf(String.fromCharCode(byte))
    if (simple >= 0) out.push([10, 13, 9, 8, 12][simple]!)
    else if (byte === 13) {
      if (this.peek() === 10) this.position += 1
    } else if (byte >= 0x30 && byte <= 0x37) {
      let value = byte - 0x30
      for (let digits = 1; digits < 3; digits += 1) {
        const next = this.peek()
        if (next === undefined || next < 0x30 || next > 0x37) break
        value = value * 8 + next - 0x30
        this.position += 1
      }
      out.push(value & 0xff)
    } else if (byte !== 10) out.push(byte)
  }

  #hex(): PdfValue {
    const start = this.position
    let end = start + 1
    for (; this.bytes[end] !== 0x3e; end += 1) {
      if (end >= this.bytes.length) {
        if (!this.atEnd) throw new NeedMoreBytes()
        throw this.malformed('a hex string does not end')
      }
    }
    const bytes = new Uint8Array((end - start) >> 1)
    let length = 0
    let high = -1
    for (let index = start + 1; index < end; index += 1) {
      const digit = hexDigit(this.bytes[index]!)
      if (digit < 0) {
        if (isWhitespace(this.bytes[index])) continue
        throw this.malformed('a hex string holds something that is not a hex digit')
      }
      if (high < 0) high = digit
      else {
        bytes[length] = high * 16 + digit
        length += 1
        high = -1
      }
    }
    if (high >= 0) {
      bytes[length] = high * 16
      length += 1
    }
    this.position = end + 1
    return {
      kind: 'string',
      bytes: bytes.subarray(0, length),
      hex: true,
      start: this.base + start,
      end: this.base + end + 1,
    }
  }

  #count(): void {
    this.#items += 1
    if (this.#items > maxItems) throw sealError('ERR_SEAL_PDF_LIMIT', `A PDF object has more than ${maxItems} parts.`)
  }

  #array(depth: number): PdfValue {
    this.position += 1
    const items: PdfValue[] = []
    for (;;) {
      this.skip()
      if (this.peek() === 0x5d) {
        this.position += 1
        return items
      }
      items.push(this.object(depth + 1))
      this.#count()
    }
  }

  #dictionary(depth: number): PdfDictionary {
    this.position += 2
    const entries = new Map<string, PdfValue>()
    const seen = new Set<string>()
    const duplicateKeys: string[] = []
    for (;;) {
      this.skip()
      const byte = this.peek()
      if (byte === 0x3e && this.peek(1) === 0x3e) {
        this.position += 2
        return { kind: 'dictionary', entries, duplicateKeys }
      }
      if (byte !== 0x2f) throw this.malformed('a dictionary holds a key that is not a name')
      const key = this.#name()
      const value = this.object(depth + 1)
      if (seen.has(key)) duplicateKeys.push(key)
      seen.add(key)
      // A null value is the same as no entry (ISO 32000-2, 7.3.7).
      if (value === null) entries.delete(key)
      else entries.set(key, value)
      this.#count()
    }
  }
}

export function isKeyword(value: PdfValue | Keyword): value is Keyword {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'keyword'
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57
  return -1
}

function parseNumber(word: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(word)) return undefined
  const value = Number(word)
  return Number.isFinite(value) ? value : undefined
}
