/** Canonical JSON (RFC 8785): one text for one value, to be hashed and signed. */
import { formatsError } from './errors.ts'

/** Anything JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

const maxDepth = 200

/**
 * The canonical text: no white space, keys in the order of their UTF-16 units, numbers as ECMAScript writes them.
 * Throws `ERR_JSON_UNWRITABLE` for what JSON does not have: `undefined`, functions, infinities, half surrogate pairs, cycles.
 *
 * @example
 * ```ts
 * canonicalJson({ b: 1, a: '样例' }) // '{"a":"样例","b":1}'
 * ```
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (depth > maxDepth) throw unwritable(`it is nested deeper than ${maxDepth} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unwritable('a number is not finite')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') return writeString(value)
  if (Array.isArray(value)) {
    return `[${Array.from(value as readonly unknown[], (item) => write(item, depth + 1)).join(',')}]`
  }
  if (typeof value !== 'object') throw unwritable(`a ${typeof value} is no JSON value`)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw unwritable('an object is not a plain one')
  const members = Object.keys(value)
    .sort((left, right) => (left < right ? -1 : 1))
    .map((key) => `${writeString(key)}:${write((value as Record<string, unknown>)[key], depth + 1)}`)
  return `{${members.join(',')}}`
}

function writeString(text: string): string {
  if (/[\ud800-\udfff]/u.test(text)) throw unwritable('a text has half a surrogate pair')
  return JSON.stringify(text)
}

function unwritable(why: string): Error {
  return formatsError('ERR_JSON_UNWRITABLE', `The value has no canonical JSON: ${why}.`)
}
