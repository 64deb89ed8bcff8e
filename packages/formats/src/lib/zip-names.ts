/** Names of zip entries: decoded once, and refused when any tool could read them as another file. */
import type { Finding } from '@zhicheng/core'
import { formatsError } from '../errors.ts'
import { updateCrc32 } from './crc32.ts'

/** A decoded name and what was tolerated to decode it. */
export interface DecodedName {
  name: string
  finding?: Finding
}

const reserved = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i

/** Decodes a name by its flag, its bytes and its Unicode Path field (APPNOTE 4.6.9). */
export function decodeName(
  raw: Uint8Array,
  { utf8Flag, unicodePath, allowGbk }: { utf8Flag: boolean; unicodePath?: Uint8Array; allowGbk: boolean },
): DecodedName {
  const asUtf8 = decode('utf-8', raw)
  const path = unicodePath && readUnicodePath(raw, unicodePath)
  if (path !== undefined && asUtf8 !== undefined && path !== asUtf8) {
    throw formatsError('ERR_ZIP_NAME_UNSAFE', `The entry "${printable(asUtf8)}" carries a second name that differs.`)
  }
  if (asUtf8 !== undefined) {
    const unflagged = !utf8Flag && raw.some((byte) => byte >= 0x80)
    return {
      name: asUtf8,
      ...(unflagged ? { finding: finding('ZIP_NAME_UTF8_UNFLAGGED', asUtf8, 'is UTF-8 without the flag') } : {}),
    }
  }
  if (path !== undefined) return { name: path, finding: finding('ZIP_NAME_UNICODE_PATH', path, 'has a Unicode field') }
  const asGbk = utf8Flag || !allowGbk ? undefined : decode('gb18030', raw)
  if (asGbk === undefined) {
    throw formatsError(
      'ERR_ZIP_NAME_ENCODING',
      utf8Flag
        ? 'An entry name says it is UTF-8 and is not.'
        : 'An entry name is not UTF-8; allow GBK names if the file comes from an old Chinese tool.',
    )
  }
  return { name: asGbk, finding: finding('ZIP_NAME_GBK', asGbk, 'was read as GBK') }
}

/** Throws `ERR_ZIP_NAME_UNSAFE` for a name that leaves its folder, is absolute, or reads differently elsewhere. */
export function assertSafeName(name: string): void {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  const reason =
    path === ''
      ? 'is empty'
      : name.startsWith('/')
        ? 'is an absolute path'
        : name.includes('\\')
          ? 'contains a backslash'
          : /^[A-Za-z]:/.test(name)
            ? 'begins with a drive letter'
            : hasControl(name)
              ? 'contains a control character'
              : path.split('/').some((part) => part === '..')
                ? 'leaves its folder'
                : path.split('/').some((part) => part === '' || part === '.')
                  ? 'has an empty part'
                  : undefined
  if (reason !== undefined) {
    throw formatsError('ERR_ZIP_NAME_UNSAFE', `The entry name "${printable(name)}" ${reason}.`, {
      facts: { name: printable(name) },
    })
  }
}

/** A warning for a name that some system cannot store as it is: reserved on Windows, or expanded by a shell. */
export function portabilityFinding(name: string): Finding | undefined {
  const bad = name
    .split('/')
    .some(
      (part) =>
        reserved.test(part) || /[<>:"|?*]/.test(part) || /[. ]$/.test(part) || /^~/.test(part) || /%\w+%/.test(part),
    )
  return bad
    ? { ...finding('ZIP_NAME_NOT_PORTABLE', name, 'cannot be stored everywhere'), severity: 'warning' }
    : undefined
}

/** Equal for two names that a file system without case, or one that normalises, would put into one file. */
export function twinKey(name: string): string {
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}

/** A name that can stand in a message: short, and without control or direction characters. */
export function printable(name: string): string {
  const clean = Array.from(name.slice(0, 120), (character) =>
    /[\p{C}\p{Zl}\p{Zp}]/u.test(character) ? '�' : character,
  )
  return clean.join('') + (name.length > 120 ? '…' : '')
}

function hasControl(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}

function readUnicodePath(raw: Uint8Array, field: Uint8Array): string | undefined {
  if (field.length < 5 || field[0] !== 1) return undefined
  const crc = new DataView(field.buffer, field.byteOffset).getUint32(1, true)
  return crc === updateCrc32(0, raw) ? decode('utf-8', field.subarray(5)) : undefined
}

function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function finding(code: string, name: string, what: string): Finding {
  return { code, severity: 'info', message: `The entry name "${printable(name)}" ${what}.` }
}
