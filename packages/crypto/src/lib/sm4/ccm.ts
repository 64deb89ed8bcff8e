/** CCM (NIST SP 800-38C, RFC 3610) over any cipher with blocks of 16 bytes. */
import { concatBytes, equalBytes } from '@zhicheng/core'
import type { BlockCipherModes } from './sm4-modes.ts'

/** What CCM takes besides the text; lengths are checked by whoever calls. */
export interface CcmInput {
  readonly key: Uint8Array
  /** 7 to 13 bytes; what it leaves of 15 bytes holds the length of the text. */
  readonly nonce: Uint8Array
  /** Shorter than 4 GiB. */
  readonly additionalData: Uint8Array
  /** In bytes: 4, 6, 8, 10, 12, 14 or 16. */
  readonly tagLength: number
}

/** Ciphertext ‖ tag (6.1). */
export function sealCcm(modes: BlockCipherModes, input: CcmInput, plaintext: Uint8Array): Uint8Array {
  return concatBytes(
    modes.ctr(input.key, counterBlock(input.nonce, 1), plaintext),
    authenticate(modes, input, plaintext),
  )
}

/** The plaintext of ciphertext ‖ tag, or `undefined` if the tag does not fit (6.2). */
export function openCcm(modes: BlockCipherModes, input: CcmInput, sealed: Uint8Array): Uint8Array | undefined {
  const length = sealed.length - input.tagLength
  // The tag is over the plaintext, so that has to be made before it can be checked; without a fitting tag it stays here.
  const plaintext = modes.ctr(input.key, counterBlock(input.nonce, 1), sealed.subarray(0, length))
  if (equalBytes(authenticate(modes, input, plaintext), sealed.subarray(length))) return plaintext
  plaintext.fill(0)
  return undefined
}

// Ctr_i of A.3.
function counterBlock(nonce: Uint8Array, count: 0 | 1): Uint8Array {
  const block = new Uint8Array(16)
  block[0] = 14 - nonce.length
  block.set(nonce, 1)
  block[15] = count
  return block
}

function authenticate(modes: BlockCipherModes, input: CcmInput, plaintext: Uint8Array): Uint8Array {
  const { key, nonce, tagLength } = input
  const mac = cbcMac(modes, key, firstBlocks(input, plaintext.length), plaintext)
  return modes.ctr(key, counterBlock(nonce, 0), mac.subarray(0, tagLength))
}

// B_0 and the additional data with its length (A.2.1, A.2.2), in whole blocks.
function firstBlocks({ nonce, additionalData, tagLength }: CcmInput, plaintextLength: number): Uint8Array {
  const { length } = additionalData
  const prefix = additionalDataPrefix(length)
  const blocks = new Uint8Array(16 + Math.ceil((prefix.length + length) / 16) * 16)
  blocks[0] = (length > 0 ? 0x40 : 0) | (((tagLength - 2) / 2) << 3) | (14 - nonce.length)
  let rest = plaintextLength
  for (let index = 15; index > nonce.length; index -= 1) {
    blocks[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  blocks.set(nonce, 1)
  blocks.set(prefix, 16)
  blocks.set(additionalData, 16 + prefix.length)
  return blocks
}

function additionalDataPrefix(length: number): Uint8Array {
  if (length === 0) return new Uint8Array()
  if (length < 0xff00) return Uint8Array.of(length >> 8, length)
  return Uint8Array.of(0xff, 0xfe, length >>> 24, length >>> 16, length >>> 8, length)
}

// By pieces, because CBC gives as much as it takes and only its last block is wanted.
const pieceBytes = 65_536

function cbcMac(modes: BlockCipherModes, key: Uint8Array, header: Uint8Array, text: Uint8Array): Uint8Array {
  const head = paddedConcat(header, text.subarray(0, pieceBytes))
  let mac = modes.cbc('encrypt', key, new Uint8Array(16), head).slice(-16)
  for (let offset = pieceBytes; offset < text.length; offset += pieceBytes) {
    const piece = paddedConcat(text.subarray(offset, offset + pieceBytes))
    mac = modes.cbc('encrypt', key, mac, piece).slice(-16)
  }
  return mac
}

function paddedConcat(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return concatBytes(...parts, new Uint8Array((16 - (length % 16)) % 16))
}
