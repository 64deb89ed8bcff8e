/** Public keys (SubjectPublicKeyInfo, RFC 5280, 4.1.2.7) and the one function that verifies signatures with them. */
import { type DigestAlgorithm, fromBase64 } from '@zhicheng/core'
import { engine } from '#engine'
import {
  type DerNode,
  derError,
  derTag,
  expectUniversal,
  isUniversal,
  parseDer,
  readBitString,
  readOid,
} from './der.ts'
import { cryptoError } from './errors.ts'
import { digestLengths, hash } from './hash.ts'
import { readPssParameters } from './lib/keys/algorithm-identifier.ts'
import { curveOfOid, curves, isOnCurve } from './lib/keys/curves.ts'
import { isSmallOrderKey } from './lib/keys/ed25519-key.ts'
import { sm2DefaultUserId, sm2ZInput } from './lib/sm2/sm2.ts'
import { formatPem, isPem, parsePem } from './pem.ts'
import {
  allowDsa,
  allowSha1,
  type SignatureAlgorithm,
  type SignatureAlgorithmWeak,
  type WeakAlgorithmSwitches,
} from './signature-algorithm.ts'

/** Kinds of keys that this package signs with. */
export type SigningKeyKind = 'rsa' | 'ec-p256' | 'ec-p384' | 'ec-p521' | 'sm2' | 'ed25519'

/** What kind of key it is. `dsa` only verifies, and only on request; with `other` nothing can be verified. */
export type PublicKeyKind = SigningKeyKind | 'dsa' | 'other'

/** A public key. Engines keep the imported native key beside it, so it is worth parsing once. */
export interface PublicKey {
  readonly kind: PublicKeyKind
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array
  /** The BIT STRING of it: for keys on a curve 04 ‖ x ‖ y. */
  readonly keyBytes: Uint8Array
  /** Length of an RSA modulus in bits. */
  readonly rsaBits?: number
  /** An RSA key that its maker restricts to PSS (RFC 4055, section 1.2), to these parameters where there are any. */
  readonly pss?: { readonly digest?: DigestAlgorithm; readonly minimumSaltLength?: number }
  /** A DSA key without parameters, which has those of its issuer's key (RFC 3279, section 2.3.2). */
  readonly inheritsParameters?: boolean
}

/** Input of {@link verifySignature}. */
export interface VerifyInput extends WeakAlgorithmSwitches {
  /** For ECDSA the digest in the name counts; the curve is that of the key. */
  algorithm: SignatureAlgorithm | SignatureAlgorithmWeak
  publicKey: PublicKey
  message: Uint8Array
  /** PKCS#1 for RSA, DER `SEQUENCE { r, s }` for ECDSA and SM2, 64 bytes for Ed25519. */
  signature: Uint8Array
  /** User identifier of SM2; 1234567812345678 by default. Shorter than 8 KiB. */
  userId?: Uint8Array
  /** Salt of RSA-PSS in bytes, as the signature's parameters say; by default as long as the digest. */
  saltLength?: number | undefined
}

/**
 * Parses a public key from SPKI as DER, PEM or bare Base64. Throws `ERR_CRYPTO_KEY_INVALID` for a point that is not on
 * its curve and for a broken RSA key, `ERR_DER_INVALID` or `ERR_PEM_INVALID` for what is no such key at all.
 *
 * @example
 * ```ts
 * const key = parsePublicKey(await readFile('platform-public-key.pem', 'utf8'))
 * ```
 */
export function parsePublicKey(spkiDerOrPem: Uint8Array | string): PublicKey {
  const spki = readSpki(spkiDerOrPem)
  const { children } = expectUniversal(parseDer(spki, { maxDepth: 8 }), derTag.sequence, 'The public key')
  const [algorithm, bits] = children
  const identifier = expectUniversal(algorithm, derTag.sequence, 'The algorithm of the public key').children
  const keyBytes = readBitString(bits, 'The public key')
  const parameters = identifier[1]
  switch (readOid(identifier[0], 'The algorithm of the public key')) {
    case '1.2.840.113549.1.1.1':
      return { kind: 'rsa', spki, keyBytes, rsaBits: checkRsa(keyBytes) }
    case '1.2.840.113549.1.1.10':
      return readPssKey(parameters, spki, keyBytes)
    case '1.2.840.10040.4.1':
      return readDsaKey(parameters, spki, keyBytes)
    case '1.2.840.10045.2.1': {
      // Explicit curve parameters let anyone choose the base point (CVE-2020-0601): only names are read.
      const kind = isUniversal(parameters, derTag.oid) ? curveOfOid(readOid(parameters)) : undefined
      if (kind === undefined || keyBytes[0] !== 4) return { kind: 'other', spki, keyBytes }
      if (!isOnCurve(curves[kind], keyBytes)) {
        throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The public key is not a point on its curve.', { facts: { kind } })
      }
      return { kind, spki, keyBytes }
    }
    case '1.3.101.112':
      if (keyBytes.length !== 32) throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'An Ed25519 key has 32 bytes.')
      if (isSmallOrderKey(keyBytes)) {
        throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'Under this Ed25519 key one signature holds for every message.')
      }
      return { kind: 'ed25519', spki, keyBytes }
    default:
      return { kind: 'other', spki, keyBytes }
  }
}

function readPssKey(parameters: DerNode | undefined, spki: Uint8Array, keyBytes: Uint8Array): PublicKey {
  const read = parameters === undefined ? undefined : readPssParameters(parameters)
  if (parameters !== undefined && read === undefined) return { kind: 'other', spki, keyBytes }
  const pss = read ? { digest: read.digest, minimumSaltLength: read.saltLength } : {}
  return { kind: 'rsa', spki, keyBytes, rsaBits: checkRsa(keyBytes), pss }
}

// Parameters outside FIPS 186-4 only serve to stall whoever verifies.
function readDsaKey(parameters: DerNode | undefined, spki: Uint8Array, keyBytes: Uint8Array): PublicKey {
  const isShort = (node: DerNode | undefined, bytes: number): boolean =>
    isUniversal(node, derTag.integer) && node!.content.length <= bytes + 1
  if (!isShort(parseDer(keyBytes, { maxDepth: 1 }), 384)) throw invalidDsa()
  if (parameters === undefined || isUniversal(parameters, derTag.null)) {
    return { kind: 'dsa', spki, keyBytes, inheritsParameters: true }
  }
  const [p, q, g] = expectUniversal(parameters, derTag.sequence, 'The DSA parameters').children
  if (!isShort(p, 384) || !isShort(q, 32) || !isShort(g, 384) || p!.content.length < 128) throw invalidDsa()
  return { kind: 'dsa', spki, keyBytes }
}

function invalidDsa(): Error {
  return cryptoError('ERR_CRYPTO_KEY_INVALID', 'The DSA key has numbers that no genuine key has.')
}

function readSpki(input: Uint8Array | string): Uint8Array {
  if (typeof input !== 'string' && !isPem(input)) return new Uint8Array(input)
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  if (!text.includes('-----BEGIN ')) return fromBase64(text)
  const block = parsePem(text).find(({ label }) => label === 'PUBLIC KEY')
  if (block === undefined) throw cryptoError('ERR_PEM_INVALID', 'The PEM text has no PUBLIC KEY block.')
  return block.bytes
}

/** The bytes of a positive INTEGER without its leading zero, of any other none: turning megabytes into a number is itself an attack. */
function magnitude(node: DerNode | undefined, what: string): Uint8Array {
  const { content, offset } = expectUniversal(node, derTag.integer, what)
  if (content.length > 1 && content[0] === 0 && content[1]! < 0x80) throw derError(`${what} is not minimal`, offset)
  if (content.length === 0 || content[0]! >= 0x80) return new Uint8Array()
  return content[0] === 0 ? content.subarray(1) : content
}

function checkRsa(keyBytes: Uint8Array): number {
  const { children } = expectUniversal(parseDer(keyBytes, { maxDepth: 2 }), derTag.sequence, 'The RSA key')
  const modulus = magnitude(children[0], 'The RSA modulus')
  const exponent = magnitude(children[1], 'The RSA exponent')
  const bits = modulus.length === 0 ? 0 : modulus.length * 8 - Math.clz32(modulus[0]!) + 24
  const isOdd = (bytes: Uint8Array): boolean => (bytes.at(-1) ?? 0) % 2 === 1
  // An even or huge exponent, or a modulus of hundreds of kilobits, only serves to stall whoever verifies.
  if (
    bits < 512 ||
    bits > 16_384 ||
    !isOdd(modulus) ||
    !isOdd(exponent) ||
    exponent.length > 8 ||
    (exponent.length === 1 && exponent[0]! < 3)
  ) {
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The RSA key has a modulus or an exponent that no genuine key has.', {
      facts: { bits },
    })
  }
  return bits
}

/**
 * Verifies a signature over a message. False for a wrong signature and for an algorithm that does not fit the key.
 * Throws where nothing can be said: `ERR_CRYPTO_UNSUPPORTED` (kind of key, or algorithm this runtime lacks),
 * `ERR_CRYPTO_SHA1_REFUSED`, `ERR_CRYPTO_KEY_WEAK` (RSA below 1024 bits). DSA counts as not supported without `[allowDsa]`.
 *
 * SM2 (GB/T 32918.2) always includes Z; signatures made without it are wrong ones.
 *
 * @example
 * ```ts
 * if (!(await verifySignature({ algorithm: 'sm2-sm3', publicKey, message, signature }))) throw new Error('refused')
 * ```
 */
export async function verifySignature(input: VerifyInput): Promise<boolean> {
  const { algorithm, publicKey, message, signature, saltLength } = input
  if (algorithm.endsWith('-sha1') && input[allowSha1] !== true) {
    throw cryptoError(
      'ERR_CRYPTO_SHA1_REFUSED',
      'The signature uses SHA-1: pass [allowSha1] to verify it all the same.',
    )
  }
  if (publicKey.kind === 'dsa' && input[allowDsa] !== true) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The public key is a DSA key: pass [allowDsa] to verify all the same.')
  }
  if (publicKey.kind === 'other' || publicKey.inheritsParameters) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The public key is of a kind that this package cannot verify with.')
  }
  if (publicKey.rsaBits !== undefined && publicKey.rsaBits < 1024) {
    throw cryptoError('ERR_CRYPTO_KEY_WEAK', `An RSA key of ${publicKey.rsaBits} bits proves nothing.`, {
      facts: { bits: publicKey.rsaBits },
    })
  }
  if (!isAlgorithmOf(algorithm, publicKey.kind) || !isPossiblePss(input)) return false
  if (algorithm !== 'sm2-sm3') return engine.verify(algorithm, publicKey, message, signature, saltLength)
  return engine.sm2Verify(publicKey, sm2Z(publicKey, input.userId), message, signature)
}

/** Whether a key restricted to PSS allows the algorithm, and whether the modulus has room for the salt (RFC 8017, 9.1.1). */
function isPossiblePss({ algorithm, publicKey: { pss, rsaBits = 0 }, saltLength }: VerifyInput): boolean {
  if (!algorithm.startsWith('rsa-pss-')) return pss === undefined
  const digest = algorithm.slice(8) as DigestAlgorithm
  const salt = saltLength ?? digestLengths[digest]
  if (salt > Math.ceil((rsaBits - 1) / 8) - digestLengths[digest] - 2) return false
  return (pss?.digest ?? digest) === digest && salt >= (pss?.minimumSaltLength ?? 0)
}

const defaultZ = new WeakMap<PublicKey, Uint8Array>()

/** Z of GB/T 32918.2, 5.5: the digest of the user identifier, the curve and the public key that SM2 puts before the message. */
export function sm2Z(publicKey: PublicKey, userId: Uint8Array = sm2DefaultUserId): Uint8Array {
  if (publicKey.kind !== 'sm2') throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'Z is defined for SM2 keys only.')
  if (userId.length >= 8192)
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'The SM2 user identifier is longer than 8191 bytes.')
  const known = userId === sm2DefaultUserId ? defaultZ.get(publicKey) : undefined
  if (known) return known
  const z = hash('sm3', sm2ZInput(publicKey.keyBytes, userId))
  if (userId === sm2DefaultUserId) defaultZ.set(publicKey, z)
  return z
}

/** True if keys of this kind can make signatures of this algorithm. */
export function isAlgorithmOf(algorithm: SignatureAlgorithm | SignatureAlgorithmWeak, kind: PublicKeyKind): boolean {
  if (algorithm === 'ed25519') return kind === 'ed25519'
  if (algorithm === 'sm2-sm3') return kind === 'sm2'
  if (algorithm.startsWith('dsa-')) return kind === 'dsa'
  return algorithm.startsWith('rsa-') ? kind === 'rsa' : kind.startsWith('ec-')
}

const defaults: Readonly<Record<SigningKeyKind, SignatureAlgorithm>> = {
  rsa: 'rsa-sha256',
  'ec-p256': 'ecdsa-p256-sha256',
  'ec-p384': 'ecdsa-p384-sha384',
  'ec-p521': 'ecdsa-p521-sha512',
  sm2: 'sm2-sm3',
  ed25519: 'ed25519',
}

/** The algorithm a key of this kind signs with unless another is asked for. */
export function defaultAlgorithm(kind: SigningKeyKind): SignatureAlgorithm {
  return defaults[kind]
}

/** The key as a PEM text. */
export function formatPublicKeyPem({ spki }: PublicKey): string {
  return formatPem('PUBLIC KEY', spki)
}
