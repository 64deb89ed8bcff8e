/** Reads what a timestamp says: TSTInfo (RFC 3161, section 2.4.2). */
import type { DigestAlgorithm } from '@zhicheng/core'
import { toHex } from '@zhicheng/core'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readBoolean,
  readInteger,
  readOctetString,
  readOid,
  readSmallInteger,
  readTime,
} from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { digestLengths, digestOfOid } from '../../hash.ts'
import { nameForm, readGeneralName } from '../certificates/general-names.ts'

/** What a timestamp is over: a digest and its algorithm. */
export interface TimestampImprint {
  algorithm: DigestAlgorithm
  value: Uint8Array
}

/** The content of a token. */
export interface TimestampInfo {
  readonly time: Date
  readonly imprint: Readonly<TimestampImprint>
  /** The time may be off by this many milliseconds either way; missing when the authority does not say. */
  readonly accuracy?: number
  /** True if the authority promises that its tokens are in order, whatever their accuracy (RFC 3161, section 2.4.2). */
  readonly ordering: boolean
  /** The name the authority gives itself: a Name in DER, where it is one. */
  readonly authorityName?: Uint8Array
  /** Object identifier of the policy of the authority. */
  readonly policy: string
  /** Lower-case hex. */
  readonly serial: string
  readonly nonce?: bigint
}

/** Reads a TSTInfo. Throws `ERR_TIMESTAMP_INVALID` or `ERR_DER_INVALID`. */
export function readTimestampInfo(content: Uint8Array): TimestampInfo {
  const info = expectUniversal(parseDer(content, { maxBytes: 262_144 }), derTag.sequence, 'The timestamp')
  const [version, policy, imprint, serial, time, ...optional] = info.children
  if (readSmallInteger(version, 'The version of the timestamp') !== 1)
    throw invalid('The timestamp has an unknown version.')
  const accuracy = isUniversal(optional[0], derTag.sequence) ? readAccuracy(optional.shift()!) : undefined
  const ordering = isUniversal(optional[0], derTag.boolean) && readBoolean(optional.shift())
  const nonce = isUniversal(optional[0], derTag.integer) ? readInteger(optional.shift()) : undefined
  const authorityName = isContext(optional[0], 0) ? readAuthorityName(optional.shift()!) : undefined
  if (isContext(optional[0], 1)) refuseCriticalExtensions(optional.shift()!)
  if (optional.length > 0) throw invalid('The timestamp holds more than its type allows.')
  if (!isUniversal(time, derTag.generalizedTime)) throw invalid('The time of the timestamp is no GeneralizedTime.')
  readInteger(serial, 'The serial number of the timestamp')
  return {
    time: readTime(time, 'The time of the timestamp'),
    imprint: readImprint(imprint),
    ...(accuracy === undefined ? {} : { accuracy }),
    ordering,
    ...(authorityName ? { authorityName } : {}),
    policy: readOid(policy, 'The policy of the timestamp'),
    serial: toHex(serial!.content),
    ...(nonce === undefined ? {} : { nonce }),
  }
}

/** Reads a MessageImprint. Throws `ERR_TIMESTAMP_INVALID` when its length is not that of its algorithm. */
function readImprint(node: DerNode | undefined): TimestampImprint {
  const { children } = expectUniversal(node, derTag.sequence, 'The imprint of the timestamp')
  const oid = readOid(expectUniversal(children[0], derTag.sequence, 'The digest algorithm of the imprint').children[0])
  const algorithm = digestOfOid(oid)
  if (!algorithm)
    throw cryptoError('ERR_TIMESTAMP_INVALID', `The imprint uses the digest ${oid}, which is not known.`, {
      facts: { oid },
    })
  const value = readOctetString(children[1], 'The imprint of the timestamp')
  if (value.length !== digestLengths[algorithm]) throw invalid('The imprint does not have the length of its digest.')
  return { algorithm, value }
}

function readAccuracy(node: DerNode): number {
  let milliseconds = 0
  let next = 0
  for (const child of node.children) {
    const bytes = new Uint8Array(child.bytes)
    bytes[0] = derTag.integer
    const value = child.constructed ? -1 : readSmallInteger(parseDer(bytes), 'The accuracy of the timestamp')
    const part = isUniversal(child, derTag.integer) ? 0 : isContext(child, 0) ? 1 : isContext(child, 1) ? 2 : -1
    // Seconds, then thousandths, then millionths, each at most once; the last two from 1 to 999.
    if (part < next || value < 0 || (part > 0 && (value < 1 || value > 999))) {
      throw invalid('The accuracy of the timestamp is malformed.')
    }
    next = part + 1
    milliseconds += value * 1000 ** (1 - part)
  }
  return milliseconds
}

/** Of other forms than a directory name nothing is kept. Throws `ERR_DER_INVALID`. */
function readAuthorityName(node: DerNode): Uint8Array | undefined {
  const name = node.children.length === 1 ? readGeneralName(node.children[0]!) : undefined
  if (!name) throw invalid('The timestamp does not name exactly one authority.')
  return name.form === nameForm.directory ? name.der : undefined
}

function refuseCriticalExtensions(node: DerNode): void {
  for (const extension of node.children) {
    if (isUniversal(extension.children[1], derTag.boolean) && extension.children[1]!.content[0] === 0xff) {
      throw invalid('The timestamp has a critical extension, which is not known.')
    }
  }
}

function invalid(message: string): Error {
  return cryptoError('ERR_TIMESTAMP_INVALID', message)
}
