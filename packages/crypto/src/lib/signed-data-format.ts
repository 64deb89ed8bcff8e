/** Writes SignedData (RFC 5652, section 5) with one signer and signed attributes: the common part of signatures and tokens. */
import { type DigestAlgorithm, fromHex } from '@zhicheng/core'
import type { Certificate } from '../certificate.ts'
import { der } from '../der.ts'
import type { Signer } from '../signer.ts'
import { formatCmsSignatureAlgorithm, formatDigestAlgorithm } from './cms-algorithms.ts'
import { attributeOid, contentTypeOid } from './cms-oids.ts'
import { formatSigningCertificate } from './signing-certificate.ts'

/** Input of {@link signAttributes}. */
export interface SignedDataParts {
  signer: Signer
  digestAlgorithm: DigestAlgorithm
  /** Digest of the content. */
  messageDigest: Uint8Array
  contentType: string
  /** The content itself, when it goes inside. */
  content?: Uint8Array | undefined
  signingTime?: Date | undefined
  certificates: readonly Certificate[]
  profile: 'cms' | 'gm'
  signal?: AbortSignal | undefined
}

/** Signed attributes and the signature over them. */
export interface SignedAttributes {
  /** SET OF, as it was signed. */
  readonly attributes: Uint8Array
  readonly signature: Uint8Array
}

/** Makes the signed attributes and signs them. */
export async function signAttributes(parts: SignedDataParts): Promise<SignedAttributes> {
  const { signer, digestAlgorithm, messageDigest, contentType, signingTime, signal } = parts
  const attributes = der.setOf(
    formatAttribute(attributeOid.contentType, der.oid(contentType)),
    formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest)),
    // The certificate is named by SHA-256, which all readers know, or by SM3 where only SM algorithms are wanted.
    formatAttribute(
      attributeOid.signingCertificateV2,
      formatSigningCertificate(signer.certificateChain[0], digestAlgorithm === 'sm3' ? 'sm3' : 'sha256'),
    ),
    ...(signingTime ? [formatAttribute(attributeOid.signingTime, der.time(signingTime))] : []),
  )
  return { attributes, signature: await signer.sign(attributes, signal ? { signal } : {}) }
}

/** The ContentInfo as DER. */
export function formatSignedData(
  parts: SignedDataParts,
  { attributes, signature }: SignedAttributes,
  unsignedAttributes: readonly Uint8Array[] = [],
): Uint8Array {
  const { signer, digestAlgorithm, contentType, content, certificates, profile } = parts
  const [certificate] = signer.certificateChain
  const digest = formatDigestAlgorithm(digestAlgorithm, profile)
  const signerInfo = der.sequence(
    der.integer(1),
    der.sequence(certificate.issuer.der, der.unsignedInteger(fromHex(certificate.serialNumber))),
    digest,
    der.implicit(0, attributes),
    formatCmsSignatureAlgorithm(signer.algorithm, profile),
    der.octetString(signature),
    ...(unsignedAttributes.length > 0 ? [der.implicit(1, der.setOf(...unsignedAttributes))] : []),
  )
  const plain = contentType === contentTypeOid.data || profile === 'gm'
  const signedData = der.sequence(
    // RFC 5652, section 5.1: version 3 when the content is of another type than plain data.
    der.integer(plain ? 1 : 3),
    der.setOf(digest),
    der.sequence(der.oid(contentType), ...(content ? [der.explicit(0, der.octetString(content))] : [])),
    ...(certificates.length > 0 ? [der.implicit(0, der.setOf(...certificates.map((each) => each.der)))] : []),
    der.setOf(signerInfo),
  )
  const outer = profile === 'gm' ? contentTypeOid.gmSignedData : contentTypeOid.signedData
  return der.sequence(der.oid(outer), der.explicit(0, signedData))
}

/** One attribute with one value. */
export function formatAttribute(oid: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), der.setOf(value))
}
