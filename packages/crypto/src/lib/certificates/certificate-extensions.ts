/** The extensions of certificates (RFC 5280, 4.2) that this package reads. */
import type { Certificate, CertificateExtension, KeyUsage } from '../../certificate-fields.ts'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readBoolean,
  readNamedBits,
  readOctetString,
  readOid,
  readSmallInteger,
} from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { readExtension } from './extension.ts'

/** Object identifiers of the extensions read and written here. */
export const extensionOid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInformationAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const

/** Names of the key usage bits by their number. */
export const keyUsageBits: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

/** The access method of OCSP responders. */
export const ocspMethodOid = '1.3.6.1.5.5.7.48.1'

/** Reads Extensions (a SEQUENCE inside an explicit tag); refuses one that occurs twice (RFC 5280, 4.2). */
export function readExtensions(node: DerNode | undefined): CertificateExtension[] {
  if (node === undefined) return []
  const extensions: CertificateExtension[] = []
  const seen = new Set<string>()
  for (const child of expectUniversal(node.children[0], derTag.sequence, 'The extensions').children) {
    const extension = readExtension(child)
    const { oid } = extension
    if (seen.has(oid)) {
      throw cryptoError(
        'ERR_CERTIFICATE_INVALID',
        `The extension ${oid} occurs twice: readers could disagree on which counts.`,
      )
    }
    seen.add(oid)
    extensions.push(extension)
  }
  return extensions
}

type KnownExtensions = Pick<
  Certificate,
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'basicConstraints'
  | 'subjectKeyIdentifier'
  | 'authorityKeyIdentifier'
  | 'crlDistributionPoints'
  | 'ocspUrls'
>

/** The extensions a {@link Certificate} shows as fields. */
export function readKnownExtensions(extensions: readonly CertificateExtension[]): KnownExtensions {
  const read = <Value>(oid: string, parse: (node: DerNode) => Value): Value | undefined => {
    const extension = extensions.find((candidate) => candidate.oid === oid)
    return extension && parse(parseDer(extension.value))
  }
  return withoutUndefined({
    keyUsage: read(extensionOid.keyUsage, readKeyUsage),
    extendedKeyUsage: read(extensionOid.extendedKeyUsage, (node) =>
      expectUniversal(node, derTag.sequence, 'The extended key usage').children.map((child) => readOid(child)),
    ),
    basicConstraints: read(extensionOid.basicConstraints, readBasicConstraints),
    subjectKeyIdentifier: read(extensionOid.subjectKeyIdentifier, (node) => readOctetString(node)),
    authorityKeyIdentifier: read(
      extensionOid.authorityKeyIdentifier,
      (node) =>
        expectUniversal(node, derTag.sequence, 'The authority key identifier').children.find((child) =>
          isContext(child, 0),
        )?.content,
    ),
    crlDistributionPoints: read(extensionOid.crlDistributionPoints, readDistributionPoints) ?? [],
    ocspUrls: read(extensionOid.authorityInformationAccess, readOcspUrls) ?? [],
  })
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> }

function withoutUndefined<Value extends object>(value: Value): Partial<Defined<Value>> & KnownExtensions {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}

function readKeyUsage(node: DerNode): ReadonlySet<KeyUsage> {
  const usages = [...readNamedBits(node, 'The key usage')].map((bit) => keyUsageBits[bit])
  return new Set(usages.filter((usage) => usage !== undefined))
}

function readBasicConstraints(node: DerNode): { ca: boolean; pathLength?: number } {
  const fields = [...expectUniversal(node, derTag.sequence, 'The basic constraints').children]
  const ca = isUniversal(fields[0], derTag.boolean) && readBoolean(fields.shift())
  const pathLength = fields[0] && readSmallInteger(fields[0], 'The path length')
  if (pathLength !== undefined && pathLength < 0) {
    throw cryptoError('ERR_CERTIFICATE_INVALID', 'The path length of the basic constraints is negative.')
  }
  return pathLength === undefined ? { ca } : { ca, pathLength }
}

function readDistributionPoints(node: DerNode): string[] {
  return expectUniversal(node, derTag.sequence, 'The CRL distribution points').children.flatMap((point) => {
    const name = expectUniversal(point, derTag.sequence, 'A CRL distribution point').children.find((child) =>
      isContext(child, 0),
    )
    const fullName = name?.children.find((child) => isContext(child, 0))
    return fullName?.children.flatMap(readUri) ?? []
  })
}

function readOcspUrls(node: DerNode): string[] {
  return expectUniversal(node, derTag.sequence, 'The authority information access').children.flatMap((access) => {
    const [method, location] = expectUniversal(access, derTag.sequence, 'An access description').children
    return readOid(method) === ocspMethodOid && location ? readUri(location) : []
  })
}

// GeneralName [6] is an IA5String: a URI.
function readUri(node: DerNode): string[] {
  return isContext(node, 6) ? [String.fromCharCode(...node.content.subarray(0, 2048))] : []
}
