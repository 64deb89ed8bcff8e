/** The signing-certificate attributes (RFC 5035): which certificate a signature means, by its digest. */
import { type DigestAlgorithm, equalBytes, fromHex } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import {
  type DerNode,
  der,
  derError,
  derTag,
  expectUniversal,
  isUniversal,
  parseDer,
  readInteger,
  readOctetString,
  readOid,
} from '../../der.ts'
import { digestOfOid, hash } from '../../hash.ts'
import { sameName } from '../certificates/names.ts'
import { formatSerialNumber } from '../certificates/serial-number.ts'
import { formatDigestAlgorithm } from './cms-algorithms.ts'

/** The first certificate identifier of such an attribute; the others, if any, are of its issuers. */
export interface CertificateIdentifier {
  /** `undefined` for an algorithm that is not known. */
  readonly algorithm: DigestAlgorithm | undefined
  readonly digest: Uint8Array
  /** Name of the issuer and serial number, when the attribute has them. */
  readonly issuer?: Uint8Array
  readonly serialNumber?: string
}

/** SigningCertificateV2 with issuer and serial number. SHA-256 is the default and stays unwritten. */
export function formatSigningCertificate(certificate: Certificate, algorithm: DigestAlgorithm): Uint8Array {
  const issuer = der.sequence(der.explicit(4, certificate.issuer.der))
  const identifier = der.sequence(
    ...(algorithm === 'sha256' ? [] : [formatDigestAlgorithm(algorithm)]),
    der.octetString(hash(algorithm, certificate.der)),
    der.sequence(issuer, der.unsignedInteger(fromHex(certificate.serialNumber))),
  )
  return der.sequence(der.sequence(identifier))
}

/** Reads SigningCertificateV2, or with `version` 1 SigningCertificate, which always means SHA-1. Throws `ERR_DER_INVALID`. */
export function readSigningCertificate(value: Uint8Array, version: 1 | 2): CertificateIdentifier {
  const identifiers = expectUniversal(parseDer(value), derTag.sequence, 'The signing certificate').children[0]
  const first = expectUniversal(identifiers, derTag.sequence, 'The signing certificate').children[0]
  const fields = [...expectUniversal(first, derTag.sequence, 'The certificate identifier').children]
  let algorithm: DigestAlgorithm | undefined = version === 1 ? 'sha1' : 'sha256'
  if (version === 2 && isUniversal(fields[0], derTag.sequence))
    algorithm = digestOfOid(readOid(fields.shift()!.children[0]))
  const digest = readOctetString(fields.shift(), 'The digest of the signing certificate')
  const issuerSerial = fields.shift()
  if (fields.length > 0) throw derError('The certificate identifier holds more than its type allows', fields[0]!.offset)
  return { algorithm, digest, ...(issuerSerial ? readIssuerSerial(issuerSerial) : {}) }
}

function readIssuerSerial(node: DerNode): { issuer: Uint8Array; serialNumber: string } {
  const [names, serial] = node.children
  const name = names?.children[0]
  if (name?.tagClass !== 'context' || name.tag !== 4)
    throw derError('The issuer of the signing certificate is no name', node.offset)
  readInteger(serial, 'The serial number of the signing certificate')
  return { issuer: name.content, serialNumber: formatSerialNumber(serial!.content) }
}

/** True if the identifier means this certificate. */
export function identifies(identifier: CertificateIdentifier, certificate: Certificate): boolean {
  const { algorithm, digest, issuer, serialNumber } = identifier
  if (algorithm === undefined || !equalBytes(hash(algorithm, certificate.der), digest)) return false
  if (serialNumber !== undefined && serialNumber !== certificate.serialNumber) return false
  return issuer === undefined || sameName(issuer, certificate.issuer.der)
}
