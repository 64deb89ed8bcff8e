/** Verifies one signer of a message: attributes, digest, signing certificate, signature (RFC 5652, section 5.6; RFC 5035). */
import { type DigestAlgorithm, equalBytes, type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { SignedData, SignerInfo } from '../../cms-parse.ts'
import { type VerifyInput, verifySignature } from '../../public-key.ts'
import { allowSha1, type SignatureAlgorithm, type SignatureAlgorithmWeak } from '../../signature-algorithm.ts'
import { sameName } from '../certificates/names.ts'
import { ecdsaSignatureToDer } from '../keys/ecdsa-signature.ts'
import { weakSwitches } from '../keys/weak-switches.ts'
import { type ResolvedAlgorithm, resolveAlgorithm } from './cms-algorithms.ts'
import { checkAttributes, plainContent, readCertificateIdentifier } from './signed-bytes.ts'
import { acceptEcKeyOid, Refusal, type SignerQuestion, type SignerStatus } from './signer-question.ts'
import { type CertificateIdentifier, identifies } from './signing-certificate.ts'

/** Answer for one signer. */
export interface SignerVerification {
  readonly status: SignerStatus
  readonly certificate?: Certificate
  readonly algorithm?: SignatureAlgorithm | SignatureAlgorithmWeak
  /** True if a signed attribute names the certificate by its digest, and rightly so. */
  readonly bindsCertificate: boolean
  readonly findings: readonly Finding[]
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
