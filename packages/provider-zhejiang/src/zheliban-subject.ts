/** From a 浙里办 user to one subject: documents, the operator of a company, and levels whose scales run both ways. */
import { type AssuranceLevel, formatTime, type IdentityDocumentKind, type Person, type Subject } from '@zhicheng/core'
import { identityError } from '@zhicheng/identity'
import type { ZhelibanLegalPerson, ZhelibanPerson, ZhelibanUser } from './zheliban-messages.ts'

/** Persons (`authlevel`): 1 anonymous, 2 real name (实名), 3 real person (实人). */
export const zhelibanPersonLevels: Readonly<Record<string, AssuranceLevel>> = { 1: 0, 2: 2, 3: 3 }

/** Legal persons (`realLevel`) count the other way: 1 certificate, 2 verified on site, 3 verified online, 4 unverified. */
export const zhelibanLegalPersonLevels: Readonly<Record<string, AssuranceLevel>> = { 4: 0, 3: 1, 2: 2, 1: 3 }

/** Where a deployment finds the level among a user's `attributes`. */
export interface ZhelibanAssurance {
  /** Name in `personInfo.attributes`. */
  personAttribute?: string
  /** Name in `legalPersonInfo.attributes`. */
  legalPersonAttribute?: string
}

const documents: Readonly<Record<string, IdentityDocumentKind>> = {
  ID_CARD: 'resident-id',
  GANG_AO_TAI_RESIDENCE_CART: 'resident-id',
  PASSPORT: 'passport',
  FOREIGN_PASSPORT: 'passport',
  DIPLOMACY_PASSPORT: 'passport',
  OFFICIAL_PASSPORT: 'passport',
  MAINLAND_TRAVEL_PERMIT_FOR_HONGKONG_AND_MACAO_RESIDENTS: 'hk-macao-permit',
  MAINLAND_TRAVEL_PERMIT_FOR_TAIWAN_RESIDENTS: 'taiwan-permit',
  FOREIGN_PERMANENT_RESIDENT_ID_CARD: 'foreign-permanent-residence',
}

/** The platform's `idType` of a document, for the platform's half. */
export function formatIdType(kind: IdentityDocumentKind): string {
  return Object.keys(documents).find((idType) => documents[idType] === kind) ?? 'OTHER'
}

/**
 * Makes a subject. Generation G2 is not known to send a level, so the level is 0 (unknown) unless `assurance` names
 * the attribute that holds it. The platform gives an operator no identifier of its own: it is the company's with
 * `/operator` behind it, and operators are told apart by their documents.
 *
 * @unverified `corpId` as the stable key of a company; the guide says only that USCC and name are none.
 */
export function readZhelibanSubject(
  user: ZhelibanUser,
  { issuer, at, assurance = {} }: { issuer: string; at: Date; assurance?: ZhelibanAssurance },
): Subject {
  const common = { issuer, authenticatedAt: formatTime(at) }
  if (user.userType === 'PERSON' && user.personInfo) {
    const { personInfo } = user
    return {
      ...common,
      id: personInfo.userId,
      principal: readPerson(personInfo),
      assurance: level(personInfo.attributes, assurance.personAttribute, zhelibanPersonLevels),
    }
  }
  if (user.userType === 'LEGAL_PERSON' && user.legalPersonInfo) {
    const company = user.legalPersonInfo
    const { corpId, name, unifiedSocialId } = company
    return {
      ...common,
      id: corpId,
      principal: { kind: 'organisation', id: corpId, name, uscc: unifiedSocialId },
      ...readOperator(company),
      assurance: level(company.attributes, assurance.legalPersonAttribute, zhelibanLegalPersonLevels),
    }
  }
  throw identityError(
    'ERR_IDENTITY_PLATFORM_ANSWER_INVALID',
    'The platform names a kind of user and does not describe it.',
    {
      facts: { userType: user.userType },
    },
  )
}

function readPerson({ userId, userName, idType, idNo, phone }: ZhelibanPerson): Person {
  return {
    kind: 'person',
    id: userId,
    name: userName,
    ...(idNo ? { document: { kind: documents[idType ?? ''] ?? 'other', number: idNo } } : {}),
    ...(phone ? { mobile: phone } : {}),
  }
}

function readOperator(company: ZhelibanLegalPerson): Pick<Subject, 'actor' | 'mandate'> {
  const { corpId, attnName, attnPhone, attnIdType, attnIdNo, idNo } = company
  // Empty when the company itself logged in by certificate: then nobody is known to act, and nobody is made up.
  if (!attnName) return {}
  const userId = `${corpId}/operator`
  return {
    actor: readPerson({ userId, userName: attnName, idType: attnIdType, idNo: attnIdNo, phone: attnPhone }),
    mandate: { kind: attnIdNo && attnIdNo === idNo ? 'legal-representative' : 'operator' },
  }
}

function level(
  attributes: Record<string, unknown> | null | undefined,
  name: string | undefined,
  levels: Readonly<Record<string, AssuranceLevel>>,
): AssuranceLevel {
  const value = name === undefined ? undefined : attributes?.[name]
  return (typeof value === 'string' || typeof value === 'number') && Object.hasOwn(levels, value) ? levels[value]! : 0
}
