/** The bytes that a signature is over, once the attributes around them say what they must (RFC 5652, sections 5.3 and 5.4; RFC 6211). */
import { type DigestAlgorithm, equalBytes, type Finding } from '@zhicheng/core'
import type { CmsAttribute, SignedData, SignerInfo } from '../../cms-parse.ts'
import { parseDer, readOctetString, readOid } from '../../der.ts'
import { hash } from '../../hash.ts'
import { couldBeAttributes } from './attributes-as-content.ts'
import { attributeOid, contentTypeOid } from './cms-oids.ts'
import { Refusal, type SignerQuestion } from './signer-question.ts'
import { type CertificateIdentifier, readSigningCertificate } from './signing-certificate.ts'

/** The certificate that the signed attributes name, if they do. */
export function readCertificateIdentifier(signer: SignerInfo, findings: Finding[]): CertificateIdentifier | undefined {
  const second = single(signer.signedAttributes, attributeOid.signingCertificateV2)
  if (second) return readSigningCertificate(second, 2)
  const first = single(signer.signedAttributes, attributeOid.signingCertificate)
  if (first) {
    findings.push({
      code: 'CMS_SIGNING_CERTIFICATE_V1',
      severity: 'warning',
      message: 'The signing certificate is named by its SHA-1 digest only, as was usual before 2007.',
    })
    return readSigningCertificate(first, 1)
  }
  findings.push({
    code: 'CMS_NO_SIGNING_CERTIFICATE',
    severity: 'info',
    message: 'No signed attribute names the signing certificate: this is no CAdES signature.',
  })
  return undefined
}

/** The one value of an attribute that may occur once; `undefined` when it does not occur. */
function single(attributes: readonly CmsAttribute[], oid: string): Uint8Array | undefined {
  const values = attributes.filter((attribute) => attribute.oid === oid).map((attribute) => attribute.values)
  if (values.length === 0) return undefined
  if (values.length > 1 || values[0]!.length !== 1) {
    throw new Refusal(
      'signature-invalid',
      'CMS_ATTRIBUTE_REPEATED',
      `The signed attribute ${oid} must have exactly one value.`,
    )
  }
  return values[0]![0]
}

/** Returns the signed bytes once the attributes agree with the content. */
export function checkAttributes(
  message: SignedData,
  signer: SignerInfo,
  digest: DigestAlgorithm,
  question: SignerQuestion,
): Uint8Array {
  const type = single(signer.signedAttributes, attributeOid.contentType)
  const expected = single(signer.signedAttributes, attributeOid.messageDigest)
  if (!type || !expected) {
    throw new Refusal(
      'signature-invalid',
      'CMS_ATTRIBUTE_MISSING',
      'The signed attributes lack the content type or the digest.',
    )
  }
  if (readOid(parseDer(type)) !== message.contentType) {
    throw new Refusal(
      'signature-invalid',
      'CMS_CONTENT_TYPE_MISMATCH',
      'The signed content type is not that of the message.',
    )
  }
  checkProtection(signer)
  const wanted = readOctetString(parseDer(expected), 'The signed digest')
  const content = message.content ?? question.content
  if (!question.messageDigest && !content) {
    throw new Refusal('unsupported', 'CMS_CONTENT_MISSING', 'The message is detached and its content was not given.')
  }
  const digests = [
    ...(content ? [hash(digest, content)] : []),
    ...(question.messageDigest ? [question.messageDigest(digest)] : []),
  ]
  if (!digests.every((value) => equalBytes(value, wanted))) {
    throw new Refusal(
      'digest-mismatch',
      'CMS_DIGEST_MISMATCH',
      'The content is not the one that was signed: its digest differs.',
    )
  }
  return signer.signedBytes!
}

/** RFC 6211: the algorithms are signed along, so that nobody can exchange them. */
function checkProtection(signer: SignerInfo): void {
  const value = single(signer.signedAttributes, attributeOid.algorithmProtection)
  if (!value) return
  const { children } = parseDer(value)
  const signature = children.find(({ tagClass, tag }) => tagClass === 'context' && tag === 1)
  const digest = children[0]?.children[0]
  const [used] = parseDer(signer.signatureAlgorithm).children
  if (
    !digest ||
    readOid(digest) !== signer.digestOid ||
    !signature?.children[0] ||
    !used ||
    !equalBytes(signature.children[0].bytes, used.bytes)
  ) {
    throw new Refusal(
      'signature-invalid',
      'CMS_ALGORITHM_MISMATCH',
      'The message names other algorithms than those that were signed for.',
    )
  }
}

/** The content that a signature without attributes is over. */
export function plainContent(message: SignedData, question: SignerQuestion): Uint8Array {
  const content = message.content ?? question.content
  if (!content) {
    throw new Refusal(
      'unsupported',
      'CMS_NO_SIGNED_ATTRIBUTES',
      'The signer has no signed attributes, and the content itself was not given.',
    )
  }
  const { contentType } = message
  if (contentType !== contentTypeOid.data && contentType !== contentTypeOid.gmData) {
    throw new Refusal(
      'signature-invalid',
      'CMS_ATTRIBUTE_MISSING',
      'Only plain data may be signed without attributes (RFC 5652, 5.3): nothing protects the type of this content.',
    )
  }
  const { messageDigest } = question
  const digest = message.digestAlgorithm
  if (messageDigest && digest && !equalBytes(messageDigest(digest), hash(digest, content))) {
    throw new Refusal(
      'digest-mismatch',
      'CMS_DIGEST_MISMATCH',
      'The content inside the message is not the one that was given.',
    )
  }
  if (couldBeAttributes(content)) {
    throw new Refusal(
      'signature-invalid',
      'CMS_ATTRIBUTES_AS_CONTENT',
      'The content is the set of attributes of another signature.',
    )
  }
  return content
}
