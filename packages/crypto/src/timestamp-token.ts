/** Timestamp tokens (时间戳, RFC 3161; SM2: GB/T 20520): reading and verifying them. */
import { type DigestAlgorithm, equalBytes, type Finding, toHex } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import { type CertificatePathResult, verifyCertificatePath } from './certificate-path.ts'
import { parseSignedData, type SignedData } from './cms-parse.ts'
import type { CertificateList } from './crl.ts'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readInteger,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from './der.ts'
import { cryptoError } from './errors.ts'
import { digestLengths, digestOfOid } from './hash.ts'
import { contentTypeOid } from './lib/cms-oids.ts'
import { isTimestampingCertificate } from './lib/path-checks.ts'
import { type SignerStatus, verifySigner } from './lib/signer-verify.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

/** What a timestamp is over: a digest and its algorithm. */
export interface TimestampImprint {
  algorithm: DigestAlgorithm
  value: Uint8Array
}

/** A parsed token. Nothing about it is verified: see {@link verifyTimestampToken}. */
export interface TimestampToken {
  readonly der: Uint8Array
  readonly time: Date
  readonly imprint: Readonly<TimestampImprint>
  /** The time may be off by this many milliseconds either way. */
  readonly accuracy?: number
  /** Object identifier of the policy of the authority. */
  readonly policy: string
  /** Lower-case hex. */
  readonly serial: string
  readonly nonce?: bigint
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
  const info = expectUniversal(parseDer(signedData.content, { maxBytes: 262_144 }), derTag.sequence, 'The timestamp')
  const [version, policy, imprint, serial, time, ...optional] = info.children
  if (readSmallInteger(version, 'The version of the timestamp') !== 1)
    throw invalid('The timestamp has an unknown version.')
  const accuracy = isUniversal(optional[0], derTag.sequence) ? readAccuracy(optional.shift()!) : undefined
  if (isUniversal(optional[0], derTag.boolean)) optional.shift()
  const nonce = isUniversal(optional[0], derTag.integer) ? readInteger(optional.shift()) : undefined
  if (isContext(optional[0], 0)) optional.shift()
  if (isContext(optional[0], 1)) refuseCriticalExtensions(optional.shift()!)
  if (optional.length > 0) throw invalid('The timestamp holds more than its type allows.')
  if (!isUniversal(time, derTag.generalizedTime)) throw invalid('The time of the timestamp is no GeneralizedTime.')
  readInteger(serial, 'The serial number of the timestamp')
  return {
    der: signedData.der,
    time: readTime(time, 'The time of the timestamp'),
    imprint: readImprint(imprint),
    ...(accuracy === undefined ? {} : { accuracy }),
    policy: readOid(policy, 'The policy of the timestamp'),
    serial: toHex(serial!.content),
    ...(nonce === undefined ? {} : { nonce }),
    signedData,
  }
}

/** Reads a MessageImprint. Throws `ERR_TIMESTAMP_INVALID` when its length is not that of its algorithm. */
function readImprint(node: DerNode | undefined): TimestampImprint {
  const { children } = expectUniversal(node, derTag.sequence, 'The imprint of the timestamp')
  const oid = readOid(expectUniversal(children[0], derTag.sequence, 'The digest algorithm of the imprint').children[0])
  const algorithm = digestOfOid(oid)
  if (!algorithm)
    throw cryptoError('ERR_TIMESTAMP_INVALID', `The imprint uses the digest ${oid}, which is not known.`, {
      facts: { oid },
    })
  const value = readOctetString(children[1], 'The imprint of the timestamp')
  if (value.length !== digestLengths[algorithm]) throw invalid('The imprint does not have the length of its digest.')
  return { algorithm, value }
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

async function judge({ signedData, imprint }: TimestampToken, input: TimestampVerificationInput): Promise<Judgement> {
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
  return result('valid')
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

function readAccuracy(node: DerNode): number {
  let milliseconds = 0
  for (const child of node.children) {
    const value = child.content.reduce((sum, byte) => sum * 256 + byte, 0)
    if (child.content.length === 0 || child.content.length > 4)
      throw invalid('The accuracy of the timestamp is malformed.')
    if (isUniversal(child, derTag.integer)) milliseconds += value * 1000
    else if (isContext(child, 0)) milliseconds += value
    else if (isContext(child, 1)) milliseconds += value / 1000
    else throw invalid('The accuracy of the timestamp is malformed.')
  }
  return milliseconds
}

function refuseCriticalExtensions(node: DerNode): void {
  for (const extension of node.children) {
    if (isUniversal(extension.children[1], derTag.boolean) && extension.children[1]!.content[0] === 0xff) {
      throw invalid('The timestamp has a critical extension, which is not known.')
    }
  }
}

function invalid(message: string): Error {
  return cryptoError('ERR_TIMESTAMP_INVALID', message)
}
