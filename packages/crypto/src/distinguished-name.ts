/** Distinguished names (X.501): read from certificates, shown by RFC 4514, built for requests and test certificates. */
import { toHex } from '@zhicheng/core'
import { type DerNode, der, derTag, expectUniversal, parseDer, readOid, readText } from './der.ts'
import { cryptoError } from './errors.ts'

/** One attribute of a name. */
export interface NameAttribute {
  readonly oid: string
  /** The text; of a value that is no string `#` and the hex of its DER (RFC 4514, 2.4). */
  readonly value: string
}

/** The name of a subject or an issuer. */
export interface DistinguishedName {
  /** The Name in DER, as it lies in the certificate. */
  readonly der: Uint8Array
  /** RFC 4514: the last attribute first, UTF-8 as it is: `CN=样例,O=样例公司,C=CN`. */
  readonly text: string
  /** In the order of the certificate. */
  readonly attributes: readonly NameAttribute[]
  /** The last commonName (CN, 通用名). */
  readonly commonName?: string
}

const commonNameOid = '2.5.4.3'

/** Short names of attribute types (RFC 4514, section 3, and those that Chinese certificates use). */
const shortNames: Readonly<Record<string, string>> = {
  CN: commonNameOid,
  SN: '2.5.4.4',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  title: '2.5.4.12',
  GN: '2.5.4.42',
  organizationIdentifier: '2.5.4.97',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
}

const nameOf: ReadonlyMap<string, string> = new Map(Object.entries(shortNames).map(([name, oid]) => [oid, name]))

/** Parses a Name from its DER or from a node parsed already. Throws `ERR_DER_INVALID` or `ERR_CERTIFICATE_INVALID`. */
export function parseDistinguishedName(name: Uint8Array | DerNode): DistinguishedName {
  const node = name instanceof Uint8Array ? parseDer(name, { maxDepth: 8 }) : name
  const attributes: NameAttribute[] = []
  const groups: string[] = []
  for (const set of expectUniversal(node, derTag.sequence, 'A name').children) {
    const members = expectUniversal(set, derTag.set, 'A relative name').children.map(readAttribute)
    if (members.length === 0) throw cryptoError('ERR_CERTIFICATE_INVALID', 'A name has an empty part.')
    attributes.push(...members.map(({ attribute }) => attribute))
    groups.push(members.map(({ text }) => text).join('+'))
  }
  const commonName = attributes.findLast(({ oid }) => oid === commonNameOid)?.value
  return {
    der: node.bytes,
    text: groups.reverse().join(','),
    attributes,
    ...(commonName === undefined ? {} : { commonName }),
  }
}

function readAttribute(node: DerNode): { attribute: NameAttribute; text: string } {
  const [type, value] = expectUniversal(node, derTag.sequence, 'An attribute of a name').children
  const oid = readOid(type, 'The type of an attribute')
  if (value === undefined) throw cryptoError('ERR_CERTIFICATE_INVALID', `The attribute ${oid} of a name has no value.`)
  if (isStringType(value)) {
    const attribute = { oid, value: readText(value, 'A name') }
    return { attribute, text: formatAttribute(attribute) }
  }
  const hex = `#${toHex(value.bytes)}`
  return { attribute: { oid, value: hex }, text: `${nameOf.get(oid) ?? oid}=${hex}` }
}

const stringTags: ReadonlySet<number> = new Set([12, 18, 19, 20, 22, 26, 30])

function isStringType(node: DerNode): boolean {
  return node.tagClass === 'universal' && !node.constructed && stringTags.has(node.tag)
}

function formatAttribute({ oid, value }: NameAttribute): string {
  return `${nameOf.get(oid) ?? oid}=${escapeValue(value)}`
}

// RFC 4514, 2.4. Control characters go as hex pairs too, so that no name can break a line of a log or a report.
function escapeValue(value: string): string {
  if (/^[\p{L}\p{N}](?:[\p{L}\p{N} .()/:-]*[\p{L}\p{N}.()])?$/u.test(value)) return value
  return value
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/^[ #]|(?<=.) $/g, '\\$&')
    .replace(/\p{Cc}/gu, (character) =>
      Array.from(new TextEncoder().encode(character), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
    )
}

/**
 * Builds a name from attribute types and values, the most general first. Country and serial number become
 * PrintableString, mail addresses and domain components IA5String, everything else UTF8String (RFC 5280, appendix A.1).
 * Throws `ERR_CERTIFICATE_INVALID` for a value that is empty or does not fit its type.
 *
 * @example
 * ```ts
 * createDistinguishedName([['C', 'CN'], ['O', '样例科技有限公司'], ['CN', '样例签章证书']]).text
 * // CN=样例签章证书,O=样例科技有限公司,C=CN
 * ```
 */
export function createDistinguishedName(
  attributes: readonly (readonly [type: string, value: string])[],
): DistinguishedName {
  const groups: string[] = []
  const values = attributes.map(([type, value]) => ({ oid: shortNames[type] ?? type, value }))
  const parts = values.map(({ oid, value }) => {
    if (value === '') throw cryptoError('ERR_CERTIFICATE_INVALID', `The attribute ${oid} of a name must not be empty.`)
    groups.push(formatAttribute({ oid, value }))
    return der.setOf(der.sequence(der.oid(oid), formatValue(oid, value)))
  })
  const commonName = values.findLast(({ oid }) => oid === commonNameOid)?.value
  return {
    der: der.sequence(...parts),
    text: groups.reverse().join(','),
    attributes: values,
    ...(commonName === undefined ? {} : { commonName }),
  }
}

function formatValue(oid: string, value: string): Uint8Array {
  const printable = oid === shortNames['C'] || oid === shortNames['serialNumber']
  const ascii = oid === shortNames['DC'] || oid === shortNames['emailAddress']
  if (printable ? !/^[A-Za-z0-9 '()+,./:=?-]+$/.test(value) : ascii && !/^[\x20-\x7e]+$/.test(value)) {
    throw cryptoError('ERR_CERTIFICATE_INVALID', `The attribute ${nameOf.get(oid)} of a name must be plain ASCII text.`)
  }
  if (printable) return der.printableString(value)
  return ascii ? der.ia5String(value) : der.utf8String(value)
}
