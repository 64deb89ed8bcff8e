/** The people and companies of the sandbox. Names are invented and marked 样例; numbers are published sample numbers. */
import type { AssuranceLevel, Mandate, Organisation, Person } from '@zhicheng/core'

/** Somebody who can log in at every face: for whom, by whose hand, how sure the platform is. */
export interface Persona {
  /** Stable: `operator`. */
  readonly id: string
  /** What the login page says about it. */
  readonly title: string
  readonly principal: Person | Organisation
  readonly actor?: Person
  readonly mandate?: Mandate
  readonly assurance: AssuranceLevel
}

const company: Organisation = {
  kind: 'organisation',
  id: 'corp-330110000001',
  name: '杭州样例科技有限公司（样例）',
  uscc: '91330110MA2AXY0E7F',
}

const zhangSan: Person = {
  kind: 'person',
  id: '330100000001',
  name: '张三（样例）',
  document: { kind: 'resident-id', number: '11010519491231002X' },
  mobile: '13700009050',
}

const liSi: Person = {
  kind: 'person',
  id: '330100000002',
  name: '李四（样例）',
  document: { kind: 'resident-id', number: '440524188001010014' },
}

const wangWu: Person = {
  kind: 'person',
  id: '330100000003',
  name: '王五（样例）',
  document: { kind: 'resident-id', number: '360426199101010071' },
}

/** The personas of the sandbox, the most used first. */
export const personas: readonly Persona[] = [
  {
    id: 'operator',
    title: '企业经办人',
    principal: company,
    actor: wangWu,
    mandate: { kind: 'operator' },
    assurance: 2,
  },
  {
    id: 'legal-representative',
    title: '企业法定代表人',
    principal: company,
    actor: zhangSan,
    mandate: { kind: 'legal-representative' },
    assurance: 3,
  },
  {
    id: 'delegate',
    title: '受企业委托的代理人',
    principal: company,
    actor: liSi,
    mandate: { kind: 'delegate', validUntil: '2030-12-31T23:59:59+08:00' },
    assurance: 2,
  },
  { id: 'citizen', title: '个人用户', principal: zhangSan, assurance: 3 },
  {
    id: 'clerk',
    title: '窗口工作人员',
    principal: { kind: 'person', id: '330100000007', name: '周八（样例）' },
    assurance: 3,
  },
  { id: 'elder', title: '长者', principal: liSi, assurance: 2 },
  {
    id: 'unverified',
    title: '新注册的个人用户',
    principal: { kind: 'person', id: '330100000004', name: '赵六（样例）' },
    assurance: 0,
  },
  {
    id: 'hong-kong-resident',
    title: '港澳居民',
    principal: {
      kind: 'person',
      id: '330100000005',
      name: '陈大文（样例）',
      document: { kind: 'hk-macao-permit', number: 'H0123456789' },
    },
    assurance: 2,
  },
  {
    id: 'family',
    title: '为家人代办',
    principal: {
      kind: 'person',
      id: '330100000006',
      name: '张小明（样例）',
      document: { kind: 'resident-id', number: '44011320141005001X' },
    },
    actor: zhangSan,
    mandate: { kind: 'family' },
    assurance: 3,
  },
]
