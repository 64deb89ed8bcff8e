/** Whose credit is asked for, checked before anything leaves the process. */
import { Secret } from '@zhicheng/core'
import { isResidentId, isUscc } from '@zhicheng/core/codes'
import { creditError } from './errors.ts'
import type { Purpose } from './purpose.ts'

/** An organisation, found by its code alone: a name never matches by itself. */
export interface OrganisationSubject {
  kind: 'organisation'
  /** Unified social credit code (统一社会信用代码). Codes that begin with 92 are of household businesses and are personal data. */
  uscc: string
  name: string
}

/** A natural person. Neither name nor number is kept. */
export interface PersonSubject {
  kind: 'person'
  name: string
  /** Resident ID number (公民身份号码). */
  residentId: Secret
}

/** Whose credit is asked for. */
export type CreditSubject = OrganisationSubject | PersonSubject

/** A subject as it is kept: enough to send feedback about an organisation, nothing of a person. */
export type SubjectReference = { kind: 'organisation'; uscc: string } | { kind: 'person' }

/**
 * Checks a subject together with the purpose. Throws `ERR_CREDIT_SUBJECT_INVALID`, and `ERR_CREDIT_PERSON_WITHOUT_BASIS` for a
 * natural person without a statutory basis or consent. No message repeats a code, a number or a name.
 */
export function checkSubject(subject: CreditSubject, purpose: Purpose): CreditSubject {
  const given = (typeof subject === 'object' && subject !== null ? subject : {}) as Partial<Record<string, unknown>>
  if (typeof given['name'] !== 'string' || given['name'].trim() === '' || given['name'].length > 200) {
    throw invalid('The subject of a credit query has no name.')
  }
  if (given['kind'] === 'organisation') {
    if (typeof given['uscc'] === 'string' && isUscc(given['uscc'])) return subject
    throw invalid('The organisation has no valid unified social credit code.')
  }
  if (given['kind'] !== 'person') throw invalid('The subject is neither an organisation nor a person.')
  if (purpose.basis === undefined && purpose.consent === undefined) {
    throw creditError(
      'ERR_CREDIT_PERSON_WITHOUT_BASIS',
      'A natural person is not asked about without a statutory basis or consent in the purpose. Nothing was asked.',
      { outcome: 'not_sent' },
    )
  }
  const number: unknown = given['residentId'] instanceof Secret ? given['residentId'].reveal() : undefined
  if (typeof number !== 'string' || !isResidentId(number)) {
    throw invalid('The person has no valid resident ID number, given as a Secret.')
  }
  return subject
}

/** The subject without what must not be kept. */
export function referTo(subject: CreditSubject): SubjectReference {
  return subject.kind === 'organisation' ? { kind: 'organisation', uscc: subject.uscc } : { kind: 'person' }
}

function invalid(message: string): Error {
  return creditError('ERR_CREDIT_SUBJECT_INVALID', `${message} Nothing was asked.`, { outcome: 'not_sent' })
}
