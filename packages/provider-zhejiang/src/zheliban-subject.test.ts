import { describe, expect, it } from 'vitest'
import type { ZhelibanLegalPerson, ZhelibanPerson } from './zheliban-messages.ts'
import { formatIdType, readZhelibanSubject, type ZhelibanAssurance } from './zheliban-subject.ts'

const at = new Date('2026-11-24T00:00:00Z')
const person: ZhelibanPerson = {
  userId: 'u-1',
  userName: '张三（样例）',
  idType: 'ID_CARD',
  idNo: '11010519491231002X',
  phone: '13700009050',
}
const company: ZhelibanLegalPerson = {
  corpId: 'c-1',
  name: '杭州样例科技有限公司（样例）',
  unifiedSocialId: '91330110MA2AXY0E7F',
  attnName: '王五（样例）',
  attnIdType: 'ID_CARD',
  attnIdNo: '360426199101010071',
  idNo: '11010519491231002X',
}
const read = (more: Partial<ZhelibanPerson>, assurance?: ZhelibanAssurance) =>
  readZhelibanSubject(
    { userType: 'PERSON', personInfo: { ...person, ...more } },
    { issuer: 'zhejiang', at, ...(assurance ? { assurance } : {}) },
  )
const readCompany = (more: Partial<ZhelibanLegalPerson>, assurance?: ZhelibanAssurance) =>
  readZhelibanSubject(
    { userType: 'LEGAL_PERSON', legalPersonInfo: { ...company, ...more } },
    { issuer: 'zhejiang', at, ...(assurance ? { assurance } : {}) },
  )

describe('a 浙里办 user', () => {
  it.each([
    ['1', 0],
    ['2', 2],
    ['3', 3],
    [3, 3],
    ['4', 0],
    ['constructor', 0],
    [{ level: 3 }, 0],
    [undefined, 0],
  ])('who is a person of level %j has assurance %i', (authLevel, assurance) => {
    expect(read({ attributes: { authLevel } }, { personAttribute: 'authLevel' }).assurance).toBe(assurance)
  })

  it.each([
    ['1', 3],
    ['2', 2],
    ['3', 1],
    ['4', 0],
    ['5', 0],
  ])('who is a company of level %j has assurance %i, for companies count the other way', (realLevel, assurance) => {
    expect(readCompany({ attributes: { realLevel } }, { legalPersonAttribute: 'realLevel' }).assurance).toBe(assurance)
  })

  it('has level 0 where no attribute is named, whatever attributes there are', () => {
    expect(read({ attributes: { authLevel: '3' } }).assurance).toBe(0)
    expect(readCompany({ attributes: null }, { legalPersonAttribute: 'realLevel' }).assurance).toBe(0)
  })

  it.each([
    ['ID_CARD', 'resident-id'],
    ['PASSPORT', 'passport'],
    ['MAINLAND_TRAVEL_PERMIT_FOR_HONGKONG_AND_MACAO_RESIDENTS', 'hk-macao-permit'],
    ['MAINLAND_TRAVEL_PERMIT_FOR_TAIWAN_RESIDENTS', 'taiwan-permit'],
    ['FOREIGN_PERMANENT_RESIDENT_ID_CARD', 'foreign-permanent-residence'],
    ['GANG_AO_ID_CART', 'other'],
    ['SOLDIER_CARD', 'other'],
    [null, 'other'],
  ])('with the document %s has one of kind %s', (idType, kind) => {
    expect(read({ idType }).principal).toMatchObject({ document: { kind } })
  })

  it('keeps the kind of a document on its way out and in', () => {
    for (const kind of ['resident-id', 'passport', 'hk-macao-permit', 'taiwan-permit', 'other'] as const) {
      expect(read({ idType: formatIdType(kind) }).principal).toMatchObject({ document: { kind } })
    }
  })

  it('without a document or a phone has none', () => {
    expect(read({ idNo: null, phone: '' }).principal).toEqual({ kind: 'person', id: 'u-1', name: '张三（样例）' })
  })

  it('of a company acts as operator, or as legal representative when the documents are the same', () => {
    expect(readCompany({})).toMatchObject({
      id: 'c-1',
      principal: { kind: 'organisation', uscc: '91330110MA2AXY0E7F' },
      actor: { id: 'c-1/operator', name: '王五（样例）' },
      mandate: { kind: 'operator' },
    })
    expect(readCompany({ attnIdNo: company.idNo }).mandate).toEqual({ kind: 'legal-representative' })
    expect(readCompany({ attnIdNo: null, idNo: null }).mandate).toEqual({ kind: 'operator' })
  })

  it('of a company that logged in by certificate has nobody who acts, and nobody is made up', () => {
    const subject = readCompany({ attnName: '' })
    expect(subject.actor).toBeUndefined()
    expect(subject.mandate).toBeUndefined()
  })

  it('whose kind is named and not described is refused', () => {
    expect(() =>
      readZhelibanSubject({ userType: 'LEGAL_PERSON', personInfo: person }, { issuer: 'zhejiang', at }),
    ).toThrow(expect.objectContaining({ code: 'ERR_IDENTITY_PLATFORM_ANSWER_INVALID' }))
  })
})
