/** The codes of every error and finding of this package. `messages.zh-CN.ts` has a text for each. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of what a package check finds: `ERR_…` when it fails or stays open, `WARN_…` when it passes with a remark. */
export type ArchiveFindingCode =
  | 'OK'
  | 'ERR_ARCHIVE_NOT_APPLICABLE'
  | 'ERR_ARCHIVE_NOT_CHECKED'
  | 'ERR_ARCHIVE_CHECK_CRASHED'
  | 'ERR_ARCHIVE_BASE_FOLDER'
  | 'ERR_ARCHIVE_PATH_UNSAFE'
  | 'ERR_ARCHIVE_PATH_COLLISION'
  | 'ERR_ARCHIVE_LINK'
  | 'ERR_ARCHIVE_LIMIT'
  | 'ERR_ARCHIVE_READ'
  | 'ERR_ARCHIVE_DECLARATION'
  | 'ERR_ARCHIVE_VERSION'
  | 'ERR_ARCHIVE_TAG_ENCODING'
  | 'ERR_ARCHIVE_MANIFEST'
  | 'ERR_ARCHIVE_MANIFEST_MISSING'
  | 'ERR_ARCHIVE_MANIFEST_DUPLICATE'
  | 'ERR_ARCHIVE_FILE_MISSING'
  | 'ERR_ARCHIVE_FILE_UNLISTED'
  | 'ERR_ARCHIVE_DIGEST_MISMATCH'
  | 'ERR_ARCHIVE_DIGEST_UNSUPPORTED'
  | 'ERR_ARCHIVE_OXUM'
  | 'ERR_ARCHIVE_BAG_INFO'
  | 'ERR_ARCHIVE_FETCH'
  | 'ERR_ARCHIVE_FETCH_REQUIRED'
  | 'ERR_ARCHIVE_METADATA'
  | 'ERR_ARCHIVE_METADATA_MISSING'
  | 'ERR_ARCHIVE_METADATA_VALUE'
  | 'ERR_ARCHIVE_METADATA_MISMATCH'
  | 'ERR_ARCHIVE_FORMAT_MISMATCH'
  | 'ERR_ARCHIVE_FORMAT_UNKNOWN'
  | 'ERR_ARCHIVE_FILE_BROKEN'
  | 'ERR_ARCHIVE_EXECUTABLE'
  | 'ERR_ARCHIVE_SEAL_INVALID'
  | 'ERR_ARCHIVE_SEAL_INDETERMINATE'
  | 'ERR_ARCHIVE_SEAL_MISSING'
  | 'ERR_ARCHIVE_INFECTED'
  | 'WARN_ARCHIVE_OLD_VERSION'
  | 'WARN_ARCHIVE_WEAK_DIGEST'
  | 'WARN_ARCHIVE_LINE_STYLE'
  | 'WARN_ARCHIVE_REPEATED'
  | 'WARN_ARCHIVE_NAME_NORMALISATION'
  | 'WARN_ARCHIVE_NAME_CASE'
  | 'WARN_ARCHIVE_NO_BASE_FOLDER'
  | 'WARN_ARCHIVE_UNLISTED_TAG_FILE'

/** Codes of errors that end a call. */
export type ArchiveErrorCode =
  | 'ERR_ARCHIVE_NOT_A_PACKAGE'
  | 'ERR_ARCHIVE_DESCRIPTION'
  | 'ERR_ARCHIVE_NAME'
  | 'ERR_ARCHIVE_OUTPUT'
  | 'ERR_ARCHIVE_TUS'
  | 'ERR_ARCHIVE_DEPOSIT_ADDRESS'
  | 'ERR_ARCHIVE_DEPOSIT_CONFLICT'
  | 'ERR_ARCHIVE_DEPOSIT_REFUSED'
  | 'ERR_ARCHIVE_DEPOSIT_INTERRUPTED'
  | 'ERR_ARCHIVE_DEPOSIT_PENDING'
  | 'ERR_ARCHIVE_RECEIPT_MISMATCH'
  | ArchiveFindingCode

/** An error of this package; the type keeps its code inside the union. */
export function archiveError<Code extends ArchiveErrorCode>(
  code: Code,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<Code> {
  return new ZhichengError(code, message, options)
}
