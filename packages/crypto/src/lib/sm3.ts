/** SM3 (GB/T 32905-2016) in JavaScript, incremental: for runtimes whose own cryptography does not know it. */
import type { Hash } from '../hash.ts'
import { hashFinished } from './hash-finished.ts'

// 7.2 and 5.1 of the standard: each constant T_j is rotated by j here, once, instead of in each block.
const constants = Int32Array.from({ length: 64 }, (_, round) =>
  rotate(round < 16 ? 0x79cc4519 : 0x7a879d8a, round % 32),
)
const initial = Int32Array.of(
  0x7380166f,
  0x4914b2b9,
  0x172442d7,
  0xda8a0600,
  0xa96f30bc,
  0x163138aa,
  0xe38dee4d,
  0xb0fb0e4e,
)

function rotate(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}

/** A new SM3 state. */
export function createSm3(): Hash {
  return new Sm3(initial.slice(), new Uint8Array(64), 0)
}

class Sm3 implements Hash {
  readonly #state: Int32Array
  readonly #block: Uint8Array
  readonly #words = new Int32Array(68)
  #length: number
  #finished = false

  constructor(state: Int32Array, block: Uint8Array, length: number) {
    this.#state = state
    this.#block = block
    this.#length = length
  }

  update(bytes: Uint8Array): this {
    if (this.#finished) throw hashFinished()
    let offset = 0
    const filled = this.#length % 64
    this.#length += bytes.length
    if (filled > 0) {
      offset = Math.min(64 - filled, bytes.length)
      this.#block.set(bytes.subarray(0, offset), filled)
      if (filled + offset < 64) return this
      this.#compress(this.#block, 0)
    }
    for (; offset + 64 <= bytes.length; offset += 64) this.#compress(bytes, offset)
    this.#block.set(bytes.subarray(offset))
    return this
  }

  digest(): Uint8Array {
    if (this.#finished) throw hashFinished()
    const bits = this.#length * 8
    const padding = new Uint8Array(((119 - (this.#length % 64)) % 64) + 9)
    padding[0] = 0x80
    const view = new DataView(padding.buffer)
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32))
    view.setUint32(padding.length - 4, bits % 2 ** 32)
    this.update(padding)
    this.#finished = true
    const result = new Uint8Array(32)
    const out = new DataView(result.buffer)
    this.#state.forEach((word, index) => {
      out.setInt32(index * 4, word)
    })
    return result
  }

  copy(): Hash {
    if (this.#finished) throw hashFinished()
    return new Sm3(this.#state.slice(), this.#block.slice(), this.#length)
  }

  #compress(bytes: Uint8Array, offset: number): void {
    const words = this.#words
    const state = this.#state
    for (let index = 0, at = offset; index < 16; index += 1, at += 4) {
      words[index] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    }
    for (let index = 16; index < 68; index += 1) {
      const mixed = words[index - 16]! ^ words[index - 9]! ^ rotate(words[index - 3]!, 15)
      words[index] = mixed ^ rotate(mixed, 15) ^ rotate(mixed, 23) ^ rotate(words[index - 13]!, 7) ^ words[index - 6]!
    }
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    for (let round = 0; round < 64; round += 1) {
      const a12 = rotate(a, 12)
      const ss1 = rotate((a12 + e + constants[round]!) | 0, 7)
      const early = round < 16
      const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
      const gg = early ? e ^ f ^ g : (e & f) | (~e & g)
      const word = words[round]!
      const tt1 = (ff + d + (ss1 ^ a12) + (word ^ words[round + 4]!)) | 0
      const tt2 = (gg + h + ss1 + word) | 0
      d = c
      c = rotate(b, 9)
      b = a
      a = tt1
      h = g
      g = rotate(f, 19)
      f = e
      e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)
    }
    state[0] = a ^ state[0]!
    state[1] = b ^ state[1]!
    state[2] = c ^ state[2]!
    state[3] = d ^ state[3]!
    state[4] = e ^ state[4]!
    state[5] = f ^ state[5]!
    state[6] = g ^ state[6]!
    state[7] = h ^ state[7]!
  }
}
