import { foodBusinessLicence, validateForm } from '@zhicheng/intake'
import { expect, test } from 'vitest'
import { flattenForm, unflattenForm } from './form-fields.ts'

const texts = {
  '/operator/name': '杭州样例科技有限公司（样例）',
  '/operator/uscc': '91330110MA2AXY0E7F',
  '/operator/representative': '张三（样例）',
  '/premises/division': '330199',
  '/premises/address': '样例市样例区样例路1号',
  '/premises/area': '120',
  '/business/kind': '餐饮服务',
  '/business/scopes': '热食类食品制售',
  '/business/onlineSales': '否',
  '/contact/name': '王五（样例）',
  '/contact/mobile': '13700009050',
  '/declaration': '我承诺以上内容真实有效',
}

test('every field of the layout is on the page, with its choices', () => {
  const { form, order } = flattenForm(foodBusinessLicence)
  expect(order).toEqual(Object.keys(texts))
  expect(form.properties['/business/kind']?.enum).toContain('餐饮服务')
  expect(form.properties['/declaration']?.enum).toHaveLength(1)
  expect(form.required).toContain('/operator/uscc')
  expect(form.required).not.toContain('/business/onlineSales')
})

test('what a page collects becomes a form that the item’s own schema accepts', () => {
  expect(validateForm(foodBusinessLicence, unflattenForm(foodBusinessLicence, texts))).toMatchObject({ valid: true })
})

test('a field left empty is missing from the form, and the schema says so', () => {
  const form = unflattenForm(foodBusinessLicence, { ...texts, '/operator/uscc': ' ' })
  expect(validateForm(foodBusinessLicence, form)).toMatchObject({ valid: false })
})
