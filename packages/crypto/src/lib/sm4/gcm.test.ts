/**
 * GCM and CCM do not care which cipher is below, so Node's own AES-GCM and AES-CCM can be witnesses of both: here they
 * run over AES, in the cases that no published vector of SM4 reaches.
 */
import * as nodeCrypto from 'node:crypto'
import { concatBytes, toHex } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { openCcm, sealCcm } from './ccm.ts'
import { openGcm, sealGcm } from './gcm.ts'
import type { BlockCipherModes, CipherDirection } from './sm4-modes.ts'

function run(cipher: nodeCrypto.Cipheriv | nodeCrypto.Decipheriv, input: Uint8Array): Uint8Array {
  return new Uint8Array(cipher.setAutoPadding(false).update(input))
}

function aes(direction: CipherDirection, name: string, key: Uint8Array, iv: Uint8Array | null): nodeCrypto.Cipheriv {
  return direction === 'encrypt'
    ? nodeCrypto.createCipheriv(name, key, iv)
    : (nodeCrypto.createDecipheriv(name, key, iv) as unknown as nodeCrypto.Cipheriv)
}

const modes: BlockCipherModes = {
  ecb: (direction, key, blocks) => run(aes(direction, 'aes-128-ecb', key, null), blocks),
  cbc: (direction, key, iv, blocks) => run(aes(direction, 'aes-128-cbc', key, iv), blocks),
  ctr: (key, counter, input) => run(aes('encrypt', 'aes-128-ctr', key, counter), input),
}

function random(length: number): Uint8Array {
  return new Uint8Array(nodeCrypto.randomBytes(length))
}

function nativeSeal(
  name: 'aes-128-gcm' | 'aes-128-ccm',
  {
    key,
    iv,
    additionalData,
    tagLength,
  }: { key: Uint8Array; iv: Uint8Array; additionalData: Uint8Array; tagLength: number },
  plaintext: Uint8Array,
): string {
  const cipher = nodeCrypto.createCipheriv(name as 'aes-128-ccm', key, iv, { authTagLength: tagLength })
  cipher.setAAD(additionalData, { plaintextLength: plaintext.length })
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return toHex(concatBytes(ciphertext, cipher.getAuthTag()))
}

describe('GCM', () => {
  it.each([0, 1, 15, 16, 17, 255, 16_383, 16_384, 16_385, 100_003])(
    'over AES gives what OpenSSL gives for %i bytes',
    (length) => {
      for (const ivLength of [1, 7, 8, 11, 12, 13, 16, 17, 60, 128]) {
        for (const [additionalLength, tagLength] of [
          [0, 16],
          [1, 12],
          [16, 13],
          [33, 15],
          [17_000, 14],
        ] as const) {
          const input = { key: random(16), iv: random(ivLength), additionalData: random(additionalLength), tagLength }
          const plaintext = random(length)
          const sealed = sealGcm(modes, input, plaintext)
          expect(toHex(sealed)).toBe(nativeSeal('aes-128-gcm', input, plaintext))
          expect(toHex(openGcm(modes, input, sealed)!)).toBe(toHex(plaintext))
        }
      }
    },
  )

  it('counts in 32 bits only, where the counter begins just before their end', () => {
    for (const last of [0xfffffffd, 0xfffffffe, 0xffffffff]) {
      const key = random(16)
      const h = modes.ecb('encrypt', key, new Uint8Array(16))
      const first = concatBytes(random(12), Uint8Array.of(last >>> 24, last >>> 16, last >>> 8, last))
      const input = { key, iv: ivFor(h, first), additionalData: random(5), tagLength: 16 }
      for (const length of [0, 1, 16, 31, 32, 33, 48, 49, 64, 200]) {
        const plaintext = random(length)
        const sealed = sealGcm(modes, input, plaintext)
        expect(toHex(sealed)).toBe(nativeSeal('aes-128-gcm', input, plaintext))
        expect(toHex(openGcm(modes, input, sealed)!)).toBe(toHex(plaintext))
      }
    }
  })

  it('gives nothing for a tag that does not fit', () => {
    const input = { key: random(16), iv: random(12), additionalData: random(5), tagLength: 16 }
    const sealed = sealGcm(modes, input, random(40))
    sealed[55]! ^= 1
    expect(openGcm(modes, input, sealed)).toBeUndefined()
  })
})

describe('CCM', () => {
  it.each([0, 1, 15, 16, 17, 255, 65_535, 65_536, 65_537, 200_001])(
    'over AES gives what OpenSSL gives for %i bytes',
    (length) => {
      for (const nonceLength of [7, 8, 9, 10, 11, 12, ...(length < 65_536 ? [13] : [])]) {
        for (const [additionalLength, tagLength] of [
          [0, 16],
          [1, 4],
          [14, 6],
          [15, 8],
          [0xfeff, 10],
          [0xff00, 12],
          [70_000, 14],
        ] as const) {
          const iv = random(nonceLength)
          const input = { key: random(16), nonce: iv, additionalData: random(additionalLength), tagLength }
          const plaintext = random(length)
          const sealed = sealCcm(modes, input, plaintext)
          expect(toHex(sealed)).toBe(nativeSeal('aes-128-ccm', { ...input, iv }, plaintext))
          expect(toHex(openCcm(modes, input, sealed)!)).toBe(toHex(plaintext))
        }
      }
    },
  )

  it('gives nothing for a tag that does not fit', () => {
    const input = { key: random(16), nonce: random(12), additionalData: random(5), tagLength: 8 }
    const sealed = sealCcm(modes, input, random(40))
    sealed[47]! ^= 1
    expect(openCcm(modes, input, sealed)).toBeUndefined()
  })
})

/** The IV of 16 bytes whose hash is the given counter block: ((IV·H) + 128)·H solved for IV, in plain big numbers. */
function ivFor(h: Uint8Array, counter: Uint8Array): Uint8Array {
  const inverse = power(numberOf(h), (1n << 128n) - 2n)
  const iv = multiply(multiply(numberOf(counter), inverse) ^ 128n, inverse)
  return Uint8Array.from(iv.toString(16).padStart(32, '0').match(/../g)!, (pair) => Number.parseInt(pair, 16))
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

// NIST SP 800-38D, algorithm 1.
function multiply(left: bigint, right: bigint): bigint {
  let sum = 0n
  let value = right
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) sum ^= value
    value = value & 1n ? (value >> 1n) ^ (0xe1n << 120n) : value >> 1n
  }
  return sum
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n << 127n
  for (const bit of exponent.toString(2)) {
    result = multiply(result, result)
    if (bit === '1') result = multiply(result, base)
  }
  return result
}
