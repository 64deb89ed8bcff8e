/** GCM (NIST SP 800-38D) over any cipher with blocks of 16 bytes. */
import { equalBytes } from '@zhicheng/core'
import { createGhash } from './ghash.ts'
import type { BlockCipherModes, NativeGcm } from './sm4-modes.ts'

/** What GCM takes besides the text; lengths are checked by whoever calls. */
export interface GcmInput {
  readonly key: Uint8Array
  /** At least one byte. */
  readonly iv: Uint8Array
  readonly additionalData: Uint8Array
  /** In bytes, 12 to 16. */
  readonly tagLength: number
}

/** Ciphertext ‖ tag (algorithm 4). */
export function sealGcm(modes: BlockCipherModes, input: GcmInput, plaintext: Uint8Array): Uint8Array {
  const { key, iv, additionalData, tagLength } = input
  const sealed = new Uint8Array(plaintext.length + tagLength)
  const native = nativeFor(modes, iv)
  if (native) {
    const { ciphertext, tag } = native.seal(key, iv, additionalData, plaintext)
    sealed.set(ciphertext)
    sealed.set(tag.subarray(0, tagLength), plaintext.length)
    return sealed
  }
  const h = modes.ecb('encrypt', key, new Uint8Array(16))
  const first = firstCounter(h, iv)
  const ciphertext = countUp(modes, key, first, plaintext)
  sealed.set(ciphertext)
  sealed.set(authenticate(modes, input, { h, first }, ciphertext), plaintext.length)
  return sealed
}

/** The plaintext of ciphertext ‖ tag, or `undefined` if the tag does not fit (algorithm 5). Decrypts only after that. */
export function openGcm(modes: BlockCipherModes, input: GcmInput, sealed: Uint8Array): Uint8Array | undefined {
  const { key, iv, additionalData, tagLength } = input
  const ciphertext = sealed.subarray(0, sealed.length - tagLength)
  const tag = sealed.subarray(ciphertext.length)
  const native = nativeFor(modes, iv)
  if (native) return native.open(key, iv, additionalData, ciphertext, tag)
  const h = modes.ecb('encrypt', key, new Uint8Array(16))
  const first = firstCounter(h, iv)
  if (!equalBytes(authenticate(modes, input, { h, first }, ciphertext), tag)) return undefined
  return countUp(modes, key, first, ciphertext)
}

// OpenSSL takes no longer ones.
const nativeIvBytes = 128

function nativeFor({ gcm }: BlockCipherModes, iv: Uint8Array): NativeGcm | undefined {
  return iv.length <= nativeIvBytes ? gcm : undefined
}

// The block J0 of 7.1, step 2.
function firstCounter(h: Uint8Array, iv: Uint8Array): Uint8Array {
  if (iv.length === 12) {
    const block = new Uint8Array(16)
    block.set(iv)
    block[15] = 1
    return block
  }
  const ghash = createGhash(h, iv.length)
  ghash.updatePadded(iv)
  ghash.updateLengths(0, iv.length)
  return ghash.digest()
}

function authenticate(
  modes: BlockCipherModes,
  { key, additionalData, tagLength }: GcmInput,
  { h, first }: { h: Uint8Array; first: Uint8Array },
  ciphertext: Uint8Array,
): Uint8Array {
  const ghash = createGhash(h, additionalData.length + ciphertext.length)
  ghash.updatePadded(additionalData)
  ghash.updatePadded(ciphertext)
  ghash.updateLengths(additionalData.length, ciphertext.length)
  const mask = modes.ecb('encrypt', key, first)
  return ghash
    .digest()
    .map((byte, index) => byte ^ mask[index]!)
    .subarray(0, tagLength)
}

// GCTR from inc32(J0): only the last 32 bits count and wrap, where CTR carries over into the bits before them.
function countUp(modes: BlockCipherModes, key: Uint8Array, first: Uint8Array, input: Uint8Array): Uint8Array {
  const counter = first.slice()
  const view = new DataView(counter.buffer)
  const start = (view.getUint32(12) + 1) >>> 0
  view.setUint32(12, start)
  const beforeWrap = (2 ** 32 - start) * 16
  if (input.length <= beforeWrap) return modes.ctr(key, counter, input)
  const output = new Uint8Array(input.length)
  output.set(modes.ctr(key, counter, input.subarray(0, beforeWrap)))
  view.setUint32(12, 0)
  output.set(modes.ctr(key, counter, input.subarray(beforeWrap)), beforeWrap)
  return output
}
