/** Reads JSON (RFC 8259) from strangers: bounded, and without the ambiguity of keys that stand twice. */
import type { JsonValue } from './canonical-json.ts'
import { formatsError } from './errors.ts'

/** Limits of {@link parseJson}. */
export interface JsonLimits {
  /** Length in UTF-8 bytes (of a text: UTF-16 units); 16 MiB by default. */
  maxBytes?: number
  /** Nesting of arrays and objects; 64 by default. */
  maxDepth?: number
}

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const blank = /[ \t\r\n]*/y
const words: Readonly<Record<string, JsonValue>> = { true: true, false: false, null: null }

/**
 * The value of a JSON text. Throws `ERR_JSON_DUPLICATE_KEY`, `ERR_JSON_LIMIT`, and `ERR_JSON_MALFORMED` with the position.
 * A key named `__proto__` is an ordinary key.
 *
 * @example
 * ```ts
 * const order = parseJson(body, { maxBytes: 65_536, maxDepth: 8 })
 * ```
 */
export function parseJson(
  input: string | Uint8Array,
  { maxBytes = 16_777_216, maxDepth = 64 }: JsonLimits = {},
): JsonValue {
  if (input.length > maxBytes) {
    throw formatsError('ERR_JSON_LIMIT', `The JSON is longer than the ${maxBytes} bytes allowed.`)
  }
  const text = typeof input === 'string' ? input : decode(input)
  const reader = { text, at: 0, maxDepth }
  const value = readValue(reader, 0)
  skip(reader)
  if (reader.at !== text.length) throw malformed(reader)
  return value
}

interface Reader {
  readonly text: string
  readonly maxDepth: number
  at: number
}

function readValue(reader: Reader, depth: number): JsonValue {
  skip(reader)
  const character = reader.text[reader.at]
  if (character === '{' || character === '[') {
    if (depth >= reader.maxDepth) {
      throw formatsError('ERR_JSON_LIMIT', `The JSON is nested deeper than ${reader.maxDepth} levels.`)
    }
    return character === '{' ? readObject(reader, depth) : readArray(reader, depth)
  }
  if (character === '"') return readString(reader)
  for (const [word, value] of Object.entries(words)) {
    if (!reader.text.startsWith(word, reader.at)) continue
    reader.at += word.length
    return value
  }
  const value = Number(take(reader, number))
  if (!Number.isFinite(value)) throw malformed(reader)
  return value
}

function readObject(reader: Reader, depth: number): JsonValue {
  const members: Record<string, JsonValue> = {}
  reader.at += 1
  skip(reader)
  if (eat(reader, '}')) return members
  do {
    skip(reader)
    const key = readString(reader)
    if (Object.hasOwn(members, key)) {
      throw formatsError(
        'ERR_JSON_DUPLICATE_KEY',
        `A key stands twice in a JSON object (near position ${reader.at}).`,
        {
          facts: { offset: reader.at },
        },
      )
    }
    skip(reader)
    if (!eat(reader, ':')) throw malformed(reader)
    const value = readValue(reader, depth + 1)
    Object.defineProperty(members, key, { value, enumerable: true, writable: true, configurable: true })
    skip(reader)
  } while (eat(reader, ','))
  if (!eat(reader, '}')) throw malformed(reader)
  return members
}

function readArray(reader: Reader, depth: number): JsonValue {
  const items: JsonValue[] = []
  reader.at += 1
  skip(reader)
  if (eat(reader, ']')) return items
  do {
    items.push(readValue(reader, depth + 1))
    skip(reader)
  } while (eat(reader, ','))
  if (!eat(reader, ']')) throw malformed(reader)
  return items
}

/** Finds the closing quote by hand and lets JSON.parse judge escapes and control characters: a pattern could not take megabytes. */
function readString(reader: Reader): string {
  const { text, at } = reader
  let end = text[at] === '"' ? text.indexOf('"', at + 1) : -1
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end === -1) throw malformed(reader)
  try {
    const value = JSON.parse(text.slice(at, end + 1)) as string
    reader.at = end + 1
    return value
  } catch {
    throw malformed(reader)
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text)
  if (!match) throw malformed(reader)
  reader.at = pattern.lastIndex
  return match[0]
}

function eat(reader: Reader, character: string): boolean {
  if (reader.text[reader.at] !== character) return false
  reader.at += 1
  return true
}

function skip(reader: Reader): void {
  blank.lastIndex = reader.at
  blank.test(reader.text)
  reader.at = blank.lastIndex
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw formatsError('ERR_JSON_MALFORMED', 'The JSON is not UTF-8 text.', { cause })
  }
}

function malformed(reader: Reader): Error {
  return formatsError('ERR_JSON_MALFORMED', `The JSON is malformed (at position ${reader.at}).`, {
    facts: { offset: reader.at },
  })
}
