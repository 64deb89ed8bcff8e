/**
 * The private key of an encryption certificate on its way from the authority to its owner: SM2EnvelopedKey of GM/T 0009
 * and GB/T 35276, 7.4 (密钥对保护数据格式), which answers to certificate requests carry.
 */
import { equalBytes } from '@zhicheng/core'
import { der, derError, derTag, expectUniversal, isUniversal, parseDer, readBitString, readOid } from './der.ts'
import { cryptoError } from './errors.ts'
import type { PrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'
import { decryptSm2, encryptSm2 } from './sm2-encryption.ts'
import { exportSm2PrivateScalar, importSm2PrivateKey, importSm2PublicKey } from './sm2-key-format.ts'
import { decryptSm4, encryptSm4 } from './sm4.ts'

const sm4Oid = '1.2.156.10197.1.104'
const sm4EcbOid = '1.2.156.10197.1.104.1'

/** For whom {@link createSm2EnvelopedKey} wraps a key. */
export interface Sm2EnvelopedKeyRecipient {
  /** The public key of the owner's signing certificate. */
  publicKey: PublicKey
}

/** Who opens an enveloped key. */
export interface Sm2EnvelopedKeyOwner {
  /** The private key of the owner's signing certificate. */
  privateKey: PrivateKey
}

/**
 * Opens an SM2EnvelopedKey: SM2 opens the SM4 key, SM4 in ECB the secret number of 32 bytes, or of 64 with leading zeros
 * as devices store it. The key that comes out belongs to the public key inside, which the caller compares with that of
 * the encryption certificate.
 *
 * Throws `ERR_DER_INVALID` for another structure, `ERR_CRYPTO_UNSUPPORTED` for a cipher other than SM4 in ECB,
 * `ERR_SM2_CIPHERTEXT_INVALID` if the SM4 key does not decrypt, `ERR_CRYPTO_KEY_INVALID` for a number that is no key, and
 * `ERR_CRYPTO_KEY_MISMATCH` if the key belongs to another public key.
 *
 * @unverified The layout is that of several independent implementations; the text of the standard was not at hand, and
 * neither was an envelope from an authority.
 *
 * @example
 * ```ts
 * const encryptionKey = openSm2EnvelopedKey({ privateKey: signingKey }, envelopedKey)
 * ```
 */
export function openSm2EnvelopedKey({ privateKey }: Sm2EnvelopedKeyOwner, envelopedKey: Uint8Array): PrivateKey {
  const root = expectUniversal(
    parseDer(envelopedKey, { maxBytes: 4096, maxDepth: 4, maxNodes: 16 }),
    derTag.sequence,
    'The enveloped key',
  )
  const [algorithm, encryptedKey, point, encryptedScalar] = root.children
  if (root.children.length > 4) throw derError('The enveloped key has more than four parts', 0)
  const [oid, parameters, ...others] = expectUniversal(algorithm, derTag.sequence, 'The cipher').children
  const name = readOid(oid, 'The cipher')
  const plain = parameters === undefined || isUniversal(parameters, derTag.null)
  if ((name !== sm4Oid && name !== sm4EcbOid) || !plain || others.length > 0) {
    throw unsupported(`The enveloped key is encrypted with ${name}: only SM4 in ECB is known here.`)
  }
  const publicKey = importSm2PublicKey(readBitString(point, 'The public key'))
  const { bytes } = expectUniversal(encryptedKey, derTag.sequence, 'The encrypted key')
  const key = decryptSm2({ privateKey, layout: 'der' }, bytes)
  const encrypted = readBitString(encryptedScalar, 'The encrypted private key')
  if (key.length !== 16 || (encrypted.length !== 32 && encrypted.length !== 64)) {
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The enveloped key holds an SM4 key or a number of the wrong length.')
  }
  const opened = importSm2PrivateKey(withoutLeadingZeros(decryptSm4({ mode: 'ecb', padding: 'none', key }, encrypted)))
  if (opened.publicKey !== undefined && equalBytes(opened.publicKey.keyBytes, publicKey.keyBytes)) return opened
  throw cryptoError('ERR_CRYPTO_KEY_MISMATCH', 'The enveloped private key does not belong to the public key beside it.')
}

/**
 * Wraps an SM2 private key for the owner of another one, as an authority does with the key of an encryption
 * certificate. Throws `ERR_CRYPTO_KEY_INVALID` for keys that are not SM2.
 *
 * @unverified See {@link openSm2EnvelopedKey}.
 *
 * @example
 * ```ts
 * const envelopedKey = createSm2EnvelopedKey({ publicKey: signingCertificate.publicKey }, encryptionKey)
 * ```
 */
export function createSm2EnvelopedKey({ publicKey }: Sm2EnvelopedKeyRecipient, privateKey: PrivateKey): Uint8Array {
  const scalar = exportSm2PrivateScalar(privateKey).reveal()
  const key = globalThis.crypto.getRandomValues(new Uint8Array(16))
  return der.sequence(
    der.sequence(der.oid(sm4EcbOid), der.null()),
    encryptSm2({ publicKey, layout: 'der' }, key),
    der.bitString(privateKey.publicKey!.keyBytes),
    der.bitString(encryptSm4({ mode: 'ecb', padding: 'none', key }, scalar)),
  )
}

function withoutLeadingZeros(number: Uint8Array): Uint8Array {
  const start = number.length - 32
  // What is not zero before the number stays there, and is refused for its length.
  return number.subarray(0, start).every((byte) => byte === 0) ? number.subarray(start) : number
}

function unsupported(message: string): Error {
  return cryptoError('ERR_CRYPTO_UNSUPPORTED', message)
}
