/** Verifies an ID token (OpenID Connect Core 3.1.3.7): signature always, one pinned algorithm, every claim, no remote key. */
import { type Clock, toBase64Url, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type IdentityErrorCode, identityError } from './errors.ts'

/** Algorithms an ID token may be pinned to. */
export type IdTokenAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'

/** What an ID token is held against. */
export interface IdTokenExpectation {
  issuer: string
  clientId: string
  algorithm: IdTokenAlgorithm
  /** The issuer's keys. `refresh: true` asks for them anew: the token names a key that is not among them. */
  keys: (options: { refresh: boolean }) => Promise<JSONWebKeySet>
  nonce: string
  clock: Clock
  /** To compare with `at_hash` where the token has one. */
  accessToken?: string
  /** Seconds since the person authenticated, if asked for. */
  maxAge?: number
  /** Other audiences that may stand beside ours. Default none. */
  trustedAudiences?: readonly string[]
}

/** The claims of a verified ID token. */
export type IdTokenClaims = JWTPayload & { iss: string; sub: string; exp: number; iat: number }

const skewSeconds = 60
const maxTokenAgeSeconds = 3600
const maxLength = 65_536

/**
 * Verifies and returns the claims. Errors name the claim, never its value, and have no cause, for the library below
 * keeps the whole payload in its errors.
 *
 * @example
 * ```ts
 * const claims = await verifyIdToken(token, {
 *   issuer: 'https://id.example.gov.cn', clientId: 'window', algorithm: 'RS256', keys: async () => jwks, nonce, clock: systemClock,
 * })
 * ```
 */
export async function verifyIdToken(token: string, expected: IdTokenExpectation): Promise<IdTokenClaims> {
  if (token.length > maxLength) {
    throw identityError('ERR_IDENTITY_ID_TOKEN_INVALID', `The ID token is longer than ${maxLength} characters.`, {
      facts: { length: token.length, maxLength },
    })
  }
  const { payload, protectedHeader } = await verifyWithKeys(token, expected)
  const { typ } = protectedHeader
  // RFC 8725, 3.11: a logout token or an access token is signed by the same key and must not pass here.
  if ((typ !== undefined && !/^(application\/)?jwt$/i.test(typ)) || 'events' in payload) {
    throw identityError('ERR_IDENTITY_TYPE_MISMATCH', 'The token is of another kind than an ID token.')
  }
  checkClaims(payload, expected)
  return payload as IdTokenClaims
}

async function verifyWithKeys(token: string, expected: IdTokenExpectation): ReturnType<typeof jwtVerify> {
  const verify = async (refresh: boolean): ReturnType<typeof jwtVerify> =>
    jwtVerify(token, createLocalJWKSet(await expected.keys({ refresh })), {
      algorithms: [expected.algorithm],
      issuer: expected.issuer,
      audience: expected.clientId,
      requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat', 'nonce'],
      clockTolerance: skewSeconds,
      maxTokenAge: maxTokenAgeSeconds,
      currentDate: expected.clock.now(),
    })
  try {
    return await verify(false).catch((error: unknown) => {
      if (error instanceof errors.JWKSNoMatchingKey) return verify(true)
      throw error
    })
  } catch (error) {
    if (error instanceof errors.JOSEError) throw refused(error)
    throw error
  }
}

function refused(error: errors.JOSEError): Error {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    return claimError(error.claim, error.reason === 'missing' ? 'missing' : 'not acceptable')
  }
  const [code, message] = reasons[error.code] ?? otherReason
  return identityError(code, message, { facts: { reason: error.code } })
}

const otherReason: readonly [IdentityErrorCode, string] = [
  'ERR_IDENTITY_ID_TOKEN_INVALID',
  'The ID token is not a signed JWT that can be read.',
]
const noKey: readonly [IdentityErrorCode, string] = [
  'ERR_IDENTITY_KEY_NOT_FOUND',
  'No single key of the issuer fits the ID token, even after its keys were read again.',
]
const reasons: Readonly<Record<string, readonly [IdentityErrorCode, string]>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: [
    'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED',
    'The ID token is signed with another algorithm than the one configured.',
  ],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: ['ERR_IDENTITY_SIGNATURE_INVALID', 'The signature of the ID token is wrong.'],
  ERR_JWKS_NO_MATCHING_KEY: noKey,
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: noKey,
}

function checkClaims(claims: JWTPayload, expected: IdTokenExpectation): void {
  const { clientId, nonce, clock, accessToken, maxAge, trustedAudiences = [] } = expected
  if (typeof claims.sub !== 'string' || claims.sub === '' || claims.sub.length > 255) throw claimError('sub')
  const others = [claims.aud].flat().filter((audience) => audience !== clientId)
  if (!others.every((audience) => audience !== undefined && trustedAudiences.includes(audience)))
    throw claimError('aud')
  if (claims['azp'] === undefined ? others.length > 0 : claims['azp'] !== clientId) throw claimError('azp')
  if (claims['nonce'] !== nonce) throw claimError('nonce')
  if (claims['at_hash'] !== undefined && accessToken !== undefined) {
    if (claims['at_hash'] !== accessTokenHash(accessToken, expected.algorithm)) throw claimError('at_hash')
  }
  if (maxAge !== undefined) {
    const now = Math.floor(clock.now().getTime() / 1000)
    const authTime = claims['auth_time']
    if (typeof authTime !== 'number') throw claimError('auth_time', 'missing')
    if (authTime + maxAge < now - skewSeconds || authTime > now + skewSeconds) throw claimError('auth_time')
  }
}

function claimError(claim: string, reason: 'missing' | 'not acceptable' = 'not acceptable'): Error {
  return identityError('ERR_IDENTITY_CLAIM_INVALID', `The claim "${claim}" of the ID token is ${reason}.`, {
    facts: { claim, reason },
  })
}

/** The left half of the access token's digest (OpenID Connect Core 3.1.3.6). */
function accessTokenHash(accessToken: string, algorithm: IdTokenAlgorithm): string {
  const bits = algorithm === 'EdDSA' ? '512' : algorithm.slice(2)
  const digest = hash(`sha${bits}` as 'sha256' | 'sha384' | 'sha512', utf8(accessToken))
  return toBase64Url(digest.subarray(0, digest.length / 2))
}
