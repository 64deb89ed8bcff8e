/** The responder's half of OCSP (RFC 6960, section 4.2): answering requests. It keeps no state and opens no socket. */
import { type Clock, equalBytes, isZhichengError } from '@zhicheng/core'
import { type Certificate, isIssuedBy } from './certificate.ts'
import { type RevocationReason, revocationReasons } from './crl.ts'
import { der } from './der.ts'
import { cryptoError } from './errors.ts'
import { hash } from './hash.ts'
import { formatExtension } from './lib/certificates/extension.ts'
import { formatSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import { type CertificateId, isOfIssuer, ocspOid, ocspStatusNames } from './lib/revocation/ocsp-structures.ts'
import { type CertificateStatusRequest, parseCertificateStatusRequest } from './ocsp-request.ts'
import type { Signer } from './signer.ts'

/** What an authority knows about one of its certificates. */
export type KnownCertificateStatus =
  | { readonly status: 'good' | 'unknown' }
  | { readonly status: 'revoked'; readonly at: Date; readonly reason?: RevocationReason }

/** Options of {@link answerCertificateStatusRequest}. */
export interface CertificateStatusAnswerOptions {
  /** The issuer's own, or one whose certificate the issuer issued for signing OCSP responses. */
  signer: Signer
  issuer: Certificate
  /** What is known about a serial number, written as `Certificate.serialNumber` is. */
  lookup(serialNumber: string): KnownCertificateStatus | Promise<KnownCertificateStatus>
  clock: Clock
  /** How long the answer may be used. Left out, it does not say, and most requesters will not take it. */
  validitySeconds?: number
  /** Certificates that expired after this moment are still known. */
  archiveCutoff?: Date
  signal?: AbortSignal
}

/** Why a responder gives no answer (OCSPResponseStatus, RFC 6960, section 4.2.1). */
export type OcspRefusal = 'malformedRequest' | 'internalError' | 'tryLater' | 'sigRequired' | 'unauthorized'

// Requesters say with these what they would like to get; there is one kind of answer here.
const ignored: ReadonlySet<string> = new Set([ocspOid.nonce, ocspOid.acceptableResponses, ocspOid.preferredAlgorithms])

/**
 * An OCSPResponse in DER. Requests that are malformed, or about certificates of another issuer, get the unsigned refusal
 * that the protocol has for them. The nonce of the request is repeated. Throws `ERR_CERTIFICATE_INVALID` for a signer that
 * may not answer for the issuer, and what the signer or `lookup` throws.
 *
 * @example
 * ```ts
 * const answer = await answerCertificateStatusRequest(body, {
 *   signer, issuer, clock: systemClock, validitySeconds: 3600,
 *   lookup: (serialNumber) => ({ status: issued.has(serialNumber) ? 'good' : 'unknown' }),
 * })
 * ```
 */
export async function answerCertificateStatusRequest(
  request: Uint8Array,
  options: CertificateStatusAnswerOptions,
): Promise<Uint8Array> {
  const { issuer, signer } = options
  const direct = equalBytes(signer.certificateChain[0].der, issuer.der)
  if (!direct && !isResponderOf(signer.certificateChain[0], issuer)) {
    throw cryptoError(
      'ERR_CERTIFICATE_INVALID',
      'The signer may not answer for this issuer: have the issuer itself issue it a certificate for OCSP signing.',
    )
  }
  let read: CertificateStatusRequest
  try {
    read = parseCertificateStatusRequest(request)
  } catch (error) {
    if (isZhichengError(error)) return refuseCertificateStatusRequest('malformedRequest')
    throw error
  }
  if (read.extensions.some(({ oid, critical }) => critical && !ignored.has(oid))) {
    return refuseCertificateStatusRequest('malformedRequest')
  }
  if (read.certificateIds.some((id) => !isOfIssuer(id, issuer.subject.der, issuer))) {
    return refuseCertificateStatusRequest('unauthorized')
  }
  const basic = await formatBasicResponse(read, direct, options)
  return der.sequence(
    der.enumerated(0),
    der.explicit(0, der.sequence(der.oid(ocspOid.basicResponse), der.octetString(basic))),
  )
}

/** An OCSPResponse that says why there is no answer. It is not signed: the protocol has no signature for it. */
export function refuseCertificateStatusRequest(refusal: OcspRefusal): Uint8Array {
  return der.sequence(der.enumerated(ocspStatusNames.indexOf(refusal)))
}

function isResponderOf(certificate: Certificate, issuer: Certificate): boolean {
  const { extendedKeyUsage } = certificate
  return extendedKeyUsage?.includes(ocspOid.signingPurpose) === true && isIssuedBy(certificate, issuer)
}

async function formatBasicResponse(
  { certificateIds, extensions }: CertificateStatusRequest,
  direct: boolean,
  options: CertificateStatusAnswerOptions,
): Promise<Uint8Array> {
  const { signer, clock, signal } = options
  const [certificate] = signer.certificateChain
  const now = clock.now()
  // Repeated as it came, for older requesters leave out the OCTET STRING that belongs around it.
  const nonce = extensions.find(({ oid }) => oid === ocspOid.nonce)
  const entries: Uint8Array[] = []
  for (const id of certificateIds) entries.push(await formatEntry(id, now, options))
  const tbs = der.sequence(
    der.explicit(2, der.octetString(hash('sha1', certificate.publicKey.keyBytes))),
    der.generalizedTime(now),
    der.sequence(entries),
    ...(nonce ? [der.explicit(1, der.sequence(formatExtension(ocspOid.nonce, nonce.value)))] : []),
  )
  const signature = await signer.sign(tbs, signal ? { signal } : {})
  return der.sequence(
    tbs,
    formatSignatureAlgorithm(signer.algorithm),
    der.bitString(signature),
    // Whoever asks has the issuer's certificate already.
    ...(direct ? [] : [der.explicit(0, der.sequence(certificate.der))]),
  )
}

async function formatEntry(
  id: CertificateId,
  now: Date,
  { lookup, validitySeconds, archiveCutoff }: CertificateStatusAnswerOptions,
): Promise<Uint8Array> {
  const next = validitySeconds === undefined ? undefined : new Date(now.getTime() + validitySeconds * 1000)
  return der.sequence(
    id.der,
    formatStatus(await lookup(id.serialNumber)),
    der.generalizedTime(now),
    ...(next ? [der.explicit(0, der.generalizedTime(next))] : []),
    ...(archiveCutoff
      ? [der.explicit(1, der.sequence(formatExtension(ocspOid.archiveCutoff, der.generalizedTime(archiveCutoff))))]
      : []),
  )
}

function formatStatus(known: KnownCertificateStatus): Uint8Array {
  if (known.status !== 'revoked') return der.implicit(known.status === 'good' ? 0 : 2, der.null())
  const { at, reason } = known
  // As in lists, an unspecified reason is told by leaving it out.
  const told = reason && reason !== 'unspecified'
  return der.implicit(
    1,
    der.sequence(
      der.generalizedTime(at),
      ...(told ? [der.explicit(0, der.enumerated(revocationReasons.indexOf(reason)))] : []),
    ),
  )
}
