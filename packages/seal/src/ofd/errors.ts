/** Error and finding codes of the OFD side of this package. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of errors and error findings about OFD documents and electronic seals. */
export type OfdErrorCode =
  | 'ERR_OFD_MALFORMED'
  | 'ERR_OFD_UNSUPPORTED'
  | 'ERR_OFD_LOCATION'
  | 'ERR_OFD_ENTRY_MISSING'
  | 'ERR_OFD_SEAL_FORMAT'
  | 'ERR_OFD_SIGNATURE_FORMAT'
  | 'ERR_OFD_ALGORITHM_UNSUPPORTED'
  | 'ERR_OFD_CERTIFICATE_UNREADABLE'
  | 'ERR_OFD_MAKER_SIGNATURE'
  | 'ERR_OFD_MAKER_VALIDITY'
  | 'ERR_OFD_MAKER_CHAIN'
  | 'ERR_OFD_MAKER_UNKNOWN'
  | 'ERR_OFD_SEAL_VALIDITY'
  | 'ERR_OFD_SIGNER_SIGNATURE'
  | 'ERR_OFD_SIGNER_NOT_IN_SEAL'
  | 'ERR_OFD_SIGNER_VALIDITY'
  | 'ERR_OFD_SIGNER_CHAIN'
  | 'ERR_OFD_SIGNER_KEY_USAGE'
  | 'ERR_OFD_SIGNER_REVOKED'
  | 'ERR_OFD_SIGNER_ALGORITHM'
  | 'ERR_OFD_SIGNER_OUTPUT'
  | 'ERR_OFD_TIMESTAMP'
  | 'ERR_OFD_DATA_HASH'
  | 'ERR_OFD_DIGEST_MISMATCH'
  | 'ERR_OFD_DIGEST_WEAK'
  | 'ERR_OFD_DIGEST_UNKNOWN'
  | 'ERR_OFD_REFERENCE_MISSING'
  | 'ERR_OFD_SEAL_FILE_DIFFERS'
  | 'ERR_OFD_FILE_UNCOVERED'
  | 'ERR_OFD_SIGNED_AFTER_CLOSING'
  | 'ERR_OFD_BASE_SIGNATURE'
  | 'ERR_OFD_INTEGRITY_LIST'
  | 'ERR_OFD_CLOSED'
  | 'ERR_OFD_STAMP'
  | 'ERR_OFD_SEAL_INPUT'
  | 'ERR_OFD_PATH_DATA'

/** An error of the OFD side. */
export function ofdError(
  code: OfdErrorCode,
  message: string,
  options: ZhichengErrorOptions = {},
): ZhichengError<OfdErrorCode> {
  return new ZhichengError(code, message, options)
}
