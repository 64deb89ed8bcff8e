/** The declaration of a bag, `bagit.txt` (RFC 8493, section 2.1.1). */
import { fromUtf8, utf8 } from '@zhicheng/core'
import { archiveError } from './errors.ts'

/** What `bagit.txt` says. */
export interface BagDeclaration {
  /** As written: `1.0`. */
  version: string
  /** Encoding of the other tag files, as written. */
  encoding: string
  /** True for version 1.0, whose rules are stricter. */
  strict: boolean
}

const versions = ['0.93', '0.94', '0.95', '0.96', '0.97', '1.0']

/**
 * Reads a declaration: exactly two lines in UTF-8 without a byte order mark; in 1.0 nothing but one blank after the colon.
 * Throws `ERR_ARCHIVE_DECLARATION` or, for a version that is not known, `ERR_ARCHIVE_VERSION`.
 */
export function parseBagDeclaration(bytes: Uint8Array): BagDeclaration {
  if (bytes.length > 1024) throw malformed('it is longer than two lines can be')
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (cause) {
    throw malformed('it is not UTF-8', cause)
  }
  if (text.startsWith('\ufeff')) throw malformed('it begins with a byte order mark')
  const match =
    /^BagIt-Version([ \t]*):([ \t]*)(\d+\.\d+)[ \t]*(?:\r\n|\n|\r)Tag-File-Character-Encoding([ \t]*):([ \t]*)([\w.:()-]{1,40})[ \t]*(?:\r\n|\n|\r)?$/.exec(
      text,
    )
  if (!match) throw malformed('it does not consist of the two lines "BagIt-Version" and "Tag-File-Character-Encoding"')
  const [, before1, after1, version, before2, after2, encoding] = match as unknown as string[]
  if (!versions.includes(version!)) {
    throw archiveError('ERR_ARCHIVE_VERSION', `BagIt version ${version} is not known; ${versions.join(', ')} are.`)
  }
  const strict = version === '1.0'
  if (strict && (before1 || before2 || after1 !== ' ' || after2 !== ' ')) {
    throw malformed('version 1.0 wants no blank before a colon and one after it')
  }
  return { version: version!, encoding: encoding!, strict }
}

/** The declaration this package writes: version 1.0, UTF-8. */
export function formatBagDeclaration(): Uint8Array<ArrayBuffer> {
  return utf8('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n')
}

function malformed(why: string, cause?: unknown): Error {
  return archiveError('ERR_ARCHIVE_DECLARATION', `bagit.txt is not a declaration: ${why}.`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
