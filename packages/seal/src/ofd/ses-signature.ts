/** Reads the value of a seal's signature (电子签章, SES_Signature) in versions 1, 4 and 5, with its bytes as they lie. */
import { type Finding, isZhichengError } from '@zhicheng/core'
import {
  type DerNode,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readOctetString,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from '@zhicheng/crypto'
import {
  readBits,
  readExtensions,
  reading,
  readSm2Signature,
  readTimestampField,
  type SesExtension,
  warning,
} from '../lib/ofd/ses-der.ts'
import { ofdError } from './errors.ts'
import { type EsSeal, readSeal, type SesVersion } from './es-seal.ts'

/** The signature of a seal over a document, parsed. Nothing about it is verified yet. */
export interface SesSignature {
  readonly der: Uint8Array
  readonly version: SesVersion
  /** TBS_Sign as it lies there: what the signer signed. */
  readonly toSign: Uint8Array
  readonly seal: EsSeal
  /** What the signer claims; absent when it cannot be read. */
  readonly signedAt?: Date
  /** Version 1 may hold a TimeStampToken in place of a time. */
  readonly timeToken?: Uint8Array
  /** Digest of the signature's description (Signature.xml). */
  readonly dataHash: Uint8Array
  /** propertyInfo: path of the signature's description in the document. */
  readonly propertyInfo: string
  readonly extensions: readonly SesExtension[]
  /** The signer's certificate in DER. */
  readonly certificate: Uint8Array
  readonly algorithmOid: string
  /** Signature in DER. */
  readonly signature: Uint8Array
  /** The value as it lies there, which a timestamp is over. */
  readonly signatureValue: Uint8Array
  /** TimeStampToken over the signature value. */
  readonly timestamp?: Uint8Array
  /** What was tolerated, in the seal included. */
  readonly deviations: readonly Finding[]
}

const maxSignatureBytes = 16_777_216

/**
 * Parses a signature value (SignedValue.dat). Throws `ERR_OFD_SIGNATURE_FORMAT` or `ERR_OFD_SEAL_FORMAT`.
 *
 * @example
 * ```ts
 * const { seal, signedAt } = parseSesSignature(await readFile('SignedValue.dat'))
 * ```
 */
export function parseSesSignature(bytes: Uint8Array): SesSignature {
  return reading('ERR_OFD_SIGNATURE_FORMAT', 'The signature value', () => {
    const node = parseDer(bytes, { maxBytes: maxSignatureBytes })
    const fields = expectUniversal(node, derTag.sequence, 'The signature value').children
    const toSign = expectUniversal(fields[0], derTag.sequence, 'The signed part')
    return fields.length === 2 ? readFirst(node, toSign, fields[1]) : readLater(node, toSign, fields)
  })
}

function readFirst(node: DerNode, toSign: DerNode, value: DerNode | undefined): SesSignature {
  const fields = toSign.children
  const [version, seal, time, dataHash, propertyInfo, certificate, algorithm] = fields
  if (fields.length !== 7) throw wrongFields(fields.length)
  readSmallInteger(version, 'The version of the signature')
  const deviations: Finding[] = []
  const read = readSeal(expectUniversal(seal, derTag.sequence, 'The seal in the signature'))
  const bits = readBits(value, 'The signature', deviations)
  return {
    der: node.bytes,
    version: 1,
    toSign: toSign.bytes,
    seal: read,
    ...readFirstTime(time, deviations),
    dataHash: readBits(dataHash, 'The digest in the signature', deviations),
    propertyInfo: readText(propertyInfo, 'The path in the signature'),
    extensions: [],
    certificate: readOctetString(certificate, "The signer's certificate"),
    algorithmOid: readOid(algorithm, "The signer's algorithm"),
    signature: readSm2Signature(bits, 'The signature', deviations),
    signatureValue: bits,
    deviations: [...read.deviations, ...deviations],
  }
}

function readLater(node: DerNode, toSign: DerNode, outer: readonly DerNode[]): SesSignature {
  const fields = toSign.children
  const [version, seal, time, dataHash, propertyInfo, extensions] = fields
  const [, certificate, algorithm, value, timestamp] = outer
  if (fields.length < 5 || fields.length > 6 || outer.length < 4 || outer.length > 5) throw wrongFields(fields.length)
  if (extensions && !isContext(extensions, 0)) throw wrongFields(fields.length)
  const deviations: Finding[] = []
  const read = readSeal(expectUniversal(seal, derTag.sequence, 'The seal in the signature'))
  const stated = readSmallInteger(version, 'The version of the signature')
  if (stated !== read.version) {
    const message = `The signature says version ${stated}, its seal is of version ${read.version}.`
    deviations.push(warning('SES_VERSIONS_DIFFER', message))
  }
  if (read.version === 1) throw ofdError('ERR_OFD_SIGNATURE_FORMAT', 'The signature holds a seal of version 1.')
  const bits = readBits(value, 'The signature', deviations)
  const token = readTimestampField(timestamp)
  return {
    der: node.bytes,
    version: read.version,
    toSign: toSign.bytes,
    seal: read,
    signedAt: readTime(time, 'The time of the signature'),
    dataHash: readBits(dataHash, 'The digest in the signature', deviations),
    propertyInfo: readText(propertyInfo, 'The path in the signature'),
    extensions: readExtensions(extensions),
    certificate: readOctetString(certificate, "The signer's certificate"),
    algorithmOid: readOid(algorithm, "The signer's algorithm"),
    signature: readSm2Signature(bits, 'The signature', deviations),
    signatureValue: bits,
    ...(token ? { timestamp: token } : {}),
    deviations: [...read.deviations, ...deviations],
  }
}

/** Version 1 has a BIT STRING for a token or a time: real files hold a DER time, a token, or a text. */
function readFirstTime(node: DerNode | undefined, deviations: Finding[]): Pick<SesSignature, 'signedAt' | 'timeToken'> {
  if (isUniversal(node, derTag.generalizedTime) || isUniversal(node, derTag.utcTime)) {
    return { signedAt: readTime(node) }
  }
  const bits = readBits(node, 'The time of the signature', deviations)
  try {
    const inner = parseDer(bits)
    return isUniversal(inner, derTag.sequence) ? { timeToken: bits } : { signedAt: readTime(inner) }
  } catch (error) {
    if (!isZhichengError(error)) throw error
  }
  const signedAt = parseClaimedTime(Array.from(bits, (byte) => String.fromCharCode(byte)).join(''))
  deviations.push(warning('SES_TIME_TEXT', 'The time of the signature is a text in place of a time or a token.'))
  return signedAt ? { signedAt } : {}
}

/**
 * A time as signatures write it in text: `2020-07-16 16:04:27`, `20200817111329Z`, `2020-01-25T07:31:56.377Z`. Without a
 * zone it is China time, as every file seen has it.
 */
export function parseClaimedTime(text: string): Date | undefined {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})(\.\d{1,9})?(Z?)$/.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}${zone || '+08:00'}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function wrongFields(count: number): Error {
  return ofdError('ERR_OFD_SIGNATURE_FORMAT', `The signed part has ${count} fields, which fits no known version.`)
}
