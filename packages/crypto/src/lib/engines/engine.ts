/** What an engine provides: the arithmetic that Node does natively and other runtimes do by WebCrypto and JavaScript. */
import type { DigestAlgorithm } from '@zhicheng/core'
import type { Hash } from '../../hash.ts'
import type { PublicKey, SigningKeyKind } from '../../public-key.ts'
import type { SignatureAlgorithm, SignatureAlgorithmWeak } from '../../signature-algorithm.ts'
import type { BlockCipherModes } from '../sm4/sm4-modes.ts'

/** Kinds of keys that engines make. */
export type GeneratedKeyKind = 'rsa-2048' | 'ec-p256' | 'sm2'

/** A private key as engines see it: unencrypted PKCS#8, and an object to tie imported keys to. */
export interface EngineKey {
  readonly kind: SigningKeyKind
  readonly pkcs8: Uint8Array
}

/** Algorithms other than SM2, those for old files included. */
export type ClassicAlgorithm = Exclude<SignatureAlgorithm, 'sm2-sm3'> | SignatureAlgorithmWeak

/** One implementation; `#engine` picks it when the package is resolved, never by looking at globals. */
export interface Engine {
  createHash(algorithm: DigestAlgorithm): Hash
  /** RSA, ECDSA, DSA and Ed25519. False for a wrong signature. The salt of PSS is as long as the digest by default. */
  verify(
    algorithm: ClassicAlgorithm,
    key: PublicKey,
    message: Uint8Array,
    signature: Uint8Array,
    saltLength?: number,
  ): Promise<boolean>
  /** RSA, ECDSA (DER) and Ed25519. */
  sign(algorithm: ClassicAlgorithm, key: EngineKey, message: Uint8Array): Promise<Uint8Array>
  /** SM2 over SM3(z ‖ message); false also for a signature that is not exactly DER with r and s in [1, n-1]. */
  sm2Verify(key: PublicKey, z: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** SM2 over SM3(z ‖ message), DER. */
  sm2Sign(key: EngineKey, z: Uint8Array, message: Uint8Array): Uint8Array
  /** SM4 in the modes that others are built on. */
  sm4(): BlockCipherModes
  /** The SubjectPublicKeyInfo of a private key, or `undefined` where this runtime cannot tell at once. */
  publicKeyOf(key: EngineKey): Uint8Array | undefined
  /** A new key as PKCS#8. */
  generate(kind: GeneratedKeyKind): Promise<Uint8Array>
  /** PKCS#8 of an encrypted key: DER of EncryptedPrivateKeyInfo, or the whole PEM text of the older form. */
  decryptKey(encrypted: Uint8Array | string, password: string): Uint8Array
}
