/** SM3 (GB/T 32905-2016) in JavaScript, incremental: for runtimes whose own cryptography does not know it. */
import type { Hash } from '../../hash.ts'
import { hashFinished } from '../engines/hash-finished.ts'
import { compressSm3 } from './sm3-compress.ts'

/** A new SM3 state. */
export function createSm3(): Hash {
  const state = Int32Array.of(
    0x7380166f,
    0x4914b2b9,
    0x172442d7,
    0xda8a0600,
    0xa96f30bc,
    0x163138aa,
    0xe38dee4d,
    0xb0fb0e4e,
  )
  return new Sm3(state, new Uint8Array(64), 0)
}

class Sm3 implements Hash {
  readonly #state: Int32Array
  readonly #block: Uint8Array
  readonly #blockView: DataView
  #length: number
  #finished = false

  constructor(state: Int32Array, block: Uint8Array, length: number) {
    this.#state = state
    this.#block = block
    this.#blockView = new DataView(block.buffer)
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
      compressSm3(this.#state, this.#blockView, 0, 1)
    }
    const blocks = Math.floor((bytes.length - offset) / 64)
    if (blocks > 0) {
      compressSm3(this.#state, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset, blocks)
      offset += blocks * 64
    }
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
}
