/** Checks of what callers hand to SM4, before any engine sees it. */
import { Secret } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'

/** The error for input that SM4 cannot take. */
export function sm4Invalid(message: string): Error {
  return cryptoError('ERR_SM4_INVALID', message)
}

/** The value if it is bytes of the right number. Texts in place of bytes would be read differently by each engine. */
export function expectBytes(
  value: Uint8Array,
  what: string,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
): Uint8Array {
  if (!(value instanceof Uint8Array)) throw sm4Invalid(`${what} has to be a Uint8Array.`)
  if (value.length >= least && value.length <= most) return value
  const upper = most === Number.POSITIVE_INFINITY ? ' or more' : ` to ${most}`
  throw sm4Invalid(`${what} has ${value.length} bytes and wants ${least}${least === most ? '' : upper}.`)
}

/** The 16 bytes of a key. */
export function expectKey({ key }: { key: Uint8Array | Secret<Uint8Array> }): Uint8Array {
  return expectBytes(key instanceof Secret ? key.reveal() : key, 'The key', 16, 16)
}

/** The 16 bytes that CBC or CTR begins with. */
export function expectInitialBlock({ iv }: { iv: Uint8Array }): Uint8Array {
  return expectBytes(iv, 'The IV', 16, 16)
}
