/**
 * Formats of files in case packages: which names go with which contents, and which of them are kept for the long term.
 *
 * @unverified The list of archival formats follows GB/T 18894-2016 and GB/T 33190 as others cite them.
 */
import type { SniffedType } from '@zhicheng/formats'

/** One format. */
export interface FileFormat {
  /** Name for people: `PDF`. */
  name: string
  mediaType: string
  /** Contents that may stand under such a name. */
  contents: readonly SniffedType[]
  /** Identifier of the format registry PRONOM, where one format stands for the whole family. */
  pronom?: string
}

const formats: Readonly<Record<string, FileFormat>> = {
  pdf: { name: 'PDF', mediaType: 'application/pdf', contents: ['pdf'] },
  // PRONOM has no entry for OFD.
  ofd: { name: 'OFD', mediaType: 'application/ofd', contents: ['ofd', 'zip'] },
  png: { name: 'PNG', mediaType: 'image/png', contents: ['png'] },
  jpg: { name: 'JPEG', mediaType: 'image/jpeg', contents: ['jpeg'] },
  tif: { name: 'TIFF', mediaType: 'image/tiff', contents: ['tiff'], pronom: 'fmt/353' },
  bmp: { name: 'BMP', mediaType: 'image/bmp', contents: ['bmp'] },
  xml: { name: 'XML', mediaType: 'application/xml', contents: ['xml', 'svg'], pronom: 'fmt/101' },
  json: { name: 'JSON', mediaType: 'application/json', contents: ['json', 'text'], pronom: 'fmt/817' },
  txt: { name: 'TXT', mediaType: 'text/plain', contents: ['text', 'json', 'xml'], pronom: 'x-fmt/111' },
  csv: { name: 'CSV', mediaType: 'text/csv', contents: ['text', 'json'], pronom: 'x-fmt/18' },
}

/** The extension of a name in lower case, without the dot; empty if there is none. */
export function extensionOf(name: string): string {
  const match = /\.([A-Za-z0-9]{1,12})$/.exec(name)
  const extension = (match?.[1] ?? '').toLowerCase()
  return extension === 'jpeg' ? 'jpg' : extension === 'tiff' ? 'tif' : extension
}

/** The archival format that a name stands for, or `undefined` if it is none of them. */
export function formatOfName(name: string): FileFormat | undefined {
  const extension = extensionOf(name)
  return Object.hasOwn(formats, extension) ? formats[extension] : undefined
}
