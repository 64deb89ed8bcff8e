/**
 * Signed messages (CMS SignedData, RFC 5652) as CAdES and PAdES baseline want them (ETSI EN 319 122-1), and with the
 * object identifiers of GM/T 0010 for SM2.
 */
import {
  bytesToSign,
  type CmsCompletion,
  type CmsMessageInput,
  completeParts,
  prepareParts,
} from './lib/cms/signed-data-steps.ts'
import type { Signer } from './signer.ts'

export type { CmsCompletion, CmsMessageInput } from './lib/cms/signed-data-steps.ts'

/** Input of {@link createSignedData}. */
export interface CmsSignatureInput extends CmsMessageInput, CmsCompletion {
  /** All certificates of its chain go into the message. */
  signer: Signer
}

/**
 * Signs and returns the ContentInfo in DER, with content-type, message-digest and signing-certificate-v2 as signed
 * attributes. Throws `ERR_CMS_ALGORITHM_MISMATCH` and `ERR_CMS_DIGEST_MISMATCH` for input that cannot belong together,
 * `ERR_CERTIFICATE_INVALID` for a certificate without the key identifier that shall name it, `ERR_TIMESTAMP_MISMATCH`
 * for a token over something else, and what the signer and the timestamp source throw.
 *
 * @example
 * ```ts
 * const message = await createSignedData({ signer, messageDigest: hash('sha256', content) })
 * ```
 */
export async function createSignedData(
  input: CmsSignatureInput,
  options: { signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const { signer } = input
  const parts = prepareParts(input, signer.certificateChain, signer.algorithm)
  const signature = await signer.sign(bytesToSign(parts), options)
  return completeParts(parts, signature, { ...input, ...options })
}
