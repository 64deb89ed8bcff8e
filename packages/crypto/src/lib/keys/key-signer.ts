/** Signers over a key in memory: what PEM and PKCS#12 share. */
import { equalBytes } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { cryptoError } from '../../errors.ts'
import { createSignature, type PrivateKey } from '../../private-key.ts'
import { defaultAlgorithm, isAlgorithmOf, verifySignature } from '../../public-key.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import type { Signer } from '../../signer.ts'
import { orderChain } from '../certificates/certificate-chain.ts'

/**
 * A signer of a key and its certificates, in whatever order those come. Throws `ERR_CRYPTO_KEY_MISMATCH` if none of
 * them belongs to the key. The first signature is verified with the certificate before it leaves.
 */
export function createKeySigner(
  privateKey: PrivateKey,
  certificates: readonly Certificate[],
  algorithm: SignatureAlgorithm = defaultAlgorithm(privateKey.kind),
): Signer {
  if (!isAlgorithmOf(algorithm, privateKey.kind)) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `A key of the kind ${privateKey.kind} cannot sign with ${algorithm}.`)
  }
  const leaf = certificates.find((certificate) => belongsTo(certificate, privateKey))
  if (leaf === undefined) {
    throw cryptoError(
      'ERR_CRYPTO_KEY_MISMATCH',
      'No certificate of the chain belongs to the private key: check that both files are of one pair.',
    )
  }
  let proven: Promise<void> | undefined
  return {
    algorithm,
    certificateChain: orderChain(leaf, certificates),
    async sign(message, { signal } = {}) {
      signal?.throwIfAborted()
      const signature = await createSignature({ privateKey, message, algorithm })
      proven ??= prove(message, signature)
      await proven
      return signature
    },
  }

  async function prove(message: Uint8Array, signature: Uint8Array): Promise<void> {
    if (await verifySignature({ algorithm, publicKey: leaf!.publicKey, message, signature })) return
    throw cryptoError(
      'ERR_CRYPTO_SIGNATURE_INVALID',
      'The new signature does not verify with the certificate: the key is of another pair, or this machine computes wrongly.',
    )
  }
}

function belongsTo({ publicKey }: Certificate, privateKey: PrivateKey): boolean {
  if (publicKey.kind !== privateKey.kind) return false
  return privateKey.publicKey === undefined || equalBytes(publicKey.keyBytes, privateKey.publicKey.keyBytes)
}
