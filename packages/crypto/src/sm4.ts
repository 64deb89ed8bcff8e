/** SM4 (GB/T 32907-2016, 分组密码算法) in five modes: ECB, CBC and CTR (GB/T 17964), GCM and CCM (RFC 8998). */
import type { Secret } from '@zhicheng/core'
import { engine } from '#engine'
import { cryptoError } from './errors.ts'
import { openCcm, sealCcm } from './lib/sm4/ccm.ts'
import { openGcm, sealGcm } from './lib/sm4/gcm.ts'
import { expectBytes, expectInitialBlock, expectKey, sm4Invalid } from './lib/sm4/sm4-checks.ts'
import type { BlockCipherModes } from './lib/sm4/sm4-modes.ts'
import { expectWholeBlocks, padText, type Sm4Padding, unpadText } from './lib/sm4/sm4-padding.ts'

export type { Sm4Padding } from './lib/sm4/sm4-padding.ts'

/** What every mode needs. */
export interface Sm4Key {
  /** 16 bytes. */
  key: Uint8Array | Secret<Uint8Array>
}

/**
 * ECB (电码本模式): each block by itself, so that equal blocks of a text show as equal blocks of its ciphertext. It hides
 * no patterns and protects nothing from change; it is here for old protocols that prescribe it.
 */
export interface Sm4EcbParameters extends Sm4Key {
  mode: 'ecb'
  padding?: Sm4Padding
}

/** CBC (密文链接模式). It does not notice changes: authenticate the ciphertext too, or take GCM. */
export interface Sm4CbcParameters extends Sm4Key {
  mode: 'cbc'
  /** 16 bytes that nobody can foretell, new for each text. */
  iv: Uint8Array
  padding?: Sm4Padding
}

/** CTR (计数器模式): a stream. It does not notice changes, and a counter used twice under one key lays both texts open. */
export interface Sm4CtrParameters extends Sm4Key {
  mode: 'ctr'
  /** The first counter block, 16 bytes; it grows by one with each block, as one number of 128 bits. */
  iv: Uint8Array
}

/** GCM: encrypts and authenticates (NIST SP 800-38D, RFC 8998). An IV used twice under one key breaks both. */
export interface Sm4GcmParameters extends Sm4Key {
  mode: 'gcm'
  /** 12 bytes as a rule; any other length from 1 on is possible. */
  iv: Uint8Array
  /** Authenticated, not encrypted, and not part of the result. */
  additionalData?: Uint8Array
  /** In bytes, 12 to 16; 16 by default. */
  tagLength?: number
}

/** CCM: encrypts and authenticates (NIST SP 800-38C, RFC 8998). A nonce used twice under one key breaks both. */
export interface Sm4CcmParameters extends Sm4Key {
  mode: 'ccm'
  /** The nonce, 7 to 13 bytes. What it leaves of 15 bytes holds the length of the text: with 13, at most 65,535 bytes. */
  iv: Uint8Array
  /** Authenticated, not encrypted, and not part of the result. */
  additionalData?: Uint8Array
  /** In bytes, 4 to 16 and even; 16 by default. Below 8 a forger needs few tries. */
  tagLength?: number
}

/** A mode and what it needs. */
export type Sm4Parameters = Sm4EcbParameters | Sm4CbcParameters | Sm4CtrParameters | Sm4GcmParameters | Sm4CcmParameters

/**
 * Encrypts a text. GCM and CCM put the tag after the ciphertext. Throws `ERR_SM4_INVALID` for a key, an IV, a tag length
 * or a text of a length that the mode does not allow.
 *
 * Node encrypts by OpenSSL what is worth its setting up, and all else is encrypted in JavaScript; the results are the
 * same. The time that either takes depends a little on the key: where others share the processor and can measure,
 * encrypt in a device.
 *
 * @example
 * ```ts
 * const iv = crypto.getRandomValues(new Uint8Array(12))
 * const sealed = encryptSm4({ mode: 'gcm', key, iv, additionalData: utf8('order-1') }, utf8('样例'))
 * ```
 */
export function encryptSm4(parameters: Sm4Parameters, plaintext: Uint8Array): Uint8Array {
  const key = expectKey(parameters)
  const modes = engine.sm4()
  expectBytes(plaintext, 'The text', 0)
  switch (parameters.mode) {
    case 'ecb':
      return modes.ecb('encrypt', key, padText(parameters.padding, plaintext))
    case 'cbc':
      return modes.cbc('encrypt', key, expectInitialBlock(parameters), padText(parameters.padding, plaintext))
    case 'ctr':
      return modes.ctr(key, expectInitialBlock(parameters), plaintext)
    case 'gcm':
      checkGcm(parameters, plaintext.length)
      return sealGcm(modes, { key, iv: parameters.iv, ...authenticated(parameters) }, plaintext)
    case 'ccm':
      checkCcm(parameters, plaintext.length)
      return sealCcm(modes, { key, nonce: parameters.iv, ...authenticated(parameters) }, plaintext)
    default:
      throw unknownMode()
  }
}

/**
 * Decrypts what {@link encryptSm4} gives, with the same parameters. For GCM and CCM nothing comes out before the tag is
 * found to fit: `ERR_SM4_TAG_MISMATCH` says that the key, the IV, the additional data or the ciphertext is not the one
 * that was sealed. ECB and CBC with padding throw `ERR_SM4_INVALID` for a text that does not decrypt, but a padding that
 * fits proves nothing: only GCM and CCM notice changes. Lengths that the mode does not allow are `ERR_SM4_INVALID` too.
 *
 * @example
 * ```ts
 * const plaintext = decryptSm4({ mode: 'gcm', key, iv, additionalData: utf8('order-1') }, sealed)
 * ```
 */
export function decryptSm4(parameters: Sm4Parameters, ciphertext: Uint8Array): Uint8Array {
  const key = expectKey(parameters)
  const modes = engine.sm4()
  expectBytes(ciphertext, 'The ciphertext', 0)
  switch (parameters.mode) {
    case 'ecb':
      return unpadText(parameters.padding, modes.ecb('decrypt', key, expectWholeBlocks(parameters.padding, ciphertext)))
    case 'cbc': {
      const blocks = expectWholeBlocks(parameters.padding, ciphertext)
      return unpadText(parameters.padding, modes.cbc('decrypt', key, expectInitialBlock(parameters), blocks))
    }
    case 'ctr':
      return modes.ctr(key, expectInitialBlock(parameters), ciphertext)
    case 'gcm':
      return openSealed(parameters, key, modes, ciphertext)
    case 'ccm':
      return openSealed(parameters, key, modes, ciphertext)
    default:
      throw unknownMode()
  }
}

function openSealed(
  parameters: Sm4GcmParameters | Sm4CcmParameters,
  key: Uint8Array,
  modes: BlockCipherModes,
  sealed: Uint8Array,
): Uint8Array {
  const rest = authenticated(parameters)
  const length = sealed.length - rest.tagLength
  if (parameters.mode === 'gcm') checkGcm(parameters, length)
  else checkCcm(parameters, length)
  if (length < 0) {
    throw sm4Invalid(`The ciphertext has ${sealed.length} bytes, fewer than its tag of ${rest.tagLength}.`)
  }
  const plaintext =
    parameters.mode === 'gcm'
      ? openGcm(modes, { key, iv: parameters.iv, ...rest }, sealed)
      : openCcm(modes, { key, nonce: parameters.iv, ...rest }, sealed)
  if (plaintext !== undefined) return plaintext
  throw cryptoError(
    'ERR_SM4_TAG_MISMATCH',
    'The tag does not fit: the key, the IV, the additional data or the ciphertext is not the one that was sealed.',
  )
}

function authenticated({ additionalData, tagLength = 16 }: Sm4GcmParameters | Sm4CcmParameters): {
  additionalData: Uint8Array
  tagLength: number
} {
  return { additionalData: additionalData ?? new Uint8Array(), tagLength }
}

// NIST SP 800-38D, 5.2.1.1: 2^39 - 256 bits.
const gcmMaxBytes = 2 ** 36 - 32

function checkGcm({ iv, additionalData, tagLength = 16 }: Sm4GcmParameters, length: number): void {
  expectBytes(iv, 'The IV', 1)
  if (additionalData !== undefined) expectBytes(additionalData, 'The additional data', 0)
  if (!Number.isInteger(tagLength) || tagLength < 12 || tagLength > 16) {
    throw sm4Invalid(`GCM has tags of 12 to 16 bytes, not of ${tagLength}.`)
  }
  if (length > gcmMaxBytes) throw sm4Invalid(`GCM encrypts at most ${gcmMaxBytes} bytes under one IV.`)
}

function checkCcm({ iv, additionalData, tagLength = 16 }: Sm4CcmParameters, length: number): void {
  expectBytes(iv, 'The nonce', 7, 13)
  if (additionalData !== undefined) expectBytes(additionalData, 'The additional data', 0, 2 ** 32 - 1)
  if (!Number.isInteger(tagLength) || tagLength < 4 || tagLength > 16 || tagLength % 2 !== 0) {
    throw sm4Invalid(`CCM has tags of 4, 6, 8, 10, 12, 14 or 16 bytes, not of ${tagLength}.`)
  }
  const most = 256 ** (15 - iv.length) - 1
  if (length > most) {
    throw sm4Invalid(
      `With a nonce of ${iv.length} bytes CCM encrypts at most ${most} bytes: shorten the nonce or take GCM.`,
    )
  }
}

function unknownMode(): Error {
  return sm4Invalid('The mode is none of ecb, cbc, ctr, gcm and ccm.')
}
