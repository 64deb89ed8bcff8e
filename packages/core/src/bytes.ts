/** Byte helpers that every runtime has the means for: hex, Base64, UTF-8, comparison, concatenation. */
import { ZhichengError } from './errors.ts'

const encoder = new TextEncoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text) as Uint8Array<ArrayBuffer>
}

/** Text of UTF-8 bytes; throws `ERR_BYTES_NOT_UTF8` instead of replacing what does not decode. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes)
  } catch (cause) {
    throw new ZhichengError('ERR_BYTES_NOT_UTF8', 'The bytes are not UTF-8 text.', { cause })
  }
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte]
  return text
}

/** Bytes of a hex text of even length, either case; throws `ERR_BYTES_NOT_HEX`. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new ZhichengError(
      'ERR_BYTES_NOT_HEX',
      'The text is not hex: it wants an even number of the digits 0-9 and a-f.',
    )
  }
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  }
  return bytes
}

/** Base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let offset = 0; offset < bytes.length; offset += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(offset, offset + 0x2000))
  }
  return btoa(binary)
}

/** Bytes of a Base64 text; white space is skipped, anything else outside the alphabet throws `ERR_BYTES_NOT_BASE64`. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const compact = text.replace(/[ \t\r\n]+/g, '')
  // Padding, where there is any, fills the last group of four: runtimes throw errors of their own for the rest.
  const broken = compact.endsWith('=') ? compact.length % 4 !== 0 : compact.length % 4 === 1
  if (broken || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    throw new ZhichengError('ERR_BYTES_NOT_BASE64', 'The text is not Base64.')
  }
  const binary = atob(compact)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** Bytes of a Base64url text without padding; throws `ERR_BYTES_NOT_BASE64`. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new ZhichengError('ERR_BYTES_NOT_BASE64', 'The text is not Base64url.')
  }
  return fromBase64(text.replace(/-/g, '+').replace(/_/g, '/'))
}

/** One array that holds the given ones in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Compares without leaving early, so that the time tells nothing about where two values of one length differ. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index += 1) difference |= left[index]! ^ right[index]!
  return difference === 0
}
