import { describe, expect, it } from 'vitest'
import { foodBusinessLicence as item } from './food-business-licence.ts'
import { type FormProblem, validateForm } from './form.ts'
import { form } from './test-support/window.ts'

function problems(value: unknown): FormProblem[] {
  const check = validateForm(item, value)
  return check.valid ? [] : check.problems
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = { a: value }
  return value
}

describe('a form', () => {
  it('that meets its rules is answered as plain JSON', () => {
    expect(validateForm(item, form)).toEqual({ valid: true, form })
  })

  it('is told every place and rule, the missing ones included', () => {
    const { declaration: _, ...rest } = form
    expect(
      problems({ ...rest, premises: { ...form.premises, area: 0 }, business: { kind: '其他', scopes: [] } }),
    ).toEqual(
      expect.arrayContaining([
        { path: '/declaration', rule: 'required' },
        { path: '/premises/area', rule: 'exclusiveMinimum' },
        { path: '/business/kind', rule: 'enum' },
        { path: '/business/scopes', rule: 'minItems' },
      ]),
    )
  })

  it('is told of a field that stands in the wrong place, though its name is known', () => {
    expect(problems({ ...form, mobile: form.contact['mobile'] })).toEqual([{ path: '', rule: 'additionalProperties' }])
  })

  it('is checked for what no schema can say', () => {
    const wrong = { ...form, operator: { ...form.operator, uscc: '91330110MA2AXY0E7G' } }
    expect(problems(wrong)).toEqual([{ path: '/operator/uscc', rule: 'uscc' }])
  })

  it('does not bring values or a stranger’s words back', () => {
    const secret = '11010519491231002X'
    const found = problems({
      ...form,
      [secret]: { [secret]: secret },
      contact: { name: secret, mobile: secret, [secret]: 1 },
    })
    expect(found).toEqual(
      expect.arrayContaining([
        { path: '', rule: 'additionalProperties' },
        { path: '/contact', rule: 'additionalProperties' },
        { path: '/contact/mobile', rule: 'pattern' },
      ]),
    )
    expect(JSON.stringify(found)).not.toContain(secret)
  })

  it.each([
    ['too deep', nested(5000), 'limit:depth'],
    [
      'a text of megabytes',
      { ...form, operator: { ...form.operator, name: 'x'.repeat(5_000_000) } },
      'limit:string-size',
    ],
    ['many long texts', Array.from({ length: 100 }, () => 'x'.repeat(9000)), 'limit:size'],
    [
      'a long list',
      { ...form, business: { ...form.business, scopes: Array(100_000).fill('热食类食品制售') } },
      'limit:array-size',
    ],
    ['a wide object', Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, 1])), 'limit:size'],
    ['a key __proto__', JSON.parse('{"__proto__":{"operator":{}}}'), 'limit:key'],
    ['a key constructor', { constructor: { prototype: {} } }, 'limit:key'],
    ['half a surrogate pair', { ...form, operator: { ...form.operator, name: '样\ud800例' } }, 'limit:text'],
    ['NUL', { ...form, operator: { ...form.operator, name: 'a\0b' } }, 'limit:text'],
    ['a number that is none', { ...form, premises: { ...form.premises, area: Number.NaN } }, 'limit:not-json'],
    ['undefined', undefined, 'limit:not-json'],
    ['a function', () => 1, 'limit:not-json'],
    ['an object with a history', new Map(), 'limit:not-json'],
  ])('with %s is refused before the schema is asked', (_title, value, rule) => {
    expect(problems(value)).toEqual([{ path: '', rule }])
  })

  it('that points at itself is refused', () => {
    const circle: Record<string, unknown> = {}
    circle['a'] = circle
    expect(problems(circle)).toEqual([{ path: '', rule: 'limit:depth' }])
  })

  it('cannot fill required fields with what objects inherit', () => {
    const schema = { ...item.form.schema, properties: {}, required: ['toString'], additionalProperties: true }
    expect(validateForm({ form: { ...item.form, schema, layout: { groups: [] } } }, {})).toMatchObject({ valid: false })
  })

  it('leaves the item as it was', () => {
    const before = JSON.stringify(item)
    validateForm(Object.freeze(item), form)
    expect(JSON.stringify(item)).toBe(before)
    expect(Object.getOwnPropertyNames(item.form.schema)).not.toContain('__absolute_uri__')
  })
})
