/**
 * Reads signed messages (CMS SignedData, RFC 5652) without judging them: exact bytes are kept, what deviates from the
 * standard is listed.
 */
import { type DigestAlgorithm, type Finding, isZhichengError } from '@zhicheng/core'
import { type Certificate, parseCertificate } from './certificate.ts'
import { parseDer, readInteger, readOid, readSmallInteger, readTime } from './der.ts'
import { cryptoError } from './errors.ts'
import { digestOfOid } from './hash.ts'
import { formatSerialNumber } from './lib/certificates/serial-number.ts'
import { attributeOid, contentTypeOid } from './lib/cms/cms-oids.ts'
import { isIndefinite, toDefiniteForm } from './lib/der/ber.ts'
import { type DerSlice, expectSlice, identifier, readSlices, sliceAt, sliceMembers } from './lib/der/der-scan.ts'

/** One attribute; each value is its whole DER. */
export interface CmsAttribute {
  readonly oid: string
  readonly values: readonly Uint8Array[]
}

/** How a message names its signer. */
export type SignerIdentifier =
  | { readonly kind: 'issuer-and-serial'; readonly issuer: Uint8Array; readonly serialNumber: string }
  | { readonly kind: 'subject-key'; readonly subjectKeyIdentifier: Uint8Array }

/** One signer of a message, not verified. */
export interface SignerInfo {
  readonly identifier: SignerIdentifier
  readonly digestOid: string
  /** `undefined` for a digest this package does not know. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  /** AlgorithmIdentifier as it lies in the message. */
  readonly signatureAlgorithm: Uint8Array
  /** The attributes as the SET OF that was signed; without them the signature is over the content itself. */
  readonly signedBytes?: Uint8Array
  readonly signedAttributes: readonly CmsAttribute[]
  readonly signature: Uint8Array
  readonly unsignedAttributes: readonly CmsAttribute[]
  /** What the signer claims. */
  readonly signingTime?: Date
  /** TimeStampTokens over the signature, in DER. */
  readonly timestamps: readonly Uint8Array[]
}

/** A parsed message. Nothing about it is verified: see `verifySignedData`. */
export interface SignedData {
  /** The message without padding, its outer layers rewritten in DER where they were in BER. */
  readonly der: Uint8Array
  readonly version: number
  /** True for the object identifiers of GM/T 0010. */
  readonly isGm: boolean
  /** Object identifier of the content's type. */
  readonly contentType: string
  /** The content, when it lies inside. */
  readonly content?: Uint8Array
  readonly certificates: readonly Certificate[]
  /** Certificate lists in DER. */
  readonly crls: readonly Uint8Array[]
  readonly signerInfos: readonly SignerInfo[]
  /** Of the first signer. */
  readonly digestAlgorithm: DigestAlgorithm | undefined
  /** Departures from the standard that do not keep the message from being read. */
  readonly deviations: readonly Finding[]
}

const maxCertificates = 200
const maxSigners = 16
const maxAttributes = 100

/**
 * Parses a message; zeros may follow it, as in the Contents of a PDF signature. Outer layers may have the indefinite
 * lengths of BER. Throws `ERR_CMS_INVALID` for what is no SignedData and `ERR_DER_INVALID` for what is broken.
 *
 * @example
 * ```ts
 * const message = parseSignedData(await readFile('package.p7s'))
 * message.certificates[0]?.subject.text
 * ```
 */
export function parseSignedData(bytes: Uint8Array): SignedData {
  const deviations: Finding[] = []
  const definite = isIndefinite(bytes) ? toDefiniteForm(bytes) : undefined
  if (definite) {
    deviations.push(warning('CMS_BER', 'The message has indefinite lengths (BER), where CAdES and PAdES want DER.'))
  }
  const whole = expectSlice(sliceAt(definite?.bytes ?? bytes), identifier.sequence, 'The message')
  const padding = bytes.subarray(definite?.consumed ?? whole.bytes.length)
  if (padding.some((byte) => byte !== 0)) {
    deviations.push(warning('CMS_TRAILING_BYTES', 'Bytes other than zeros follow the message: nothing protects them.'))
  }
  const info = readSlices(whole.content, 2)
  const type = oidOf(info.expect(identifier.oid, 'The type of the message'))
  if (type !== contentTypeOid.signedData && type !== contentTypeOid.gmSignedData) {
    throw cryptoError('ERR_CMS_INVALID', `The message is not SignedData but of the type ${type}.`, { facts: { type } })
  }
  const fields = readSlices(sliceAt(info.expect(identifier.context0, 'The content of the message').content).content, 6)
  const version = readSmallInteger(parseDer(fields.expect(identifier.integer, 'The version').bytes), 'The version')
  fields.expect(identifier.set, 'The digest algorithms')
  const content = readSlices(fields.expect(identifier.sequence, 'The encapsulated content').content, 2)
  const contentType = oidOf(content.expect(identifier.oid, 'The type of the content'))
  const wrapped = content.take(identifier.context0)
  content.end('The encapsulated content')
  const certificates = readCertificates(fields.take(identifier.context0), deviations)
  const crls = fields.take(identifier.context1)
  const signers = fields.expect(identifier.set, 'The signers')
  fields.end('The message')
  const signerInfos = sliceMembers(signers.content, maxSigners).map((signer) => readSigner(signer, deviations))
  return {
    der: whole.bytes,
    version,
    isGm: type === contentTypeOid.gmSignedData,
    contentType,
    ...(wrapped ? { content: readContent(wrapped) } : {}),
    certificates,
    crls: crls ? sliceMembers(crls.content, maxCertificates).map((list) => list.bytes) : [],
    signerInfos,
    digestAlgorithm: signerInfos[0]?.digestAlgorithm,
    deviations,
  }
}

function readContent(wrapped: DerSlice): Uint8Array {
  const inner = sliceAt(wrapped.content)
  if (inner.identifier !== identifier.octetString || inner.bytes.length !== wrapped.content.length) {
    throw cryptoError('ERR_CMS_INVALID', 'The content inside the message is not one OCTET STRING in DER.')
  }
  return inner.content
}

function readCertificates(bag: DerSlice | undefined, deviations: Finding[]): Certificate[] {
  if (!bag) return []
  const certificates: Certificate[] = []
  for (const { identifier: tag, bytes } of sliceMembers(bag.content, maxCertificates)) {
    if (tag === identifier.sequence) {
      try {
        certificates.push(parseCertificate(bytes))
        continue
      } catch (error) {
        if (!isZhichengError(error)) throw error
      }
    }
    deviations.push(
      warning('CMS_CERTIFICATE_UNREADABLE', 'A certificate inside the message cannot be read and is left out.'),
    )
  }
  return certificates
}

function readSigner(slice: DerSlice, deviations: Finding[]): SignerInfo {
  const fields = readSlices(expectSlice(slice, identifier.sequence, 'A signer').content, 7)
  fields.expect(identifier.integer, 'The version of a signer')
  const named = fields.take(identifier.sequence)
  const keyed = named ? undefined : fields.expect(0x80, 'The identifier of a signer')
  const digestOid = oidOf(sliceAt(fields.expect(identifier.sequence, 'The digest algorithm of a signer').content))
  const signed = fields.take(identifier.context0)
  const signatureAlgorithm = fields.expect(identifier.sequence, 'The signature algorithm of a signer').bytes
  const signature = fields.expect(identifier.octetString, 'The signature of a signer').content
  const unsigned = fields.take(identifier.context1)
  fields.end('A signer')
  const signedAttributes = signed ? readAttributes(signed) : []
  const unsignedAttributes = unsigned ? readAttributes(unsigned) : []
  const signingTime = readSigningTime(signedAttributes, deviations)
  return {
    identifier: keyed
      ? { kind: 'subject-key', subjectKeyIdentifier: keyed.content }
      : { kind: 'issuer-and-serial', ...readIssuerAndSerial(named!) },
    digestOid,
    digestAlgorithm: digestOfOid(digestOid),
    signatureAlgorithm,
    ...(signed ? { signedBytes: asSet(signed.bytes) } : {}),
    signedAttributes,
    signature,
    unsignedAttributes,
    ...(signingTime ? { signingTime } : {}),
    timestamps: unsignedAttributes
      .filter(({ oid }) => oid === attributeOid.signatureTimestamp)
      .flatMap(({ values }) => values),
  }
}

/** RFC 5652, section 5.4: the attributes are stored under [0] and signed as a SET. */
function asSet(stored: Uint8Array): Uint8Array {
  // Not slice(): a Buffer's would write into the message of the caller.
  const copy = new Uint8Array(stored)
  copy[0] = identifier.set
  return copy
}

function readIssuerAndSerial(slice: DerSlice): { issuer: Uint8Array; serialNumber: string } {
  const fields = readSlices(slice.content, 2)
  const issuer = fields.expect(identifier.sequence, 'The issuer of the signing certificate').bytes
  const serial = fields.expect(identifier.integer, 'The serial number of the signing certificate')
  readInteger(parseDer(serial.bytes), 'The serial number of the signing certificate')
  return { issuer, serialNumber: formatSerialNumber(serial.content) }
}

function readAttributes(set: DerSlice): CmsAttribute[] {
  return sliceMembers(set.content, maxAttributes).map((attribute) => {
    const fields = readSlices(expectSlice(attribute, identifier.sequence, 'An attribute').content, 2)
    const oid = oidOf(fields.expect(identifier.oid, 'The type of an attribute'))
    const values = sliceMembers(fields.expect(identifier.set, 'The values of an attribute').content, maxAttributes)
    return { oid, values: values.map(({ bytes }) => bytes) }
  })
}

function readSigningTime(attributes: readonly CmsAttribute[], deviations: Finding[]): Date | undefined {
  const value = attributes.find(({ oid }) => oid === attributeOid.signingTime)?.values[0]
  if (!value) return undefined
  try {
    return readTime(parseDer(value), 'The signing time')
  } catch (error) {
    if (!isZhichengError(error)) throw error
    deviations.push(warning('CMS_SIGNING_TIME_UNREADABLE', 'The signing time that the signer claims cannot be read.'))
    return undefined
  }
}

function oidOf(slice: DerSlice): string {
  return readOid(parseDer(slice.bytes))
}

function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message }
}
