/**
 * The SM4 block cipher (GB/T 32907-2016) in JavaScript, with tables of 32-bit words made at first use.
 *
 * Table look-ups take a time that depends on the cache and so, a little, on the key. Where others share the processor
 * and can measure, encrypt in a device.
 */

// Clause 6.2: the S-box.
const sBox =
  'd690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62' +
  'e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35' +
  '1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1' +
  'e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51' +
  '8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684' +
  '18f07dec3adc4d2079ee5f3ed7cb3948'

interface Tables {
  /** L(S(x) << 24), and the same for the three other positions: 4 times 256 words. */
  readonly round: Int32Array
  readonly substitution: Uint8Array
  /** CK of clause 7.3: byte j of word i is 7(4i + j) modulo 256. */
  readonly fixed: Int32Array
}

let tables: Tables | undefined

function sm4Tables(): Tables {
  if (tables !== undefined) return tables
  const substitution = Uint8Array.from({ length: 256 }, (_, index) =>
    Number.parseInt(sBox.slice(index * 2, index * 2 + 2), 16),
  )
  const round = new Int32Array(1024)
  for (let byte = 0; byte < 256; byte += 1) {
    for (let position = 0; position < 4; position += 1) {
      const word = substitution[byte]! << (24 - 8 * position)
      round[position * 256 + byte] = word ^ rotate(word, 2) ^ rotate(word, 10) ^ rotate(word, 18) ^ rotate(word, 24)
    }
  }
  const fixed = Int32Array.from({ length: 32 }, (_, index) => {
    let word = 0
    for (let byte = 0; byte < 4; byte += 1) word = (word << 8) | ((7 * (4 * index + byte)) & 0xff)
    return word
  })
  tables = { round, substitution, fixed }
  return tables
}

function rotate(value: number, count: number): number {
  return (value << count) | (value >>> (32 - count))
}

/** One key, one direction: encrypts or decrypts block by block. */
export interface Sm4Block {
  readonly roundKeys: Int32Array
  readonly round: Int32Array
}

/** Expands a key of 16 bytes with FK, the four numbers of clause 7.3. Decryption is encryption with the round keys in reverse order. */
export function createSm4Block(key: Uint8Array, direction: 'encrypt' | 'decrypt'): Sm4Block {
  const { round, substitution, fixed } = sm4Tables()
  let a = readWord(key, 0) ^ 0xa3b1bac6
  let b = readWord(key, 4) ^ 0x56aa3350
  let c = readWord(key, 8) ^ 0x677d9197
  let d = readWord(key, 12) ^ 0xb27022dc
  const roundKeys = new Int32Array(32)
  for (let index = 0; index < 32; index += 1) {
    const mixed = b ^ c ^ d ^ fixed[index]!
    const replaced =
      (substitution[mixed >>> 24]! << 24) |
      (substitution[(mixed >>> 16) & 0xff]! << 16) |
      (substitution[(mixed >>> 8) & 0xff]! << 8) |
      substitution[mixed & 0xff]!
    const roundKey = a ^ replaced ^ rotate(replaced, 13) ^ rotate(replaced, 23)
    roundKeys[index] = roundKey
    a = b
    b = c
    c = d
    d = roundKey
  }
  return { roundKeys: direction === 'encrypt' ? roundKeys : roundKeys.reverse(), round }
}

function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!
}

/** Runs the 32 rounds over the block in `state`, four big-endian words, in place. */
export function runSm4Block({ roundKeys, round }: Sm4Block, state: Int32Array): void {
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  for (let index = 0; index < 32; index += 4) {
    let mixed = b ^ c ^ d ^ roundKeys[index]!
    a ^=
      round[mixed >>> 24]! ^
      round[256 + ((mixed >>> 16) & 0xff)]! ^
      round[512 + ((mixed >>> 8) & 0xff)]! ^
      round[768 + (mixed & 0xff)]!
    mixed = c ^ d ^ a ^ roundKeys[index + 1]!
    b ^=
      round[mixed >>> 24]! ^
      round[256 + ((mixed >>> 16) & 0xff)]! ^
      round[512 + ((mixed >>> 8) & 0xff)]! ^
      round[768 + (mixed & 0xff)]!
    mixed = d ^ a ^ b ^ roundKeys[index + 2]!
    c ^=
      round[mixed >>> 24]! ^
      round[256 + ((mixed >>> 16) & 0xff)]! ^
      round[512 + ((mixed >>> 8) & 0xff)]! ^
      round[768 + (mixed & 0xff)]!
    mixed = a ^ b ^ c ^ roundKeys[index + 3]!
    d ^=
      round[mixed >>> 24]! ^
      round[256 + ((mixed >>> 16) & 0xff)]! ^
      round[512 + ((mixed >>> 8) & 0xff)]! ^
      round[768 + (mixed & 0xff)]!
  }
  // The last step of clause 7.1 reverses the words.
  state[0] = d
  state[1] = c
  state[2] = b
  state[3] = a
}
