/** Writes OCSP responses of any kind, also such as no honest responder makes. */
import type { DigestAlgorithm } from '@zhicheng/core'
import type { Certificate } from '../src/certificate.ts'
import { der } from '../src/der.ts'
import { hash } from '../src/hash.ts'
import { formatSignatureAlgorithm } from '../src/lib/keys/algorithm-identifier.ts'
import { formatCertificateId } from '../src/lib/revocation/ocsp-structures.ts'
import type { Signer } from '../src/signer.ts'

export interface BuiltEntry {
  certificate: Certificate
  issuer: Certificate
  hashAlgorithm?: DigestAlgorithm
  /** `good`, `unknown`, or when it was revoked. */
  status?: 'good' | 'unknown' | Date
  thisUpdate: Date
  nextUpdate?: Date
  extensions?: readonly Uint8Array[]
}

export interface BuiltResponse {
  signer: Pick<Signer, 'algorithm' | 'sign'>
  responder: Certificate
  by?: 'name' | 'key'
  entries: readonly BuiltEntry[]
  producedAt: Date
  extensions?: readonly Uint8Array[]
  /** What lies beside the answer; by default the responder's certificate. */
  certificates?: readonly Certificate[]
  /** The AlgorithmIdentifier that is written, when it shall be another than that of the signer. */
  algorithm?: Uint8Array
}

/** An extension in DER. */
export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value))
}

function formatEntry(entry: BuiltEntry): Uint8Array {
  const { certificate, issuer, hashAlgorithm = 'sha1', status = 'good', thisUpdate, nextUpdate, extensions } = entry
  const told =
    status instanceof Date
      ? der.implicit(1, der.sequence(der.generalizedTime(status)))
      : der.implicit(status === 'good' ? 0 : 2, der.null())
  return der.sequence(
    formatCertificateId(certificate, issuer, hashAlgorithm),
    told,
    der.generalizedTime(thisUpdate),
    ...(nextUpdate ? [der.explicit(0, der.generalizedTime(nextUpdate))] : []),
    ...(extensions ? [der.explicit(1, der.sequence(...extensions))] : []),
  )
}

/** Puts a signed body into an OCSPResponse. */
export function wrapBasicResponse(basic: Uint8Array): Uint8Array {
  return der.sequence(
    der.enumerated(0),
    der.explicit(0, der.sequence(der.oid('1.3.6.1.5.5.7.48.1.1'), der.octetString(basic))),
  )
}

/** The whole response in DER. */
export async function buildOcspResponse(input: BuiltResponse): Promise<Uint8Array> {
  const { signer, responder, by = 'key', entries, producedAt, extensions, certificates = [responder] } = input
  const tbs = der.sequence(
    by === 'name'
      ? der.explicit(1, responder.subject.der)
      : der.explicit(2, der.octetString(hash('sha1', responder.publicKey.keyBytes))),
    der.generalizedTime(producedAt),
    der.sequence(entries.map(formatEntry)),
    ...(extensions ? [der.explicit(1, der.sequence(...extensions))] : []),
  )
  return wrapBasicResponse(
    der.sequence(
      tbs,
      input.algorithm ?? formatSignatureAlgorithm(signer.algorithm),
      der.bitString(await signer.sign(tbs)),
      ...(certificates.length > 0 ? [der.explicit(0, der.sequence(certificates.map((one) => one.der)))] : []),
    ),
  )
}
