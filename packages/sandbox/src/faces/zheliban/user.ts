/** A persona as 浙里办 describes a user. */
import type { Organisation, Person } from '@zhicheng/core'
import {
  formatIdType,
  type ZhelibanUser,
  zhelibanLegalPersonLevels,
  zhelibanPersonLevels,
} from '@zhicheng/provider-zhejiang'
import { type Persona, personas } from '../../personas.ts'

/** The platform knows persons for themselves and companies by their operator; it has no words for acting for a person. */
export function isZhelibanPersona({ principal, actor }: Persona): boolean {
  return principal.kind === 'organisation' || actor === undefined
}

/**
 * The user behind a persona.
 *
 * @unverified The level stands in `attributes.authLevel` and `attributes.realLevel`: generation G2 is not known to send
 * one, and these are the names of the older generations.
 */
export function userOf(persona: Persona): ZhelibanUser {
  const { principal } = persona
  return principal.kind === 'person' ? personUser(principal, persona) : companyUser(principal, persona)
}

function personUser({ id, name, document, mobile }: Person, { assurance }: Persona): ZhelibanUser {
  return {
    userType: 'PERSON',
    personInfo: {
      userId: id,
      userName: name,
      idType: document ? formatIdType(document.kind) : null,
      idNo: document?.number ?? null,
      phone: mobile ?? null,
      attributes: { authLevel: levelName(zhelibanPersonLevels, { assurance, lowest: '1' }) },
    },
    legalPersonInfo: null,
  }
}

function companyUser({ id, name, uscc }: Organisation, { actor, assurance, mandate }: Persona): ZhelibanUser {
  const legal = mandate?.kind === 'legal-representative' ? actor : legalRepresentativeOf(id)
  return {
    userType: 'LEGAL_PERSON',
    personInfo: null,
    legalPersonInfo: {
      corpId: id,
      name,
      unifiedSocialId: uscc,
      attnName: actor?.name ?? null,
      attnPhone: actor?.mobile ?? null,
      attnIdType: actor?.document ? formatIdType(actor.document.kind) : null,
      attnIdNo: actor?.document?.number ?? null,
      idNo: legal?.document?.number ?? null,
      attributes: { realLevel: levelName(zhelibanLegalPersonLevels, { assurance, lowest: '4' }) },
    },
  }
}

function legalRepresentativeOf(companyId: string): Person | undefined {
  return personas.find(
    ({ principal, mandate }) => principal.id === companyId && mandate?.kind === 'legal-representative',
  )?.actor
}

function levelName(
  levels: Readonly<Record<string, number>>,
  { assurance, lowest }: { assurance: number; lowest: string },
): string {
  return Object.keys(levels).find((name) => levels[name] === assurance) ?? lowest
}
