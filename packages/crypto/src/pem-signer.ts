/** A signer whose key and certificates lie in PEM or DER files. */
import type { Secret } from '@zhicheng/core'
import { type Certificate, parseCertificates } from './certificate.ts'
import { createKeySigner } from './lib/keys/key-signer.ts'
import { parsePrivateKey } from './private-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'

/** Options of {@link pemSigner}. */
export interface PemSignerOptions {
  /** PKCS#8 (encrypted too), PKCS#1 or SEC1; RSA, P-256, P-384, P-521, Ed25519 or SM2; PEM, DER or bare Base64. */
  key: string | Uint8Array | Secret<string>
  /** The certificate of the key and its issuers, in any order. */
  certificateChain: string | Uint8Array | readonly Certificate[]
  /** Password of an encrypted key. */
  password?: string | Secret<string>
  /** By default the usual one of the kind of key. */
  algorithm?: SignatureAlgorithm
}

/**
 * Makes a signer. Throws `ERR_CRYPTO_KEY_MISMATCH` if no certificate belongs to the key, and as `parsePrivateKey` and
 * `parseCertificates` do.
 *
 * @example
 * ```ts
 * const signer = pemSigner({
 *   key: await readFile('signer-key.pem', 'utf8'),
 *   certificateChain: await readFile('signer-chain.pem', 'utf8'),
 * })
 * ```
 */
export function pemSigner({ key, certificateChain, password, algorithm }: PemSignerOptions): Signer {
  const certificates =
    typeof certificateChain === 'string' || certificateChain instanceof Uint8Array
      ? parseCertificates(certificateChain)
      : certificateChain
  return createKeySigner(parsePrivateKey(key, password === undefined ? {} : { password }), certificates, algorithm)
}
