/** What a runtime provides for SM4: the three modes that everything else (padding, GCM, CCM, streams) is built on. */

/** Which way a mode with a direction runs. */
export type CipherDirection = 'encrypt' | 'decrypt'

/** ECB, CBC and CTR of a block cipher with 16-byte keys and blocks. Lengths are checked by whoever calls. */
export interface BlockCipherModes {
  /** Whole blocks, each by itself. */
  ecb(direction: CipherDirection, key: Uint8Array, blocks: Uint8Array): Uint8Array
  /** Whole blocks, chained from `iv`. */
  cbc(direction: CipherDirection, key: Uint8Array, iv: Uint8Array, blocks: Uint8Array): Uint8Array
  /** Any length. The counter block is one number of 128 bits that grows by one with each block. */
  ctr(key: Uint8Array, counter: Uint8Array, input: Uint8Array): Uint8Array
  /** GCM in one piece, only where the runtime has it by itself. */
  readonly gcm?: NativeGcm | undefined
}

/** GCM that the runtime does by itself. `seal` gives the full tag of 16 bytes; `open` takes a shortened one too. */
export interface NativeGcm {
  seal(key: Uint8Array, iv: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): SealedParts
  /** The plaintext, or `undefined` if the tag does not fit. */
  open(
    key: Uint8Array,
    iv: Uint8Array,
    additionalData: Uint8Array,
    ciphertext: Uint8Array,
    tag: Uint8Array,
  ): Uint8Array | undefined
}

/** A ciphertext and the tag over it. */
interface SealedParts {
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}
