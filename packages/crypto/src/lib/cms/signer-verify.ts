/** Verifies one signer of a message: attributes, digest, signing certificate, signature (RFC 5652, section 5.6; RFC 5035). */
import { type DigestAlgorithm, equalBytes, type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { CmsAttribute, SignedData, SignerInfo } from '../../cms-parse.ts'
import { parseDer, readOctetString, readOid } from '../../der.ts'
import { hash } from '../../hash.ts'
import { type VerifyInput, verifySignature } from '../../public-key.ts'
import {
  allowSha1,
  type SignatureAlgorithm,
  type SignatureAlgorithmWeak,
  type WeakAlgorithmSwitches,
} from '../../signature-algorithm.ts'
import { sameName } from '../certificates/names.ts'
import { ecdsaSignatureToDer } from '../keys/ecdsa-signature.ts'
import { weakSwitches } from '../keys/weak-switches.ts'
import { couldBeAttributes } from './attributes-as-content.ts'
import { type ResolvedAlgorithm, resolveAlgorithm } from './cms-algorithms.ts'
import { attributeOid, contentTypeOid } from './cms-oids.ts'
import { type CertificateIdentifier, identifies, readSigningCertificate } from './signing-certificate.ts'

/** Switch: accept messages that name the type of an EC key where the signature algorithm belongs, as old OpenPDF writes them. */
export const acceptEcKeyOid: unique symbol = Symbol('acceptEcKeyOid')

/** What the cryptography of a signer says. Nothing here is about trust. */
export type SignerStatus = 'valid' | 'digest-mismatch' | 'signature-invalid' | 'unsupported'

/** Answer for one signer. */
export interface SignerVerification {
  readonly status: SignerStatus
  readonly certificate?: Certificate
  readonly algorithm?: SignatureAlgorithm | SignatureAlgorithmWeak
  /** True if a signed attribute names the certificate by its digest, and rightly so. */
  readonly bindsCertificate: boolean
  readonly findings: readonly Finding[]
}

/** What is held against the signer's attributes. */
export interface SignerQuestion extends WeakAlgorithmSwitches {
  /** Digest of the content; `undefined` when only the content inside the message counts. */
  messageDigest?: ((algorithm: DigestAlgorithm) => Uint8Array) | undefined
  /** The content, for signatures without attributes. */
  content?: Uint8Array | undefined
  /** Certificates beside those in the message. */
  certificates?: readonly Certificate[] | undefined
  [acceptEcKeyOid]?: boolean | undefined
}

class Refusal {
  readonly status: SignerStatus
  readonly code: string
  readonly message: string

  constructor(status: SignerStatus, code: string, message: string) {
    this.status = status
    this.code = code
    this.message = message
  }
}

/** Never throws for what the message contains. */
export async function verifySigner(
  message: SignedData,
  signer: SignerInfo,
  question: SignerQuestion,
): Promise<SignerVerification> {
  const findings: Finding[] = []
  const found: { certificate?: Certificate; algorithm?: SignatureAlgorithm | SignatureAlgorithmWeak } = {}
  let bindsCertificate = false
  try {
    const digest = checkDigestAlgorithm(signer, question, findings)
    const identifier = readCertificateIdentifier(signer, findings)
    found.certificate = findCertificate(message, signer, identifier, question.certificates)
    bindsCertificate = identifier !== undefined
    const signed = signer.signedBytes
      ? checkAttributes(message, signer, digest, question)
      : plainContent(message, question)
    const { algorithm, saltLength } = chooseAlgorithm(signer, digest, found.certificate, question, findings)
    found.algorithm = algorithm
    await checkSignature(signer, signed, { certificate: found.certificate, algorithm, saltLength }, question, findings)
    return { status: 'valid', ...found, bindsCertificate, findings }
  } catch (error) {
    const refusal = asRefusal(error)
    findings.push({ code: refusal.code, severity: 'error', message: refusal.message })
    return { status: refusal.status, ...found, bindsCertificate, findings }
  }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (!isZhichengError(error)) throw error
  if (error.code === 'ERR_DER_INVALID') return new Refusal('signature-invalid', 'CMS_MALFORMED', error.message)
  return new Refusal('unsupported', error.code, error.message)
}

function checkDigestAlgorithm(signer: SignerInfo, question: SignerQuestion, findings: Finding[]): DigestAlgorithm {
  const { digestAlgorithm, digestOid } = signer
  if (!digestAlgorithm) {
    throw new Refusal(
      'unsupported',
      'CMS_DIGEST_UNKNOWN',
      `The signer uses the digest ${digestOid}, which is not known.`,
    )
  }
  if (digestAlgorithm === 'sha1') {
    const text = 'The signer uses SHA-1, for which colliding documents can be made.'
    if (!question[allowSha1]) throw new Refusal('unsupported', 'CMS_DIGEST_WEAK', text)
    findings.push({ code: 'CMS_DIGEST_WEAK', severity: 'warning', message: text })
  }
  return digestAlgorithm
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

function readCertificateIdentifier(signer: SignerInfo, findings: Finding[]): CertificateIdentifier | undefined {
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

function findCertificate(
  message: SignedData,
  signer: SignerInfo,
  identifier: CertificateIdentifier | undefined,
  others: readonly Certificate[] = [],
): Certificate {
  const candidates = [...message.certificates, ...others].filter((certificate) => isNamed(signer, certificate))
  if (candidates.length === 0) {
    throw new Refusal(
      'unsupported',
      'CMS_CERTIFICATE_MISSING',
      'The certificate of the signer is not there: give it along.',
    )
  }
  const certificate = identifier ? candidates.find((candidate) => identifies(identifier, candidate)) : candidates[0]
  if (certificate) return certificate
  if (identifier?.algorithm === undefined) {
    throw new Refusal(
      'unsupported',
      'CMS_DIGEST_UNKNOWN',
      'The signing certificate is named by a digest that is not known.',
    )
  }
  throw new Refusal(
    'signature-invalid',
    'CMS_CERTIFICATE_MISMATCH',
    'The certificate of the signer is not the one that was signed for.',
  )
}

function isNamed({ identifier }: SignerInfo, certificate: Certificate): boolean {
  if (identifier.kind === 'subject-key') {
    const { subjectKeyIdentifier } = certificate
    return subjectKeyIdentifier !== undefined && equalBytes(subjectKeyIdentifier, identifier.subjectKeyIdentifier)
  }
  return identifier.serialNumber === certificate.serialNumber && sameName(identifier.issuer, certificate.issuer.der)
}

/** Returns the signed bytes once the attributes agree with the content. */
function checkAttributes(
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
function plainContent(message: SignedData, question: SignerQuestion): Uint8Array {
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

function chooseAlgorithm(
  signer: SignerInfo,
  digest: DigestAlgorithm,
  certificate: Certificate,
  question: SignerQuestion,
  findings: Finding[],
): Extract<ResolvedAlgorithm, { algorithm: unknown }> {
  const resolved = resolveAlgorithm(signer.signatureAlgorithm, digest, certificate.publicKey.kind)
  if ('problem' in resolved) {
    throw resolved.problem === 'unknown'
      ? new Refusal('unsupported', 'CMS_ALGORITHM_UNKNOWN', 'The signature algorithm of the signer is not known.')
      : new Refusal(
          'unsupported',
          'CMS_ALGORITHMS_DIFFER',
          'The signature algorithm and the digest of the signer do not go together.',
        )
  }
  if (resolved.note) {
    const text = 'The message names a type of key where the signature algorithm belongs.'
    if (resolved.algorithm !== 'sm2-sm3' && !question[acceptEcKeyOid])
      throw new Refusal('unsupported', 'CMS_EC_KEY_OID', text)
    findings.push({ code: 'CMS_EC_KEY_OID', severity: 'warning', message: text })
  }
  return resolved
}

async function checkSignature(
  signer: SignerInfo,
  signed: Uint8Array,
  { certificate, ...how }: { certificate: Certificate } & Pick<VerifyInput, 'algorithm' | 'saltLength'>,
  question: SignerQuestion,
  findings: Finding[],
): Promise<void> {
  let { signature } = signer
  if (how.algorithm === 'sm2-sm3' && signature.length === 64 && signature[0] !== 0x30) {
    findings.push({
      code: 'CMS_SM2_SIGNATURE_RAW',
      severity: 'warning',
      message: 'The SM2 signature is r ‖ s in place of DER.',
    })
    signature = ecdsaSignatureToDer(signature)
  }
  const { publicKey } = certificate
  if (!(await verifySignature({ ...how, publicKey, message: signed, signature, ...weakSwitches(question) }))) {
    throw new Refusal(
      'signature-invalid',
      'CMS_SIGNATURE_INVALID',
      'The signature was not made with the key of the certificate over these attributes.',
    )
  }
}
