/** The codes of this package, and the one way its files make errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the errors that `@zhicheng/credit` and the providers behind it throw. */
export type CreditErrorCode =
  | 'ERR_CREDIT_POLICY_INVALID'
  | 'ERR_CREDIT_FACTS_INVALID'
  | 'ERR_CREDIT_PURPOSE_INVALID'
  | 'ERR_CREDIT_SUBJECT_INVALID'
  | 'ERR_CREDIT_SUBJECT_UNSUPPORTED'
  | 'ERR_CREDIT_PERSON_WITHOUT_BASIS'
  | 'ERR_CREDIT_CHECK_UNKNOWN'
  | 'ERR_CREDIT_FEEDBACK_INVALID'
  | 'ERR_CREDIT_FEEDBACK_CONFLICT'
  | 'ERR_CREDIT_PUBLICATION_INVALID'
  | 'ERR_CREDIT_PUBLICATION_CONFLICT'
  | 'ERR_CREDIT_PUBLICATION_UNKNOWN'
  | 'ERR_CREDIT_CONFIGURATION'
  | 'ERR_CREDIT_PLATFORM_UNREACHABLE'
  | 'ERR_CREDIT_PLATFORM_REFUSED'
  | 'ERR_CREDIT_PLATFORM_ANSWER_INVALID'

/** Makes an error of this area; providers use it too. */
export function creditError(
  code: CreditErrorCode,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<CreditErrorCode> {
  return new ZhichengError(code, message, options)
}
