/** A signer over a function of one's own: middleware of a UKey (SKF, SDF) or a signing service without a standard. */
import type { Certificate } from './certificate.ts'
import { type DigestToSign, digestToSign } from './digest-to-sign.ts'
import { cryptoError } from './errors.ts'
import { readChain } from './lib/certificates/certificate-chain.ts'
import type { SignatureFormat } from './lib/devices/external-signature.ts'
import { callForeign, chooseAlgorithm, createExternalSigner } from './lib/devices/external-signer.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer, SignOptions } from './signer.ts'

export type { SignatureFormat } from './lib/devices/external-signature.ts'

/** Options of {@link callbackSigner}: exactly one of the two functions. */
export type CallbackSignerOptions = {
  /** The signing certificate first, then its issuers in any order. */
  certificateChain: string | Uint8Array | readonly Certificate[]
  /** By default the usual one of the kind of key. */
  algorithm?: SignatureAlgorithm
  /** How the function writes ECDSA and SM2 signatures; `der` by default. It is declared and never guessed. */
  signatureFormat?: SignatureFormat
} & (
  | { signDigest(digest: DigestToSign, options: SignOptions): Promise<Uint8Array>; signMessage?: never }
  | { signMessage(message: Uint8Array, options: SignOptions): Promise<Uint8Array>; signDigest?: never }
)

/**
 * Makes a signer of a function. Every signature is verified with the certificate before it leaves; ECDSA and SM2 come
 * out as DER. Throws `ERR_SIGNER_NO_DIGEST` for `signDigest` with Ed25519, `ERR_CRYPTO_UNSUPPORTED` and
 * `ERR_CRYPTO_KEY_WEAK` for a certificate that cannot be used so; signing throws `ERR_SIGNER_FAILED` with the function's
 * error as cause, and `ERR_CRYPTO_SIGNATURE_INVALID`.
 *
 * @example
 * ```ts
 * const signer = callbackSigner({
 *   certificateChain: await ukey.readCertificate(),
 *   signatureFormat: 'raw',
 *   signDigest: ({ value }) => ukey.eccSignData(value),
 * })
 * ```
 */
export function callbackSigner(options: CallbackSignerOptions): Signer {
  const { signatureFormat: format = 'der', signDigest, signMessage } = options
  const certificateChain = readChain(options.certificateChain)
  const algorithm = chooseAlgorithm(certificateChain, options.algorithm)
  const { publicKey } = certificateChain[0]
  if (signDigest && algorithm === 'ed25519') {
    throw cryptoError(
      'ERR_SIGNER_NO_DIGEST',
      'Ed25519 signs the whole message: pass signMessage instead of signDigest.',
    )
  }
  return createExternalSigner({
    algorithm,
    certificateChain,
    format,
    produce: (message, signOptions) =>
      callForeign('The signing function', signOptions.signal, async () => {
        const signature = signDigest
          ? await signDigest(digestToSign({ algorithm, publicKey, message }), signOptions)
          : // A copy, so that nothing the function does to it changes what is verified.
            await signMessage(new Uint8Array(message), signOptions)
        if (signature instanceof Uint8Array) return signature
        throw new TypeError('The signing function must give a Uint8Array.')
      }),
  })
}
