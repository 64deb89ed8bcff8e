/** SM4 in pieces, in CBC and CTR: for texts that do not fit into memory. */
import { concatBytes } from '@zhicheng/core'
import { engine } from '#engine'
import { expectBytes, expectInitialBlock, expectKey, sm4Invalid } from './lib/sm4/sm4-checks.ts'
import type { BlockCipherModes, CipherDirection } from './lib/sm4/sm4-modes.ts'
import { expectWholeBlocks, padText, unpadText } from './lib/sm4/sm4-padding.ts'
import type { Sm4CbcParameters, Sm4CtrParameters } from './sm4.ts'

export type { CipherDirection } from './lib/sm4/sm4-modes.ts'

/** An encryption or decryption in the making. */
export interface Sm4Cipher {
  /** Takes bytes and gives what is ready, in whole blocks. Throws `ERR_SM4_INVALID` after `final()`. */
  update(bytes: Uint8Array): Uint8Array
  /** Gives the rest. Throws `ERR_SM4_INVALID` for a text or ciphertext of the wrong length and for a wrong padding. */
  final(): Uint8Array
}

/**
 * A cipher that takes its input in pieces. What comes out of a decryption is not authenticated: check a MAC or a
 * signature over the whole before acting on it. GCM and CCM are missing here on purpose, for they would have to give
 * out text before its tag is checked.
 *
 * Throws `ERR_SM4_INVALID` for a key or an IV of the wrong length.
 *
 * @example
 * ```ts
 * const cipher = createSm4Cipher('encrypt', { mode: 'cbc', key, iv })
 * for await (const piece of file) await output.write(cipher.update(piece))
 * await output.write(cipher.final())
 * ```
 */
export function createSm4Cipher(
  direction: CipherDirection,
  parameters: Sm4CbcParameters | Sm4CtrParameters,
): Sm4Cipher {
  const key = expectKey(parameters).slice()
  const block = expectInitialBlock(parameters).slice()
  if (direction !== 'encrypt' && direction !== 'decrypt') throw sm4Invalid('The direction is encrypt or decrypt.')
  switch (parameters.mode) {
    case 'cbc':
      return direction === 'encrypt'
        ? createCipher(0, encryptCbc(engine.sm4(), key, block), (run, rest) => run(padText(parameters.padding, rest)))
        : // The last block may be padding, which only the end tells.
          createCipher(parameters.padding === 'none' ? 0 : 1, decryptCbc(engine.sm4(), key, block), (run, rest) =>
            unpadText(parameters.padding, run(expectWholeBlocks(parameters.padding, rest))),
          )
    case 'ctr':
      return createCipher(0, count(engine.sm4(), key, block), (run, rest) => run(rest))
    default:
      throw sm4Invalid('Only the modes cbc and ctr work in pieces.')
  }
}

type Run = (bytes: Uint8Array) => Uint8Array

// Keeps back what is not a whole block yet, and, with `keptBlocks`, the last whole block besides.
function createCipher(keptBlocks: 0 | 1, run: Run, finish: (run: Run, rest: Uint8Array) => Uint8Array): Sm4Cipher {
  let pending: Uint8Array | undefined = new Uint8Array()
  const live = (): Uint8Array => {
    if (pending === undefined) throw sm4Invalid('The cipher has given its last bytes: create another one.')
    return pending
  }
  return {
    update(bytes) {
      const joined = concatBytes(live(), expectBytes(bytes, 'The input', 0))
      const ready = Math.max(0, Math.floor((joined.length - keptBlocks) / 16) * 16)
      pending = joined.slice(ready)
      return run(joined.subarray(0, ready))
    },
    final() {
      const rest = live()
      pending = undefined
      return finish(run, rest)
    },
  }
}

function encryptCbc(modes: BlockCipherModes, key: Uint8Array, iv: Uint8Array): Run {
  let previous = iv
  return (blocks) => {
    const encrypted = modes.cbc('encrypt', key, previous, blocks)
    if (encrypted.length > 0) previous = encrypted.slice(-16)
    return encrypted
  }
}

function decryptCbc(modes: BlockCipherModes, key: Uint8Array, iv: Uint8Array): Run {
  let previous = iv
  return (blocks) => {
    const decrypted = modes.cbc('decrypt', key, previous, blocks)
    if (blocks.length > 0) previous = blocks.slice(-16)
    return decrypted
  }
}

function count(modes: BlockCipherModes, key: Uint8Array, counter: Uint8Array): Run {
  return (bytes) => {
    const output = modes.ctr(key, counter, bytes)
    let carry = Math.floor(bytes.length / 16)
    for (let index = 15; carry > 0 && index >= 0; index -= 1) {
      carry += counter[index]!
      counter[index] = carry % 256
      carry = Math.floor(carry / 256)
    }
    return output
  }
}
