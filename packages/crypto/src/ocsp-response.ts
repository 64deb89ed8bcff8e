/** OCSP responses (证书状态应答, RFC 6960, section 4.2): reading them. What they prove is for `verifyOcspResponse` to say. */
import { isZhichengError } from '@zhicheng/core'
import { type Certificate, type CertificateExtension, parseCertificate } from './certificate.ts'
import { type RevocationReason, revocationReasons } from './crl.ts'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readBitString,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from './der.ts'
import { type DistinguishedName, parseDistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import type { NamedSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import { signatureFields } from './lib/keys/signature-fields.ts'
import {
  type CertificateId,
  ocspInvalid,
  ocspOid,
  ocspStatusNames,
  parseOcspMessage,
  readCertificateId,
  readNonce,
  readOcspExtensions,
} from './lib/revocation/ocsp-structures.ts'

/** What a response says about one certificate (SingleResponse). */
export interface CertificateStatusEntry {
  readonly id: CertificateId
  readonly status: 'good' | 'revoked' | 'unknown'
  readonly revokedAt?: Date
  readonly reason?: RevocationReason
  /** When the status was known to be so. */
  readonly thisUpdate: Date
  /** When something newer can be had; a response without it is only as good as it is young. */
  readonly nextUpdate?: Date
  /** The responder remembers certificates that expired after this moment (RFC 6960, section 4.4.4). */
  readonly archiveCutoff?: Date
  readonly extensions: readonly CertificateExtension[]
}

/** A response that holds an answer, parsed. Nothing about it is verified. */
export interface OcspResponse {
  /** The whole OCSPResponse. */
  readonly der: Uint8Array
  /** ResponseData: the bytes that are signed. */
  readonly tbs: Uint8Array
  /** Whoever signed says so by name, or by the SHA-1 of the key. */
  readonly responderId: { readonly name: DistinguishedName } | { readonly keyHash: Uint8Array }
  readonly producedAt: Date
  readonly statuses: readonly CertificateStatusEntry[]
  readonly nonce?: Uint8Array
  readonly extensions: readonly CertificateExtension[]
  readonly signatureAlgorithm: NamedSignatureAlgorithm
  /** Salt of an RSA-PSS signature in bytes. */
  readonly signatureSaltLength?: number
  readonly signature: Uint8Array
  /** Certificates beside the answer, as far as they can be read. */
  readonly certificates: readonly Certificate[]
}

const maxResponseBytes = 1_048_576
const maxEntries = 1000
const maxCertificates = 32

/**
 * Parses a response of at most 1 MiB. Throws `ERR_OCSP_REFUSED` when the responder gave no answer (`facts.status` is its
 * reason, and `retryable` is true for `tryLater` and `internalError`), `ERR_OCSP_INVALID` or `ERR_DER_INVALID` for what is
 * no such response. An unsigned refusal proves nothing about who sent it.
 *
 * @example
 * ```ts
 * const { producedAt, statuses } = parseOcspResponse(bytes)
 * ```
 */
export function parseOcspResponse(bytes: Uint8Array): OcspResponse {
  // A copy: the caller's buffer may change later.
  const own = bytes.length > maxResponseBytes ? bytes : new Uint8Array(bytes)
  const [status, wrapped, ...rest] = expectUniversal(
    parseOcspMessage(own, maxResponseBytes),
    derTag.sequence,
    'The response',
  ).children
  if (!isUniversal(status, derTag.enumerated)) throw ocspInvalid('The response does not begin with its status.')
  const code = readSmallInteger(status, 'The status of the response')
  if (code !== 0) throw refused(code)
  if (!isContext(wrapped, 0) || wrapped!.children.length !== 1 || rest.length > 0) {
    throw ocspInvalid('The response says that it is successful, but does not hold exactly one answer.')
  }
  const [type, content, ...more] = expectUniversal(
    wrapped!.children[0],
    derTag.sequence,
    'The answer of the response',
  ).children
  const oid = readOid(type, 'The type of the response')
  if (oid !== ocspOid.basicResponse || more.length > 0) {
    throw cryptoError('ERR_OCSP_INVALID', `The response has the type ${oid}, not that of a basic response.`, {
      facts: { oid },
    })
  }
  return readBasicResponse(own, readOctetString(content, 'The basic response'))
}

function refused(code: number): Error {
  const status = ocspStatusNames[code] ?? `status ${code}`
  return cryptoError('ERR_OCSP_REFUSED', `The OCSP responder gave no answer: ${status}.`, {
    outcome: 'refused',
    retryable: status === 'tryLater' || status === 'internalError',
    facts: { status },
  })
}

function readBasicResponse(whole: Uint8Array, bytes: Uint8Array): OcspResponse {
  const [tbs, algorithm, signature, certificates, ...rest] = expectUniversal(
    parseOcspMessage(bytes, maxResponseBytes),
    derTag.sequence,
    'The basic response',
  ).children
  if (rest.length > 0 || (certificates && !isContext(certificates, 0))) {
    throw ocspInvalid('The basic response holds more than its type allows.')
  }
  const fields = [...expectUniversal(tbs, derTag.sequence, 'The signed part of the response').children]
  if (isContext(fields[0], 0) && readSmallInteger(fields.shift()!.children[0], 'The version of the response') !== 0) {
    throw ocspInvalid('The response has a version other than 1.')
  }
  const responderId = readResponderId(fields.shift())
  const producedAt = readGeneralizedTime(fields.shift(), 'The time of the response')
  const entries = expectUniversal(fields.shift(), derTag.sequence, 'The entries of the response').children
  if (entries.length > maxEntries) throw ocspInvalid(`The response has more than ${maxEntries} entries.`)
  const extensions = isContext(fields[0], 1) ? readOcspExtensions(fields.shift()) : []
  if (fields.length > 0) throw ocspInvalid('The signed part of the response holds more than its type allows.')
  const nonce = readNonce(extensions)
  return {
    der: whole,
    tbs: tbs!.bytes,
    responderId,
    producedAt,
    statuses: entries.map(readEntry),
    ...(nonce ? { nonce } : {}),
    extensions,
    ...signatureFields(algorithm),
    signature: readBitString(signature, 'The signature of the response'),
    certificates: readCertificates(certificates),
  }
}

function readResponderId(node: DerNode | undefined): OcspResponse['responderId'] {
  const [value, ...rest] = node?.children ?? []
  if (!value || rest.length > 0) throw ocspInvalid('The response does not name its responder.')
  if (isContext(node, 1))
    return { name: parseDistinguishedName(expectUniversal(value, derTag.sequence, 'The responder')) }
  if (!isContext(node, 2)) throw ocspInvalid('The response names its responder in a way that is not known.')
  return { keyHash: readOctetString(value, 'The digest of the responder’s key') }
}

function readEntry(node: DerNode): CertificateStatusEntry {
  const fields = [...expectUniversal(node, derTag.sequence, 'An entry of the response').children]
  const id = readCertificateId(fields.shift())
  const status = readStatus(fields.shift())
  const thisUpdate = readGeneralizedTime(fields.shift(), 'thisUpdate of an entry')
  const nextUpdate = isContext(fields[0], 0)
    ? readGeneralizedTime(only(fields.shift()!), 'nextUpdate of an entry')
    : undefined
  const extensions = isContext(fields[0], 1) ? readOcspExtensions(fields.shift()) : []
  if (fields.length > 0) throw ocspInvalid('An entry of the response holds more than its type allows.')
  const cutoff = extensions.find(({ oid }) => oid === ocspOid.archiveCutoff)
  return {
    id,
    ...status,
    thisUpdate,
    ...(nextUpdate ? { nextUpdate } : {}),
    ...(cutoff ? { archiveCutoff: readGeneralizedTime(parseDer(cutoff.value), 'The archive cutoff') } : {}),
    extensions,
  }
}

function readStatus(node: DerNode | undefined): Pick<CertificateStatusEntry, 'status' | 'revokedAt' | 'reason'> {
  if (isContext(node, 1) && node!.constructed) {
    const [at, wrapped, ...rest] = node!.children
    if (rest.length > 0 || (wrapped && !isContext(wrapped, 0))) throw ocspInvalid('A revocation is malformed.')
    const reason = wrapped && revocationReasons[readSmallInteger(only(wrapped), 'The reason of a revocation')]
    return {
      status: 'revoked',
      revokedAt: readGeneralizedTime(at, 'The date of a revocation'),
      ...(reason ? { reason } : {}),
    }
  }
  const empty = node?.constructed === false && node.content.length === 0
  if (empty && isContext(node, 0)) return { status: 'good' }
  if (empty && isContext(node, 2)) return { status: 'unknown' }
  throw ocspInvalid('An entry of the response has a status that is none.')
}

function only(node: DerNode): DerNode | undefined {
  if (node.children.length !== 1) throw ocspInvalid('A value of the response is malformed.')
  return node.children[0]
}

function readGeneralizedTime(node: DerNode | undefined, what: string): Date {
  return readTime(expectUniversal(node, derTag.generalizedTime, what), what)
}

/** A certificate that cannot be read cannot be the responder's; others may lie beside it all the same. */
function readCertificates(node: DerNode | undefined): Certificate[] {
  const list = node ? expectUniversal(only(node), derTag.sequence, 'The certificates of the response').children : []
  if (list.length > maxCertificates) throw ocspInvalid(`The response has more than ${maxCertificates} certificates.`)
  return list.flatMap(({ bytes }) => {
    try {
      return [parseCertificate(bytes)]
    } catch (error) {
      if (!isZhichengError(error)) throw error
      return []
    }
  })
}
