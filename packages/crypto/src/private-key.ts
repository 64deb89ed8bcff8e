/** Private keys: reading them (PKCS#8, PKCS#1, SEC1), signing with them, and writing them as PEM. */
import { concatBytes, equalBytes, fromBase64, Secret } from '@zhicheng/core'
import { engine } from '#engine'
import {
  type DerNode,
  der,
  derError,
  derTag,
  expectUniversal,
  isUniversal,
  parseDer,
  readOctetString,
  readOid,
  readSmallInteger,
} from './der.ts'
import { cryptoError } from './errors.ts'
import type { EngineKey } from './lib/engines/engine.ts'
import { type CurveKind, curveOfOid, curves } from './lib/keys/curves.ts'
import { ecPkcs8, ecSpki, parseEcPrivateKey } from './lib/keys/key-encoding.ts'
import { keepMaterial, materialOf } from './lib/keys/key-material.ts'
import { toNumber } from './lib/sm2/sm2.ts'
import { formatPem, isPem, parsePem } from './pem.ts'
import {
  defaultAlgorithm,
  isAlgorithmOf,
  type PublicKey,
  parsePublicKey,
  type SigningKeyKind,
  sm2Z,
} from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** A private key. Its value shows in no log and no inspection; {@link formatPrivateKeyPem} gives it on purpose. */
export interface PrivateKey {
  readonly kind: SigningKeyKind
  /** Missing only where a browser cannot tell at once. */
  readonly publicKey?: PublicKey
}

/** Options of {@link parsePrivateKey}. */
export interface PrivateKeyOptions {
  /** Password of an encrypted key. */
  password?: string | Secret<string>
}

/** Input of {@link createSignature}. */
export interface SignInput {
  privateKey: PrivateKey
  message: Uint8Array
  /** By default the usual one of the kind of key: RSA and P-256 with SHA-256, SM2 with SM3. */
  algorithm?: SignatureAlgorithm
  /** User identifier of SM2; 1234567812345678 by default. */
  userId?: Uint8Array
}

/**
 * Reads a private key: PKCS#8 (encrypted too), PKCS#1 or SEC1, as DER, PEM or bare Base64, as platforms hand them out.
 * Throws `ERR_CRYPTO_PASSWORD_REQUIRED`, `ERR_CRYPTO_PASSWORD_WRONG`, `ERR_CRYPTO_KEY_INVALID`,
 * `ERR_CRYPTO_UNSUPPORTED`, `ERR_PEM_INVALID` or `ERR_DER_INVALID`.
 *
 * @example
 * ```ts
 * const privateKey = parsePrivateKey(await readFile('merchant-key.pem', 'utf8'))
 * const signature = await createSignature({ privateKey, message: utf8('hello') })
 * ```
 */
export function parsePrivateKey(
  key: string | Uint8Array | Secret<string>,
  { password }: PrivateKeyOptions = {},
): PrivateKey {
  const input = key instanceof Secret ? key.reveal() : key
  return readKey(
    typeof input !== 'string' && !isPem(input) ? new Uint8Array(input) : keyOfText(input, password),
    password,
  )
}

/**
 * Signs a message: PKCS#1 for RSA, DER `SEQUENCE { r, s }` for ECDSA and SM2, 64 bytes for Ed25519. SM2 signs
 * SM3(Z ‖ M) (GB/T 32918.2). Throws `ERR_CRYPTO_KEY_WEAK` for RSA below 2048 bits and `ERR_CRYPTO_UNSUPPORTED` for an
 * algorithm that does not fit the key.
 */
export async function createSignature({ privateKey, message, algorithm, userId }: SignInput): Promise<Uint8Array> {
  const { kind, publicKey } = privateKey
  const chosen = algorithm ?? defaultAlgorithm(kind)
  const material = materialOf(privateKey)
  if (!isAlgorithmOf(chosen, kind)) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `A key of the kind ${kind} cannot sign with ${chosen}.`)
  }
  if (publicKey?.rsaBits !== undefined && publicKey.rsaBits < 2048) {
    throw cryptoError('ERR_CRYPTO_KEY_WEAK', `The RSA key has ${publicKey.rsaBits} bits: sign with 2048 or more.`)
  }
  if (chosen !== 'sm2-sm3') return engine.sign(chosen, material, message)
  return engine.sm2Sign(material, sm2Z(publicKey!, userId), message)
}

/** The key as PKCS#8 PEM, not encrypted: keep the text where only its owner reads it. */
export function formatPrivateKeyPem(privateKey: PrivateKey): string {
  return formatPem('PRIVATE KEY', materialOf(privateKey).pkcs8)
}

const labels: ReadonlySet<string> = new Set([
  'PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'SM2 PRIVATE KEY',
])

function keyOfText(input: string | Uint8Array, password: PrivateKeyOptions['password']): Uint8Array {
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  if (!text.includes('-----BEGIN ')) return fromBase64(text)
  const block = parsePem(text).find(({ label }) => labels.has(label))
  if (block === undefined) throw cryptoError('ERR_PEM_INVALID', 'The PEM text has no private key.')
  const encrypted = block.headers.some((line) => line.includes('ENCRYPTED'))
  return encrypted ? engine.decryptKey(text, passwordText(password)) : block.bytes
}

function passwordText(password: PrivateKeyOptions['password']): string {
  if (password !== undefined) return password instanceof Secret ? password.reveal() : password
  throw cryptoError('ERR_CRYPTO_PASSWORD_REQUIRED', 'The private key is encrypted: pass its password.')
}

function readKey(bytes: Uint8Array, password: PrivateKeyOptions['password']): PrivateKey {
  const { children } = expectUniversal(parseDer(bytes, { maxBytes: 65_536 }), derTag.sequence, 'The private key')
  const [first, second] = children
  // EncryptedPrivateKeyInfo begins with an AlgorithmIdentifier; all others with a version number.
  if (isUniversal(first, derTag.sequence)) return readKey(engine.decryptKey(bytes, passwordText(password)), undefined)
  if (isUniversal(second, derTag.octetString)) return readSec1(bytes, undefined)
  if (isUniversal(second, derTag.integer)) return readRsa(bytes)
  if (readSmallInteger(first, 'The version of the private key') > 1)
    throw derError('The private key has an unknown version', 0)
  const algorithm = expectUniversal(second, derTag.sequence, 'The algorithm of the private key').children
  const inner = readOctetString(children[2], 'The private key')
  switch (readOid(algorithm[0], 'The algorithm of the private key')) {
    case '1.2.840.113549.1.1.1':
      return readRsa(inner)
    case '1.2.840.10045.2.1':
      return readSec1(inner, algorithm[1])
    case '1.3.101.112':
      return create(
        { kind: 'ed25519', pkcs8: der.sequence(first!.bytes, second!.bytes, children[2]!.bytes) },
        undefined,
      )
    default:
      throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The private key is of a kind that this package cannot sign with.')
  }
}

function readRsa(pkcs1: Uint8Array): PrivateKey {
  const [version, modulus, exponent] = expectUniversal(parseDer(pkcs1), derTag.sequence, 'The RSA key').children
  if (readSmallInteger(version) !== 0) throw derError('The RSA key has more than two primes or is none', 0)
  const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null())
  const publicBits = der.sequence(
    expectUniversal(modulus, derTag.integer, 'The RSA modulus').bytes,
    expectUniversal(exponent, derTag.integer, 'The RSA exponent').bytes,
  )
  const pkcs8 = der.sequence(der.integer(0), algorithm, der.octetString(pkcs1))
  return create({ kind: 'rsa', pkcs8 }, der.sequence(algorithm, der.bitString(publicBits)))
}

function readSec1(bytes: Uint8Array, parameters: DerNode | undefined): PrivateKey {
  const key = parseEcPrivateKey(bytes)
  const oid = isUniversal(parameters, derTag.oid) ? readOid(parameters) : key.curveOid
  const kind = oid === undefined ? undefined : curveOfOid(oid)
  if (kind === undefined) throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The private key is on a curve not known here.')
  const scalar = readScalar(kind, key.scalar)
  const material = { kind, pkcs8: ecPkcs8(kind, scalar, undefined) }
  const computed = engine.publicKeyOf(material)
  const spki = computed ?? (key.point && ecSpki(kind, key.point))
  if (computed && key.point && !equalBytes(computed, ecSpki(kind, key.point))) {
    throw cryptoError(
      'ERR_CRYPTO_KEY_INVALID',
      'The private key and the public point beside it do not belong together.',
    )
  }
  const point = spki && parsePublicKey(spki).keyBytes
  // Still the same object, for which the engine has imported the key already.
  material.pkcs8 = ecPkcs8(kind, scalar, point)
  return create(material, spki)
}

// Some producers write the scalar with a leading zero byte, others leave leading zeros out.
function readScalar(kind: CurveKind, bytes: Uint8Array): Uint8Array {
  const { size, n } = curves[kind]
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? new Uint8Array() : bytes.subarray(first)
  // SM2 leaves out n - 1 too: signing divides by 1 + d.
  const tooLarge = digits.length > size || (digits.length > 0 && toNumber(digits) >= (kind === 'sm2' ? n - 1n : n))
  if (digits.length === 0 || tooLarge) {
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The private key is zero or larger than its curve allows.')
  }
  return concatBytes(new Uint8Array(size - digits.length), digits)
}

function create(material: EngineKey, spki: Uint8Array | undefined): PrivateKey {
  const known = spki ?? engine.publicKeyOf(material)
  const { kind } = material
  const privateKey: PrivateKey = Object.freeze(known ? { kind, publicKey: parsePublicKey(known) } : { kind })
  keepMaterial(privateKey, material)
  return privateKey
}
