/** The codes identity refuses with, and the one way to make such an error. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Every code of this package. A provider package throws the same codes and keeps the platform's own in `facts`. */
export type IdentityErrorCode =
  | 'ERR_IDENTITY_CONFIGURATION'
  | 'ERR_IDENTITY_INSECURE_URL'
  | 'ERR_IDENTITY_METHOD_NOT_ALLOWED'
  | 'ERR_IDENTITY_PROVIDER_UNKNOWN'
  | 'ERR_IDENTITY_PARAMETER_DUPLICATE'
  | 'ERR_IDENTITY_STATE_MISSING'
  | 'ERR_IDENTITY_STATE_UNBOUND'
  | 'ERR_IDENTITY_STATE_MISMATCH'
  | 'ERR_IDENTITY_STATE_EXPIRED'
  | 'ERR_IDENTITY_STATE_CONSUMED'
  | 'ERR_IDENTITY_LOGIN_REFUSED'
  | 'ERR_IDENTITY_RESPONSE_INVALID'
  | 'ERR_IDENTITY_DISCOVERY_FAILED'
  | 'ERR_IDENTITY_ISSUER_MISMATCH'
  | 'ERR_IDENTITY_RESPONSE_ISSUER_MISMATCH'
  | 'ERR_IDENTITY_TOKEN_RESPONSE_INVALID'
  | 'ERR_IDENTITY_ID_TOKEN_INVALID'
  | 'ERR_IDENTITY_ALGORITHM_NOT_ALLOWED'
  | 'ERR_IDENTITY_KEY_NOT_FOUND'
  | 'ERR_IDENTITY_SIGNATURE_INVALID'
  | 'ERR_IDENTITY_TYPE_MISMATCH'
  | 'ERR_IDENTITY_CLAIM_INVALID'
  | 'ERR_IDENTITY_ASSURANCE_TOO_LOW'
  | 'ERR_IDENTITY_SUBJECT_MISMATCH'
  | 'ERR_IDENTITY_USERINFO_INVALID'
  | 'ERR_IDENTITY_TICKET_MISSING'
  | 'ERR_IDENTITY_TICKET_REUSED'
  | 'ERR_IDENTITY_PLATFORM_REFUSED'
  | 'ERR_IDENTITY_PLATFORM_ANSWER_INVALID'
  | 'ERR_IDENTITY_PLATFORM_UNREACHABLE'
  | 'ERR_IDENTITY_SESSION_TOO_LARGE'
  | 'ERR_IDENTITY_TOO_MANY_LOGINS'

/** An error of this package. */
export type IdentityError = ZhichengError<IdentityErrorCode>

/**
 * Makes an error of this package. A cause is kept only where it cannot hold claims or tokens, so most have none: the
 * libraries below attach whole answers to their errors.
 *
 * @example
 * ```ts
 * throw identityError('ERR_IDENTITY_TICKET_MISSING', 'The callback carries no ticket; start the login again.')
 * ```
 */
export function identityError(code: IdentityErrorCode, message: string, options?: ZhichengErrorOptions): IdentityError {
  return new ZhichengError(code, message, options)
}
