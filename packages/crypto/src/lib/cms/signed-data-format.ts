/** Writes SignedData (RFC 5652, section 5) with one signer and signed attributes: the common part of signatures and tokens. */
import { type DigestAlgorithm, fromHex } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { der } from '../../der.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import { formatCmsSignatureAlgorithm, formatDigestAlgorithm } from './cms-algorithms.ts'
import { attributeOid, contentTypeOid } from './cms-oids.ts'
import { formatSigningCertificate } from './signing-certificate.ts'

/** Input of {@link formatSignedAttributes}. */
export interface SignedAttributesInput {
  /** The signing certificate. */
  certificate: Certificate
  digestAlgorithm: DigestAlgorithm
  /** Digest of the content. */
  messageDigest: Uint8Array
  contentType: string
  signingTime?: Date | undefined
}

/** The signed attributes as SET OF: what is signed. */
export function formatSignedAttributes(input: SignedAttributesInput): Uint8Array<ArrayBuffer> {
  const { certificate, digestAlgorithm, messageDigest, contentType, signingTime } = input
  return der.setOf(
    formatAttribute(attributeOid.contentType, der.oid(contentType)),
    formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest)),
    // The certificate is named by SHA-256, which all readers know, or by SM3 where only SM algorithms are wanted.
    formatAttribute(
      attributeOid.signingCertificateV2,
      formatSigningCertificate(certificate, digestAlgorithm === 'sm3' ? 'sm3' : 'sha256'),
    ),
    ...(signingTime ? [formatAttribute(attributeOid.signingTime, der.time(signingTime))] : []),
  )
}

/** Everything of the message but the signature. */
export interface SignedDataParts {
  algorithm: SignatureAlgorithm
  /** The signing certificate. */
  certificate: Certificate
  /** How the SignerInfo names it; by issuer and serial number unless it has a key identifier and that is wanted. */
  signerIdentifier?: 'issuer-and-serial' | 'subject-key'
  digestAlgorithm: DigestAlgorithm
  contentType: string
  /** The content itself, when it goes inside. */
  content?: Uint8Array | undefined
  certificates: readonly Certificate[]
  profile: 'cms' | 'gm'
  /** SET OF, as it is signed: see {@link formatSignedAttributes}. Without them the content is what is signed. */
  attributes: Uint8Array | undefined
}

/** The ContentInfo as DER. */
export function formatSignedData(
  parts: SignedDataParts,
  signature: Uint8Array,
  unsignedAttributes: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  const { algorithm, digestAlgorithm, contentType, content, certificates, profile, attributes } = parts
  const digest = formatDigestAlgorithm(digestAlgorithm, profile)
  const byKey = parts.signerIdentifier === 'subject-key'
  const signerInfo = der.sequence(
    // RFC 5652, section 5.3: the version tells how the certificate is named.
    der.integer(byKey ? 3 : 1),
    formatSignerIdentifier(parts),
    digest,
    ...(attributes ? [der.implicit(0, attributes)] : []),
    formatCmsSignatureAlgorithm(algorithm, profile),
    der.octetString(signature),
    ...(unsignedAttributes.length > 0 ? [der.implicit(1, der.setOf(...unsignedAttributes))] : []),
  )
  const plain = !byKey && (contentType === contentTypeOid.data || profile === 'gm')
  const signedData = der.sequence(
    // RFC 5652, section 5.1: version 3 for content other than plain data, and for a signer named by its key.
    der.integer(plain ? 1 : 3),
    der.setOf(digest),
    der.sequence(der.oid(contentType), ...(content ? [der.explicit(0, der.octetString(content))] : [])),
    ...(certificates.length > 0 ? [der.implicit(0, der.setOf(...certificates.map((each) => each.der)))] : []),
    der.setOf(signerInfo),
  )
  const outer = profile === 'gm' ? contentTypeOid.gmSignedData : contentTypeOid.signedData
  return der.sequence(der.oid(outer), der.explicit(0, signedData))
}

function formatSignerIdentifier({ certificate, signerIdentifier }: SignedDataParts): Uint8Array {
  const { issuer, serialNumber, subjectKeyIdentifier } = certificate
  return signerIdentifier === 'subject-key'
    ? der.implicit(0, der.octetString(subjectKeyIdentifier!))
    : der.sequence(issuer.der, der.unsignedInteger(fromHex(serialNumber)))
}

/** One attribute with one value. */
export function formatAttribute(oid: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return der.sequence(der.oid(oid), der.setOf(value))
}
