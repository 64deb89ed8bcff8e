/**
 * The requester's half of OCSP (证书状态在线查询, RFC 6960): asking for the status of a certificate, and taking the answer
 * only if it is about that certificate and for this request.
 */
import { type DigestAlgorithm, equalBytes } from '@zhicheng/core'
import type { Certificate, CertificateExtension } from './certificate.ts'
import { der, derTag, expectUniversal, isContext, readSmallInteger } from './der.ts'
import { cryptoError } from './errors.ts'
import {
  type CertificateId,
  formatCertificateId,
  formatNonce,
  isIdOf,
  ocspInvalid,
  parseOcspMessage,
  readCertificateId,
  readNonce,
  readOcspExtensions,
} from './lib/revocation/ocsp-structures.ts'
import { type OcspResponse, parseOcspResponse } from './ocsp-response.ts'

export type { CertificateId } from './lib/revocation/ocsp-structures.ts'

/** A certificate and the one that issued it: OCSP names the first by its serial number and by the second's name and key. */
export interface CertificateWithIssuer {
  certificate: Certificate
  issuer: Certificate
}

/** Options of {@link requestCertificateStatus}. */
export interface CertificateStatusRequestOptions {
  /** Digest that names the issuer; SHA-1 by default, which RFC 5019 wants and every responder knows. It protects nothing. */
  hashAlgorithm?: DigestAlgorithm
  /** 1 to 128 bytes that tie the answer to the request; 32 random ones are usual (RFC 9654). */
  nonce?: Uint8Array
}

/** A request, parsed. */
export interface CertificateStatusRequest {
  readonly certificateIds: readonly CertificateId[]
  readonly nonce?: Uint8Array
  /** Whether the requester signed it. The signature is not looked at. */
  readonly signed: boolean
  readonly extensions: readonly CertificateExtension[]
}

/** Media types of requests and answers over HTTP (RFC 6960, appendix A). */
export const ocspMediaTypes = {
  request: 'application/ocsp-request',
  response: 'application/ocsp-response',
} as const

const maxRequestBytes = 65_536
const maxNonceBytes = 128
const maxCertificateIds = 100

/**
 * An OCSPRequest in DER about one certificate, unsigned. Throws `ERR_OCSP_INVALID` for a nonce that is empty or longer
 * than 128 bytes.
 *
 * @example
 * ```ts
 * const request = requestCertificateStatus({ certificate, issuer }, { nonce: crypto.getRandomValues(new Uint8Array(32)) })
 * ```
 */
export function requestCertificateStatus(
  { certificate, issuer }: CertificateWithIssuer,
  { hashAlgorithm = 'sha1', nonce }: CertificateStatusRequestOptions = {},
): Uint8Array {
  if (nonce) checkNonce(nonce)
  return der.sequence(
    der.sequence(
      der.sequence(der.sequence(formatCertificateId(certificate, issuer, hashAlgorithm))),
      ...(nonce ? [der.explicit(2, der.sequence(formatNonce(nonce)))] : []),
    ),
  )
}

/**
 * Parses an OCSPRequest: at most 64 KiB and 100 certificates. Throws `ERR_OCSP_INVALID` or `ERR_DER_INVALID`. A signature
 * of the requester is not verified.
 */
export function parseCertificateStatusRequest(bytes: Uint8Array): CertificateStatusRequest {
  const [tbs, signature, ...rest] = expectUniversal(
    parseOcspMessage(bytes, maxRequestBytes),
    derTag.sequence,
    'The request',
  ).children
  if (rest.length > 0 || (signature && !isContext(signature, 0))) {
    throw ocspInvalid('The request holds more than its type allows.')
  }
  const fields = [...expectUniversal(tbs, derTag.sequence, 'The body of the request').children]
  if (isContext(fields[0], 0) && readSmallInteger(fields.shift()!.children[0], 'The version of the request') !== 0) {
    throw ocspInvalid('The request has a version other than 1.')
  }
  if (isContext(fields[0], 1)) fields.shift()
  const list = expectUniversal(fields.shift(), derTag.sequence, 'The certificates of the request').children
  const extensions = isContext(fields[0], 2) ? readOcspExtensions(fields.shift()) : []
  if (fields.length > 0) throw ocspInvalid('The request holds more than its type allows.')
  if (list.length === 0 || list.length > maxCertificateIds) {
    throw ocspInvalid(`The request asks about ${list.length} certificates; 1 to ${maxCertificateIds} are allowed.`)
  }
  const certificateIds = list.map((entry) => {
    const [id, own, ...more] = expectUniversal(entry, derTag.sequence, 'An entry of the request').children
    if (more.length > 0 || (own && !isContext(own, 0))) throw ocspInvalid('An entry of the request is malformed.')
    const unknown = readOcspExtensions(own).find(({ critical }) => critical)
    if (unknown)
      throw ocspInvalid(`An entry of the request has the critical extension ${unknown.oid}, which is not known.`)
    return readCertificateId(id)
  })
  const nonce = readNonce(extensions)
  if (nonce) checkNonce(nonce)
  return { certificateIds, ...(nonce ? { nonce } : {}), signed: signature !== undefined, extensions }
}

/**
 * The response to a request of this half. Throws `ERR_OCSP_REFUSED` when the responder gave no answer, `ERR_OCSP_MISMATCH`
 * when the answer is about another certificate or carries another nonce, `ERR_OCSP_INVALID` or `ERR_DER_INVALID` for what
 * is no such answer. An answer without any nonce passes, because many responders sign in advance; whether it is fresh and
 * whether its signature holds is another step: `verifyOcspResponse`.
 */
export function processCertificateStatusResponse(
  bytes: Uint8Array,
  { certificate, issuer, nonce }: CertificateWithIssuer & { nonce?: Uint8Array },
): OcspResponse {
  const response = parseOcspResponse(bytes)
  if (!response.statuses.some(({ id }) => isIdOf(id, certificate, issuer))) {
    throw cryptoError('ERR_OCSP_MISMATCH', 'The answer says nothing about the certificate that was asked about.')
  }
  if (nonce && response.nonce && !equalBytes(nonce, response.nonce)) {
    throw cryptoError('ERR_OCSP_MISMATCH', 'The answer carries another nonce: it answers another request.')
  }
  return response
}

function checkNonce(nonce: Uint8Array): void {
  if (nonce.length === 0 || nonce.length > maxNonceBytes) {
    throw ocspInvalid(`The nonce has ${nonce.length} bytes; 1 to ${maxNonceBytes} are allowed.`)
  }
}
