/** The status of a certificate of a path by the OCSP responses at hand. */
import type { Certificate } from '../../certificate.ts'
import type { OcspResponse } from '../../ocsp-response.ts'
import { verifyOcspResponse } from '../../ocsp-verify.ts'
import { place } from '../certificates/path-checks.ts'
import { weakSwitches } from '../keys/weak-switches.ts'
import { isIdOf } from './ocsp-structures.ts'
import { type RevocationContext, type RevocationResult, warning } from './revocation-context.ts'

/** Revoked if any usable response says so, good if one does; the newest of them gives the date. */
export async function checkByResponses(
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
  isResponderGood: (responder: Certificate) => Promise<boolean>,
): Promise<RevocationResult> {
  const [certificate, issuer] = [path[index]!, path[index + 1]!]
  const { at, findings, held, ocspMaxAgeSeconds: maxAgeSeconds } = context
  const where = place(path, index)
  let result: RevocationResult = { status: 'not-checked' }
  for (const response of newestFirst(held.responses)) {
    if (!response.statuses.some(({ id }) => isIdOf(id, certificate, issuer))) continue
    if (result.status === 'not-checked') result = { status: 'unknown' }
    if (held.responseBudget === 0) {
      findings.push(warning('OCSP_UNUSABLE', `There is too much evidence to check all of it: ${where}.`))
      break
    }
    held.responseBudget -= 1
    const question = { certificate, issuer, at, maxAgeSeconds, isResponderGood, ...weakSwitches(context.pool.weak) }
    const answer = await verifyOcspResponse(response, question)
    const { status, usable, thisUpdate, revokedAt } = answer
    if (!usable) findings.push(warning('OCSP_UNUSABLE', `An OCSP response cannot be used for it: ${where}.`))
    for (const finding of answer.findings) findings.push({ ...finding, message: `${where}: ${finding.message}` })
    if (status === 'revoked') return { status, at: revokedAt!, source: 'ocsp' }
    if (status === 'good' && result.status !== 'good') result = { status, at: thisUpdate!, source: 'ocsp' }
  }
  return result
}

function newestFirst(responses: readonly OcspResponse[]): OcspResponse[] {
  return responses.toSorted((left, right) => right.producedAt.getTime() - left.producedAt.getTime())
}
