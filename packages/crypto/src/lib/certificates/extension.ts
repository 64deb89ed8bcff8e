/** One Extension (RFC 5280, 4.1.2.9), as certificates, revocation lists and OCSP messages have it. */
import type { CertificateExtension } from '../../certificate-fields.ts'
import {
  type DerNode,
  der,
  derTag,
  expectUniversal,
  isUniversal,
  readBoolean,
  readOctetString,
  readOid,
} from '../../der.ts'

/** Reads one. Throws `ERR_DER_INVALID`. */
export function readExtension(node: DerNode): CertificateExtension {
  const fields = [...expectUniversal(node, derTag.sequence, 'An extension').children]
  const oid = readOid(fields.shift(), 'The type of an extension')
  const critical = isUniversal(fields[0], derTag.boolean) && readBoolean(fields.shift())
  return { oid, critical, value: readOctetString(fields[0], `The extension ${oid}`) }
}

/** Writes one in DER; `value` is the content of its OCTET STRING. */
export function formatExtension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value))
}
