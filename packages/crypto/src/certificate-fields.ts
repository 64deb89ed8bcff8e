/** What a parsed certificate (数字证书) shows: its fields, its extensions and the bits of its key usage. */
import type { DistinguishedName } from './distinguished-name.ts'
import type { NamedSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import type { PublicKey } from './public-key.ts'

/** One extension as it lies in the certificate. */
export interface CertificateExtension {
  readonly oid: string
  readonly critical: boolean
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array
}

/** Bits of the key usage extension (RFC 5280, 4.2.1.3). */
export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly'

/** A certificate, parsed. Nothing about it is verified yet. */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array
  /** TBSCertificate: what the issuer signed. */
  readonly tbs: Uint8Array
  /** Lower-case hex of whole bytes. */
  readonly serialNumber: string
  readonly subject: DistinguishedName
  readonly issuer: DistinguishedName
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: PublicKey
  /** How the issuer signed. */
  readonly signatureAlgorithm: NamedSignatureAlgorithm
  /** Salt of an RSA-PSS signature in bytes. */
  readonly signatureSaltLength?: number
  readonly signature: Uint8Array
  readonly keyUsage?: ReadonlySet<KeyUsage>
  /** Object identifiers of purposes. */
  readonly extendedKeyUsage?: readonly string[]
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number }
  readonly subjectKeyIdentifier?: Uint8Array
  readonly authorityKeyIdentifier?: Uint8Array
  /** Addresses of CRLs. They come from the certificate: fetch them only through a guarded client. */
  readonly crlDistributionPoints: readonly string[]
  readonly ocspUrls: readonly string[]
  readonly extensions: readonly CertificateExtension[]
}
