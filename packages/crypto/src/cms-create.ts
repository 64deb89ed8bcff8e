/**
 * Signed messages (CMS SignedData, RFC 5652) as CAdES and PAdES baseline want them (ETSI EN 319 122-1), and with the
 * object identifiers of GM/T 0010 for SM2.
 */
import { type DigestAlgorithm, equalBytes } from '@zhicheng/core'
import { cryptoError } from './errors.ts'
import { digestLengths, hash } from './hash.ts'
import { defaultDigest, digestOfSignature } from './lib/cms-algorithms.ts'
import { attributeOid, contentTypeOid } from './lib/cms-oids.ts'
import { formatAttribute, formatSignedData, type SignedDataParts, signAttributes } from './lib/signed-data-format.ts'
import type { Signer } from './signer.ts'
import type { TimestampSource } from './timestamp-request.ts'
import { parseTimestampToken } from './timestamp-token.ts'

/** Input of {@link createSignedData}. */
export interface CmsSignatureInput {
  /** All certificates of its chain go into the message. */
  signer: Signer
  /** By default the one of the signer's algorithm: `sm3` for SM2, `sha512` for Ed25519 (RFC 8419). */
  digestAlgorithm?: DigestAlgorithm
  /** The digest of the content, made with that algorithm. */
  messageDigest: Uint8Array
  /** Object identifier of the content's type; plain data by default. */
  contentType?: string
  /** Left out by default, and always in PAdES, where the time stands in the signature dictionary. */
  signingTime?: Date
  /** Adds a timestamp over the signature value (level B-T). */
  timestamps?: TimestampSource
  /** The content itself, to go inside the message; without it the message is detached. */
  encapsulate?: Uint8Array
  /** `gm`: the object identifiers of GM/T 0010, for SM2 only. */
  profile?: 'cms' | 'gm'
}

/**
 * Signs and returns the ContentInfo in DER, with content-type, message-digest and signing-certificate-v2 as signed
 * attributes. Throws `ERR_CMS_ALGORITHM_MISMATCH` and `ERR_CMS_DIGEST_MISMATCH` for input that cannot belong together,
 * `ERR_TIMESTAMP_MISMATCH` for a token over something else, and what the signer and the timestamp source throw.
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
  const { signer, timestamps, profile = 'cms' } = input
  const { digestAlgorithm = defaultDigest(signer.algorithm) } = input
  checkInput(input, digestAlgorithm, profile)
  const parts: SignedDataParts = {
    signer,
    digestAlgorithm,
    messageDigest: input.messageDigest,
    contentType: input.contentType ?? (profile === 'gm' ? contentTypeOid.gmData : contentTypeOid.data),
    content: input.encapsulate,
    signingTime: input.signingTime,
    certificates: signer.certificateChain,
    profile,
    signal: options.signal,
  }
  const signed = await signAttributes(parts)
  if (!timestamps) return formatSignedData(parts, signed)
  options.signal?.throwIfAborted()
  const value = hash(digestAlgorithm, signed.signature)
  const token = await timestamps.timestamp({ algorithm: digestAlgorithm, value }, options)
  const { imprint } = parseTimestampToken(token)
  if (imprint.algorithm !== digestAlgorithm || !equalBytes(imprint.value, value)) {
    throw cryptoError('ERR_TIMESTAMP_MISMATCH', 'The timestamp source answered with a token over something else.')
  }
  return formatSignedData(parts, signed, [formatAttribute(attributeOid.signatureTimestamp, token)])
}

function checkInput(input: CmsSignatureInput, digestAlgorithm: DigestAlgorithm, profile: 'cms' | 'gm'): void {
  const { signer, messageDigest, encapsulate } = input
  const inSignature = digestOfSignature(signer.algorithm)
  if ((inSignature ?? digestAlgorithm) !== digestAlgorithm || digestAlgorithm === 'sha1') {
    throw cryptoError(
      'ERR_CMS_ALGORITHM_MISMATCH',
      `A message that is signed with ${signer.algorithm} cannot use the digest ${digestAlgorithm}.`,
      { facts: { signatureAlgorithm: signer.algorithm, digestAlgorithm } },
    )
  }
  if (profile === 'gm' && signer.algorithm !== 'sm2-sm3') {
    throw cryptoError(
      'ERR_CMS_ALGORITHM_MISMATCH',
      `The profile gm is for SM2 signers; this one uses ${signer.algorithm}.`,
      {
        facts: { signatureAlgorithm: signer.algorithm },
      },
    )
  }
  const length = digestLengths[digestAlgorithm]
  if (messageDigest.length !== length) {
    throw cryptoError(
      'ERR_CMS_DIGEST_MISMATCH',
      `A ${digestAlgorithm} digest has ${length} bytes; the one given has ${messageDigest.length}.`,
      { facts: { digestAlgorithm, length: messageDigest.length } },
    )
  }
  if (encapsulate && !equalBytes(hash(digestAlgorithm, encapsulate), messageDigest)) {
    throw cryptoError('ERR_CMS_DIGEST_MISMATCH', 'The digest given is not that of the content that goes inside.')
  }
}
