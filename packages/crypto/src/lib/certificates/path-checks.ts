/** The rules of RFC 5280, section 6.1, for one path whose signatures were verified while it was built. */
import { type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import { addNameConstraints, constrainedNames, findForbiddenName, type NameConstraints } from './name-constraints.ts'
import { sameName } from './names.ts'
import { checkPolicies, type PolicyExtensions, type PolicyInput, readPolicyExtensions } from './policies.ts'

/** What the leaf is used for. */
export type PathUsage = 'document-signing' | 'timestamping' | 'seal-making' | 'any' | 'crl-signing'

/** Extensions that the validation handles; a critical one outside this list is refused. */
const handled: ReadonlySet<string> = new Set([
  '2.5.29.14',
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.18',
  '2.5.29.19',
  '2.5.29.30',
  '2.5.29.31',
  '2.5.29.32',
  '2.5.29.33',
  '2.5.29.35',
  '2.5.29.36',
  '2.5.29.37',
  '2.5.29.54',
])

const anyPurpose = '2.5.29.37.0'
const timeStamping = '1.3.6.1.5.5.7.3.8'

/**
 * Purposes under which people and bodies sign documents. RFC 9336 has one of its own; certificates from before it carry
 * those of mail, of client login, of Microsoft or of Adobe.
 */
const documentPurposes: readonly string[] = [
  '1.3.6.1.5.5.7.3.36',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.4.1.311.10.3.12',
  '1.2.840.113583.1.1.5',
]

/** How the dates of a path stand to a moment. */
export type PathValidity = 'valid' | 'expired' | 'not-yet-valid'

/** The worst of the dates of the path, the anchor's included: an anchor past its end is no longer vouched for. */
export function checkValidity(path: readonly Certificate[], at: Date): { validity: PathValidity; findings: Finding[] } {
  const findings: Finding[] = []
  let validity: PathValidity = 'valid'
  for (const [index, { notBefore, notAfter }] of path.entries()) {
    // Written so that a date that is none counts as outside.
    if (!(at >= notBefore)) {
      validity = 'not-yet-valid'
      findings.push(
        error('CERTIFICATE_NOT_YET_VALID', `${place(path, index)} is valid only from ${notBefore.toISOString()}.`),
      )
    } else if (at > notAfter) {
      if (validity === 'valid') validity = 'expired'
      findings.push(error('CERTIFICATE_EXPIRED', `${place(path, index)} was valid until ${notAfter.toISOString()}.`))
    }
  }
  return { validity, findings }
}

/**
 * Everything else: extensions, constraints, key usage, purposes and policies. An empty answer means that the path holds.
 * The anchor gives its name and key (RFC 5280, section 6.1.1 d); its own constraints are not held against the path.
 */
export function checkPath(path: readonly Certificate[], usage: PathUsage, policy: PolicyInput): Finding[] {
  const findings: Finding[] = []
  // A leaf that is itself an anchor is held to its own extensions all the same.
  const below = path.length === 1 ? path : path.slice(0, -1)
  const constraints: NameConstraints = { permitted: [], excluded: [] }
  const policies: { extensions: PolicyExtensions; selfIssued: boolean }[] = []
  let remaining = Number.POSITIVE_INFINITY
  for (let index = below.length - 1; index >= 0; index -= 1) {
    const certificate = below[index]!
    const isLeaf = index === 0
    const selfIssued = sameName(certificate.subject.der, certificate.issuer.der)
    const where = place(path, index)
    const add = (code: string, message: string): unknown => findings.push(error(code, `${where} ${message}`))
    for (const { oid, critical } of certificate.extensions) {
      if (critical && !handled.has(oid))
        add('CERTIFICATE_CRITICAL_EXTENSION', `has the critical extension ${oid}, which is not known.`)
    }
    try {
      // Alternative names have to be readable all the same; without them and without constraints there is nothing to hold.
      const named = isConstrained(constraints) || hasAlternativeNames(certificate)
      if (named && (!selfIssued || isLeaf)) {
        const reason = findForbiddenName(constraints, constrainedNames(certificate))
        if (reason) add('CERTIFICATE_NAME_CONSTRAINTS', `breaks name constraints: ${reason}`)
      }
      policies.push({ extensions: readPolicyExtensions(certificate.extensions), selfIssued })
      const demanded = isLeaf ? undefined : certificate.extensions.find(({ oid }) => oid === '2.5.29.30')
      if (demanded) addNameConstraints(constraints, demanded.value)
    } catch (cause) {
      if (!isZhichengError(cause)) throw cause
      add('CERTIFICATE_EXTENSION_MALFORMED', `has an extension that cannot be used: ${cause.message}`)
    }
    if (isLeaf) findings.push(...checkLeaf(certificate, usage))
    else {
      if (certificate.basicConstraints?.ca !== true)
        add('CERTIFICATE_NOT_CA', 'issued a certificate without being an authority.')
      if (!selfIssued) remaining -= 1
      if (remaining < 0) add('CERTIFICATE_PATH_LENGTH', 'stands further down than the path length above it allows.')
      remaining = Math.min(remaining, certificate.basicConstraints?.pathLength ?? remaining)
      if (certificate.keyUsage && !certificate.keyUsage.has('keyCertSign')) {
        add('CERTIFICATE_KEY_USAGE', 'issued a certificate, which its key usage does not allow.')
      }
      if (!allowsPurpose(certificate, usage)) {
        add('CERTIFICATE_PURPOSE', 'issues certificates for other purposes than this one.')
      }
    }
  }
  const reason = policies.length === below.length && path.length > 1 ? checkPolicies(policies, policy) : undefined
  if (reason) findings.push(error('CERTIFICATE_POLICY', reason))
  return findings
}

function isConstrained({ permitted, excluded }: NameConstraints): boolean {
  return permitted.length + excluded.length > 0
}

function hasAlternativeNames({ extensions }: Certificate): boolean {
  return extensions.some(({ oid }) => oid === '2.5.29.17')
}

function checkLeaf(leaf: Certificate, usage: PathUsage): Finding[] {
  if (usage === 'any') return []
  if (usage === 'crl-signing') {
    return leaf.keyUsage && !leaf.keyUsage.has('cRLSign')
      ? [error('CERTIFICATE_KEY_USAGE', 'The certificate signs revocation lists, which its key usage does not allow.')]
      : []
  }
  const findings: Finding[] = []
  if (leaf.keyUsage && !leaf.keyUsage.has('digitalSignature') && !leaf.keyUsage.has('nonRepudiation')) {
    findings.push(error('CERTIFICATE_KEY_USAGE', 'The key usage of the certificate does not allow signatures.'))
  }
  if (usage === 'timestamping' ? !isTimestampingCertificate(leaf) : !allowsPurpose(leaf, usage)) {
    findings.push(
      error(
        'CERTIFICATE_PURPOSE',
        usage === 'timestamping'
          ? 'The certificate does not have timeStamping as its only purpose in a critical extension (RFC 3161, 2.3).'
          : 'The certificate was issued for other purposes than signing documents.',
      ),
    )
  }
  return findings
}

/** True if timeStamping is the only purpose of the certificate, in a critical extension (RFC 3161, section 2.3). */
export function isTimestampingCertificate({ extensions, extendedKeyUsage }: Certificate): boolean {
  const critical = extensions.some((extension) => extension.oid === '2.5.29.37' && extension.critical)
  return critical && extendedKeyUsage?.length === 1 && extendedKeyUsage[0] === timeStamping
}

/** True if the certificate has no purposes, any purpose, or one that fits. */
function allowsPurpose({ extendedKeyUsage }: Certificate, usage: PathUsage): boolean {
  if (!extendedKeyUsage || usage === 'any' || usage === 'crl-signing' || extendedKeyUsage.includes(anyPurpose))
    return true
  const wanted = usage === 'timestamping' ? [timeStamping] : documentPurposes
  return wanted.some((purpose) => extendedKeyUsage.includes(purpose))
}

/** Where a certificate stands: names of people do not belong into messages. */
export function place(path: readonly Certificate[], index: number): string {
  if (index === 0) return 'The end certificate'
  return index === path.length - 1 ? 'The trust anchor' : `Issuer certificate ${index} of the path`
}

function error(code: string, message: string): Finding {
  return { code, severity: 'error', message }
}
