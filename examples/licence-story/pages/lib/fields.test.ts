import { describe, expect, test } from 'vitest'
import type { FieldSchema } from './contract.ts'
import { checkAnswer, type Field, fieldsOf, normaliseAnswer } from './fields.ts'

function field(schema: Partial<FieldSchema>, { required = true, name = 'answer' } = {}): Field {
  const [only] = fieldsOf(
    {
      type: 'object',
      properties: { [name]: { type: 'string', title: '回答', ...schema } },
      required: required ? [name] : [],
    },
    [name],
  )
  return only!
}
const code = field({ pattern: '^[0-9A-HJ-NPQRTUWXY]{18}$', description: '18 位代码' })

describe('the fields of a form', () => {
  test('stand in the order given, and a property that the order forgets is not lost', () => {
    const properties = Object.fromEntries(
      ['a', 'b', 'c'].map((name) => [name, { type: 'string' as const, title: name }]),
    )
    const names = fieldsOf({ type: 'object', properties }, ['c', 'unknown', 'a', 'toString']).map(({ name }) => name)
    expect(names).toEqual(['c', 'a', 'b'])
  })

  test.each([
    [{ enum: ['甲', '乙'] }, 'choice'],
    [{ enum: ['1', '2', '3', '4', '5', '6'] }, 'select'],
    [{ format: 'date' }, 'date'],
    [{ maxLength: 500 }, 'lines'],
    [{ maxLength: 20 }, 'line'],
    [{}, 'line'],
  ])('%j is shown as %s', (schema, kind) => {
    expect(field(schema).kind).toBe(kind)
  })

  test('a telephone number has a keyboard of its own', () => {
    expect(field({}, { name: 'contactPhone' }).kind).toBe('telephone')
  })
})

describe('an answer', () => {
  test('in full width, lower case or groups becomes what the pattern wants', () => {
    expect(normaliseAnswer(code, '  91330110ma2axy0e7f ')).toBe('91330110MA2AXY0E7F')
    expect(normaliseAnswer(code, '９１３３０１１０ＭＡ２ＡＸＹ０Ｅ７Ｆ')).toBe('91330110MA2AXY0E7F')
    expect(normaliseAnswer(code, '91330110-MA2AXY0E7F')).toBe('91330110MA2AXY0E7F')
  })

  test('that no rewriting helps stays as it was typed', () => {
    expect(normaliseAnswer(code, ' 9133ｉ ')).toBe('9133ｉ')
    expect(normaliseAnswer(field({}), '（样例）ａ')).toBe('（样例）ａ')
  })

  test('that is missing is asked for only where it is required', () => {
    expect(checkAnswer(field({}), '')).toBe('请填写回答')
    expect(checkAnswer(field({ enum: ['甲', '乙'] }), '')).toBe('请选择回答')
    expect(checkAnswer(field({ enum: ['我承诺属实'] }), '')).toBe('请勾选“我承诺属实”')
    expect(checkAnswer(field({ pattern: '^x$' }, { required: false }), '')).toBeUndefined()
  })

  test('of the wrong form is answered with what is expected', () => {
    expect(checkAnswer(code, '123')).toBe('回答的格式不正确：18 位代码')
    expect(checkAnswer(code, '91330110MA2AXY0E7F')).toBeUndefined()
  })

  test('outside the choices is refused', () => {
    expect(checkAnswer(field({ enum: ['甲', '乙'] }), '丙')).toBe('请从列出的选项中选择回答')
  })

  test('is counted in characters, so a rare character is one', () => {
    expect(checkAnswer(field({ maxLength: 2 }), '𠮷𠮷')).toBeUndefined()
    expect(checkAnswer(field({ maxLength: 2 }), '𠮷𠮷𠮷')).toBe('回答最多 2 个字，现在有 3 个字')
    expect(checkAnswer(field({ minLength: 2 }), '𠮷')).toBe('回答至少 2 个字')
  })
})
