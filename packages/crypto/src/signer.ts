/** Whoever can sign: a key in a file, in a browser, in a device or in a service. Signers take the message, never a digest. */
import type { Certificate } from './certificate.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** Options of {@link Signer.sign}. */
export interface SignOptions {
  signal?: AbortSignal
}

/** Signs messages with one key whose certificates are known. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm
  /** The signing certificate first, then its issuers as far as they are known. */
  readonly certificateChain: readonly [Certificate, ...Certificate[]]
  /**
   * The signature over a message: PKCS#1 for RSA, DER `SEQUENCE { r, s }` for ECDSA and SM2, 64 bytes for Ed25519.
   * SM2 signs SM3(Z ‖ M) with the user identifier 1234567812345678 (GB/T 35276).
   */
  sign(message: Uint8Array, options?: SignOptions): Promise<Uint8Array>
}
