/** The facade's own errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the facade. */
export type SupportErrorCode =
  | 'ERR_SUPPORT_CONFIGURATION'
  | 'ERR_SUPPORT_NOT_CONFIGURED'
  | 'ERR_SUPPORT_TIMESTAMP'
  | 'ERR_SUPPORT_TRUST'
  | 'ERR_SUPPORT_REVOCATION_LIST'
  | 'ERR_SUPPORT_SIGNER_UNKNOWN'
  | 'ERR_SUPPORT_DOCUMENT_UNKNOWN'

/** Makes one. */
export function supportError(
  code: SupportErrorCode,
  message: string,
  options: ZhichengErrorOptions = {},
): ZhichengError<SupportErrorCode> {
  return new ZhichengError(code, message, options)
}
