/** Public key encryption on the SM2 curve (GB/T 32918.4-2016), part by part. */
import { equalBytes } from '@zhicheng/core'
import { createHash, hash } from '../../hash.ts'
import { sm2MultiplyPoint, sm2PublicPoint, sm2RandomScalar } from './sm2.ts'
import type { Sm2CiphertextParts } from './sm2-ciphertext.ts'

/**
 * Encrypts at least one byte for the holder of `point`, 04 ‖ x ‖ y on the curve (clause 6.1). `randomScalar` is there
 * for the standard's own example.
 */
export function sm2Encrypt(
  point: Uint8Array,
  plaintext: Uint8Array,
  randomScalar: () => bigint = sm2RandomScalar,
): Sm2CiphertextParts {
  for (;;) {
    const scalar = randomScalar()
    const shared = sm2MultiplyPoint(point, scalar).subarray(1)
    const mask = deriveMask(shared, plaintext.length)
    // Step A5: a mask of zeros would send the text as it is. For one byte that is one time in 256.
    if (isZero(mask)) continue
    return { point: sm2PublicPoint(scalar), digest: digestOf(shared, plaintext), text: xor(plaintext, mask) }
  }
}

/** The plaintext (clause 7.1), or `undefined` if the digest does not fit or the mask is zero. */
export function sm2Decrypt(scalar: bigint, { point, digest, text }: Sm2CiphertextParts): Uint8Array | undefined {
  const shared = sm2MultiplyPoint(point, scalar).subarray(1)
  const mask = deriveMask(shared, text.length)
  const plaintext = xor(text, mask)
  const fits = equalBytes(digestOf(shared, plaintext), digest)
  if (fits && !isZero(mask)) return plaintext
  plaintext.fill(0)
  return undefined
}

// The key derivation function of 5.4.3 over x2 ‖ y2, which is just one block of SM3 and so hashed once.
function deriveMask(shared: Uint8Array, length: number): Uint8Array {
  const start = createHash('sm3').update(shared)
  const mask = new Uint8Array(length)
  const counter = new Uint8Array(4)
  const view = new DataView(counter.buffer)
  for (let offset = 0, count = 1; offset < length; offset += 32, count += 1) {
    view.setUint32(0, count)
    const digest = start.copy().update(counter).digest()
    mask.set(digest.subarray(0, Math.min(32, length - offset)), offset)
  }
  return mask
}

// C3 = SM3(x2 ‖ M ‖ y2).
function digestOf(shared: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return hash('sm3', shared.subarray(0, 32), plaintext, shared.subarray(32))
}

function xor(left: Uint8Array, right: Uint8Array): Uint8Array {
  const result = new Uint8Array(left.length)
  for (let index = 0; index < left.length; index += 1) result[index] = left[index]! ^ right[index]!
  return result
}

function isZero(bytes: Uint8Array): boolean {
  let union = 0
  for (const byte of bytes) union |= byte
  return union === 0
}
