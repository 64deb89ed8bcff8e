/** The entries of a revocation list (RFC 5280, section 5.3), read where they lie. */
import { equalBytes, fromHex, toHex } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { CertificateList, CertificateListExtension } from '../../certificate-list.ts'
import { der, derTag, expectUniversal, parseDer, readSmallInteger, readTime } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { readExtension } from '../certificates/extension.ts'
import { nameForm, readGeneralNames } from '../certificates/general-names.ts'
import { sameName } from '../certificates/names.ts'
import { eachMember, expectSlice, identifier, sliceAt } from '../der/der-scan.ts'

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

/** An entry as the scope rules of the path validation need it. */
export interface CertificateListEntry {
  /** Content of the INTEGER. */
  readonly serial: Uint8Array
  readonly at: Date
  readonly reason?: RevocationReason
  /** The Name of the certificate's issuer, when this entry or one before it names another than the list's. */
  readonly certificateIssuer?: Uint8Array
}

/** The content of a certificate's serial number, as lists have it. */
export function serialContent(certificate: Certificate): Uint8Array {
  return sliceAt(der.unsignedInteger(fromHex(certificate.serialNumber))).content
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
  for (const { oid, critical, value } of readListExtensions(bytes)) {
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

/** Reads Extensions; refuses one that stands twice. */
export function readListExtensions(bytes: Uint8Array): CertificateListExtension[] {
  const { children } = expectUniversal(parseDer(bytes), derTag.sequence, 'The extensions of the list')
  const extensions = children.map(readExtension)
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) throw invalid('An extension stands twice.')
  return extensions
}

function invalid(message: string): Error {
  return cryptoError('ERR_CRL_INVALID', message)
}
