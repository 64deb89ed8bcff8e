/** What requests and responses of RFC 6960 share: object identifiers, extensions, and how a certificate is named. */
import { type DigestAlgorithm, equalBytes, fromHex } from '@zhicheng/core'
import type { Certificate, CertificateExtension } from '../../certificate.ts'
import {
  type DerNode,
  der,
  derTag,
  expectUniversal,
  parseDer,
  readInteger,
  readOctetString,
  readOid,
} from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { digestLengths, digestOfOid, digestOid, hash } from '../../hash.ts'
import { formatExtension, readExtension } from '../certificates/extension.ts'
import { formatSerialNumber } from '../certificates/serial-number.ts'

/** Object identifiers of RFC 6960, and the certificate hash of the Common PKI specification, part 4. */
export const ocspOid = {
  basicResponse: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  acceptableResponses: '1.3.6.1.5.5.7.48.1.4',
  archiveCutoff: '1.3.6.1.5.5.7.48.1.6',
  preferredAlgorithms: '1.3.6.1.5.5.7.48.1.8',
  extendedRevoke: '1.3.6.1.5.5.7.48.1.9',
  certificateHash: '1.3.36.8.3.13',
  signingPurpose: '1.3.6.1.5.5.7.3.9',
} as const

/** The values of OCSPResponseStatus by their number (RFC 6960, section 4.2.1); 4 is not used. */
export const ocspStatusNames: readonly (string | undefined)[] = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  undefined,
  'sigRequired',
  'unauthorized',
]

/** How OCSP names a certificate (CertID, RFC 6960, section 4.1.1). */
export interface CertificateId {
  /** The whole CertID as it lies in its message. */
  readonly der: Uint8Array
  /** Missing for a digest that this package does not know. */
  readonly hashAlgorithm?: DigestAlgorithm
  readonly issuerNameHash: Uint8Array
  readonly issuerKeyHash: Uint8Array
  /** As `Certificate.serialNumber` writes it. */
  readonly serialNumber: string
}

/** The CertID of a certificate in DER. */
export function formatCertificateId(
  certificate: Certificate,
  issuer: Certificate,
  hashAlgorithm: DigestAlgorithm,
): Uint8Array {
  return der.sequence(
    // The NULL is not needed, but some responders compare the identifier byte for byte with what they always saw.
    der.sequence(der.oid(digestOid(hashAlgorithm)), der.null()),
    der.octetString(hash(hashAlgorithm, certificate.issuer.der)),
    der.octetString(hash(hashAlgorithm, issuer.publicKey.keyBytes)),
    der.unsignedInteger(fromHex(certificate.serialNumber)),
  )
}

/** Reads a CertID. Throws `ERR_OCSP_INVALID` or `ERR_DER_INVALID`. */
export function readCertificateId(node: DerNode | undefined): CertificateId {
  const { bytes, children } = expectUniversal(node, derTag.sequence, 'The identifier of a certificate')
  const [algorithm, nameHash, keyHash, serial, ...rest] = children
  if (rest.length > 0) throw ocspInvalid('The identifier of a certificate holds more than its type allows.')
  const identifier = expectUniversal(algorithm, derTag.sequence, 'The digest algorithm of an identifier').children[0]
  const hashAlgorithm = digestOfOid(readOid(identifier, 'The digest algorithm of an identifier'))
  const issuerNameHash = readOctetString(nameHash, 'The digest of the issuer’s name')
  const issuerKeyHash = readOctetString(keyHash, 'The digest of the issuer’s key')
  const length = hashAlgorithm && digestLengths[hashAlgorithm]
  if (length !== undefined && (issuerNameHash.length !== length || issuerKeyHash.length !== length)) {
    throw ocspInvalid(
      'The identifier of a certificate holds digests that are not as long as their algorithm makes them.',
    )
  }
  const number = expectUniversal(serial, derTag.integer, 'The serial number of an identifier')
  if (number.content.length > 21 || readInteger(number) < 0n) {
    throw ocspInvalid('The serial number of an identifier is negative or longer than 20 bytes.')
  }
  return {
    der: bytes,
    ...(hashAlgorithm ? { hashAlgorithm } : {}),
    issuerNameHash,
    issuerKeyHash,
    serialNumber: formatSerialNumber(number.content),
  }
}

/** True if the identifier names a certificate of this issuer, whose Name is taken as the certificate writes it. */
export function isOfIssuer(id: CertificateId, issuerName: Uint8Array, issuer: Certificate): boolean {
  const { hashAlgorithm } = id
  return (
    hashAlgorithm !== undefined &&
    equalBytes(id.issuerNameHash, hash(hashAlgorithm, issuerName)) &&
    equalBytes(id.issuerKeyHash, hash(hashAlgorithm, issuer.publicKey.keyBytes))
  )
}

/** True if the identifier names exactly this certificate. */
export function isIdOf(id: CertificateId, certificate: Certificate, issuer: Certificate): boolean {
  return id.serialNumber === certificate.serialNumber && isOfIssuer(id, certificate.issuer.der, issuer)
}

/** The extensions under an explicit tag; refuses one that stands twice. Throws `ERR_OCSP_INVALID` or `ERR_DER_INVALID`. */
export function readOcspExtensions(node: DerNode | undefined): CertificateExtension[] {
  if (!node) return []
  if (node.children.length !== 1) throw ocspInvalid('A list of extensions is malformed.')
  const { children } = expectUniversal(node.children[0], derTag.sequence, 'The extensions')
  if (children.length > 64) throw ocspInvalid('There are more than 64 extensions.')
  const extensions = children.map(readExtension)
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length)
    throw ocspInvalid('An extension stands twice.')
  return extensions
}

/**
 * The nonce of the extensions, without the OCTET STRING that RFC 8954 puts around it; older software leaves that out, and
 * then the value is taken as it lies.
 */
export function readNonce(extensions: readonly CertificateExtension[]): Uint8Array | undefined {
  const value = extensions.find(({ oid }) => oid === ocspOid.nonce)?.value
  if (!value) return undefined
  if (value[0] === derTag.octetString && value[1] === value.length - 2 && value.length < 130) return value.subarray(2)
  return value
}

/** The nonce extension in DER (RFC 9654). */
export function formatNonce(nonce: Uint8Array): Uint8Array {
  return formatExtension(ocspOid.nonce, der.octetString(nonce))
}

/** Parses a message with the bounds that OCSP messages keep. Throws `ERR_OCSP_INVALID` when it is too large. */
export function parseOcspMessage(bytes: Uint8Array, maxBytes: number): DerNode {
  if (bytes.length > maxBytes) {
    throw ocspInvalid(`The OCSP message has ${bytes.length} bytes, more than the ${maxBytes} allowed.`)
  }
  return parseDer(bytes, { maxBytes, maxDepth: 24, maxNodes: 50_000 })
}

/** Error for a message that is not what RFC 6960 describes. */
export function ocspInvalid(message: string): Error {
  return cryptoError('ERR_OCSP_INVALID', message)
}
