/** The item 食品经营许可（新办）, for examples and tests: a real matter, with codes and a department that are invented. */
import type { ServiceItem } from './service-item.ts'

const megabyte = 1_048_576

/**
 * A new food business licence (食品经营许可 新办) of an invented department.
 *
 * @unverified The statutory limit and the list of materials follow the measure of the State Administration for Market
 * Regulation (食品经营许可和备案管理办法, 2023) from memory. The codes only have the right shape.
 */
export const foodBusinessLicence: ServiceItem = {
  code: '11330199000000019U4000131999000',
  mainItemCode: '000131999000',
  subItemCode: '00013199900001',
  version: '2026-1',
  name: '食品经营许可（新办）',
  department: { name: '样例市市场监督管理局', uscc: '11330199000000019U', division: '330199' },
  legalWorkingDays: 20,
  promisedWorkingDays: 10,
  basis: '《中华人民共和国食品安全法》第三十五条；《食品经营许可和备案管理办法》',
  form: {
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      required: ['operator', 'premises', 'business', 'contact', 'declaration'],
      properties: {
        operator: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'uscc', 'representative'],
          properties: {
            name: { type: 'string', minLength: 2, maxLength: 100 },
            uscc: { type: 'string', minLength: 18, maxLength: 18 },
            representative: { type: 'string', minLength: 2, maxLength: 50 },
          },
        },
        premises: {
          type: 'object',
          additionalProperties: false,
          required: ['division', 'address', 'area'],
          properties: {
            division: { type: 'string', pattern: '^[1-9][0-9]{5}$' },
            address: { type: 'string', minLength: 4, maxLength: 200 },
            area: { type: 'number', exclusiveMinimum: 0, maximum: 1_000_000 },
          },
        },
        business: {
          type: 'object',
          additionalProperties: false,
          required: ['kind', 'scopes'],
          properties: {
            kind: { enum: ['食品销售', '餐饮服务', '集中用餐单位食堂'] },
            scopes: {
              type: 'array',
              minItems: 1,
              maxItems: 10,
              uniqueItems: true,
              items: { enum: ['散装食品销售', '热食类食品制售', '冷食类食品制售', '生食类食品制售', '自制饮品制售'] },
            },
            onlineSales: { type: 'boolean' },
          },
        },
        contact: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'mobile'],
          properties: {
            name: { type: 'string', minLength: 2, maxLength: 50 },
            mobile: { type: 'string', pattern: '^1[3-9][0-9]{9}$' },
          },
        },
        declaration: { const: true },
      },
    },
    layout: {
      groups: [
        {
          title: '经营者',
          fields: [
            { path: '/operator/name', label: '经营者名称', widget: 'text' },
            { path: '/operator/uscc', label: '统一社会信用代码', widget: 'text', check: 'uscc' },
            { path: '/operator/representative', label: '法定代表人（负责人）', widget: 'text', personal: true },
          ],
        },
        {
          title: '经营场所',
          fields: [
            { path: '/premises/division', label: '行政区划', widget: 'select' },
            { path: '/premises/address', label: '经营场所地址', widget: 'textarea' },
            { path: '/premises/area', label: '面积（平方米）', widget: 'number' },
          ],
        },
        {
          title: '经营项目',
          fields: [
            { path: '/business/kind', label: '主体业态', widget: 'radio' },
            { path: '/business/scopes', label: '经营项目', widget: 'checkbox' },
            { path: '/business/onlineSales', label: '是否网络经营', widget: 'checkbox' },
          ],
        },
        {
          title: '联系人与承诺',
          fields: [
            { path: '/contact/name', label: '联系人', widget: 'text', personal: true },
            { path: '/contact/mobile', label: '手机号码', widget: 'text', personal: true },
            { path: '/declaration', label: '承诺所填内容真实有效', widget: 'checkbox' },
          ],
        },
      ],
    },
  },
  materials: [
    {
      code: 'layout-plan',
      name: '经营场所布局和操作流程图',
      required: true,
      mediaTypes: ['application/pdf', 'application/ofd', 'image/png', 'image/jpeg'],
      maxBytes: 10 * megabyte,
    },
    {
      code: 'safety-rules',
      name: '食品安全管理制度清单',
      required: true,
      mediaTypes: ['application/pdf', 'application/ofd'],
      maxBytes: 10 * megabyte,
      maxFiles: 3,
    },
    {
      code: 'mandate',
      name: '授权委托书',
      required: false,
      mediaTypes: ['application/pdf', 'application/ofd', 'image/jpeg'],
      maxBytes: 5 * megabyte,
    },
  ],
  steps: [
    { code: 'submitted', name: '提交申请', doneBy: ['received'] },
    { code: 'accepted', name: '受理', doneBy: ['accepted'], stoppedBy: ['notAccepted'] },
    { code: 'paid', name: '缴费', doneBy: ['feePaid'] },
    { code: 'decided', name: '审批决定', doneBy: ['granted'], stoppedBy: ['denied'] },
    { code: 'certified', name: '制证', doneBy: ['certificateMade'] },
    { code: 'delivered', name: '送达', doneBy: ['delivered'] },
    { code: 'closed', name: '办结', doneBy: ['closed'] },
  ],
  fee: { code: '103044901', name: '工本费（样例）', amount: '120.00' },
}
