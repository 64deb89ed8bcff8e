/** X.509 certificates (RFC 5280; SM2: GB/T 20518): strict parsing, and whether one was issued by another. */
import { equalBytes } from '@zhicheng/core'
import type { Certificate } from './certificate-fields.ts'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  parseDer,
  readBitString,
  readInteger,
  readSmallInteger,
  readTime,
} from './der.ts'
import { parseDistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import { readExtensions, readKnownExtensions } from './lib/certificates/certificate-extensions.ts'
import { sameName } from './lib/certificates/names.ts'
import { formatSerialNumber } from './lib/certificates/serial-number.ts'
import { signatureFields } from './lib/keys/signature-fields.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import { formatPem, isPem, parsePem } from './pem.ts'
import { type PublicKey, parsePublicKey, verifySignature } from './public-key.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

export type { Certificate, CertificateExtension, KeyUsage } from './certificate-fields.ts'
export { type DistinguishedName, parseDistinguishedName } from './distinguished-name.ts'

const maxCertificateBytes = 256 * 1024
// Certificates in use have a few hundred.
const maxCertificateValues = 10_000

/**
 * Parses one certificate from DER or PEM (the first CERTIFICATE block). Throws `ERR_CERTIFICATE_INVALID`,
 * `ERR_CRYPTO_KEY_INVALID`, `ERR_DER_INVALID` or `ERR_PEM_INVALID`; among other things for negative serial numbers,
 * extensions that occur twice and two different signature algorithms.
 *
 * @example
 * ```ts
 * const certificate = parseCertificate(await readFile('signer.pem'))
 * certificate.subject.text   // CN=样例签章证书,O=样例科技有限公司,C=CN
 * ```
 */
export function parseCertificate(bytesOrPem: Uint8Array | string): Certificate {
  if (typeof bytesOrPem !== 'string' && !isPem(bytesOrPem)) return readCertificate(bytesOrPem)
  return readCertificate(certificateBlocks(bytesOrPem)[0]!)
}

/** Parses all certificates of a PEM text, or the one of a DER file. Throws as {@link parseCertificate}. */
export function parseCertificates(pem: Uint8Array | string): Certificate[] {
  if (typeof pem !== 'string' && !isPem(pem)) return [readCertificate(pem)]
  return certificateBlocks(pem).map(readCertificate)
}

/** The certificate as a PEM text. */
export function formatCertificatePem(certificate: Certificate): string {
  return formatPem('CERTIFICATE', certificate.der)
}

function certificateBlocks(pem: Uint8Array | string): Uint8Array[] {
  const text = typeof pem === 'string' ? pem : new TextDecoder().decode(pem)
  const blocks = parsePem(text).filter(({ label }) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
  if (blocks.length === 0) throw cryptoError('ERR_PEM_INVALID', 'The text has no CERTIFICATE block.')
  return blocks.map(({ bytes }) => bytes)
}

function readCertificate(input: Uint8Array): Certificate {
  // A copy: the caller's buffer may be a whole document, or change later. A Buffer's own slice would not copy.
  const bytes = new Uint8Array(input)
  const [tbs, outerAlgorithm, signature] = expectUniversal(
    parseDer(bytes, { maxBytes: maxCertificateBytes, maxNodes: maxCertificateValues }),
    derTag.sequence,
    'The certificate',
  ).children
  const fields = [...expectUniversal(tbs, derTag.sequence, 'The certificate body').children]
  const version = isContext(fields[0], 0) ? readSmallInteger(fields.shift()!.children[0], 'The version') : 0
  const [serial, innerAlgorithm, issuer, validity, subject, publicKey, ...optional] = fields
  if (version !== 0 && version !== 2) throw invalid(`The certificate has the unknown version ${version + 1}`)
  if (
    innerAlgorithm === undefined ||
    outerAlgorithm === undefined ||
    !equalBytes(innerAlgorithm.bytes, outerAlgorithm.bytes)
  ) {
    throw invalid('The certificate names two different signature algorithms')
  }
  const [notBefore, notAfter] = expectUniversal(validity, derTag.sequence, 'The validity').children
  const extensions = readExtensions(extensionsNode(optional, version))
  return {
    der: bytes,
    tbs: tbs!.bytes,
    serialNumber: readSerialNumber(serial),
    subject: parseDistinguishedName(expectUniversal(subject, derTag.sequence, 'The subject')),
    issuer: parseDistinguishedName(expectUniversal(issuer, derTag.sequence, 'The issuer')),
    notBefore: readTime(notBefore, 'The start of validity'),
    notAfter: readTime(notAfter, 'The end of validity'),
    publicKey: parsePublicKey(expectUniversal(publicKey, derTag.sequence, 'The public key').bytes),
    ...signatureFields(outerAlgorithm),
    signature: readBitString(signature, 'The signature of the certificate'),
    extensions,
    ...readKnownExtensions(extensions),
  }
}

function extensionsNode(optional: readonly DerNode[], version: number): DerNode | undefined {
  const tags = optional.map((node) => (node.tagClass === 'context' ? node.tag : 0))
  if (tags.some((tag, index) => tag < 1 || tag > 3 || tag <= (tags[index - 1] ?? 0))) {
    throw invalid('The certificate has fields that the standard does not know')
  }
  const extensions = optional.find((node) => isContext(node, 3))
  if (extensions && version !== 2) throw invalid('A certificate of version 1 has extensions')
  return extensions
}

function readSerialNumber(node: DerNode | undefined): string {
  const value = readInteger(node, 'The serial number')
  if (value < 0n || node!.content.length > 21) {
    throw invalid('The serial number is negative or longer than 20 bytes')
  }
  return formatSerialNumber(node!.content)
}

function invalid(message: string): Error {
  return cryptoError('ERR_CERTIFICATE_INVALID', `${message}: ask the authority for a correct one.`)
}

/**
 * True if the names and key identifiers say that `issuer` issued `certificate`. Says nothing about the signature:
 * see {@link verifyCertificateSignature}.
 */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!sameName(certificate.issuer.der, issuer.subject.der)) return false
  const { authorityKeyIdentifier: wanted } = certificate
  const { subjectKeyIdentifier: offered } = issuer
  return wanted === undefined || offered === undefined || equalBytes(wanted, offered)
}

/**
 * Verifies the issuer's signature on a certificate; SM2 with the user identifier 1234567812345678 (GB/T 20518).
 * Throws as {@link verifySignature} where nothing can be said.
 */
export async function verifyCertificateSignature(
  certificate: Certificate,
  issuerPublicKey: PublicKey,
  options: WeakAlgorithmSwitches = {},
): Promise<boolean> {
  const { signatureAlgorithm: algorithm, signatureSaltLength: saltLength, tbs, signature } = certificate
  if (algorithm === 'unknown') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The certificate is signed with an algorithm that is not known here.')
  }
  return verifySignature({
    algorithm,
    publicKey: issuerPublicKey,
    message: tbs,
    signature,
    saltLength,
    ...weakSwitches(options),
  })
}
