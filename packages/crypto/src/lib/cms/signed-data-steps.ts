/** The two halves of making a signed message: what is decided before the signature, and what comes after it. */
import { type DigestAlgorithm, equalBytes } from '@zhicheng/core'
import type { CmsAttribute } from '../../cms-parse.ts'
import { der } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { hash } from '../../hash.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import type { TimestampSource } from '../../timestamp-request.ts'
import { parseTimestampToken } from '../../timestamp-token.ts'
import type { CertificateChain } from '../certificates/certificate-chain.ts'
import { couldBeAttributes } from './attributes-as-content.ts'
import { defaultDigest, digestOfSignature, expectDigest } from './cms-algorithms.ts'
import { attributeOid, contentTypeOid } from './cms-oids.ts'
import {
  formatAttribute,
  formatSignedAttributes,
  formatSignedData,
  type SignedDataParts,
} from './signed-data-format.ts'

/** What a message shall say, whoever signs it. */
export interface CmsMessageInput {
  /** By default the one of the signature algorithm: `sm3` for SM2, `sha512` for Ed25519 (RFC 8419). */
  digestAlgorithm?: DigestAlgorithm
  /** The digest of the content, made with that algorithm. */
  messageDigest: Uint8Array
  /** Object identifier of the content's type; plain data by default. */
  contentType?: string
  /** Left out by default, and always in PAdES, where the time stands in the signature dictionary. */
  signingTime?: Date
  /** The content itself, to go inside the message; without it the message is detached. */
  encapsulate?: Uint8Array
  /** `gm`: the object identifiers of GM/T 0010, for SM2 only. */
  profile?: 'cms' | 'gm'
  /**
   * `false`: the signature is over the content itself, which has to go inside, as older seals have it (GB/T 35275 without
   * authenticated attributes). Nothing then names the certificate, so that CAdES and PAdES do not take such a message.
   */
  signedAttributes?: boolean
  /** How the message names the signing certificate: by its issuer and serial number (default), or by its key identifier. */
  signerIdentifier?: 'issuer-and-serial' | 'subject-key'
}

/** What may come beside the signature. */
export interface CmsCompletion {
  /** Adds a timestamp over the signature value (level B-T). */
  timestamps?: TimestampSource
  /** Further attributes that the signature does not cover; values in DER. */
  unsignedAttributes?: readonly CmsAttribute[]
}

/** Everything but the signature. Throws `ERR_CMS_ALGORITHM_MISMATCH`, `ERR_CMS_DIGEST_MISMATCH` and `ERR_CMS_INVALID`. */
export function prepareParts(
  input: CmsMessageInput,
  certificateChain: CertificateChain,
  algorithm: SignatureAlgorithm,
): SignedDataParts {
  const { messageDigest, signingTime, encapsulate, signerIdentifier, profile = 'cms', signedAttributes = true } = input
  const { digestAlgorithm = defaultDigest(algorithm) } = input
  const { contentType = profile === 'gm' ? contentTypeOid.gmData : contentTypeOid.data } = input
  checkAlgorithms(algorithm, digestAlgorithm, profile)
  expectDigest(digestAlgorithm, messageDigest)
  if (encapsulate && !equalBytes(hash(digestAlgorithm, encapsulate), messageDigest)) {
    throw cryptoError('ERR_CMS_DIGEST_MISMATCH', 'The digest given is not that of the content that goes inside.')
  }
  const [certificate] = certificateChain
  if (signerIdentifier === 'subject-key' && !certificate.subjectKeyIdentifier) {
    throw cryptoError(
      'ERR_CERTIFICATE_INVALID',
      'The certificate has no subject key identifier by which a message could name it: use issuer-and-serial.',
    )
  }
  return {
    algorithm,
    certificate,
    digestAlgorithm,
    contentType,
    profile,
    content: encapsulate,
    certificates: certificateChain,
    ...(signerIdentifier ? { signerIdentifier } : {}),
    ...(signedAttributes
      ? {
          attributes: formatSignedAttributes({ certificate, digestAlgorithm, messageDigest, contentType, signingTime }),
        }
      : { attributes: undefined, content: plainContent(encapsulate, contentType) }),
  }
}

/** What a signature without attributes is over. */
function plainContent(content: Uint8Array | undefined, contentType: string): Uint8Array {
  const plain = contentType === contentTypeOid.data || contentType === contentTypeOid.gmData
  if (content && plain && !couldBeAttributes(content)) return content
  throw cryptoError(
    'ERR_CMS_INVALID',
    'Only plain data that goes inside and is no set of attributes can be signed without attributes: leave them in.',
  )
}

/** The bytes that the key signs. */
export function bytesToSign({ attributes, content }: SignedDataParts): Uint8Array {
  return attributes ?? content!
}

function checkAlgorithms(algorithm: SignatureAlgorithm, digestAlgorithm: DigestAlgorithm, profile: 'cms' | 'gm'): void {
  if ((digestOfSignature(algorithm) ?? digestAlgorithm) !== digestAlgorithm || digestAlgorithm === 'sha1') {
    throw cryptoError(
      'ERR_CMS_ALGORITHM_MISMATCH',
      `A message that is signed with ${algorithm} cannot use the digest ${digestAlgorithm}.`,
      { facts: { signatureAlgorithm: algorithm, digestAlgorithm } },
    )
  }
  if (profile === 'gm' && algorithm !== 'sm2-sm3') {
    throw cryptoError('ERR_CMS_ALGORITHM_MISMATCH', `The profile gm is for SM2 signers; this one uses ${algorithm}.`, {
      facts: { signatureAlgorithm: algorithm },
    })
  }
}

/** The ContentInfo with a signature that is known to be good. Throws `ERR_TIMESTAMP_MISMATCH` and what the source throws. */
export async function completeParts(
  parts: SignedDataParts,
  signature: Uint8Array,
  { timestamps, unsignedAttributes = [], signal }: CmsCompletion & { signal?: AbortSignal },
): Promise<Uint8Array> {
  const attributes = unsignedAttributes.map(({ oid, values }) => der.sequence(der.oid(oid), der.setOf(...values)))
  if (!timestamps) return formatSignedData(parts, signature, attributes)
  signal?.throwIfAborted()
  const { digestAlgorithm: algorithm } = parts
  const value = hash(algorithm, signature)
  const token = await timestamps.timestamp({ algorithm, value }, signal ? { signal } : {})
  const { imprint } = parseTimestampToken(token)
  if (imprint.algorithm !== algorithm || !equalBytes(imprint.value, value)) {
    throw cryptoError('ERR_TIMESTAMP_MISMATCH', 'The timestamp source answered with a token over something else.')
  }
  return formatSignedData(parts, signature, [...attributes, formatAttribute(attributeOid.signatureTimestamp, token)])
}
