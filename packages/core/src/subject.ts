/** Who somebody is, in one shape for every login platform: a person, an organisation, or a person acting for one. */

/**
 * How sure the platform is of the person, on one scale for all of them:
 * `0` unknown, `1` self-asserted (账号), `2` verified remotely (实名), `3` verified in person or by certificate (实人).
 */
export type AssuranceLevel = 0 | 1 | 2 | 3

/** Kinds of identity documents (证件类型). */
export type IdentityDocumentKind =
  | 'resident-id'
  | 'hk-macao-permit'
  | 'taiwan-permit'
  | 'passport'
  | 'foreign-permanent-residence'
  | 'other'

/** A natural person (自然人). The number is personal data: mask it before it leaves the back end. */
export interface Person {
  kind: 'person'
  /** Identifier at the platform that vouches for the person; opaque. */
  id: string
  name: string
  document?: { kind: IdentityDocumentKind; number: string }
  mobile?: string
}

/** A legal person or other organisation (法人或其他组织). */
export interface Organisation {
  kind: 'organisation'
  id: string
  name: string
  /** Unified social credit code (统一社会信用代码). */
  uscc: string
}

/** What lets the actor act for the organisation (授权). */
export interface Mandate {
  kind: 'legal-representative' | 'operator' | 'delegate' | 'family'
  /** ISO time with offset. */
  validUntil?: string
}

/** Who is logged in: for whom (`principal`), by whose hand (`actor`), vouched for by what (`issuer`), how surely. */
export interface Subject {
  /** Stable within the issuer; use `issuer` and `id` together as the key. */
  id: string
  /** The platform that vouches: an OpenID issuer address or a provider id such as `zhejiang`. */
  issuer: string
  principal: Person | Organisation
  /** Set when a person acts for the principal. */
  actor?: Person
  mandate?: Mandate
  assurance: AssuranceLevel
  /** When the person last authenticated; ISO time with offset. */
  authenticatedAt: string
}
