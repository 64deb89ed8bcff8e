/**
 * Reads electronic seals (电子印章): versions 1 (GM/T 0031-2014), 4 (GB/T 38540-2020) and 5 (GM/T 0031-2025).
 *
 * The bytes are kept as they lie, because signatures are verified over them: real seals write values that an encoder
 * would not.
 */
import type { Finding } from '@zhicheng/core'
import {
  type DerNode,
  der,
  derTag,
  expectUniversal,
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

export type { SesExtension } from '../lib/ofd/ses-der.ts'

/** Versions of the seal format. */
export type SesVersion = 1 | 4 | 5

/** A picture of a seal. */
export interface SealPicture {
  /** As written: `png`, `jpg`, `bmp`, `gif`, `svg`, `ofd`, in either case. */
  readonly type: string
  readonly data: Uint8Array
  /** Millimetres. */
  readonly width: number
  /** Millimetres. */
  readonly height: number
}

/** Who may use a seal: the certificates themselves, or their digests. */
export type SealHolders =
  | { readonly kind: 'certificates'; readonly certificates: readonly Uint8Array[] }
  | { readonly kind: 'digests'; readonly digests: readonly { readonly type: string; readonly value: Uint8Array }[] }

/** A seal, parsed. Nothing about it is verified yet. */
export interface EsSeal {
  readonly der: Uint8Array
  readonly version: SesVersion
  /** SES_SealInfo as it lies in the seal. */
  readonly info: Uint8Array
  /** Vid of the header: who made it. */
  readonly vendor: string
  /** esID. */
  readonly id: string
  /** Kind of seal; the numbers are not the same everywhere. */
  readonly type: number
  readonly name: string
  readonly holders: SealHolders
  readonly createdAt: Date
  readonly validFrom: Date
  readonly validUntil: Date
  readonly picture: SealPicture
  readonly extensions: readonly SesExtension[]
  readonly maker: {
    /** Certificate in DER. */
    readonly certificate: Uint8Array
    readonly algorithmOid: string
    /** Signature in DER. */
    readonly signature: Uint8Array
    /** What the maker signed: the information, in version 1 together with certificate and algorithm. */
    readonly signedBytes: Uint8Array
  }
  /** TimeStampToken of version 5. */
  readonly timestamp?: Uint8Array
  /** What was tolerated. */
  readonly deviations: readonly Finding[]
}

const maxSealBytes = 8_388_608

/**
 * Parses a seal. Throws `ERR_OFD_SEAL_FORMAT`.
 *
 * @example
 * ```ts
 * const { name, validUntil, picture } = parseEsSeal(await readFile('seal.esl'))
 * ```
 */
export function parseEsSeal(bytes: Uint8Array): EsSeal {
  return reading('ERR_OFD_SEAL_FORMAT', 'The seal', () => readSeal(parseDer(bytes, { maxBytes: maxSealBytes })))
}

/** Reads a seal that lies inside another structure. */
export function readSeal(node: DerNode): EsSeal {
  const fields = expectUniversal(node, derTag.sequence, 'The seal').children
  const deviations: Finding[] = []
  const infoNode = expectUniversal(fields[0], derTag.sequence, 'The information of the seal')
  const [header, id, property, picture, extensions, ...rest] = infoNode.children
  if (rest.length > 0) throw ofdError('ERR_OFD_SEAL_FORMAT', 'The information of the seal has too many fields.')
  const { version: stated, vendor } = readHeader(header)
  const version = versionOf(fields.length, stated)
  const bytes = node.bytes
  return {
    der: bytes,
    version,
    info: infoNode.bytes,
    vendor,
    id: readText(id, 'The identifier of the seal'),
    ...readProperty(property, { version, deviations }),
    picture: readPicture(picture),
    extensions: readExtensions(extensions),
    ...(version === 1 ? readFirstMaker(infoNode, fields[1], deviations) : readMaker(infoNode, fields, deviations)),
    deviations,
  }
}

function readHeader(node: DerNode | undefined): { version: number; vendor: string } {
  const [label, version, vendor] = expectUniversal(node, derTag.sequence, 'The header of the seal').children
  if (readText(label, 'The label of the seal') !== 'ES') throw ofdError('ERR_OFD_SEAL_FORMAT', 'This is no seal.')
  return {
    version: readSmallInteger(version, 'The version of the seal'),
    vendor: readText(vendor, 'The vendor of the seal'),
  }
}

function versionOf(fieldCount: number, stated: number): SesVersion {
  if (fieldCount === 2) return 1
  const version = fieldCount === 5 ? 5 : stated
  if (fieldCount < 4 || fieldCount > 5 || (version !== 4 && version !== 5)) {
    throw ofdError('ERR_OFD_SEAL_FORMAT', `The seal has version ${stated} and ${fieldCount} fields, which is unknown.`)
  }
  return version
}

type Property = Pick<EsSeal, 'type' | 'name' | 'holders' | 'createdAt' | 'validFrom' | 'validUntil'>

function readProperty(
  node: DerNode | undefined,
  { version, deviations }: { version: SesVersion; deviations: Finding[] },
): Property {
  const fields = [...expectUniversal(node, derTag.sequence, 'The properties of the seal').children]
  if (fields.length !== (version === 1 ? 6 : 7)) {
    throw ofdError('ERR_OFD_SEAL_FORMAT', `The properties of the seal have ${fields.length} fields.`)
  }
  const type = readSmallInteger(fields.shift(), 'The type of the seal')
  const name = readText(fields.shift(), 'The name of the seal')
  const listType = version === 1 ? 1 : readSmallInteger(fields.shift(), 'The type of the certificate list')
  const [list, createdAt, validFrom, validUntil] = fields
  return {
    type,
    name,
    holders: readHolders(list, { listType, deviations }),
    createdAt: readTime(createdAt, 'The creation time of the seal'),
    validFrom: readTime(validFrom, 'The start of validity of the seal'),
    validUntil: readTime(validUntil, 'The end of validity of the seal'),
  }
}

function readHolders(
  node: DerNode | undefined,
  { listType, deviations }: { listType: number; deviations: Finding[] },
): SealHolders {
  const { children } = expectUniversal(node, derTag.sequence, 'The certificate list of the seal')
  if (listType === 1) {
    const certificates = children.filter((child) => isUniversal(child, derTag.octetString))
    if (certificates.length < children.length) {
      deviations.push(
        warning('SES_HOLDER_UNREADABLE', 'The certificate list of the seal holds what is no certificate.'),
      )
    }
    return { kind: 'certificates', certificates: certificates.map(({ content }) => content) }
  }
  if (listType !== 2) throw ofdError('ERR_OFD_SEAL_FORMAT', `The certificate list has the unknown type ${listType}.`)
  return {
    kind: 'digests',
    digests: children.map((child) => {
      const [type, value] = expectUniversal(child, derTag.sequence, 'A certificate digest in the seal').children
      return { type: readText(type, 'The type of a digest'), value: readOctetString(value, 'A certificate digest') }
    }),
  }
}

function readPicture(node: DerNode | undefined): SealPicture {
  const [type, data, width, height] = expectUniversal(node, derTag.sequence, 'The picture of the seal').children
  return {
    type: readText(type, 'The type of the picture'),
    data: readOctetString(data, 'The picture of the seal'),
    width: readSmallInteger(width, 'The width of the picture'),
    height: readSmallInteger(height, 'The height of the picture'),
  }
}

/** Version 1: `signInfo` holds certificate, algorithm and signature, and the maker signed the first two along. */
function readFirstMaker(info: DerNode, node: DerNode | undefined, deviations: Finding[]): Pick<EsSeal, 'maker'> {
  const fields = expectUniversal(node, derTag.sequence, "The maker's part of the seal").children
  const [certificate, algorithm, signature] = fields
  if (fields.length !== 3) throw ofdError('ERR_OFD_SEAL_FORMAT', "The maker's part of the seal has other fields.")
  const bits = readBits(signature, "The maker's signature", deviations)
  return {
    maker: {
      certificate: readOctetString(certificate, "The maker's certificate"),
      algorithmOid: readOid(algorithm, "The maker's algorithm"),
      signature: readSm2Signature(bits, "The maker's signature", deviations),
      signedBytes: der.sequence(info.bytes, certificate!.bytes, algorithm!.bytes),
    },
  }
}

function readMaker(
  info: DerNode,
  [, certificate, algorithm, signature, timestamp]: readonly DerNode[],
  deviations: Finding[],
): Pick<EsSeal, 'maker' | 'timestamp'> {
  if (!isUniversal(signature, derTag.bitString)) {
    throw ofdError('ERR_OFD_SEAL_FORMAT', "The maker's signature is missing.")
  }
  const bits = readBits(signature, "The maker's signature", deviations)
  const token = readTimestampField(timestamp)
  return {
    maker: {
      certificate: readOctetString(certificate, "The maker's certificate"),
      algorithmOid: readOid(algorithm, "The maker's algorithm"),
      signature: readSm2Signature(bits, "The maker's signature", deviations),
      signedBytes: info.bytes,
    },
    ...(token ? { timestamp: token } : {}),
  }
}
