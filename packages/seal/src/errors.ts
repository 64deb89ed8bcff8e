/** Error codes of this package. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of errors and findings about PDF and about documents to be made. */
export type SealErrorCode =
  | 'ERR_SEAL_NO_SIGNATURE'
  | 'ERR_SEAL_PDF_MALFORMED'
  | 'ERR_SEAL_PDF_LIMIT'
  | 'ERR_SEAL_PDF_UNSUPPORTED'
  | 'ERR_SEAL_PDF_ENCRYPTED'
  | 'ERR_SEAL_BYTE_RANGE'
  | 'ERR_SEAL_CONTENTS'
  | 'ERR_SEAL_SIGNATURE_UNSUPPORTED'
  | 'ERR_SEAL_CHANGES_UNEXPLAINED'
  | 'ERR_SEAL_CHANGES_FORBIDDEN'
  | 'ERR_SEAL_CHANGES_NOT_CHECKED'
  | 'ERR_SEAL_CERTIFY_NOT_FIRST'
  | 'ERR_SEAL_FIELD_SIGNED'
  | 'ERR_SEAL_FIELD_NAME'
  | 'ERR_SEAL_PAGE_NOT_FOUND'
  | 'ERR_SEAL_APPEARANCE'
  | 'ERR_SEAL_TIMESTAMPS_MISSING'
  | 'ERR_SEAL_DOCUMENT_INVALID'
  | 'ERR_SEAL_FONT_UNREADABLE'
  | 'ERR_SEAL_GLYPH_MISSING'

/** Codes of findings that are no errors. */
export type SealFindingCode =
  | 'SEAL_CMS_NOT_DER'
  | 'SEAL_OCSP_NOT_EVALUATED'
  | 'SEAL_CHANGE_REMARK'
  | 'SEAL_TIMESTAMP_UNTRUSTED'
  | 'SEAL_TIMESTAMP_REVOCATION_UNKNOWN'

/** An error of this package. */
export function sealError(
  code: SealErrorCode,
  message: string,
  options: ZhichengErrorOptions = {},
): ZhichengError<SealErrorCode> {
  return new ZhichengError(code, message, options)
}
