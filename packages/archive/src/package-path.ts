/** Which paths may stand in a package: the same rules for what is read, listed and written (RFC 8493, section 5.2, and wider). */

const reserved = /^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])(\..*)?$/i
const drive = /^[A-Za-z]:/
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const anyControl = /[\u0000-\u001f\u007f]/
// RFC 8493 lets names contain line ends, percent-encoded in the manifests; such bags are read, never written.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const controlButLineEnds = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/

/**
 * Why a path must not be used, or `undefined` if it may: it has to be relative, stay inside, and mean one file on every
 * system. `strict` also refuses what only some systems cannot store; use it for what is written.
 */
export function pathProblem(path: string, { strict = false }: { strict?: boolean } = {}): string | undefined {
  if (path === '') return 'the path is empty'
  if ((strict ? anyControl : controlButLineEnds).test(path)) return 'it has a control character'
  if (path.startsWith('/')) return 'it is absolute'
  if (path.includes('\\')) return 'it has a backslash'
  if (drive.test(path)) return 'it begins with a drive letter'
  if (path.startsWith('~')) return 'it begins with the sign of a home folder'
  if (/%[A-Za-z]+%|^\$/.test(path)) return 'it has a variable in it'
  if (path.includes('\ufffd')) return 'it has a character that could not be read'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'it has an empty part, "." or ".."'
  if (parts.some((part) => reserved.test(part))) return 'a part of it is a reserved name of Windows'
  if (parts.length > 32) return 'it is nested deeper than 32 folders'
  return strict ? strictProblem(path, parts) : undefined
}

/** The key under which two names are one file on some system: same form, same case. */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toLowerCase()
}

function strictProblem(path: string, parts: readonly string[]): string | undefined {
  if (path !== path.normalize('NFC')) return 'it is not in Unicode form NFC'
  if (/[<>:"|?*]/.test(path)) return 'it has one of the characters < > : " | ? *'
  if (parts.some((part) => new TextEncoder().encode(part).length > 255)) return 'a part of it is longer than 255 bytes'
  return parts.some((part) => /[. ]$/.test(part)) ? 'a part of it ends with a dot or a blank' : undefined
}
