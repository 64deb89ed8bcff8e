/** Signatures that were made elsewhere: brought into the one form of this package, and verified before anyone gets them. */
import { equalBytes } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { cryptoError } from '../../errors.ts'
import { type PublicKey, verifySignature } from '../../public-key.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import { type CurveKind, curves } from '../keys/curves.ts'
import { ecdsaSignatureToDer, ecdsaSignatureToRaw } from '../keys/ecdsa-signature.ts'

/** How a device writes r and s of ECDSA and SM2: `raw` is r ‖ s, each of the same length and filled up with zeros. */
export type SignatureFormat = 'der' | 'raw'

/** A signature in the form of `Signer.sign`. Throws `ERR_CRYPTO_SIGNATURE_INVALID` unless it verifies. */
export async function acceptSignature(input: {
  algorithm: SignatureAlgorithm
  certificate: Certificate
  message: Uint8Array
  signature: Uint8Array
  format: SignatureFormat
}): Promise<Uint8Array> {
  const { algorithm, certificate, message, format } = input
  const { publicKey } = certificate
  const signature = normalise(input.signature, publicKey, format)
  if (signature && (await verifySignature({ algorithm, publicKey, message, signature }))) return signature
  throw cryptoError(
    'ERR_CRYPTO_SIGNATURE_INVALID',
    'The signature that came back does not verify with the certificate: it was made with another key, over something else, or is in another form than declared.',
    { facts: { algorithm, format, length: input.signature.length } },
  )
}

function normalise(signature: Uint8Array, { kind }: PublicKey, format: SignatureFormat): Uint8Array | undefined {
  if (!(kind in curves)) return new Uint8Array(signature)
  const { size } = curves[kind as CurveKind]
  if (format === 'der') {
    const raw = ecdsaSignatureToRaw(signature, size)
    return raw && ecdsaSignatureToDer(raw)
  }
  // SKF and SDF (GM/T 0016, GM/T 0018) have fields of 64 bytes for r and s, filled up with zeros from the left.
  if (signature.length % 2 !== 0 || signature.length < 2 * size || signature.length > 256) return undefined
  const half = signature.length / 2
  const [r, s] = [signature.subarray(0, half), signature.subarray(half)].map((field) => field.subarray(half - size))
  const filled = [signature.subarray(0, half - size), signature.subarray(half, 2 * half - size)]
  if (filled.some((zeros) => !equalBytes(zeros, new Uint8Array(half - size)))) return undefined
  return ecdsaSignatureToDer(new Uint8Array([...r!, ...s!]))
}
