/** What a device or a remote service must be given so that it can sign a message without seeing it. */
import type { DigestAlgorithm } from '@zhicheng/core'
import { der } from './der.ts'
import { cryptoError } from './errors.ts'
import { digestOid, hash } from './hash.ts'
import { digestOfSignature, expectDigest } from './lib/cms/cms-algorithms.ts'
import { isAlgorithmOf, type PublicKey, sm2Z } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** Input of {@link digestToSign}: the message itself, or its digest where that is enough. */
export type DigestToSignInput = {
  algorithm: SignatureAlgorithm
  publicKey: PublicKey
  /** User identifier of SM2; 1234567812345678 by default. */
  userId?: Uint8Array
} & (
  | { message: Uint8Array; messageDigest?: never }
  /** Made with the digest in the algorithm's name. Not for SM2, which hashes Z before the message. */
  | { messageDigest: Uint8Array; message?: never }
)

/** A digest to be signed. */
export interface DigestToSign {
  /** The signature that is wanted over it. */
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly algorithm: DigestAlgorithm
  /** The digest; of SM2 it is SM3(Z ‖ M). */
  readonly value: Uint8Array
  /** DigestInfo in DER (RFC 8017, 9.2), for devices that pad but do not name the digest, such as CKM_RSA_PKCS. */
  readonly digestInfo?: Uint8Array
}

/**
 * The digest that a signature of this algorithm and key is made over: SM2 signs SM3(Z ‖ M) (GB/T 32918.2, 6.1), for RSA
 * with PKCS#1 v1.5 the DigestInfo comes too. Throws `ERR_SIGNER_NO_DIGEST` for Ed25519, which signs the message itself
 * (RFC 8032), and for SM2 with a digest in place of the message; `ERR_CRYPTO_UNSUPPORTED` for an algorithm of another
 * kind of key; `ERR_CMS_DIGEST_MISMATCH` for a digest of the wrong length.
 *
 * @example
 * ```ts
 * const { algorithm, value } = digestToSign({ algorithm: 'sm2-sm3', publicKey, message })
 * const signature = await ukey.sign(algorithm, value)
 * ```
 */
export function digestToSign(input: DigestToSignInput): DigestToSign {
  const { algorithm: signatureAlgorithm, publicKey, userId } = input
  if (!isAlgorithmOf(signatureAlgorithm, publicKey.kind)) {
    throw cryptoError(
      'ERR_CRYPTO_UNSUPPORTED',
      `A key of the kind ${publicKey.kind} cannot sign with ${signatureAlgorithm}.`,
    )
  }
  const algorithm = digestOfSignature(signatureAlgorithm)
  if (algorithm === undefined) {
    throw cryptoError(
      'ERR_SIGNER_NO_DIGEST',
      'Ed25519 signs the whole message and no digest of it: use a key of another kind, or a signer that takes the message.',
    )
  }
  const value = digestOf(input, algorithm, signatureAlgorithm === 'sm2-sm3' ? sm2Z(publicKey, userId) : undefined)
  if (!signatureAlgorithm.startsWith('rsa-') || signatureAlgorithm.startsWith('rsa-pss-')) {
    return { signatureAlgorithm, algorithm, value }
  }
  // RFC 8017, 9.2, note 1: here the parameters of the digest are NULL, which RFC 5754 leaves out elsewhere.
  const digestInfo = der.sequence(der.sequence(der.oid(digestOid(algorithm)), der.null()), der.octetString(value))
  return { signatureAlgorithm, algorithm, value, digestInfo }
}

function digestOf(input: DigestToSignInput, algorithm: DigestAlgorithm, z: Uint8Array | undefined): Uint8Array {
  if (input.message !== undefined) return z ? hash(algorithm, z, input.message) : hash(algorithm, input.message)
  if (z) {
    throw cryptoError(
      'ERR_SIGNER_NO_DIGEST',
      'SM2 signs SM3 of Z and the message, which no digest of the message alone can give: pass the message.',
    )
  }
  return expectDigest(algorithm, input.messageDigest)
}
