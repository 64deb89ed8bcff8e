/** SM2 keys as the bare numbers that platforms hand out: the secret number, and the point of a public key. */
import { fromHex, Secret } from '@zhicheng/core'
import { cryptoError } from './errors.ts'
import { ecPkcs8, ecSpki, sm2Scalar } from './lib/keys/key-encoding.ts'
import { materialOf } from './lib/keys/key-material.ts'
import { toBytes32 } from './lib/sm2/sm2.ts'
import { compressSm2Point, readSm2Point } from './lib/sm2/sm2-point-format.ts'
import { type PrivateKey, parsePrivateKey } from './private-key.ts'
import { type PublicKey, parsePublicKey } from './public-key.ts'

/** How a point is written: 04 ‖ x ‖ y (65 bytes), 02 or 03 ‖ x (33 bytes), or x ‖ y (64 bytes). */
export type Sm2PointForm = 'uncompressed' | 'compressed' | 'coordinates'

/**
 * The private key of a secret number: exactly 32 bytes, big-endian, or their 64 hex digits. Throws
 * `ERR_CRYPTO_KEY_INVALID` for another length, a leading zero byte that makes it 33 included, and for a number outside
 * of 1 to n - 2 (GB/T 32918.1, 6.1).
 *
 * @example
 * ```ts
 * const privateKey = importSm2PrivateKey(secret(process.env.SM2_PRIVATE_KEY!))
 * ```
 */
export function importSm2PrivateKey(scalar: Uint8Array | string | Secret<Uint8Array> | Secret<string>): PrivateKey {
  const bytes = bytesOf(scalar instanceof Secret ? scalar.reveal() : scalar, 'private key')
  if (bytes.length !== 32) {
    throw keyInvalid(`The SM2 private key has ${bytes.length} bytes and wants exactly 32, or 64 hex digits.`)
  }
  return parsePrivateKey(ecPkcs8('sm2', bytes, undefined))
}

/**
 * The public key of a point: 04 ‖ x ‖ y, x ‖ y, or compressed, as bytes or hex; the length tells which. Throws
 * `ERR_CRYPTO_KEY_INVALID` for another length or first byte and for a point that is not on the curve.
 *
 * @example
 * ```ts
 * const publicKey = importSm2PublicKey('0409f9df311e5421a1…')
 * ```
 */
export function importSm2PublicKey(point: Uint8Array | string): PublicKey {
  const bytes = bytesOf(point, 'public key')
  const prefixed = bytes.length === 64 ? Uint8Array.of(4, ...bytes) : bytes
  const read = readSm2Point(prefixed)
  if (read !== undefined) return parsePublicKey(ecSpki('sm2', read))
  throw keyInvalid(
    `The SM2 public key of ${bytes.length} bytes is no point of the curve: it is 04 ‖ x ‖ y, x ‖ y, or 02 or 03 ‖ x.`,
  )
}

/**
 * The point of an SM2 public key, by default as 04 ‖ x ‖ y. Throws `ERR_CRYPTO_KEY_INVALID` for another kind of key.
 *
 * @example
 * ```ts
 * toHex(exportSm2PublicPoint(publicKey, 'compressed'))
 * ```
 */
export function exportSm2PublicPoint(publicKey: PublicKey, form: Sm2PointForm = 'uncompressed'): Uint8Array {
  if (publicKey.kind !== 'sm2') throw notSm2(publicKey.kind)
  switch (form) {
    case 'uncompressed':
      return publicKey.keyBytes.slice()
    case 'compressed':
      return compressSm2Point(publicKey.keyBytes)
    case 'coordinates':
      return publicKey.keyBytes.slice(1)
    default:
      throw keyInvalid('The form of a point is uncompressed, compressed or coordinates.')
  }
}

/**
 * The secret number of an SM2 private key, 32 bytes, not encrypted: keep it where only its owner reads it. Throws
 * `ERR_CRYPTO_KEY_INVALID` for another kind of key.
 *
 * @example
 * ```ts
 * const scalar = exportSm2PrivateScalar(privateKey).reveal()
 * ```
 */
export function exportSm2PrivateScalar(privateKey: PrivateKey): Secret<Uint8Array> {
  const material = materialOf(privateKey)
  if (material.kind !== 'sm2') throw notSm2(material.kind)
  return new Secret(toBytes32(sm2Scalar(material)))
}

function bytesOf(value: Uint8Array | string, what: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value)) return fromHex(value)
  throw keyInvalid(`The SM2 ${what} is neither bytes nor hex.`)
}

function keyInvalid(message: string): Error {
  return cryptoError('ERR_CRYPTO_KEY_INVALID', message)
}

function notSm2(kind: string): Error {
  return cryptoError('ERR_CRYPTO_KEY_INVALID', `The key is of the kind ${kind}, not SM2.`, { facts: { kind } })
}
