/**
 * GHASH (NIST SP 800-38D, 6.4): the product in GF(2^128) that authenticates GCM, in 32-bit integers.
 *
 * The product with H is a sum over the bits of the other factor, so it is looked up piece by piece. Pieces of 8 bits need
 * tables of 64 KiB and half the look-ups; pieces of 4 bits need 8 KiB, which short messages do not have to wait for.
 */

/** A hash in the making. */
export interface Ghash {
  /** Adds bytes and pads them with zeros to a whole block, as GCM wants for each of its parts. */
  updatePadded(bytes: Uint8Array): void
  /** Adds the block that ends GCM: the lengths of both parts, given in bytes, as bits in 64 bits each. */
  updateLengths(first: number, second: number): void
  digest(): Uint8Array
}

// From about here on the larger tables are worth their making.
const manyBytes = 16_384

/** A GHASH with the key H, of 16 bytes. `expectedBytes` chooses the tables. */
export function createGhash(h: Uint8Array, expectedBytes: number): Ghash {
  const pieceBits = expectedBytes < manyBytes ? 4 : 8
  const table = createTable(h, pieceBits)
  const state = new Int32Array(4)
  const padded = new Uint8Array(16)
  const absorb = pieceBits === 4 ? absorbByNibbles : absorbByBytes
  return {
    updatePadded(bytes) {
      const whole = bytes.length - (bytes.length % 16)
      absorb(table, state, bytes, whole)
      if (whole < bytes.length) {
        padded.fill(0)
        padded.set(bytes.subarray(whole))
        absorb(table, state, padded, 16)
      }
    },
    updateLengths(first, second) {
      const view = new DataView(padded.buffer)
      for (const [offset, length] of [
        [0, first],
        [8, second],
      ] as const) {
        view.setUint32(offset, Math.floor(length / 2 ** 29))
        view.setUint32(offset + 4, (length % 2 ** 29) * 8)
      }
      absorb(table, state, padded, 16)
    },
    digest() {
      const result = new Uint8Array(16)
      const view = new DataView(result.buffer)
      state.forEach((word, index) => {
        view.setInt32(index * 4, word)
      })
      return result
    },
  }
}

// For each piece of the factor, from its first bit on, and each value of the piece: the product with H, four words.
function createTable(h: Uint8Array, pieceBits: number): Int32Array {
  const powers = createPowers(h)
  const pieceWords = 4 << pieceBits
  const table = new Int32Array((128 / pieceBits) * pieceWords)
  for (let start = 0, power = 0; start < table.length; start += pieceWords) {
    // The first bit of a piece has the highest value; values with it are those without it and one power more.
    for (let span = pieceWords / 2; span >= 4; span /= 2, power += 4) {
      for (let word = 0; word < 4; word += 1) table[start + span + word] = powers[power + word]!
    }
    for (let span = 8; span < pieceWords; span *= 2) {
      const a = table[start + span]!
      const b = table[start + span + 1]!
      const c = table[start + span + 2]!
      const d = table[start + span + 3]!
      for (let at = start + 4; at < start + span; at += 4) {
        table[at + span] = table[at]! ^ a
        table[at + span + 1] = table[at + 1]! ^ b
        table[at + span + 2] = table[at + 2]! ^ c
        table[at + span + 3] = table[at + 3]! ^ d
      }
    }
  }
  return table
}

// H, H·x, H·x² and so on to x^127. The first bit of a block is the coefficient of x^0, so times x is a shift to the right.
function createPowers(h: Uint8Array): Int32Array {
  const view = new DataView(h.buffer, h.byteOffset, 16)
  let a = view.getInt32(0)
  let b = view.getInt32(4)
  let c = view.getInt32(8)
  let d = view.getInt32(12)
  const powers = new Int32Array(512)
  for (let index = 0; index < 512; index += 4) {
    powers[index] = a
    powers[index + 1] = b
    powers[index + 2] = c
    powers[index + 3] = d
    // x^128 = x^7 + x^2 + x + 1, without a branch on a secret bit.
    const reduction = -(d & 1) & 0xe1000000
    d = (d >>> 1) | (c << 31)
    c = (c >>> 1) | (b << 31)
    b = (b >>> 1) | (a << 31)
    a = (a >>> 1) ^ reduction
  }
  return powers
}

function absorbByNibbles(table: Int32Array, state: Int32Array, bytes: Uint8Array, length: number): void {
  for (let offset = 0; offset < length; offset += 16) {
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    let base = 0
    for (let index = 0; index < 4; index += 1) {
      const word = state[index]! ^ readWord(bytes, offset + index * 4)
      for (let shift = 28; shift >= 0; shift -= 4) {
        const at = base + (((word >>> shift) & 0xf) << 2)
        a ^= table[at]!
        b ^= table[at + 1]!
        c ^= table[at + 2]!
        d ^= table[at + 3]!
        base += 64
      }
    }
    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = d
  }
}

function absorbByBytes(table: Int32Array, state: Int32Array, bytes: Uint8Array, length: number): void {
  for (let offset = 0; offset < length; offset += 16) {
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    // Written out, for this is where large messages spend their time.
    for (let index = 0; index < 4; index += 1) {
      const word = state[index]! ^ readWord(bytes, offset + index * 4)
      const base = index << 12
      let at = base + ((word >>> 22) & 0x3fc)
      a ^= table[at]!
      b ^= table[at + 1]!
      c ^= table[at + 2]!
      d ^= table[at + 3]!
      at = base + 0x400 + ((word >>> 14) & 0x3fc)
      a ^= table[at]!
      b ^= table[at + 1]!
      c ^= table[at + 2]!
      d ^= table[at + 3]!
      at = base + 0x800 + ((word >>> 6) & 0x3fc)
      a ^= table[at]!
      b ^= table[at + 1]!
      c ^= table[at + 2]!
      d ^= table[at + 3]!
      at = base + 0xc00 + ((word << 2) & 0x3fc)
      a ^= table[at]!
      b ^= table[at + 1]!
      c ^= table[at + 2]!
      d ^= table[at + 3]!
    }
    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = d
  }
}

function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!
}
