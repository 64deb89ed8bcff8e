/** Revocation of the certificates of a path: by lists (RFC 5280, section 6.3), by OCSP (RFC 6960), and by asking for more. */
import type { Finding } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { place } from '../certificates/path-checks.ts'
import { checkByLists } from './crl-status.ts'
import { checkByResponses } from './ocsp-status.ts'
import { holdEvidence, type RevocationContext, type RevocationResult, warning } from './revocation-context.ts'

const maxQuestions = 64
const maxResponderDepth = 2

/** The status of a path and, in the order of the path, of its certificates below the anchor. */
export interface PathRevocation {
  readonly revocation: RevocationResult
  /** Ends at the first that is revoked. */
  readonly revocations: readonly RevocationResult[]
}

/** Revoked if any certificate below the anchor is, good only if all of them are. */
export async function checkPathRevocation(
  path: readonly Certificate[],
  context: RevocationContext,
): Promise<PathRevocation> {
  const revocations: RevocationResult[] = []
  let revocation: RevocationResult = { status: 'not-checked' }
  for (let index = 0; index < path.length - 1; index += 1) {
    const one = await checkCertificate(path, index, context)
    revocations.push(one)
    if (one.status === 'revoked') return { revocation: one, revocations }
    if (index === 0) revocation = one
    if (one.status === 'good' || revocation.status === 'not-checked') continue
    context.findings.push(
      warning(
        'REVOCATION_UNKNOWN',
        `No usable revocation list or OCSP response tells about it: ${place(path, index)}.`,
      ),
    )
    revocation = { status: 'unknown' }
  }
  return { revocation, revocations }
}

/** By the evidence at hand; the sources are asked in their order for as long as that leaves the status open. */
async function checkCertificate(
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<RevocationResult> {
  const { sources, asked, held, at, findings, signal } = context
  const [certificate, issuer] = [path[index]!, path[index + 1]!]
  let result = await checkByEvidence(path, index, context)
  for (const source of sources) {
    if (result.status === 'good' || result.status === 'revoked') break
    const known = asked.some(
      (question) => question.source === source && question.certificate === certificate && question.issuer === issuer,
    )
    if (known || asked.length === maxQuestions) continue
    asked.push({ source, certificate, issuer })
    holdEvidence(held, await source.find({ certificate, issuer, at }, signal ? { signal } : {}), findings)
    result = await checkByEvidence(path, index, context)
  }
  // Sources that were asked in vain leave the status open; without any, nobody has looked.
  return result.status === 'not-checked' && sources.length > 0 ? { status: 'unknown' } : result
}

/** Revoked by any evidence wins; of what says good, the newest is named. */
async function checkByEvidence(
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<RevocationResult> {
  const byResponses = await checkByResponses(path, index, context, (responder) =>
    isResponderGood(responder, path.slice(index + 1), context),
  )
  if (byResponses.status === 'revoked') return byResponses
  const byLists = await checkByLists(path, index, context)
  if (byLists.status === 'revoked') return byLists
  const [newest] = [byResponses, byLists]
    .filter(({ status }) => status === 'good')
    .sort((left, right) => right.at!.getTime() - left.at!.getTime())
  if (newest) return newest
  return { status: byResponses.status === 'unknown' || byLists.status === 'unknown' ? 'unknown' : 'not-checked' }
}

/** A responder's own status, which must be told by others than itself. */
async function isResponderGood(
  responder: Certificate,
  above: readonly Certificate[],
  context: RevocationContext,
): Promise<boolean> {
  const { responderDepth } = context
  // Responders that vouch for themselves or for each other come to this end too.
  if (responderDepth === maxResponderDepth) return false
  const findings: Finding[] = []
  const { status } = await checkCertificate([responder, ...above], 0, {
    ...context,
    findings,
    responderDepth: responderDepth + 1,
  })
  context.findings.push(
    ...findings.map((finding) => ({ ...finding, message: `About an OCSP responder: ${finding.message}` })),
  )
  return status === 'good'
}
