/** Builds X.509 certificates (RFC 5280; SM2: GB/T 20518): for test authorities and for the sandbox. */
import { fromHex } from '@zhicheng/core'
import { type Certificate, type KeyUsage, parseCertificate } from './certificate.ts'
import { der } from './der.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import { hash } from './hash.ts'
import { extensionOid, keyUsageBits, ocspMethodOid } from './lib/certificates/certificate-extensions.ts'
import { formatExtension } from './lib/certificates/extension.ts'
import { formatSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import type { PublicKey } from './public-key.ts'
import type { Signer } from './signer.ts'

/** What a certificate shall say. */
export interface CertificateInput {
  subject: DistinguishedName
  publicKey: PublicKey
  issuer: DistinguishedName
  /** Lower-case hex; by default 16 random bytes. */
  serialNumber?: string
  notBefore: Date
  notAfter: Date
  /** Written as critical. */
  keyUsage: readonly KeyUsage[]
  /** Written as critical; left out for end entities. */
  authority?: { pathLength?: number }
  /** Object identifiers of purposes; `critical` for timestamping (RFC 3161, 2.3). */
  extendedKeyUsage?: { purposes: readonly string[]; critical?: boolean }
  /** Subject key identifier of the issuer; left out in a self-signed certificate. */
  authorityKeyIdentifier?: Uint8Array
  crlUrl?: string
  ocspUrl?: string
  /** Further extensions. */
  extensions?: readonly { oid: string; critical?: boolean; value: Uint8Array }[]
}

/**
 * Builds and signs a certificate. The signer signs with the issuer's key.
 *
 * @example
 * ```ts
 * const certificate = await buildCertificate(
 *   { subject, publicKey, issuer: ca.subject, notBefore, notAfter, keyUsage: ['digitalSignature'] },
 *   caSigner,
 * )
 * ```
 */
export async function buildCertificate(
  input: CertificateInput,
  signer: Pick<Signer, 'algorithm' | 'sign'>,
): Promise<Certificate> {
  const { subject, publicKey, issuer, serialNumber, notBefore, notAfter } = input
  if (notAfter <= notBefore) {
    throw cryptoError('ERR_CERTIFICATE_INVALID', 'The certificate would end before it begins: check the two dates.')
  }
  const algorithm = formatSignatureAlgorithm(signer.algorithm)
  const tbs = der.sequence(
    der.explicit(0, der.integer(2)),
    der.unsignedInteger(serialNumber === undefined ? randomSerialNumber() : fromHex(serialNumber)),
    algorithm,
    issuer.der,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    subject.der,
    publicKey.spki,
    der.explicit(3, der.sequence(...formatExtensions(input))),
  )
  return parseCertificate(der.sequence(tbs, algorithm, der.bitString(await signer.sign(tbs))))
}

/** The key identifier of a public key: the first 160 bits of its SHA-256 (RFC 7093, section 2, method 1). */
export function keyIdentifier(publicKey: PublicKey): Uint8Array {
  return hash('sha256', publicKey.keyBytes).slice(0, 20)
}

function formatExtensions(input: CertificateInput): Uint8Array[] {
  const { authority, keyUsage, extendedKeyUsage, authorityKeyIdentifier, crlUrl, ocspUrl, extensions = [] } = input
  const list = [
    formatExtension(extensionOid.subjectKeyIdentifier, der.octetString(keyIdentifier(input.publicKey))),
    formatExtension(extensionOid.keyUsage, der.namedBits(keyUsage.map((usage) => keyUsageBits.indexOf(usage))), true),
  ]
  if (authority) {
    const pathLength = authority.pathLength === undefined ? [] : [der.integer(authority.pathLength)]
    list.push(formatExtension(extensionOid.basicConstraints, der.sequence(der.boolean(true), ...pathLength), true))
  }
  if (authorityKeyIdentifier) {
    const value = der.sequence(der.implicit(0, der.octetString(authorityKeyIdentifier)))
    list.push(formatExtension(extensionOid.authorityKeyIdentifier, value))
  }
  if (extendedKeyUsage) {
    const { purposes, critical = false } = extendedKeyUsage
    list.push(formatExtension(extensionOid.extendedKeyUsage, der.sequence(...purposes.map(der.oid)), critical))
  }
  if (crlUrl) {
    const fullName = der.explicit(0, der.explicit(0, uri(crlUrl)))
    list.push(formatExtension(extensionOid.crlDistributionPoints, der.sequence(der.sequence(fullName))))
  }
  if (ocspUrl) {
    const access = der.sequence(der.oid(ocspMethodOid), uri(ocspUrl))
    list.push(formatExtension(extensionOid.authorityInformationAccess, der.sequence(access)))
  }
  return [...list, ...extensions.map(({ oid, critical, value }) => formatExtension(oid, value, critical))]
}

function uri(address: string): Uint8Array {
  return der.implicit(6, der.ia5String(address))
}

// The first byte stays between 0x40 and 0x7f: positive, and always of 16 bytes.
function randomSerialNumber(): Uint8Array {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes
}
