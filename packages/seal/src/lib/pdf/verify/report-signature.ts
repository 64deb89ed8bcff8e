/** Verifies one signature or document timestamp and writes its part of the report. */
import { type DigestAlgorithm, equalBytes, type Finding, formatTime, isZhichengError } from '@zhicheng/core'
import {
  type Certificate,
  type CertificateList,
  parseCertificateList,
  type TimestampVerification,
  verifySignedData,
  verifyTimestampToken,
} from '@zhicheng/crypto'
import type { SignatureLevel, SignatureReport } from '../../../report.ts'
import { buildChain, type ChainResult, type TrustMaterial } from './chain.ts'
import type { ChangeOutcome } from './change-analysis.ts'
import type { ReadSignature } from './read-signature.ts'
import type { SecurityStore } from './security-store.ts'
import { judgeTimestamps, type TimestampJudgement, type TrustedTimestamp } from './signature-timestamp.ts'
import { judgeSignature, type VerdictFacts } from './verdict.ts'

/** A moment that a trusted document timestamp proves for all bytes before `end`. */
export interface ProvenTime {
  readonly time: Date
  readonly end: number
  /** True if the security store was there already. */
  readonly coversStore: boolean
}

/** What a signature is verified with. */
export interface SignatureContext {
  readonly digests: ReadonlyMap<DigestAlgorithm, Uint8Array>
  readonly changes: ChangeOutcome
  readonly trust: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  readonly at: Date
  readonly store: SecurityStore
  /** From document timestamps, which are verified first. */
  readonly proven: readonly ProvenTime[]
}

/** What the cryptography of one signature came to. */
interface Cryptography {
  readonly status: VerdictFacts['cryptography']
  readonly certificate: Certificate | undefined
  readonly algorithm: string
  readonly bindsCertificate: boolean
  readonly timestamps: readonly TimestampVerification[]
  readonly certificates: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  readonly findings: readonly Finding[]
}

/** The report on one signature. Never throws for what it contains. */
export async function reportSignature(signature: ReadSignature, context: SignatureContext): Promise<SignatureReport> {
  const { found, kind, problem } = signature
  const { changes } = context
  const cryptography = await verifyCryptography(signature, context)
  const material: TrustMaterial = {
    trust: context.trust,
    given: context.crls,
    embedded: [...context.store.crls, ...cryptography.crls],
    certificates: [...cryptography.certificates, ...context.store.certificates],
  }
  const timestamps = await judgeTimestamps(cryptography.timestamps, material)
  const time = provenTime(signature, { ...context, timestamp: timestamps.trusted })
  const chain = cryptography.certificate
    ? await buildChain(cryptography.certificate, material, {
        at: time ?? context.at,
        usage: kind === 'timestamp' ? 'timestamping' : 'document-signing',
      })
    : undefined
  const facts: VerdictFacts = {
    format: !found.range || (problem && !problem.unsupported) ? 'broken' : problem ? 'unsupported' : 'good',
    cryptography: cryptography.status,
    changes: changes.judgement,
    certificateKnown: cryptography.certificate !== undefined,
    timestampsGood: cryptography.timestamps.every(({ status }) => status === 'valid'),
    chain: chain?.path,
    timeProven: time !== undefined,
  }
  return {
    id: found.reference ? `${found.reference.number}-${found.reference.generation}` : `field-${found.name}`,
    name: found.name,
    kind,
    ...judgeSignature(facts),
    level: levelOf(signature, { cryptography, context, timestamps }),
    ...describeTime(signature, timestamps.trusted),
    signer: describeSigner(cryptography.certificate),
    algorithm: cryptography.algorithm,
    coverage: !found.range ? 'unclear' : changes.last ? 'whole-file' : 'whole-revision',
    changes: changes.report,
    chain: describeChain(chain),
    revocation: describeRevocation(chain),
    findings: [
      ...found.findings,
      ...(problem ? [problem.finding] : []),
      ...cryptography.findings,
      ...timestamps.findings,
      ...(chain?.path.findings ?? []),
      ...storeFindings(context.store, chain),
    ],
  }
}

async function verifyCryptography(
  { found, message, token }: ReadSignature,
  { digests }: SignatureContext,
): Promise<Cryptography> {
  const none: Cryptography = {
    status: 'unsupported',
    certificate: undefined,
    algorithm: 'unknown',
    bindsCertificate: false,
    timestamps: [],
    certificates: [],
    crls: [],
    findings: [],
  }
  const digestOf = (algorithm: DigestAlgorithm): Uint8Array => digests.get(algorithm) ?? new Uint8Array(0)
  if (!found.range) return none
  if (token) {
    const { status, certificate, findings } = await verifyTimestampToken(token, { imprint: digestOf })
    return {
      ...none,
      status: status === 'imprint-mismatch' ? 'digest-mismatch' : status,
      certificate,
      algorithm: token.imprint.algorithm,
      certificates: token.signedData.certificates,
      crls: readLists(token.signedData.crls),
      findings,
    }
  }
  if (!message) return none
  const verified = await verifySignedData(message, { messageDigest: digestOf })
  return {
    status: verified.status,
    certificate: verified.certificate,
    algorithm: verified.algorithm ?? 'unknown',
    bindsCertificate: verified.bindsCertificate,
    timestamps: verified.timestamps,
    certificates: message.certificates,
    crls: readLists(message.crls),
    findings: verified.findings,
  }
}

function readLists(crls: readonly Uint8Array[]): CertificateList[] {
  const lists: CertificateList[] = []
  for (const bytes of crls) {
    try {
      lists.push(parseCertificateList(bytes))
    } catch (error) {
      if (!isZhichengError(error)) throw error
    }
  }
  return lists
}

/** The earliest moment at which the signature is proven to have existed. */
function provenTime(
  { found, kind }: ReadSignature,
  { proven, timestamp }: SignatureContext & { timestamp: TrustedTimestamp | undefined },
): Date | undefined {
  const end = found.range?.end ?? Number.POSITIVE_INFINITY
  const times = proven.filter((each) => each.end > end).map(({ time }) => time)
  if (kind === 'signature' && timestamp?.proves) times.push(timestamp.time)
  return times.sort((left, right) => left.getTime() - right.getTime())[0]
}

function levelOf(
  { found, kind }: ReadSignature,
  {
    cryptography,
    context,
    timestamps,
  }: { cryptography: Cryptography; context: SignatureContext; timestamps: TimestampJudgement },
): SignatureLevel {
  if (kind === 'timestamp') return 'B-T'
  if (found.subFilter !== 'ETSI.CAdES.detached' || !cryptography.bindsCertificate) return 'PKCS7'
  const later = context.proven.filter(({ end }) => end > (found.range?.end ?? 0))
  // Without trust the level tells the form alone; with it, a time that nobody trusted attests is none.
  const stamped =
    context.trust.length === 0
      ? cryptography.timestamps.some(({ status }) => status === 'valid')
      : timestamps.trusted !== undefined
  if (!stamped && later.length === 0) return 'B-B'
  if (!cryptography.certificate || !holdsEvidence(context.store, cryptography.certificate)) return 'B-T'
  return later.some(({ coversStore }) => coversStore) ? 'B-LTA' : 'B-LT'
}

/** True if the store has the signer's certificate or its issuer, and something that may tell of revocation. */
function holdsEvidence({ certificates, crls, ocspAnswers }: SecurityStore, signer: Certificate): boolean {
  const issued = (name: Uint8Array): boolean => equalBytes(name, signer.issuer.der)
  return (
    certificates.some((each) => equalBytes(each.der, signer.der) || issued(each.subject.der)) &&
    (ocspAnswers > 0 || crls.some((list) => issued(list.issuer.der)))
  )
}

function describeTime(
  { found, token }: ReadSignature,
  timestamp: TrustedTimestamp | undefined,
): Pick<SignatureReport, 'signedAt' | 'timeSource'> {
  if (token) return { signedAt: formatTime(token.time), timeSource: 'timestamp' }
  if (timestamp) return { signedAt: formatTime(timestamp.time), timeSource: 'timestamp' }
  return { signedAt: found.claimedTime ? formatTime(found.claimedTime) : null, timeSource: 'claimed' }
}

function describeSigner(certificate: Certificate | undefined): SignatureReport['signer'] {
  if (!certificate) return null
  return { subject: certificate.subject.text, issuer: certificate.issuer.text, serial: certificate.serialNumber }
}

function describeChain(chain: ChainResult | undefined): SignatureReport['chain'] {
  if (!chain) return { status: 'not-checked', trustedBy: null }
  return { status: chain.path.status, trustedBy: chain.path.trustedBy?.subject.text ?? null }
}

function describeRevocation(chain: ChainResult | undefined): SignatureReport['revocation'] {
  if (!chain) return { status: 'not-checked', source: null, at: null }
  const { status, at } = chain.path.revocation
  return { status, source: chain.source, at: at ? formatTime(at) : null }
}

function storeFindings(store: SecurityStore, chain: ChainResult | undefined): Finding[] {
  if (store.ocspAnswers === 0 || !chain || chain.source !== null) return []
  return [
    {
      code: 'SEAL_OCSP_NOT_EVALUATED',
      severity: 'info',
      message: 'The file carries OCSP answers, which are not evaluated: give a CRL to have revocation checked.',
    },
  ]
}
