/** What a parsed revocation list (证书吊销列表) shows: its fields and its extensions. */
import type { DistinguishedName } from './distinguished-name.ts'
import type { NamedSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'

/** An extension of a list or of an entry. */
export interface CertificateListExtension {
  readonly oid: string
  readonly critical: boolean
  /** Content of the OCTET STRING. */
  readonly value: Uint8Array
}

/** A parsed list. Nothing about it is verified yet: see `verifyCertificateList`. */
export interface CertificateList {
  readonly der: Uint8Array
  /** The bytes that are signed. */
  readonly tbs: Uint8Array
  readonly issuer: DistinguishedName
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
  readonly number?: bigint
  readonly authorityKeyIdentifier?: Uint8Array
  readonly signatureAlgorithm: NamedSignatureAlgorithm
  /** Salt of an RSA-PSS signature in bytes. */
  readonly signatureSaltLength?: number
  readonly signature: Uint8Array
  readonly extensions: readonly CertificateListExtension[]
  /** The content of revokedCertificates: what `listRevoked` walks. */
  readonly revokedBytes: Uint8Array
}
