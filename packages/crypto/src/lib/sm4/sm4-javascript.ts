/** ECB, CBC and CTR of SM4 in JavaScript: for runtimes whose own cryptography does not know the cipher. */
import { createSm4Block, runSm4Block } from './sm4-block.ts'
import type { BlockCipherModes } from './sm4-modes.ts'

/** The modes over this package's own SM4. */
export const javaScriptSm4: BlockCipherModes = {
  ecb(direction, key, blocks) {
    const cipher = createSm4Block(key, direction)
    const state = new Int32Array(4)
    const output = new Uint8Array(blocks.length)
    for (let offset = 0; offset < blocks.length; offset += 16) {
      load(state, blocks, offset)
      runSm4Block(cipher, state)
      store(state, output, offset)
    }
    return output
  },

  cbc(direction, key, iv, blocks) {
    return direction === 'encrypt' ? chain(key, iv, blocks) : unchain(key, iv, blocks)
  },

  ctr(key, counter, input) {
    const cipher = createSm4Block(key, 'encrypt')
    const count = new Int32Array(4)
    const state = new Int32Array(4)
    const output = new Uint8Array(input.length)
    const whole = input.length - (input.length % 16)
    load(count, counter, 0)
    for (let offset = 0; offset < whole; offset += 16) {
      // Not `set`: its call costs about as much as the block itself.
      state[0] = count[0]!
      state[1] = count[1]!
      state[2] = count[2]!
      state[3] = count[3]!
      runSm4Block(cipher, state)
      mix(state, input, offset)
      store(state, output, offset)
      increment(count)
    }
    if (whole < input.length) {
      runSm4Block(cipher, count)
      const stream = new Uint8Array(16)
      store(count, stream, 0)
      for (let offset = whole; offset < input.length; offset += 1) {
        output[offset] = input[offset]! ^ stream[offset - whole]!
      }
    }
    return output
  },
}

function chain(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createSm4Block(key, 'encrypt')
  const state = new Int32Array(4)
  const output = new Uint8Array(blocks.length)
  load(state, iv, 0)
  for (let offset = 0; offset < blocks.length; offset += 16) {
    mix(state, blocks, offset)
    runSm4Block(cipher, state)
    store(state, output, offset)
  }
  return output
}

function unchain(key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createSm4Block(key, 'decrypt')
  const state = new Int32Array(4)
  const output = new Uint8Array(blocks.length)
  for (let offset = 0; offset < blocks.length; offset += 16) {
    load(state, blocks, offset)
    runSm4Block(cipher, state)
    if (offset === 0) mix(state, iv, 0)
    else mix(state, blocks, offset - 16)
    store(state, output, offset)
  }
  return output
}

function load(state: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let index = 0, at = offset; index < 4; index += 1, at += 4) {
    state[index] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }
}

function mix(state: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let index = 0, at = offset; index < 4; index += 1, at += 4) {
    state[index]! ^= (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }
}

function store(state: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let index = 0, at = offset; index < 4; index += 1, at += 4) {
    const word = state[index]!
    bytes[at] = word >>> 24
    bytes[at + 1] = word >>> 16
    bytes[at + 2] = word >>> 8
    bytes[at + 3] = word
  }
}

function increment(count: Int32Array): void {
  for (let index = 3; index >= 0; index -= 1) {
    count[index]! += 1
    if (count[index] !== 0) return
  }
}
