/**
 * Certificate revocation lists (证书吊销列表, RFC 5280, section 5): reading them, and checking who signed them.
 *
 * The entries stay in the bytes and are walked when somebody asks, so that a list of a million entries costs its size
 * and nothing more.
 */
import { equalBytes, utf8 } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import type { CertificateList } from './certificate-list.ts'
import { parseDer, readInteger, readSmallInteger, readTime } from './der.ts'
import { parseDistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import { formatSerialNumber } from './lib/certificates/serial-number.ts'
import { expectSlice, identifier, readSlices, sliceAt } from './lib/der/der-scan.ts'
import { signatureFields } from './lib/keys/signature-fields.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import {
  type CertificateListEntry,
  findEntry,
  listEntries,
  type RevocationReason,
  readListExtensions,
  serialContent,
} from './lib/revocation/crl-entries.ts'
import { isPem, parsePem } from './pem.ts'
import { type PublicKey, verifySignature } from './public-key.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

export type { CertificateList, CertificateListExtension } from './certificate-list.ts'
export { type RevocationReason, revocationReasons } from './lib/revocation/crl-entries.ts'

/** One entry of a list. */
export interface RevokedCertificate {
  /** Lower-case hex, written as `Certificate.serialNumber` is. */
  readonly serialNumber: string
  /** When the revocation took effect. */
  readonly at: Date
  readonly reason?: RevocationReason
}

const maxBytes = 256 * 1024 * 1024

/**
 * Parses a list from DER or PEM. Throws `ERR_CRL_INVALID` or `ERR_DER_INVALID`; entries are read later, by whoever walks
 * them.
 *
 * @example
 * ```ts
 * const list = parseCertificateList(await readFile('ca.crl'))
 * list.nextUpdate
 * ```
 */
export function parseCertificateList(bytesOrPem: Uint8Array | string): CertificateList {
  const bytes = readBytes(bytesOrPem)
  if (bytes.length > maxBytes) throw invalid(`The list has ${bytes.length} bytes, more than the ${maxBytes} allowed.`)
  const whole = expectSlice(sliceAt(bytes), identifier.sequence, 'The certificate list')
  if (whole.bytes.length !== bytes.length) throw invalid('Bytes follow the end of the certificate list.')
  const outer = readSlices(whole.content, 3)
  const tbs = outer.expect(identifier.sequence, 'The signed part of the list')
  const algorithm = outer.expect(identifier.sequence, 'The signature algorithm of the list')
  const signature = outer.expect(identifier.bitString, 'The signature of the list')
  const fields = readSlices(tbs.content, 7)
  const version = fields.take(identifier.integer)
  if (version && readSmallInteger(parseDer(version.bytes)) !== 1) throw invalid('The list has a version other than 2.')
  const inner = fields.expect(identifier.sequence, 'The signature algorithm inside the list')
  if (!equalBytes(inner.bytes, algorithm.bytes)) throw invalid('The list names two different signature algorithms.')
  const issuer = fields.expect(identifier.sequence, 'The issuer of the list')
  const thisUpdate =
    fields.take(identifier.utcTime) ?? fields.expect(identifier.generalizedTime, 'thisUpdate of the list')
  const nextUpdate = fields.take(identifier.utcTime) ?? fields.take(identifier.generalizedTime)
  const revoked = fields.take(identifier.sequence)
  const wrapped = fields.take(identifier.context0)
  fields.end('The certificate list')
  if (wrapped && !version) throw invalid('A list of version 1 has extensions.')
  const extensions = wrapped ? readListExtensions(sliceAt(wrapped.content).bytes) : []
  const number = extensions.find(({ oid }) => oid === '2.5.29.20')
  const authority = extensions.find(({ oid }) => oid === '2.5.29.35')
  const keyIdentifier = authority && parseDer(authority.value).children.find(({ tag }) => tag === 0)?.content
  return {
    der: bytes,
    tbs: tbs.bytes,
    issuer: parseDistinguishedName(issuer.bytes),
    thisUpdate: readTime(parseDer(thisUpdate.bytes), 'thisUpdate of the list'),
    ...(nextUpdate ? { nextUpdate: readTime(parseDer(nextUpdate.bytes), 'nextUpdate of the list') } : {}),
    ...(number ? { number: readInteger(parseDer(number.value), 'The number of the list') } : {}),
    ...(keyIdentifier ? { authorityKeyIdentifier: keyIdentifier } : {}),
    ...signatureFields(parseDer(algorithm.bytes)),
    // Half a byte of signature makes a list that reads well and that nobody signed.
    signature: signature.content[0] === 0 ? signature.content.subarray(1) : new Uint8Array(),
    extensions,
    revokedBytes: revoked?.content ?? new Uint8Array(),
  }
}

/** True if the list's signature was made with this key. Throws as `verifySignature` does. */
export async function verifyCertificateList(
  list: CertificateList,
  publicKey: PublicKey,
  options: WeakAlgorithmSwitches = {},
): Promise<boolean> {
  const { signatureAlgorithm, signatureSaltLength: saltLength, tbs, signature } = list
  if (signatureAlgorithm === 'unknown') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The certificate list is signed with an algorithm that is not known.')
  }
  const message = tbs
  return verifySignature({
    algorithm: signatureAlgorithm,
    publicKey,
    message,
    signature,
    saltLength,
    ...weakSwitches(options),
  })
}

/**
 * The entries of a list, in order. Throws `ERR_CRL_INVALID` at an entry that is malformed or holds a critical extension
 * that is not known: such a list must not be used (RFC 5280, section 5.3).
 */
export function* listRevoked(list: CertificateList): Generator<RevokedCertificate, void, void> {
  for (const entry of listEntries(list)) yield describe(entry)
}

/**
 * The entry about a certificate, or `undefined` when its issuer's list does not hold it. Throws as {@link listRevoked}
 * does. Whether the list may be used at all is for `verifyCertificatePath`.
 */
export function findRevoked(list: CertificateList, certificate: Certificate): RevokedCertificate | undefined {
  const entry = findEntry(list, serialContent(certificate), certificate.issuer.der)
  return entry && describe(entry)
}

function describe({ serial, at, reason }: CertificateListEntry): RevokedCertificate {
  return { serialNumber: formatSerialNumber(serial), at, ...(reason ? { reason } : {}) }
}

function readBytes(input: Uint8Array | string): Uint8Array {
  const bytes = typeof input === 'string' ? utf8(input) : input
  if (!isPem(bytes)) return bytes
  const block = parsePem(new TextDecoder().decode(bytes)).find(({ label }) => label === 'X509 CRL')
  if (!block) throw cryptoError('ERR_PEM_INVALID', 'The PEM text has no X509 CRL block.')
  return block.bytes
}

function invalid(message: string): Error {
  return cryptoError('ERR_CRL_INVALID', message)
}
