/**
 * Certificate revocation lists (证书吊销列表, RFC 5280, section 5): reading them, and checking who signed them.
 *
 * The entries stay in the bytes and are walked when somebody asks, so that a list of a million entries costs its size
 * and nothing more.
 */
import { equalBytes, toHex, utf8 } from '@zhicheng/core'
import {
  derTag,
  expectUniversal,
  parseDer,
  readBitString,
  readInteger,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from './der.ts'
import { type DistinguishedName, parseDistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import { type NamedSignatureAlgorithm, parseSignatureAlgorithm } from './lib/algorithm-identifier.ts'
import { eachMember, expectSlice, identifier, readSlices, sliceAt } from './lib/der-scan.ts'
import { nameForm, readGeneralNames } from './lib/general-names.ts'
import { sameName } from './lib/names.ts'
import { formatSerialNumber } from './lib/serial-number.ts'
import { isPem, parsePem } from './pem.ts'
import { type PublicKey, verifySignature } from './public-key.ts'

/** Why a certificate was revoked (RFC 5280, section 5.3.1). */
export type RevocationReason = (typeof revocationReasons)[number]

/** The reasons by their number; 7 is not used. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'unused',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const

/** One entry of a list. */
export interface RevokedCertificate {
  /** Lower-case hex, written as `Certificate.serialNumber` is. */
  readonly serialNumber: string
  /** When the revocation took effect. */
  readonly at: Date
  readonly reason?: RevocationReason
}

/** A parsed list. Nothing about it is verified yet: see {@link verifyCertificateList}. */
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
  readonly signature: Uint8Array
  readonly extensions: readonly { readonly oid: string; readonly critical: boolean; readonly value: Uint8Array }[]
  /** The content of revokedCertificates: what {@link listRevoked} walks. */
  readonly revokedBytes: Uint8Array
}

/** An entry as the scope rules of the path validation need it. */
export interface CertificateListEntry {
  /** Content of the INTEGER. */
  readonly serial: Uint8Array
  readonly at: Date
  readonly reason?: RevocationReason
  /** The Name of the certificate's issuer, when this entry or one before it names another than the list's. */
  readonly certificateIssuer?: Uint8Array
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
  const extensions = wrapped ? readExtensions(sliceAt(wrapped.content).bytes) : []
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
    signatureAlgorithm: parseSignatureAlgorithm(parseDer(algorithm.bytes)),
    signature: readBitString(parseDer(signature.bytes), 'The signature of the list'),
    extensions,
    revokedBytes: revoked?.content ?? new Uint8Array(),
  }
}

/** True if the list's signature was made with this key. Throws as `verifySignature` does. */
export async function verifyCertificateList(list: CertificateList, publicKey: PublicKey): Promise<boolean> {
  const { signatureAlgorithm, tbs, signature } = list
  if (signatureAlgorithm === 'unknown') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The certificate list is signed with an algorithm that is not known.')
  }
  return verifySignature({ algorithm: signatureAlgorithm, publicKey, message: tbs, signature })
}

/**
 * The entries of a list, in order. Throws `ERR_CRL_INVALID` at an entry that is malformed or holds a critical extension
 * that is not known: such a list must not be used (RFC 5280, section 5.3).
 */
export function* listRevoked(list: CertificateList): Generator<RevokedCertificate, void, void> {
  for (const { serial, at, reason } of listEntries(list)) {
    yield { serialNumber: formatSerialNumber(serial), at, ...(reason ? { reason } : {}) }
  }
}

/** The entries with their raw serial numbers and, in an indirect list, the issuer of each. */
export function* listEntries(list: CertificateList): Generator<CertificateListEntry, void, void> {
  for (const raw of rawEntries(list)) yield finishEntry(raw)
}

/**
 * The entry about a certificate, by the content of its serial number's INTEGER and the issuer's Name. Walks the whole
 * list even after a hit, because an entry that is not understood spoils the list wherever it stands.
 */
export function findEntry(
  list: CertificateList,
  serial: Uint8Array,
  issuer: Uint8Array,
): CertificateListEntry | undefined {
  let found: RawEntry | undefined
  for (const entry of rawEntries(list)) {
    if (found || !equalBytes(entry.serial, serial)) continue
    if (sameName(entry.certificateIssuer ?? list.issuer.der, issuer)) found = entry
  }
  return found && finishEntry(found)
}

interface RawEntry {
  serial: Uint8Array
  time: Uint8Array
  reason?: RevocationReason | undefined
  certificateIssuer?: Uint8Array | undefined
}

interface EntryExtensions {
  reason?: RevocationReason
  certificateIssuer?: Uint8Array
}

function* rawEntries(list: CertificateList): Generator<RawEntry, void, void> {
  // Nearly all entries of a list carry one of a few extensions, byte for byte the same: each is read once.
  const known = new Map<string, EntryExtensions>()
  let certificateIssuer: Uint8Array | undefined
  for (const entry of eachMember(list.revokedBytes)) {
    const { content } = expectSlice(entry, identifier.sequence, 'An entry of the list')
    const serial = expectSlice(sliceAt(content), identifier.integer, 'The serial number of an entry')
    const time = sliceAt(content, serial.bytes.length)
    const rest = content.subarray(serial.bytes.length + time.bytes.length)
    let reason: RevocationReason | undefined
    if (rest.length > 0) {
      const key = rest.length <= 32 ? toHex(rest) : undefined
      const extensions = (key === undefined ? undefined : known.get(key)) ?? readEntryExtensions(rest)
      if (key !== undefined && known.size < 64) known.set(key, extensions)
      reason = extensions.reason
      certificateIssuer = extensions.certificateIssuer ?? certificateIssuer
    }
    yield { serial: serial.content, time: time.bytes, reason, certificateIssuer }
  }
}

function readEntryExtensions(bytes: Uint8Array): EntryExtensions {
  const result: EntryExtensions = {}
  for (const { oid, critical, value } of readExtensions(bytes)) {
    if (oid === '2.5.29.21') {
      const reason = revocationReasons[readSmallInteger(parseDer(value), 'The reason of an entry')]
      if (reason) result.reason = reason
    } else if (oid === '2.5.29.29') {
      const name = readGeneralNames(parseDer(value)).find(({ form }) => form === nameForm.directory)
      if (!name) throw invalid('An entry of the list names an issuer in a form that is not supported.')
      result.certificateIssuer = name.der
    } else if (critical) {
      throw invalid(`An entry of the list has the critical extension ${oid}, which is not known.`)
    }
  }
  return result
}

function finishEntry({ serial, time, reason, certificateIssuer }: RawEntry): CertificateListEntry {
  return {
    serial,
    at: readTime(parseDer(time), 'The date of an entry'),
    ...(reason ? { reason } : {}),
    ...(certificateIssuer ? { certificateIssuer } : {}),
  }
}

function readExtensions(bytes: Uint8Array): CertificateList['extensions'] {
  const { children } = expectUniversal(parseDer(bytes), derTag.sequence, 'The extensions of the list')
  const extensions = children.map((extension) => {
    const [oid, ...rest] = expectUniversal(extension, derTag.sequence, 'An extension of the list').children
    const critical = rest.length === 2 && rest[0]!.content[0] === 0xff
    return { oid: readOid(oid), critical, value: readOctetString(rest.at(-1), 'The value of an extension') }
  })
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) throw invalid('An extension stands twice.')
  return extensions
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
