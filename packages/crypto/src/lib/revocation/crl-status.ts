/** The status of a certificate of a path by the revocation lists at hand (RFC 5280, section 6.3). */
import { equalBytes, isZhichengError } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { type CertificateList, verifyCertificateList } from '../../crl.ts'
import { sameName } from '../certificates/names.ts'
import { place } from '../certificates/path-checks.ts'
import { findSubject, isAnchor } from '../certificates/path-search.ts'
import { type CertificateListEntry, findEntry, serialContent } from './crl-entries.ts'
import { allReasons, readDistributionPoints, reasonsCovered } from './crl-scope.ts'
import { type RevocationContext, type RevocationResult, type UsableList, warning } from './revocation-context.ts'

/** By the lists of the certificate's distribution points, until they tell for all reasons. */
export async function checkByLists(
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<RevocationResult> {
  const certificate = path[index]!
  const where = place(path, index)
  let missing = allReasons
  let given = context.held.issuers.some((issuer) => sameName(issuer, certificate.issuer.der))
  let newest: Date | undefined
  try {
    for (const point of readDistributionPoints(certificate)) {
      for (const usable of context.held.lists) {
        if (usable.scope.deltaBase !== undefined) continue
        const covered = reasonsCovered(usable.list, usable.scope, point, certificate)
        if ((covered & missing) === 0) continue
        given = true
        const problem = await findProblem(usable.list, path, index, context)
        if (problem) {
          context.findings.push(
            warning('CRL_UNUSABLE', `A revocation list cannot be used for it: ${where}. ${problem}`),
          )
          continue
        }
        const entry = await findRevocation(usable, path, index, context)
        if (entry && entry.at <= context.at) {
          const reason = entry.reason ? ` (${entry.reason})` : ''
          context.findings.push({
            code: 'CERTIFICATE_REVOKED',
            severity: 'error',
            message: `${where} was revoked on ${entry.at.toISOString()}${reason}.`,
          })
          return { status: 'revoked', at: entry.at, source: 'crl' }
        }
        if (entry)
          context.findings.push(
            warning('CERTIFICATE_REVOKED_LATER', `${where} was revoked later, on ${entry.at.toISOString()}.`),
          )
        missing &= ~covered
        if (!newest || usable.list.thisUpdate > newest) newest = usable.list.thisUpdate
      }
    }
  } catch (error) {
    if (!isZhichengError(error)) throw error
    context.findings.push(
      warning('CRL_UNUSABLE', `The revocation lists cannot be used for it: ${where}. ${error.message}`),
    )
    return { status: 'unknown' }
  }
  if (missing === 0 && newest) return { status: 'good', at: newest, source: 'crl' }
  return { status: given ? 'unknown' : 'not-checked' }
}

/** Why the list must not be used, or `undefined`. */
async function findProblem(
  list: CertificateList,
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<string | undefined> {
  const { at } = context
  if (!list.nextUpdate) return 'It does not say when the next one comes.'
  // A list from after the moment tells it too, by the dates of its entries, as long as it still lists this certificate.
  if (list.thisUpdate > at && list.thisUpdate > path[index]!.notAfter)
    return 'It was issued after the certificate expired.'
  if (!(list.nextUpdate >= at)) return `It was to be replaced by ${list.nextUpdate.toISOString()}.`
  return (await isSignedByAuthority(list, path, index, context)) ? undefined : 'No authority that may sign it did so.'
}

/** The entry about the certificate: of the newest delta list that fits, else of the complete list itself. */
async function findRevocation(
  { list, scope }: UsableList,
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<CertificateListEntry | undefined> {
  const certificate = path[index]!
  const serial = serialContent(certificate)
  const deltas = context.held.lists
    .filter(
      (other) =>
        other.scope.deltaBase !== undefined &&
        list.number !== undefined &&
        other.list.number !== undefined &&
        other.list.number > list.number &&
        other.scope.deltaBase <= list.number &&
        other.scope.point === scope.point &&
        sameName(other.list.issuer.der, list.issuer.der),
    )
    .sort((left, right) => (left.list.number! > right.list.number! ? -1 : 1))
  for (const delta of deltas) {
    if (await findProblem(delta.list, path, index, context)) continue
    const entry = findEntry(delta.list, serial, certificate.issuer.der)
    if (entry) return entry.reason === 'removeFromCRL' ? undefined : entry
    break
  }
  return findEntry(list, serial, certificate.issuer.der)
}

async function isSignedByAuthority(
  list: CertificateList,
  path: readonly Certificate[],
  index: number,
  context: RevocationContext,
): Promise<boolean> {
  const anchor = path.at(-1)!
  const above = path.slice(index + 1).filter((candidate) => sameName(candidate.subject.der, list.issuer.der))
  const beside = findSubject(context.pool, list.issuer.der).filter((candidate) => !above.includes(candidate))
  for (const signer of [...above, ...beside]) {
    const held = isAnchor(context.pool, signer)
    if (!held && signer.keyUsage && !signer.keyUsage.has('cRLSign')) continue
    if (!(await isSignedWith(list, signer, context))) continue
    if (above.includes(signer) || (await context.trustsListSigner(signer, anchor))) return true
  }
  return false
}

async function isSignedWith(list: CertificateList, signer: Certificate, context: RevocationContext): Promise<boolean> {
  const wanted = list.authorityKeyIdentifier
  if (wanted && signer.subjectKeyIdentifier && !equalBytes(wanted, signer.subjectKeyIdentifier)) return false
  const known = context.signatures.get(list) ?? new Map<Certificate, boolean>()
  context.signatures.set(list, known)
  let valid = known.get(signer)
  if (valid === undefined) {
    if (context.pool.budget === 0) return false
    context.pool.budget -= 1
    try {
      valid = await verifyCertificateList(list, signer.publicKey, context.pool.weak)
    } catch (error) {
      if (!isZhichengError(error)) throw error
      valid = false
    }
    known.set(signer, valid)
  }
  return valid
}
