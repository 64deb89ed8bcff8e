/** A signer whose key is somewhere else: what callbacks, WebCrypto, devices and services share. */
import { isZhichengError } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'
import { defaultAlgorithm, isAlgorithmOf } from '../../public-key.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import type { Signer, SignOptions } from '../../signer.ts'
import type { CertificateChain } from '../certificates/certificate-chain.ts'
import { acceptSignature, type SignatureFormat } from './external-signature.ts'

/** Parts of an external signer. */
export interface ExternalSignerParts {
  algorithm: SignatureAlgorithm
  certificateChain: CertificateChain
  format: SignatureFormat
  /** Makes the signature, in the declared form. */
  produce(message: Uint8Array, options: SignOptions): Promise<Uint8Array>
}

/** The algorithm for the key of a certificate. Throws `ERR_CRYPTO_UNSUPPORTED` or `ERR_CRYPTO_KEY_WEAK`. */
export function chooseAlgorithm(
  [{ publicKey }]: CertificateChain,
  wanted: SignatureAlgorithm | undefined,
): SignatureAlgorithm {
  const { kind, rsaBits } = publicKey
  if (kind === 'other' || kind === 'dsa') {
    throw cryptoError(
      'ERR_CRYPTO_UNSUPPORTED',
      'The certificate holds a key of a kind that this package does not sign with.',
    )
  }
  const algorithm = wanted ?? defaultAlgorithm(kind)
  if (!isAlgorithmOf(algorithm, kind)) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `A key of the kind ${kind} cannot sign with ${algorithm}.`)
  }
  if (rsaBits !== undefined && rsaBits < 2048) {
    throw cryptoError('ERR_CRYPTO_KEY_WEAK', `The RSA key has ${rsaBits} bits: sign with 2048 or more.`)
  }
  return algorithm
}

/** A signer that verifies every signature with the certificate before it leaves. */
export function createExternalSigner({ algorithm, certificateChain, format, produce }: ExternalSignerParts): Signer {
  return {
    algorithm,
    certificateChain,
    async sign(message, options = {}) {
      options.signal?.throwIfAborted()
      // A copy: a device may take its time, and what is verified must be what was sent.
      const kept = new Uint8Array(message)
      const signature = await produce(kept, options)
      return acceptSignature({ algorithm, certificate: certificateChain[0], message: kept, signature, format })
    },
  }
}

/** Runs foreign code: calling off goes through as it is, everything else becomes `ERR_SIGNER_FAILED` with its cause. */
export async function callForeign<Result>(
  what: string,
  signal: AbortSignal | undefined,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const known = isZhichengError(cause) ? cause : undefined
    throw cryptoError('ERR_SIGNER_FAILED', `${what} did not give a signature: see the cause, and try again.`, {
      cause,
      retryable: known?.retryable ?? false,
      ...(known?.outcome ? { outcome: known.outcome } : {}),
    })
  }
}
