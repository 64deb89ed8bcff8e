/** The three ways in which the parts of an SM2 ciphertext are put one after the other. */
import { concatBytes } from '@zhicheng/core'
import { type DerNode, der, derTag, expectUniversal, parseDer, readOctetString } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { readSm2Point } from './sm2-point-format.ts'

/**
 * The order of the parts: `c1c3c2` of GB/T 32918.4-2016, `c1c2c3` of its drafts before 2012, or `der`, the
 * SEQUENCE { x, y, hash, ciphertext } of GM/T 0009 that OpenSSL and certificates use.
 */
export type Sm2CiphertextLayout = 'c1c3c2' | 'c1c2c3' | 'der'

/** The parts of a ciphertext. */
export interface Sm2CiphertextParts {
  /** C1 as 04 ‖ x ‖ y, on the curve. */
  readonly point: Uint8Array
  /** C3, 32 bytes. */
  readonly digest: Uint8Array
  /** C2, at least one byte. */
  readonly text: Uint8Array
}

/** The error for a ciphertext that is none. */
export function sm2CiphertextInvalid(message: string, cause?: unknown): Error {
  return cryptoError('ERR_SM2_CIPHERTEXT_INVALID', message, cause === undefined ? {} : { cause })
}

/** The parts in this layout. */
export function formatSm2Ciphertext(
  layout: Sm2CiphertextLayout,
  { point, digest, text }: Sm2CiphertextParts,
): Uint8Array {
  switch (layout) {
    case 'c1c3c2':
      return concatBytes(point, digest, text)
    case 'c1c2c3':
      return concatBytes(point, text, digest)
    case 'der':
      return der.sequence(
        der.unsignedInteger(point.subarray(1, 33)),
        der.unsignedInteger(point.subarray(33)),
        der.octetString(digest),
        der.octetString(text),
      )
    default:
      throw unknownLayout()
  }
}

/** The parts of bytes in this layout, which is never guessed. */
export function parseSm2Ciphertext(layout: Sm2CiphertextLayout, bytes: Uint8Array): Sm2CiphertextParts {
  if (layout === 'der') return parseSequence(bytes)
  if (layout !== 'c1c3c2' && layout !== 'c1c2c3') throw unknownLayout()
  const pointLength = bytes[0] === 2 || bytes[0] === 3 ? 33 : 65
  if (bytes.length <= pointLength + 32) {
    throw sm2CiphertextInvalid(`The ciphertext has ${bytes.length} bytes, too few for its point, digest and a text.`)
  }
  const point = expectPoint(bytes.subarray(0, pointLength))
  const rest = bytes.subarray(pointLength)
  return layout === 'c1c3c2'
    ? { point, digest: rest.subarray(0, 32), text: rest.subarray(32) }
    : { point, digest: rest.subarray(rest.length - 32), text: rest.subarray(0, rest.length - 32) }
}

function parseSequence(bytes: Uint8Array): Sm2CiphertextParts {
  const [x, y, digest, text] = readSequence(bytes)
  if (digest.length !== 32 || text.length === 0) {
    throw sm2CiphertextInvalid('The ciphertext has a digest of the wrong length or no text.')
  }
  return { point: expectPoint(concatBytes(Uint8Array.of(4), readCoordinate(x), readCoordinate(y))), digest, text }
}

function readSequence(bytes: Uint8Array): [x: DerNode, y: DerNode, digest: Uint8Array, text: Uint8Array] {
  try {
    // Five values: whoever puts more into the sequence is refused by the limit.
    const node = parseDer(bytes, { maxBytes: bytes.length, maxDepth: 1, maxNodes: 5 })
    const [x, y, digest, text] = expectUniversal(node, derTag.sequence, 'The ciphertext').children
    return [
      expectUniversal(x, derTag.integer, 'The first coordinate'),
      expectUniversal(y, derTag.integer, 'The second coordinate'),
      readOctetString(digest, 'The digest'),
      readOctetString(text, 'The text'),
    ]
  } catch (cause) {
    throw sm2CiphertextInvalid('The ciphertext is not the DER of SEQUENCE { x, y, hash, ciphertext }.', cause)
  }
}

// Without a big number: one of megabytes only serves to stall whoever decrypts.
function readCoordinate(node: DerNode): Uint8Array {
  const { content } = node
  const [first = 0x80] = content
  const minimal = first !== 0 || content.length === 1 || content[1]! >= 0x80
  const size = first === 0 ? content.length - 1 : content.length
  if (first >= 0x80 || !minimal || size > 32) {
    throw sm2CiphertextInvalid('A coordinate of the ciphertext is out of range or not minimal.')
  }
  return concatBytes(new Uint8Array(32 - size), content.subarray(content.length - size))
}

// A point off the curve makes the product with the secret number tell the number bit by bit (CVE-2026-23966).
function expectPoint(bytes: Uint8Array): Uint8Array {
  const point = readSm2Point(bytes)
  if (point !== undefined) return point
  throw sm2CiphertextInvalid(
    'The ciphertext does not begin with a point of the SM2 curve: check the layout, and that the leading byte 04 is there.',
  )
}

function unknownLayout(): Error {
  return sm2CiphertextInvalid('The layout is none of c1c3c2, c1c2c3 and der.')
}
