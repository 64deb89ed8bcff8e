/** SM2 public key encryption (GB/T 32918.4-2016, 公钥加密算法) in the three layouts that are in use. */
import { cryptoError } from './errors.ts'
import { sm2Scalar } from './lib/keys/key-encoding.ts'
import { materialOf } from './lib/keys/key-material.ts'
import {
  formatSm2Ciphertext,
  parseSm2Ciphertext,
  type Sm2CiphertextLayout,
  sm2CiphertextInvalid,
} from './lib/sm2/sm2-ciphertext.ts'
import { sm2Decrypt, sm2Encrypt } from './lib/sm2/sm2-encrypt.ts'
import type { PrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'

export type { Sm2CiphertextLayout } from './lib/sm2/sm2-ciphertext.ts'

/** For whom {@link encryptSm2} encrypts. */
export interface Sm2EncryptParameters {
  /** A key of the kind `sm2`, such as that of an encryption certificate. */
  publicKey: PublicKey
  /** `c1c3c2` by default. */
  layout?: Sm2CiphertextLayout
}

/** With what {@link decryptSm2} decrypts. */
export interface Sm2DecryptParameters {
  /** A key of the kind `sm2`. */
  privateKey: PrivateKey
  /** `c1c3c2` by default. It has to be the one of the ciphertext: nothing is guessed. */
  layout?: Sm2CiphertextLayout
}

/**
 * Encrypts a short text, usually a key, for the holder of an SM2 key. In the layouts `c1c3c2` and `c1c2c3` the point
 * comes first, as 04 ‖ x ‖ y; some JavaScript libraries leave out the 04, so take it off before handing a ciphertext
 * to them.
 *
 * Throws `ERR_CRYPTO_KEY_INVALID` for a key that is not SM2 and `ERR_CRYPTO_UNSUPPORTED` for an empty text, for which
 * the standard has no ciphertext.
 *
 * @example
 * ```ts
 * const ciphertext = encryptSm2({ publicKey: certificate.publicKey, layout: 'der' }, sm4Key)
 * ```
 */
export function encryptSm2({ publicKey, layout = 'c1c3c2' }: Sm2EncryptParameters, plaintext: Uint8Array): Uint8Array {
  if (publicKey.kind !== 'sm2') throw notSm2(publicKey.kind)
  if (!(plaintext instanceof Uint8Array) || plaintext.length === 0) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'SM2 encrypts at least one byte: there is nothing to encrypt.')
  }
  return formatSm2Ciphertext(layout, sm2Encrypt(publicKey.keyBytes, plaintext))
}

/**
 * Decrypts what {@link encryptSm2} or another implementation made. The point of the ciphertext may be compressed
 * (02 or 03 ‖ x); it has to be on the curve, and the digest has to fit, before anything comes out. All else is
 * `ERR_SM2_CIPHERTEXT_INVALID`: a changed or shortened ciphertext, bytes after it, one for another key or in another
 * layout. Throws `ERR_CRYPTO_KEY_INVALID` for a key that is not SM2.
 *
 * Ciphertexts of libraries that leave out the 04 of the point get it back first:
 * `concatBytes(Uint8Array.of(4), ciphertext)`.
 *
 * The product with the secret number is computed in JavaScript, in the same steps for every number; how long a runtime
 * takes for a step is not in this package's hands. Where others can measure that, decrypt in a device.
 *
 * @example
 * ```ts
 * const sm4Key = decryptSm2({ privateKey, layout: 'der' }, ciphertext)
 * ```
 */
export function decryptSm2(
  { privateKey, layout = 'c1c3c2' }: Sm2DecryptParameters,
  ciphertext: Uint8Array,
): Uint8Array {
  const material = materialOf(privateKey)
  if (material.kind !== 'sm2') throw notSm2(material.kind)
  if (!(ciphertext instanceof Uint8Array)) throw sm2CiphertextInvalid('The ciphertext has to be a Uint8Array.')
  const plaintext = sm2Decrypt(sm2Scalar(material), parseSm2Ciphertext(layout, ciphertext))
  if (plaintext !== undefined) return plaintext
  throw sm2CiphertextInvalid(
    'The ciphertext does not decrypt: it was changed, is for another key, or has another layout.',
  )
}

function notSm2(kind: string): Error {
  return cryptoError(
    'ERR_CRYPTO_KEY_INVALID',
    `SM2 encryption wants an SM2 key, and this one is of the kind ${kind}.`,
    {
      facts: { kind },
    },
  )
}
