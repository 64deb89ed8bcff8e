import * as nodeCrypto from 'node:crypto'
import { concatBytes, fromHex, secret, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { decryptSm4, encryptSm4, type Sm4CbcParameters, type Sm4CtrParameters } from './sm4.ts'
import { createSm4Cipher } from './sm4-cipher.ts'

const key = fromHex('0123456789abcdeffedcba9876543210')
const invalid = expect.objectContaining({ code: 'ERR_SM4_INVALID' })

function random(length: number): Uint8Array {
  return new Uint8Array(nodeCrypto.randomBytes(length))
}

function inPieces(
  direction: 'encrypt' | 'decrypt',
  parameters: Sm4CbcParameters | Sm4CtrParameters,
  input: Uint8Array,
  step: number,
): Uint8Array {
  const cipher = createSm4Cipher(direction, parameters)
  const parts: Uint8Array[] = []
  for (let offset = 0; offset < input.length; offset += step) {
    parts.push(cipher.update(input.subarray(offset, offset + step)))
  }
  return concatBytes(...parts, cipher.final())
}

describe('createSm4Cipher', () => {
  it.each([1, 3, 15, 16, 17, 32, 33, 1000])('gives the same in pieces of %i bytes as in one', (step) => {
    for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 160, 1000]) {
      // Counters near their end carry over between the pieces.
      const iv = concatBytes(random(8), new Uint8Array(8).fill(0xff))
      for (const parameters of [
        { mode: 'cbc', key: secret(key), iv },
        { mode: 'ctr', key, iv },
        { mode: 'ctr', key, iv: new Uint8Array(16).fill(0xff) },
        { mode: 'cbc', key, iv, padding: 'none' },
      ] as const) {
        const text = random('padding' in parameters ? Math.floor(length / 16) * 16 : length)
        const encrypted = encryptSm4(parameters, text)
        expect(inPieces('encrypt', parameters, text, step)).toEqual(encrypted)
        expect(inPieces('decrypt', parameters, encrypted, step)).toEqual(text)
      }
    }
  })

  it('keeps its own copy of the key and the IV, and of what it was given', () => {
    const [ownKey, iv] = [random(16), random(16)]
    const expected = encryptSm4({ mode: 'cbc', key: ownKey, iv }, utf8('one two three'))
    const cipher = createSm4Cipher('encrypt', { mode: 'cbc', key: ownKey, iv })
    const piece = utf8('one two three')
    ownKey.fill(0)
    iv.fill(0)
    const first = cipher.update(piece)
    piece.fill(0)
    expect(concatBytes(first, cipher.final())).toEqual(expected)
  })

  it('holds the last block back until the end, for it may be padding', () => {
    const iv = random(16)
    const encrypted = encryptSm4({ mode: 'cbc', key, iv }, random(16))
    const cipher = createSm4Cipher('decrypt', { mode: 'cbc', key, iv })
    expect(cipher.update(encrypted)).toHaveLength(16)
    expect(cipher.final()).toHaveLength(0)
  })

  it('refuses what ends inside a block, what has a wrong padding, and what comes after the end', () => {
    const iv = random(16)
    const encrypted = encryptSm4({ mode: 'cbc', key, iv }, random(40))
    expect(() => inPieces('decrypt', { mode: 'cbc', key, iv }, encrypted.subarray(0, 47), 16)).toThrow(invalid)
    expect(() => inPieces('decrypt', { mode: 'cbc', key, iv }, new Uint8Array(), 16)).toThrow(invalid)
    expect(() => inPieces('encrypt', { mode: 'cbc', key, iv, padding: 'none' }, random(17), 16)).toThrow(invalid)
    const unpadded = encryptSm4({ mode: 'cbc', key, iv, padding: 'none' }, new Uint8Array(32))
    expect(() => inPieces('decrypt', { mode: 'cbc', key, iv }, unpadded, 5)).toThrow(invalid)
    expect(() => decryptSm4({ mode: 'cbc', key, iv }, unpadded)).toThrow(invalid)
    const finished = createSm4Cipher('encrypt', { mode: 'ctr', key, iv })
    finished.final()
    expect(() => finished.update(random(1))).toThrow(invalid)
    expect(() => finished.final()).toThrow(invalid)
  })

  it.each([
    ['a short key', 'encrypt', { mode: 'cbc', key: random(15), iv: random(16) }],
    ['a short IV', 'encrypt', { mode: 'ctr', key, iv: random(12) }],
    ['GCM', 'decrypt', { mode: 'gcm', key, iv: random(16) }],
    ['another direction', 'both', { mode: 'cbc', key, iv: random(16) }],
  ])('refuses %s', (_what, direction, parameters) => {
    expect(() => createSm4Cipher(direction as 'encrypt', parameters as Sm4CbcParameters)).toThrow(invalid)
  })

  it('refuses a text in place of bytes', () => {
    const cipher = createSm4Cipher('encrypt', { mode: 'ctr', key, iv: random(16) })
    expect(() => cipher.update('text' as unknown as Uint8Array)).toThrow(invalid)
  })
})
