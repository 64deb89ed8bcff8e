/** Error codes of this package. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of errors and findings about zip, XML and JSON. */
export type FormatsErrorCode =
  | 'ERR_ZIP_END_MISSING'
  | 'ERR_ZIP_END_AMBIGUOUS'
  | 'ERR_ZIP_DIRECTORY'
  | 'ERR_ZIP_HEADER_MISMATCH'
  | 'ERR_ZIP_OVERLAP'
  | 'ERR_ZIP_LEADING_BYTES'
  | 'ERR_ZIP_UNACCOUNTED_BYTES'
  | 'ERR_ZIP_NAME_UNSAFE'
  | 'ERR_ZIP_NAME_ENCODING'
  | 'ERR_ZIP_DUPLICATE_NAME'
  | 'ERR_ZIP_NAME_TWIN'
  | 'ERR_ZIP_FILE_AS_FOLDER'
  | 'ERR_ZIP_LINK'
  | 'ERR_ZIP_ENCRYPTED'
  | 'ERR_ZIP_METHOD'
  | 'ERR_ZIP_LIMIT'
  | 'ERR_ZIP_SIZE_MISMATCH'
  | 'ERR_ZIP_CRC_MISMATCH'
  | 'ERR_ZIP_DEFLATE'
  | 'ERR_ZIP_ENTRY_MISSING'
  | 'ERR_ZIP_WRITER_STATE'
  | 'ERR_XML_DOCTYPE'
  | 'ERR_XML_MALFORMED'
  | 'ERR_XML_ENCODING'
  | 'ERR_XML_LIMIT'
  | 'ERR_XML_UNWRITABLE'
  | 'ERR_JSON_MALFORMED'
  | 'ERR_JSON_DUPLICATE_KEY'
  | 'ERR_JSON_LIMIT'
  | 'ERR_JSON_UNWRITABLE'

/** An error of this package. */
export function formatsError(
  code: FormatsErrorCode,
  message: string,
  options: ZhichengErrorOptions = {},
): ZhichengError<FormatsErrorCode> {
  return new ZhichengError(code, message, options)
}
