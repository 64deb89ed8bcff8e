/** Tells PDF from OFD by the content of a file, and refuses a file whose name says the other. */
import { extname } from 'node:path'
import { sniffFileType } from '@zhicheng/formats'
import { commandError } from '../errors.ts'

/** Formats that can be sealed. */
export type DocumentFormat = 'pdf' | 'ofd'

/** How many bytes {@link documentFormat} wants to see. */
export const headBytes = 4096

/** The format of the document that begins with `head`. Throws `ERR_COMMAND_FILE_TYPE`. */
export function documentFormat(path: string, head: Uint8Array): DocumentFormat {
  const type = sniffFileType(head)
  // An OFD whose entry file comes late looks like any zip.
  const format = type === 'zip' ? 'ofd' : type
  if (format !== 'pdf' && format !== 'ofd') {
    throw commandError('ERR_COMMAND_FILE_TYPE', `${path} is neither a PDF nor an OFD; it looks like: ${type}.`)
  }
  const named = extname(path).slice(1).toLowerCase()
  if ((named === 'pdf' || named === 'ofd') && named !== format) {
    throw commandError('ERR_COMMAND_FILE_TYPE', `${path} is named .${named}, but looks like: ${type}.`)
  }
  return format
}
