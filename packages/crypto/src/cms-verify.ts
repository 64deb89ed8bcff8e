/** Verifies the cryptography of signed messages: content, attributes, signatures and the timestamps over them. */
import { type DigestAlgorithm, type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import type { SignedData, SignerInfo } from './cms-parse.ts'
import { hash } from './hash.ts'
import type { acceptEcKeyOid, SignerStatus } from './lib/cms/signer-question.ts'
import { type SignerVerification, verifySigner } from './lib/cms/signer-verify.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import type { SignatureAlgorithm, SignatureAlgorithmWeak, WeakAlgorithmSwitches } from './signature-algorithm.ts'
import {
  parseTimestampToken,
  type TimestampVerification,
  type TimestampVerificationInput,
  verifyTimestampToken,
} from './timestamp-token.ts'

export { acceptEcKeyOid, type SignerStatus } from './lib/cms/signer-question.ts'

type TimestampTrustField = 'at' | 'crls' | 'ocspResponses' | 'revocation' | 'policies'

/** Input of {@link verifySignedData}. */
export interface SignedDataVerificationInput extends WeakAlgorithmSwitches {
  /**
   * The digest of the detached content. Without it and without `content`, the content inside the message counts; with it,
   * a message that brings its own content is refused.
   */
  messageDigest?: (algorithm: DigestAlgorithm) => Uint8Array
  /** The detached content itself; needed for signatures without signed attributes. */
  content?: Uint8Array
  /** Certificates beside those in the message. */
  certificates?: readonly Certificate[]
  /** For the paths of the timestamps; without it they are not checked. */
  timestampTrust?: Partial<Pick<TimestampVerificationInput, TimestampTrustField>> & { anchors: readonly Certificate[] }
  [acceptEcKeyOid]?: boolean
}

/** Answer of {@link verifySignedData}. It says nothing about trust: the certificate's path is verified on its own. */
export interface SignedDataVerification {
  /** Of several signers the worst. */
  status: SignerStatus
  /** Of the first signer, like all that follows. */
  certificate?: Certificate
  algorithm?: SignatureAlgorithm | SignatureAlgorithmWeak
  /** True if the signature itself names its certificate, as CAdES demands. */
  bindsCertificate: boolean
  /** What the signer claims; a timestamp's time stands in `timestamp`. */
  signedAt?: Date
  /** The first valid timestamp over the signature, else the first there is. */
  timestamp?: TimestampVerification
  timestamps: TimestampVerification[]
  findings: Finding[]
}

const maxTimestamps = 8
const order: readonly SignerStatus[] = ['valid', 'unsupported', 'digest-mismatch', 'signature-invalid']

/**
 * Verifies every signer of a message and every timestamp over the first one's signature. Never throws for what the message contains.
 *
 * @example
 * ```ts
 * const result = await verifySignedData(parseSignedData(message), { messageDigest: (algorithm) => hash(algorithm, content) })
 * if (result.status !== 'valid') console.log(result.findings)
 * ```
 */
export async function verifySignedData(
  signedData: SignedData,
  input: SignedDataVerificationInput,
): Promise<SignedDataVerification> {
  const findings: Finding[] = [...signedData.deviations]
  const detached = input.messageDigest !== undefined || input.content !== undefined
  if (detached && signedData.content) {
    findings.push(error('CMS_CONTENT_IN_DETACHED', 'The message brings its own content, though it is to sign another.'))
  }
  if (signedData.signerInfos.length !== 1) {
    findings.push(
      error('CMS_SIGNER_COUNT', `The message has ${signedData.signerInfos.length} signers in place of one.`),
    )
  }
  const signers: SignerVerification[] = []
  for (const signer of signedData.signerInfos) {
    const verification = await verifySigner(signedData, signer, input)
    signers.push(verification)
    findings.push(...verification.findings)
  }
  const worst = Math.max(...signers.map(({ status }) => order.indexOf(status)))
  const refused = signers.length === 0 || (detached && signedData.content !== undefined)
  const [first] = signers
  const signedAt = signedData.signerInfos[0]?.signingTime
  // A timestamp over the signature of another signer would say nothing about the one that is reported.
  const timestamps = await verifyTimestamps(signedData.signerInfos.slice(0, 1), input, findings)
  const timestamp = timestamps.find(({ status }) => status === 'valid') ?? timestamps[0]
  return {
    status: refused ? 'signature-invalid' : order[worst]!,
    ...(first?.certificate ? { certificate: first.certificate } : {}),
    ...(first?.algorithm ? { algorithm: first.algorithm } : {}),
    bindsCertificate: first?.bindsCertificate ?? false,
    ...(signedAt ? { signedAt } : {}),
    ...(timestamp ? { timestamp } : {}),
    timestamps,
    findings,
  }
}

async function verifyTimestamps(
  signers: readonly SignerInfo[],
  input: SignedDataVerificationInput,
  findings: Finding[],
): Promise<TimestampVerification[]> {
  const results: TimestampVerification[] = []
  for (const signer of signers) {
    if (signer.timestamps.length > maxTimestamps) {
      findings.push(
        error('TIMESTAMP_COUNT', `Only the first ${maxTimestamps} timestamps over the signature were looked at.`),
      )
    }
    for (const bytes of signer.timestamps.slice(0, maxTimestamps)) {
      try {
        const imprint = (algorithm: DigestAlgorithm): Uint8Array => hash(algorithm, signer.signature)
        const result = await verifyTimestampToken(parseTimestampToken(bytes), {
          ...input.timestampTrust,
          ...weakSwitches(input),
          imprint,
        })
        results.push(result)
        findings.push(...result.findings)
      } catch (cause) {
        if (!isZhichengError(cause)) throw cause
        findings.push(error('TIMESTAMP_UNREADABLE', `A timestamp over the signature cannot be read: ${cause.message}`))
      }
    }
  }
  return results
}

function error(code: string, message: string): Finding {
  return { code, severity: 'error', message }
}
