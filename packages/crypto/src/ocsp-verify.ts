/** What an OCSP response (证书状态应答, RFC 6960) proves about one certificate at one moment. */
import { equalBytes, type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import type { RevocationReason } from './crl.ts'
import { derTag, expectUniversal, parseDer, readOctetString, readOid } from './der.ts'
import { digestOfOid, hash } from './hash.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import { findResponder } from './lib/revocation/ocsp-responder.ts'
import { isIdOf, ocspOid } from './lib/revocation/ocsp-structures.ts'
import type { CertificateWithIssuer } from './ocsp-request.ts'
import type { CertificateStatusEntry, OcspResponse } from './ocsp-response.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

/** Input of {@link verifyOcspResponse}. */
export interface OcspVerificationInput extends CertificateWithIssuer, WeakAlgorithmSwitches {
  /** The moment for which the question is asked: now, or one that is proven by a timestamp. */
  at: Date
  /** The nonce that was sent. A response without one is still used, with a finding; one with another is not. */
  nonce?: Uint8Array | undefined
  /** A response that does not say when it is replaced counts for this long; by default it does not count. */
  maxAgeSeconds?: number | undefined
  /** How far clocks may differ; 300 by default. */
  clockSkewSeconds?: number | undefined
  /** Certificates of responders beside those in the response. */
  responderCertificates?: readonly Certificate[] | undefined
  /**
   * Tells whether a responder that the issuer delegated to is itself not revoked. It is asked only when its certificate is
   * not exempt by id-pkix-ocsp-nocheck; without it the answer of such a responder does not count.
   */
  isResponderGood?: ((responder: Certificate) => boolean | Promise<boolean>) | undefined
}

/** Who signed, and why that one may: the issuer, or a delegate that is exempt from revocation or was looked up. */
export interface OcspResponder {
  readonly certificate: Certificate
  readonly role: 'issuer' | 'delegate'
  /** `exempt`: the issuer itself, or marked id-pkix-ocsp-nocheck. `not-checked`: nobody could tell, so nothing counts. */
  readonly revocation: 'exempt' | 'good' | 'not-good' | 'not-checked'
}

/** Answer of {@link verifyOcspResponse}. */
export interface OcspVerification {
  /** `unknown`: the responder does not know the certificate, or the response does not count: see `usable`. */
  readonly status: 'good' | 'revoked' | 'unknown'
  /** True if the response is authentic, about this certificate and fresh; then the status is what its responder says. */
  readonly usable: boolean
  /** Also of a revocation that took effect only after the moment asked about. */
  readonly revokedAt?: Date
  readonly reason?: RevocationReason
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
  readonly archiveCutoff?: Date
  readonly producedAt: Date
  readonly responder?: OcspResponder
  readonly findings: readonly Finding[]
}

const known: ReadonlySet<string> = new Set([
  ocspOid.nonce,
  ocspOid.extendedRevoke,
  ocspOid.archiveCutoff,
  ocspOid.certificateHash,
])

/**
 * Verifies a response: that it is about this certificate, fresh at the moment asked about, and signed by the issuer or by
 * a responder to which the issuer itself delegated. Whether the issuer is trusted is for `verifyCertificatePath`. Never
 * throws for what the response contains.
 *
 * A response from after `at` counts if the certificate had not expired by then, or if the responder's archive reaches back
 * to its expiry. A revocation after `at` leaves the status good, with the finding `CERTIFICATE_REVOKED_LATER`. Of entries
 * that contradict each other the worst counts.
 *
 * @example
 * ```ts
 * const { status, usable, findings } = await verifyOcspResponse(parseOcspResponse(bytes), {
 *   certificate, issuer, at: new Date(), nonce,
 * })
 * ```
 */
export async function verifyOcspResponse(
  response: OcspResponse,
  input: OcspVerificationInput,
): Promise<OcspVerification> {
  const { certificate, issuer, at, nonce, clockSkewSeconds = 300, responderCertificates = [] } = input
  const { producedAt } = response
  const findings: Finding[] = []
  const add = (code: string, message: string): unknown => findings.push({ code, severity: 'warning', message })
  const entries = response.statuses.filter(({ id }) => isIdOf(id, certificate, issuer))
  const unusable = (): OcspVerification => ({ status: 'unknown', usable: false, producedAt, findings })
  if (entries.length === 0) {
    add('OCSP_OTHER_CERTIFICATE', 'The OCSP response says nothing about this certificate.')
    return unusable()
  }
  if (nonce && response.nonce && !equalBytes(nonce, response.nonce)) {
    add('OCSP_NONCE_MISMATCH', 'The OCSP response carries another nonce: it answers another request.')
  }
  const critical = [response, ...entries]
    .flatMap(({ extensions }) => extensions)
    .find((extension) => extension.critical && !known.has(extension.oid))
  if (critical) {
    add('OCSP_CRITICAL_EXTENSION', `The OCSP response has the critical extension ${critical.oid}, which is not known.`)
  }
  for (const entry of entries) {
    const problem = findTimeProblem(entry, producedAt, input) ?? findHashProblem(entry, certificate)
    if (problem) add(problem.code, problem.message)
  }
  if (findings.length > 0) return unusable()

  const found = await findResponder(response, {
    issuer,
    at,
    clockSkew: clockSkewSeconds * 1000,
    certificates: responderCertificates,
    ...weakSwitches(input),
  })
  if (!('certificate' in found)) {
    add(found.code, found.problem)
    return unusable()
  }
  const responder = await checkResponder(found, input)
  if (responder.revocation === 'not-good' || responder.revocation === 'not-checked') {
    add(
      'OCSP_RESPONDER_NOT_CHECKED',
      responder.revocation === 'not-good'
        ? 'The certificate of the OCSP responder is revoked, or its own status is not known.'
        : 'The certificate of the OCSP responder is not exempt from revocation: its own status has to be shown.',
    )
    return { ...unusable(), responder }
  }
  if (nonce && !response.nonce) {
    add(
      'OCSP_NONCE_MISSING',
      'The OCSP response carries no nonce: it was made in advance, and is only as fresh as it says.',
    )
  }
  return { ...judge(entries, at, findings), usable: true, producedAt, responder, findings }
}

async function checkResponder(
  { certificate, role, exempt }: { certificate: Certificate; role: OcspResponder['role']; exempt: boolean },
  { isResponderGood }: OcspVerificationInput,
): Promise<OcspResponder> {
  if (exempt) return { certificate, role, revocation: 'exempt' }
  if (!isResponderGood) return { certificate, role, revocation: 'not-checked' }
  return { certificate, role, revocation: (await isResponderGood(certificate)) ? 'good' : 'not-good' }
}

/** The worst of the entries; the findings say what it is. */
function judge(
  entries: readonly CertificateStatusEntry[],
  at: Date,
  findings: Finding[],
): Pick<OcspVerification, 'status' | 'revokedAt' | 'reason' | 'thisUpdate' | 'nextUpdate' | 'archiveCutoff'> {
  const rank = (entry: CertificateStatusEntry): number => {
    if (entry.revokedAt) return entry.revokedAt <= at ? 0 : 2
    return entry.status === 'unknown' ? 1 : 3
  }
  const worst = entries.toSorted((left, right) => rank(left) - rank(right))[0]!
  const { revokedAt, reason, thisUpdate, nextUpdate, archiveCutoff } = worst
  const status = (['revoked', 'unknown', 'good', 'good'] as const)[rank(worst)]!
  if (entries.some((entry) => rank(entry) !== rank(worst))) {
    findings.push({
      code: 'OCSP_CONTRADICTORY',
      severity: 'warning',
      message: 'The OCSP response says different things about the certificate; the worst of them counts.',
    })
  }
  if (status === 'unknown') {
    findings.push({
      code: 'OCSP_STATUS_UNKNOWN',
      severity: 'warning',
      message: 'The OCSP responder does not know the certificate.',
    })
  } else if (revokedAt) {
    const late = status === 'good'
    const because = reason ? ` (${reason})` : ''
    findings.push({
      code: late ? 'CERTIFICATE_REVOKED_LATER' : 'CERTIFICATE_REVOKED',
      severity: late ? 'warning' : 'error',
      message: `The certificate was revoked${late ? ' later,' : ''} on ${revokedAt.toISOString()}${because}.`,
    })
  }
  return {
    status,
    ...(revokedAt ? { revokedAt } : {}),
    ...(reason ? { reason } : {}),
    thisUpdate,
    ...(nextUpdate ? { nextUpdate } : {}),
    ...(archiveCutoff ? { archiveCutoff } : {}),
  }
}

interface Problem {
  code: string
  message: string
}

function findTimeProblem(
  { thisUpdate, nextUpdate, archiveCutoff }: CertificateStatusEntry,
  producedAt: Date,
  { at, certificate, maxAgeSeconds, clockSkewSeconds = 300 }: OcspVerificationInput,
): Problem | undefined {
  const skew = clockSkewSeconds * 1000
  const moment = at.getTime()
  // Comparisons are written so that a date that is none counts as outside.
  if (!(thisUpdate.getTime() <= producedAt.getTime() + skew) || (nextUpdate && !(nextUpdate >= thisUpdate))) {
    return { code: 'OCSP_TIME_IMPLAUSIBLE', message: 'The dates of the OCSP response contradict each other.' }
  }
  if (nextUpdate && !(nextUpdate.getTime() + skew >= moment)) {
    return { code: 'OCSP_STALE', message: `The OCSP response was to be replaced by ${nextUpdate.toISOString()}.` }
  }
  if (!nextUpdate && !(maxAgeSeconds !== undefined && moment - thisUpdate.getTime() <= maxAgeSeconds * 1000 + skew)) {
    return {
      code: 'OCSP_STALE',
      message:
        maxAgeSeconds === undefined
          ? 'The OCSP response does not say when it is replaced, and no greatest age is allowed for such.'
          : `The OCSP response is from ${thisUpdate.toISOString()}, which is too old.`,
    }
  }
  const remembers = archiveCutoff !== undefined && archiveCutoff <= certificate.notAfter
  if (thisUpdate > at && thisUpdate > certificate.notAfter && !remembers) {
    return { code: 'OCSP_AFTER_EXPIRY', message: 'The OCSP response was issued after the certificate expired.' }
  }
  return undefined
}

/** The responder may say with a digest which certificate it means: then that one must be meant. */
function findHashProblem({ extensions }: CertificateStatusEntry, certificate: Certificate): Problem | undefined {
  const extension = extensions.find(({ oid }) => oid === ocspOid.certificateHash)
  if (!extension) return undefined
  const mismatch = {
    code: 'OCSP_CERTIFICATE_HASH_MISMATCH',
    message: 'The OCSP response is about another certificate.',
  }
  try {
    const [algorithm, value] = expectUniversal(
      parseDer(extension.value),
      derTag.sequence,
      'A certificate hash',
    ).children
    const digest = digestOfOid(readOid(expectUniversal(algorithm, derTag.sequence, 'A digest algorithm').children[0]))
    return digest && equalBytes(readOctetString(value), hash(digest, certificate.der)) ? undefined : mismatch
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return mismatch
  }
}
