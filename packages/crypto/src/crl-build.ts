/** Builds certificate revocation lists (证书吊销列表, RFC 5280, section 5): the issuing half, for test authorities and the sandbox. */
import { fromHex } from '@zhicheng/core'
import { type RevocationReason, revocationReasons } from './crl.ts'
import { der } from './der.ts'
import type { DistinguishedName } from './distinguished-name.ts'
import { formatExtension } from './lib/certificates/extension.ts'
import { formatSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import type { Signer } from './signer.ts'

/** Input of {@link buildCertificateList}. */
export interface CertificateListInput {
  /** The authority: its certificate stands first in the signer's chain. */
  issuer: Signer
  thisUpdate: Date
  nextUpdate: Date
  /** Grows with every list of this issuer. */
  number: bigint | number
  revoked: readonly {
    /** As `Certificate.serialNumber` writes it. */
    serialNumber: string
    at: Date
    reason?: RevocationReason
    /** In an indirect list: whose certificate it is, from this entry on until one names another. */
    certificateIssuer?: DistinguishedName
  }[]
  /** Makes it a delta list: the number of the complete list that it brings up to date. */
  deltaBase?: bigint | number
  /** Further extensions, such as the issuing distribution point. */
  extensions?: readonly { oid: string; critical?: boolean; value: Uint8Array }[]
}

/**
 * A list of version 2 with its number and the key identifier of its issuer, signed, in DER: a complete one, or with
 * `deltaBase` one of changes. Errors are those of the signer.
 *
 * @example
 * ```ts
 * const list = await buildCertificateList({ issuer, thisUpdate, nextUpdate, number: 7, revoked: [] })
 * ```
 */
export async function buildCertificateList(
  { issuer, thisUpdate, nextUpdate, number, revoked, deltaBase, extensions = [] }: CertificateListInput,
  options: { signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const algorithm = formatSignatureAlgorithm(issuer.algorithm)
  const [certificate] = issuer.certificateChain
  const keyIdentifier = certificate.subjectKeyIdentifier
  const entries = revoked.map(({ serialNumber, at, reason, certificateIssuer }) => {
    // An unspecified reason is told by leaving the extension out (RFC 5280, section 5.3.1).
    const told = reason && reason !== 'unspecified'
    const own = [
      ...(told ? [formatExtension('2.5.29.21', der.enumerated(revocationReasons.indexOf(reason)))] : []),
      ...(certificateIssuer
        ? [formatExtension('2.5.29.29', der.sequence(der.explicit(4, certificateIssuer.der)), true)]
        : []),
    ]
    return der.sequence(
      der.unsignedInteger(fromHex(serialNumber)),
      der.time(at),
      ...(own.length > 0 ? [der.sequence(...own)] : []),
    )
  })
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    certificate.subject.der,
    der.time(thisUpdate),
    der.time(nextUpdate),
    ...(entries.length > 0 ? [der.sequence(entries)] : []),
    der.explicit(
      0,
      der.sequence(
        ...(keyIdentifier
          ? [formatExtension('2.5.29.35', der.sequence(der.implicit(0, der.octetString(keyIdentifier))))]
          : []),
        formatExtension('2.5.29.20', der.integer(number)),
        ...(deltaBase === undefined ? [] : [formatExtension('2.5.29.27', der.integer(deltaBase), true)]),
        ...extensions.map(({ oid, value, critical }) => formatExtension(oid, value, critical)),
      ),
    ),
  )
  return der.sequence(tbs, algorithm, der.bitString(await issuer.sign(tbs, options)))
}
