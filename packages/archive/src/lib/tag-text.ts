/** Decodes a bag's tag files by the encoding that its declaration names (RFC 8493, section 2.1.1). */
import { archiveError } from '../errors.ts'

const known = /^(utf-?8|utf-16(be|le)?|iso-8859-1|us-ascii|ascii|windows-1252|gb18030|gbk|gb2312)$/i

/** The text; throws `ERR_ARCHIVE_TAG_ENCODING` for another encoding, or for bytes that are not in the declared one. */
export function decodeTagFile(bytes: Uint8Array, { encoding, strict }: { encoding: string; strict: boolean }): string {
  if (!known.test(encoding)) throw refused(`the encoding ${encoding} is not supported`)
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  if (strict && marked && /^utf-?8$/i.test(encoding))
    throw refused('UTF-8 tag files must not begin with a byte order mark')
  try {
    return new TextDecoder(labelOf(encoding, bytes), { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refused(`the bytes are not ${encoding}`, cause)
  }
}

/** Lines without their ends, which are LF, CR or CRLF; the last one may be missing. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function labelOf(encoding: string, bytes: Uint8Array): string {
  if (!/^utf-16$/i.test(encoding)) return encoding
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  throw refused('a UTF-16 tag file has to begin with a byte order mark')
}

function refused(why: string, cause?: unknown): Error {
  return archiveError('ERR_ARCHIVE_TAG_ENCODING', `The tag file cannot be decoded: ${why}.`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
