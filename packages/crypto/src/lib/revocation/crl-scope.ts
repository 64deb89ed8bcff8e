/** Which certificates and which reasons a revocation list speaks for (RFC 5280, sections 4.2.1.13 and 5.2.5). */
import { toHex } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { CertificateList } from '../../crl.ts'
import {
  type DerNode,
  der,
  derError,
  derTag,
  expectUniversal,
  parseDer,
  readInteger,
  readNamedBits,
} from '../../der.ts'
import { type GeneralName, nameForm, readGeneralNames } from '../certificates/general-names.ts'
import { nameKey } from '../certificates/names.ts'

/** Reasons 1 to 8 as bits: the set that a certificate's status needs covered. */
export const allReasons = 0x1fe

/** What a list says about its own scope. */
export interface CertificateListScope {
  /** Names of the distribution point, each as a comparable text. */
  readonly names?: ReadonlySet<string>
  readonly userCertificatesOnly: boolean
  readonly caCertificatesOnly: boolean
  readonly attributeCertificatesOnly: boolean
  readonly indirect: boolean
  readonly reasons: number
  /** Number of the list that a delta list completes; of a complete list there is none. */
  readonly deltaBase?: bigint
  /** The extension as it lies in the list, for a delta must have the scope of its base. */
  readonly point: string
}

/** A place where a certificate says that its status is told. */
export interface DistributionPoint {
  readonly names?: ReadonlySet<string>
  readonly reasons: number
  /** Issuers of the list when it is not the certificate's own. */
  readonly issuers?: ReadonlySet<string>
}

const known: ReadonlySet<string> = new Set(['2.5.29.20', '2.5.29.27', '2.5.29.28', '2.5.29.35'])

/** Reads the scope. Throws `ERR_DER_INVALID` for a critical extension that is not known, and for malformed ones. */
export function readListScope(list: CertificateList): CertificateListScope {
  const scope: { -readonly [Key in keyof CertificateListScope]: CertificateListScope[Key] } = {
    userCertificatesOnly: false,
    caCertificatesOnly: false,
    attributeCertificatesOnly: false,
    indirect: false,
    reasons: allReasons,
    point: '',
  }
  for (const { oid, critical, value } of list.extensions) {
    if (critical && !known.has(oid)) throw derError(`The list has the critical extension ${oid}, which is not known`, 0)
    if (oid === '2.5.29.27') scope.deltaBase = readInteger(parseDer(value), 'The base of a delta list')
    if (oid !== '2.5.29.28') continue
    scope.point = toHex(value)
    for (const member of expectUniversal(parseDer(value), derTag.sequence, 'The scope of the list').children) {
      if (member.tagClass !== 'context' || member.tag > 5) throw derError('The scope of the list is malformed', 0)
      const flag = member.content[0] === 0xff
      if (member.tag === 0) scope.names = readPointNames(member, list.issuer.der)
      else if (member.tag === 1) scope.userCertificatesOnly = flag
      else if (member.tag === 2) scope.caCertificatesOnly = flag
      else if (member.tag === 3) scope.reasons = readReasons(member)
      else if (member.tag === 4) scope.indirect = flag
      else scope.attributeCertificatesOnly = flag
    }
  }
  return scope
}

/** The certificate's distribution points, and last the implied one: its issuer's own list. Throws `ERR_DER_INVALID`. */
export function readDistributionPoints(certificate: Certificate): DistributionPoint[] {
  const implied = { names: new Set([nameKey(certificate.issuer.der)]), reasons: allReasons }
  const extension = certificate.extensions.find(({ oid }) => oid === '2.5.29.31')
  if (!extension) return [implied]
  const { children } = expectUniversal(parseDer(extension.value), derTag.sequence, 'The distribution points')
  const points = children.slice(0, 100)
  return [
    ...points.map((point) => {
      const [name, reasons, issuer] = [0, 1, 2].map((tag) =>
        point.children.find((child) => child.tagClass === 'context' && child.tag === tag),
      )
      const issuers = issuer && readGeneralNames(issuer)
      const relativeTo = issuers?.find(({ form }) => form === nameForm.directory)?.der ?? certificate.issuer.der
      return {
        reasons: reasons ? readReasons(reasons) : allReasons,
        ...(name ? { names: readPointNames(name, relativeTo) } : {}),
        ...(issuers ? { issuers: new Set(issuers.map(generalNameKey)) } : {}),
      }
    }),
    implied,
  ]
}

/** The reasons for which the list tells this certificate's status at this point; 0 when it does not tell it at all. */
export function reasonsCovered(
  list: CertificateList,
  scope: CertificateListScope,
  point: DistributionPoint,
  certificate: Certificate,
): number {
  const issuer = nameKey(list.issuer.der)
  const issuerFits = point.issuers
    ? scope.indirect && point.issuers.has(issuer)
    : issuer === nameKey(certificate.issuer.der)
  const isCa = certificate.basicConstraints?.ca === true
  if (!issuerFits || scope.attributeCertificatesOnly) return 0
  if (isCa ? scope.userCertificatesOnly : scope.caCertificatesOnly) return 0
  const pointNames = point.names ?? point.issuers
  if (scope.names && ![...scope.names].some((name) => pointNames?.has(name))) return 0
  return scope.reasons & point.reasons
}

function readPointNames(node: DerNode, issuer: Uint8Array): Set<string> {
  const choice = node.children[0]
  if (choice?.tagClass !== 'context' || choice.tag > 1) throw derError('A distribution point has no name', node.offset)
  if (choice.tag === 0) return new Set(readGeneralNames(choice).map(generalNameKey))
  const relative = new Uint8Array(choice.bytes)
  relative[0] = 0x31
  return new Set([nameKey(der.sequence(parseDer(issuer).content, relative))])
}

function readReasons(node: DerNode): number {
  const bits = new Uint8Array(node.bytes)
  bits[0] = 0x03
  let mask = 0
  for (const bit of readNamedBits(parseDer(bits))) mask |= 1 << bit
  return mask & allReasons
}

function generalNameKey(name: GeneralName): string {
  if (name.form === nameForm.directory) return nameKey(name.der)
  return `${name.form}:${name.text || toHex(name.der)}`
}
