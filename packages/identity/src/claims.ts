/** From verified claims to one subject: standard OpenID claims, the represented party, and assurance levels. */
import {
  type AssuranceLevel,
  formatTime,
  type IdentityDocumentKind,
  type Mandate,
  type Person,
  type Subject,
} from '@zhicheng/core'
import { identityError } from './errors.ts'

/** Claims after every check: the ID token's, with the user info's beside them. */
export type VerifiedClaims = Readonly<Record<string, unknown>> & { readonly sub: string }

/** What a mapping makes of claims; issuer, level and time are added from the protocol itself. */
export type SubjectClaims = Pick<Subject, 'principal' | 'actor' | 'mandate'>

/**
 * Levels of the `acr` values this project's own platform uses. A platform with others (eIDAS, a province) gives its
 * own table to `oidc({ assuranceLevels })`.
 */
export const defaultAssuranceLevels: Readonly<Record<string, AssuranceLevel>> = {
  'urn:zhicheng:assurance:1': 1,
  'urn:zhicheng:assurance:2': 2,
  'urn:zhicheng:assurance:3': 3,
}

const documentKinds: ReadonlySet<string> = new Set<IdentityDocumentKind>([
  'resident-id',
  'hk-macao-permit',
  'taiwan-permit',
  'passport',
  'foreign-permanent-residence',
  'other',
])
const roles: ReadonlySet<string> = new Set<Mandate['kind']>(['legal-representative', 'operator', 'delegate', 'family'])

/**
 * Reads the claims of OpenID Connect Core 5.1 (`sub`, `name`, `phone_number`) with `id_type` and `id_no` for the
 * document, `uscc` for an organisation, and `act` (RFC 8693, 4.1) for the person who acts: `act.role` and
 * `act.valid_until` are the mandate. Throws `ERR_IDENTITY_USERINFO_INVALID` when a name is missing.
 *
 * @example
 * ```ts
 * mapStandardClaims({ sub: 'u-1', name: '张三（样例）' })   // { principal: { kind: 'person', id: 'u-1', name: '张三（样例）' } }
 * ```
 */
export function mapStandardClaims(claims: VerifiedClaims): SubjectClaims {
  const act = claims['act']
  const uscc = text(claims['uscc'])
  const principal: Subject['principal'] = uscc
    ? { kind: 'organisation', id: claims.sub, name: requiredName(claims), uscc }
    : readPerson(claims, claims.sub)
  if (typeof act !== 'object' || act === null) return { principal }
  const acting = act as Record<string, unknown>
  const role = text(acting['role'])
  const validUntil = text(acting['valid_until'])
  return {
    principal,
    actor: readPerson(acting, text(acting['sub']) ?? ''),
    ...(role && roles.has(role)
      ? { mandate: { kind: role as Mandate['kind'], ...(validUntil ? { validUntil } : {}) } }
      : {}),
  }
}

/** Level of an `acr`; what no table knows is `0`, unknown. */
export function readAssurance(acr: unknown, levels: Readonly<Record<string, AssuranceLevel>>): AssuranceLevel {
  return typeof acr === 'string' && Object.hasOwn(levels, acr) ? levels[acr]! : 0
}

/** Throws `ERR_IDENTITY_ASSURANCE_TOO_LOW` unless the level reached is the one required. */
export function requireAssurance(assurance: AssuranceLevel, required: AssuranceLevel | undefined): void {
  if (required === undefined || assurance >= required) return
  throw identityError(
    'ERR_IDENTITY_ASSURANCE_TOO_LOW',
    `The platform vouches at level ${assurance} and level ${required} is required; log in again at a higher level.`,
    { facts: { assurance, required } },
  )
}

/** When the person authenticated, by the platform's clock. */
export function authenticationTime(claims: VerifiedClaims): string {
  const seconds = claims['auth_time'] ?? claims['iat']
  return formatTime(new Date((typeof seconds === 'number' ? seconds : 0) * 1000))
}

function readPerson(claims: Readonly<Record<string, unknown>>, id: string): Person {
  if (id === '') throw identityError('ERR_IDENTITY_USERINFO_INVALID', 'The acting person has no sub.')
  const number = text(claims['id_no'])
  const kind = text(claims['id_type']) ?? 'resident-id'
  const mobile = text(claims['phone_number'])
  return {
    kind: 'person',
    id,
    name: requiredName(claims),
    ...(number
      ? { document: { kind: documentKinds.has(kind) ? (kind as IdentityDocumentKind) : 'other', number } }
      : {}),
    ...(mobile ? { mobile } : {}),
  }
}

function requiredName(claims: Readonly<Record<string, unknown>>): string {
  const name = text(claims['name'])
  if (name) return name
  throw identityError('ERR_IDENTITY_USERINFO_INVALID', 'The claims hold no name; ask for the scope that carries it.', {
    facts: { claim: 'name' },
  })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined
}
