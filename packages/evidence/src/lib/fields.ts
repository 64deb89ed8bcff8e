/** Checks the members of a JSON object one by one, and names the one that is wrong without printing its value. */
import { evidenceError } from '../errors.ts'
import { testNotice } from './test-notice.ts'

/** An object whose members are being checked. */
export interface Fields {
  readonly value: Record<string, unknown>
  exactly(name: string, wanted: string | boolean): void
  text(name: string, pattern: RegExp): void
  texts(name: string, pattern: RegExp, maxCount: number): void
  count(name: string): void
  time(name: string): void
  object(name: string): void
  /** Both members of the test mark, or neither. */
  testMark(): void
}

/** The checks over one object; throws `ERR_EVIDENCE_MALFORMED` if it is none. */
export function fieldsOf(input: unknown, what: string): Fields {
  if (!isObject(input)) throw malformed(what, 'it is not a JSON object')
  const check = (name: string, good: boolean) => {
    if (!good) throw malformed(what, `the member "${name}" does not have the agreed form`)
  }
  const value = input
  return {
    value,
    exactly: (name, wanted) => check(name, value[name] === wanted),
    text: (name, pattern) => check(name, isText(value[name], pattern)),
    texts(name, pattern, maxCount) {
      const list = value[name]
      check(name, Array.isArray(list) && list.length <= maxCount && list.every((item) => isText(item, pattern)))
    },
    count: (name) => check(name, Number.isSafeInteger(value[name]) && (value[name] as number) >= 0),
    time: (name) =>
      check(
        name,
        isText(value[name], /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/) &&
          Number.isFinite(Date.parse(value[name] as string)),
      ),
    object: (name) => check(name, isObject(value[name])),
    testMark() {
      if (!('test' in value) && !('notice' in value)) return
      check('test', value['test'] === true)
      check('notice', value['notice'] === testNotice)
    },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function malformed(what: string, why: string): Error {
  return evidenceError('ERR_EVIDENCE_MALFORMED', `This is not a ${what}: ${why}.`, { facts: { what } })
}
