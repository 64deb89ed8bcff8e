/** Timestamp tokens (时间戳, RFC 3161; SM2: GB/T 20520): reading and verifying them. */
import { type DigestAlgorithm, equalBytes, type Finding } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import { type CertificatePathResult, verifyCertificatePath } from './certificate-path.ts'
import { parseSignedData, type SignedData } from './cms-parse.ts'
import type { CertificateList } from './crl.ts'
import { parseDer } from './der.ts'
import { cryptoError } from './errors.ts'
import { nameForm, readGeneralNames } from './lib/certificates/general-names.ts'
import { sameName } from './lib/certificates/names.ts'
import { isTimestampingCertificate } from './lib/certificates/path-checks.ts'
import { contentTypeOid } from './lib/cms/cms-oids.ts'
import type { SignerStatus } from './lib/cms/signer-question.ts'
import { verifySigner } from './lib/cms/signer-verify.ts'
import { readTimestampInfo, type TimestampImprint, type TimestampInfo } from './lib/cms/timestamp-info.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import type { OcspResponse } from './ocsp-response.ts'
import type { RevocationSource } from './revocation-source.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

export type { TimestampImprint, TimestampInfo } from './lib/cms/timestamp-info.ts'

/** A parsed token. Nothing about it is verified: see {@link verifyTimestampToken}. */
export interface TimestampToken extends TimestampInfo {
  readonly der: Uint8Array
  readonly signedData: SignedData
}

/** Input of {@link verifyTimestampToken}. */
export interface TimestampVerificationInput extends WeakAlgorithmSwitches {
  /** What the token must be over: a digest, or a function that makes it with the algorithm of the token. */
  imprint: TimestampImprint | ((algorithm: DigestAlgorithm) => Uint8Array)
  /** Trusted certificates; without them the path is not checked and `chain` is missing. */
  anchors?: readonly Certificate[] | undefined
  /** The moment at which the authority's certificate must be good; by default the token's own time. */
  at?: Date | undefined
  crls?: readonly CertificateList[] | undefined
  ocspResponses?: readonly OcspResponse[] | undefined
  /** Asked for what lists and responses at hand leave open. */
  revocation?: RevocationSource | readonly RevocationSource[] | undefined
  /** Object identifiers of policies under which the authority must work; any by default. */
  policies?: readonly string[] | undefined
  /** Certificates beside those in the token. */
  intermediates?: readonly Certificate[] | undefined
}

/** Answer of {@link verifyTimestampToken}. Only `valid` together with a trusted `chain` proves the time. */
export interface TimestampVerification {
  status: 'valid' | 'imprint-mismatch' | 'signature-invalid' | 'unsupported'
  time: Date
  accuracy?: number
  policy: string
  certificate?: Certificate
  /** All certificates the token carries. */
  certificates: readonly Certificate[]
  chain?: CertificatePathResult
  findings: Finding[]
}

/**
 * Parses a token, which may be padded with zeros. Throws `ERR_TIMESTAMP_INVALID`, `ERR_CMS_INVALID` or `ERR_DER_INVALID`.
 *
 * @example
 * ```ts
 * const { time, imprint } = parseTimestampToken(token)
 * ```
 */
export function parseTimestampToken(bytes: Uint8Array): TimestampToken {
  const signedData = parseSignedData(bytes)
  if (signedData.contentType !== contentTypeOid.timestampInfo || !signedData.content) {
    throw invalid('The message is signed, but holds no timestamp.')
  }
  return { der: signedData.der, ...readTimestampInfo(signedData.content), signedData }
}

/**
 * Verifies a token: its imprint, its signature, the binding of its certificate (RFC 5816), the purpose of that certificate
 * (RFC 3161, section 2.3), and with `anchors` the path. Never throws for what the token contains.
 *
 * @example
 * ```ts
 * const { status, time, chain } = await verifyTimestampToken(parseTimestampToken(token), {
 *   imprint: (algorithm) => hash(algorithm, signatureValue),
 *   anchors,
 * })
 * const proven = status === 'valid' && chain?.status === 'trusted' && chain.validity === 'valid'
 * ```
 */
export async function verifyTimestampToken(
  token: TimestampToken,
  input: TimestampVerificationInput,
): Promise<TimestampVerification> {
  const { signedData, time, accuracy, policy } = token
  const result = await judge(token, input)
  const { certificate } = result
  const chain =
    certificate && input.anchors
      ? await verifyCertificatePath({
          leaf: certificate,
          intermediates: [...signedData.certificates, ...(input.intermediates ?? [])],
          anchors: input.anchors,
          at: input.at ?? time,
          ...(input.crls ? { crls: input.crls } : {}),
          ...(input.ocspResponses ? { ocspResponses: input.ocspResponses } : {}),
          ...(input.revocation ? { revocation: input.revocation } : {}),
          ...weakSwitches(input),
          usage: 'timestamping',
        })
      : undefined
  return {
    ...result,
    time,
    ...(accuracy === undefined ? {} : { accuracy }),
    policy,
    certificates: signedData.certificates,
    ...(chain ? { chain } : {}),
  }
}

type Judgement = Pick<TimestampVerification, 'status' | 'findings'> & { certificate?: Certificate }

async function judge(token: TimestampToken, input: TimestampVerificationInput): Promise<Judgement> {
  const { signedData, imprint, policy, authorityName } = token
  const findings: Finding[] = [...signedData.deviations]
  const add = (code: string, message: string): unknown => findings.push({ code, severity: 'error', message })
  const [signer, ...others] = signedData.signerInfos
  if (!signer || others.length > 0) {
    add('TIMESTAMP_SIGNERS', 'A timestamp has exactly one signer.')
    return { status: 'signature-invalid', findings }
  }
  const verified = await verifySigner(signedData, signer, { certificates: input.intermediates, ...input })
  findings.push(...verified.findings)
  const { certificate } = verified
  const result = (status: TimestampVerification['status']): Judgement => ({
    status,
    findings,
    ...(certificate ? { certificate } : {}),
  })
  if (!isOver(imprint, input.imprint)) {
    add('TIMESTAMP_IMPRINT_MISMATCH', 'The timestamp is over something else: its imprint differs.')
    return result('imprint-mismatch')
  }
  if (verified.status !== 'valid') return result(statuses[verified.status])
  if (!verified.bindsCertificate) {
    add(
      'TIMESTAMP_CERTIFICATE_UNBOUND',
      'The timestamp does not sign which certificate it was made with (RFC 3161, 2.4.2).',
    )
    return result('signature-invalid')
  }
  if (!isTimestampingCertificate(certificate!)) {
    add(
      'TIMESTAMP_CERTIFICATE_PURPOSE',
      'The certificate does not have timeStamping as its only purpose, marked critical.',
    )
    return result('signature-invalid')
  }
  if (input.policies && !input.policies.includes(policy)) {
    add('TIMESTAMP_POLICY', `The authority worked under the policy ${policy}, which is none of those asked for.`)
    return result('signature-invalid')
  }
  if (authorityName && !bearsName(certificate!, authorityName)) {
    findings.push({
      code: 'TIMESTAMP_AUTHORITY_NAME',
      severity: 'warning',
      message: 'The timestamp names an authority that its certificate does not name (RFC 3161, 2.4.2).',
    })
  }
  return result('valid')
}

/** The subject or one of the alternative names. */
function bearsName({ subject, extensions }: Certificate, name: Uint8Array): boolean {
  if (sameName(subject.der, name)) return true
  const alternative = extensions.find(({ oid }) => oid === '2.5.29.17')
  if (!alternative) return false
  const names = readGeneralNames(parseDer(alternative.value))
  return names.some(({ form, der }) => form === nameForm.directory && sameName(der, name))
}

const statuses: Readonly<Record<SignerStatus, TimestampVerification['status']>> = {
  valid: 'valid',
  // The content of a token lies inside it: where its digest differs, the token was changed.
  'digest-mismatch': 'signature-invalid',
  'signature-invalid': 'signature-invalid',
  unsupported: 'unsupported',
}

function isOver(imprint: TimestampImprint, wanted: TimestampVerificationInput['imprint']): boolean {
  if (typeof wanted === 'function') return equalBytes(imprint.value, wanted(imprint.algorithm))
  return imprint.algorithm === wanted.algorithm && equalBytes(imprint.value, wanted.value)
}

function invalid(message: string): Error {
  return cryptoError('ERR_TIMESTAMP_INVALID', message)
}
