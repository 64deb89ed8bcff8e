/** Guesses the type of a file from its first bytes; what a file claims to be by name is for others to compare. */

/** Types this guess knows. */
export type SniffedType =
  | 'pdf'
  | 'ofd'
  | 'zip'
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'bmp'
  | 'svg'
  | 'xml'
  | 'json'
  | 'tiff'
  | 'ole'
  | 'text'
  | 'unknown'

const magics: readonly (readonly [SniffedType, readonly number[]])[] = [
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
  ['tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['ole', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
]

/**
 * The type of a file that begins with these bytes; 4 KiB are plenty. A zip is `ofd` when an entry of the head says so, so an
 * OFD document whose entry file comes late is only `zip` here: open it to be sure.
 *
 * @example
 * ```ts
 * if (sniffFileType(bytes.subarray(0, 4096)) === 'ofd') await verifyOfd(bytes)
 * ```
 */
export function sniffFileType(head: Uint8Array): SniffedType {
  for (const [type, magic] of magics) if (magic.every((byte, at) => head[at] === byte)) return type
  const latin = String.fromCharCode(...head.subarray(0, 4096))
  // ISO 32000-1, annex H.3.4.1: readers accept a header anywhere in the first 1024 bytes.
  if (latin.slice(0, 1024).includes('%PDF-')) return 'pdf'
  if (latin.startsWith('PK\u0003\u0004') || latin.startsWith('PK\u0005\u0006')) return holdsOfd(latin) ? 'ofd' : 'zip'
  if (latin.startsWith('BM') && latin.slice(6, 10) === '\0\0\0\0') return 'bmp'
  return sniffText(head.subarray(0, 4096))
}

function holdsOfd(latin: string): boolean {
  for (let at = latin.indexOf('PK\u0003\u0004'); at !== -1; at = latin.indexOf('PK\u0003\u0004', at + 4)) {
    const length = latin.charCodeAt(at + 26) | (latin.charCodeAt(at + 27) << 8)
    if (/^(OFD\.xml$|Doc_\d+\/)/.test(latin.slice(at + 30, at + 30 + length))) return true
  }
  return false
}

function sniffText(head: Uint8Array): SniffedType {
  let text: string
  try {
    // A head may end inside a character, which a streaming decoder does not mind.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
  } catch {
    return 'unknown'
  }
  if (text === '' || /[^\t\n\r\f\u0020-\u{10ffff}]/u.test(text)) return 'unknown'
  const begin = text.trimStart()
  if (/^(<\?xml[^>]*\?>\s*)?(<!--[\s\S]*?-->\s*)*<(\w+:)?svg[\s>]/.test(begin)) return 'svg'
  if (/^<(\?xml\s|[A-Za-z_][\w:.-]*[\s/>])/.test(begin)) return 'xml'
  return /^[[{]\s*(["\]{}[\dtfn-]|$)/.test(begin) ? 'json' : 'text'
}
