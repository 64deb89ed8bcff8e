/** The limits that both drivers put on keys and values, so that what one keeps the other keeps too. */
import { storeError } from '../errors.ts'

const maxKeyLength = 512
const maxValueLength = 8_388_608
const loneSurrogate = /\p{Surrogate}/u

/** Refuses keys that are empty, too long, or that a database would change (half of a surrogate pair, NUL). */
export function checkKeys(...keys: readonly string[]): void {
  for (const key of keys) {
    if (key.length === 0 || key.length > maxKeyLength || key.includes('\0') || loneSurrogate.test(key)) {
      throw storeError(
        'ERR_STORE_KEY',
        `A name, id or index value must have 1 to ${maxKeyLength} characters, no NUL and no half surrogate pair.`,
        { facts: { length: key.length, maxLength: maxKeyLength } },
      )
    }
  }
}

/** The JSON text of a value. */
export function toJson(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw storeError('ERR_STORE_VALUE', 'The value has no JSON form: turn bigint into text, and break cycles.', {
      cause,
    })
  }
  if (text === undefined) throw storeError('ERR_STORE_VALUE', 'undefined, functions and symbols cannot be kept.')
  if (text.length > maxValueLength) {
    throw storeError(
      'ERR_STORE_VALUE',
      `The value is longer than ${maxValueLength} characters: keep files elsewhere.`,
      {
        facts: { length: text.length, maxLength: maxValueLength },
      },
    )
  }
  return text
}

/** A whole number of rows to return; throws `ERR_STORE_VALUE` for anything else. */
export function checkLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw storeError('ERR_STORE_VALUE', 'A limit is a whole number that is not negative.')
  }
  return limit
}

/** Runs the body of a transaction or read, and refuses one that is asynchronous. */
export function runSynchronously<Subject, Result>(work: (subject: Subject) => Result, subject: Subject): Result {
  const result = work(subject)
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
    // The promise is dropped on purpose; without a handler its failure would end the process.
    ;(result as unknown as Promise<unknown>).then(undefined, () => {})
    throw storeError(
      'ERR_STORE_ASYNC_WORK',
      'The body of a transaction must not be asynchronous: await first, then open the transaction.',
    )
  }
  return result
}

/** Orders texts by code points, as SQLite orders UTF-8. */
export function compareKeys(left: string, right: string): number {
  const a = left[Symbol.iterator]()
  const b = right[Symbol.iterator]()
  for (;;) {
    const x = a.next()
    const y = b.next()
    if (x.done || y.done) return Number(y.done ?? false) - Number(x.done ?? false)
    const difference = x.value.codePointAt(0)! - y.value.codePointAt(0)!
    if (difference !== 0) return difference
  }
}
