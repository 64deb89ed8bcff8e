import { isZhichengError, utf8 } from '@zhicheng/core'
import { describe, expect, test } from 'vitest'
import { canonicalJson, type JsonValue } from './canonical-json.ts'
import { parseJson } from './json-reader.ts'

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'accepted'
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
}

describe('canonical JSON', () => {
  test('gives the text of RFC 8785, section 3.2.2', () => {
    const value = parseJson(`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`)
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('sorts keys by UTF-16 units, as RFC 8785, section 3.2.3 shows', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect([...canonicalJson(value).matchAll(/:(\d)/g)].map(([, digit]) => digit).join('')).toBe('2467153')
  })

  test('refuses what JSON does not have', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const values = [undefined, { a: undefined }, [1n], Number.NaN, '\ud800', { '\udc00': 1 }, new Date(0), cycle]
    for (const value of values) {
      expect(codeOf(() => canonicalJson(value as JsonValue))).toBe('ERR_JSON_UNWRITABLE')
    }
  })

  test('writes minus zero as zero', () => {
    expect(canonicalJson([-0])).toBe('[0]')
  })
})

describe('reading JSON', () => {
  test('agrees with JSON.parse on what both accept', () => {
    const text = ' {"a": [1, -2.5e3, "\\ud83d\\ude00样", "", {}], "b": {"c": null, "": [[]]}, "__proto__": {"x": 1}} '
    const value = parseJson(utf8(text)) as { [key: string]: JsonValue }
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)))
    expect(Object.hasOwn(value, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"__proto__":1,"__proto__":2}'])(
    'refuses a key that stands twice: %s',
    (text) => {
      expect(codeOf(() => parseJson(text))).toBe('ERR_JSON_DUPLICATE_KEY')
    },
  )

  test.each([
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    '01',
    '1.',
    '.5',
    '+1',
    "'a'",
    '"\n"',
    '"\\x"',
    '"',
    'nul',
    '1 2',
    '1e999',
    '// c\n1',
    '\ufeff1',
  ])('refuses %j as malformed', (text) => {
    expect(codeOf(() => parseJson(text))).toBe('ERR_JSON_MALFORMED')
  })

  test('refuses more depth or bytes than allowed, and bytes that are not UTF-8', () => {
    expect(codeOf(() => parseJson('['.repeat(100_000)))).toBe('ERR_JSON_LIMIT')
    expect(codeOf(() => parseJson('[[1]]', { maxDepth: 1 }))).toBe('ERR_JSON_LIMIT')
    expect(codeOf(() => parseJson('[1,2]', { maxBytes: 4 }))).toBe('ERR_JSON_LIMIT')
    expect(codeOf(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('ERR_JSON_MALFORMED')
  })

  test('reads a text of megabytes full of escapes', () => {
    const text = 'a\\"样'.repeat(1_000_000)
    expect(parseJson(JSON.stringify(text))).toBe(text)
  })
})
