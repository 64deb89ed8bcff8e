/** Finds the ways from a certificate up to the anchors among loose certificates, and never wanders without end. */
import { equalBytes, isZhichengError } from '@zhicheng/core'
import { type Certificate, verifyCertificateSignature } from '../../certificate.ts'
import { allowDsa, type WeakAlgorithmSwitches } from '../../signature-algorithm.ts'
import { inheritParameters } from '../keys/dsa-parameters.ts'
import { nameKey } from './names.ts'

/** What the search met on its way, for the case that it finds nothing. */
export interface PathSearch {
  /** The longest way that was followed, for the report. */
  longest: readonly Certificate[]
  /** An issuer was there by name and key identifier, but the signature is neither its nor that of another candidate. */
  signatureInvalid: boolean
  /** A signature could not be checked, because its algorithm is unknown, weak or not available. */
  unsupported: boolean
  /** The search ended before it had tried everything. */
  limited: boolean
}

/** Issuers by name, prepared once for all searches of one verification. */
export interface CertificatePool {
  readonly anchors: ReadonlyMap<string, readonly Certificate[]>
  readonly intermediates: ReadonlyMap<string, readonly Certificate[]>
  /** Signatures that may still be checked; hostile pools of cross certificates would need any number. */
  budget: number
  readonly checked: Map<Certificate, Map<Certificate, boolean | undefined>>
  readonly weak: WeakAlgorithmSwitches
}

const maxLength = 12

/** Sorts certificates by their subject. */
export function createPool(
  anchors: readonly Certificate[],
  intermediates: readonly Certificate[],
  weak: WeakAlgorithmSwitches = {},
): CertificatePool {
  return {
    anchors: bySubject(anchors),
    intermediates: bySubject(intermediates),
    budget: 200,
    checked: new Map(),
    weak,
  }
}

/** The certificates of the pool whose subject is this name, anchors first. */
export function findSubject(pool: CertificatePool, name: Uint8Array): Certificate[] {
  const key = nameKey(name)
  return [...(pool.anchors.get(key) ?? []), ...(pool.intermediates.get(key) ?? [])]
}

/** True if the certificate itself is one of the anchors. */
export function isAnchor(pool: CertificatePool, certificate: Certificate): boolean {
  const same = pool.anchors.get(nameKey(certificate.subject.der)) ?? []
  return same.some((anchor) => equalBytes(anchor.der, certificate.der))
}

/** Every way from the certificate to an anchor, shortest detours first: the certificate, its issuers, the anchor. */
export async function* findPaths(
  leaf: Certificate,
  pool: CertificatePool,
  search: PathSearch,
): AsyncGenerator<readonly Certificate[], void, void> {
  if (isAnchor(pool, leaf)) {
    yield [leaf]
    return
  }
  for await (const path of extend([leaf], pool, search)) {
    const whole = await completeKeys(path, pool, search)
    if (whole) yield whole
  }
}

/** Gives keys without parameters those of the key above, and makes up for the signatures that had to wait for them. */
async function completeKeys(
  path: readonly Certificate[],
  pool: CertificatePool,
  search: PathSearch,
): Promise<readonly Certificate[] | undefined> {
  if (!path.some(({ publicKey }) => publicKey.inheritsParameters)) return path
  const whole: Certificate[] = [path.at(-1)!]
  for (let index = path.length - 2; index >= 0; index -= 1) {
    const issuer = whole[0]!
    const certificate = inheritParameters(path[index]!, issuer.publicKey)
    const waited = path[index + 1]!.publicKey.inheritsParameters
    if (!certificate) {
      search.unsupported = true
      return undefined
    }
    if (waited && !(await isSignedBy(path[index]!, issuer, pool, search))) return undefined
    whole.unshift(certificate)
  }
  return whole
}

async function* extend(
  path: readonly Certificate[],
  pool: CertificatePool,
  search: PathSearch,
): AsyncGenerator<readonly Certificate[], void, void> {
  if (path.length > search.longest.length) search.longest = path
  const last = path.at(-1)!
  const key = nameKey(last.issuer.der)
  let signed = false
  let refused = false
  for (const anchor of byKeyIdentifier(last, pool.anchors.get(key))) {
    const valid = await isSignedBy(last, anchor, pool, search)
    if (valid === false && matches(last, anchor)) refused = true
    if (!valid) continue
    signed = true
    yield [...path, anchor]
  }
  if (path.length >= maxLength) return
  for (const issuer of byKeyIdentifier(last, pool.intermediates.get(key))) {
    if (path.some((certificate) => isSameHolder(certificate, issuer))) continue
    const valid = await isSignedBy(last, issuer, pool, search)
    if (valid === false && matches(last, issuer)) refused = true
    if (!valid) continue
    signed = true
    yield* extend([...path, issuer], pool, search)
  }
  // Only a key that the certificate names can show its signature to be wrong: a name alone may belong to several keys.
  if (refused && !signed) search.signatureInvalid = true
}

/** Undefined when the signature was not checked. */
async function isSignedBy(
  child: Certificate,
  issuer: Certificate,
  pool: CertificatePool,
  search: PathSearch,
): Promise<boolean | undefined> {
  const known = pool.checked.get(child) ?? new Map<Certificate, boolean | undefined>()
  pool.checked.set(child, known)
  if (!known.has(issuer)) {
    if (pool.budget === 0) {
      search.limited = true
      return undefined
    }
    pool.budget -= 1
    known.set(issuer, await checkSignature(child, issuer, pool.weak))
  }
  const valid = known.get(issuer)
  if (valid === undefined) search.unsupported = true
  return valid
}

async function checkSignature(
  child: Certificate,
  issuer: Certificate,
  weak: WeakAlgorithmSwitches,
): Promise<boolean | undefined> {
  // Verified once the whole path is known, because only the key above the issuer's tells its parameters.
  if (issuer.publicKey.inheritsParameters && weak[allowDsa]) return true
  try {
    return await verifyCertificateSignature(child, issuer.publicKey, weak)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return undefined
  }
}

/** Same subject and key: a cross certificate of one that is in the path already. */
function isSameHolder(left: Certificate, right: Certificate): boolean {
  return equalBytes(left.publicKey.spki, right.publicKey.spki) && equalBytes(left.subject.der, right.subject.der)
}

/** Whether the key identifiers agree; undefined when one of the two does not say. */
function matches(child: Certificate, issuer: Certificate): boolean | undefined {
  const wanted = child.authorityKeyIdentifier
  const given = issuer.subjectKeyIdentifier
  return wanted && given && equalBytes(wanted, given)
}

/** Key identifiers are a hint (RFC 5280, section 4.2.1.1): those that agree are tried first, those that disagree last. */
function byKeyIdentifier(child: Certificate, candidates: readonly Certificate[] = []): Certificate[] {
  const rank = (candidate: Certificate): number => ({ true: 0, undefined: 1, false: 2 })[`${matches(child, candidate)}`]
  return candidates.toSorted((left, right) => rank(left) - rank(right))
}

function bySubject(certificates: readonly Certificate[]): Map<string, Certificate[]> {
  const map = new Map<string, Certificate[]>()
  for (const certificate of certificates) {
    const key = nameKey(certificate.subject.der)
    const list = map.get(key)
    if (list) list.push(certificate)
    else map.set(key, [certificate])
  }
  return map
}
