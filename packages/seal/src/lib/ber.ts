/** Turns BER with indefinite lengths (ITU-T X.690, 8.1.3.6), which some writers of signatures use, into definite lengths. */
import { concatBytes } from '@zhicheng/core'
import { sealError } from '../errors.ts'

const maxDepth = 40
/** Values of all levels together; every level of a value fits an argument list. */
const maxValues = 50_000
const endOfContents = 2

/**
 * The first value of the input with definite, minimal lengths; what follows it is left out. Values that are DER already
 * come out the same byte for byte, so whatever was signed stays as it was. Throws `ERR_SEAL_CONTENTS` for what is no BER.
 */
export function definiteLengths(bytes: Uint8Array): Uint8Array {
  return readValue(bytes, { start: 0, end: bytes.length, depth: 0, count: { left: maxValues } }).value
}

interface Place {
  readonly start: number
  readonly end: number
  readonly depth: number
  /** One for all places of a message. */
  readonly count: { left: number }
}

function broken(): Error {
  return sealError('ERR_SEAL_CONTENTS', 'The signature is neither DER nor BER.')
}

function readValue(bytes: Uint8Array, { start, end, depth, count }: Place): { value: Uint8Array; next: number } {
  count.left -= 1
  const tag = bytes[start]
  const first = bytes[start + 1]
  if (
    depth > maxDepth ||
    count.left < 0 ||
    start + 2 > end ||
    tag === undefined ||
    first === undefined ||
    (tag & 0x1f) === 0x1f
  )
    throw broken()
  const constructed = (tag & 0x20) !== 0
  if (first === 0x80) {
    if (!constructed) throw broken()
    const { members, next } = readMembers(bytes, { start: start + 2, end, depth: depth + 1, count }, true)
    return { value: wrap(tag, members), next }
  }
  let length = first
  let content = start + 2
  if (first > 0x80) {
    const count = first & 0x7f
    if (count > 4 || content + count > end) throw broken()
    length = 0
    for (const byte of bytes.subarray(content, content + count)) length = length * 256 + byte
    content += count
  }
  const next = content + length
  if (next > end) throw broken()
  if (!constructed) return { value: wrap(tag, [bytes.subarray(content, next)]), next }
  const { members } = readMembers(bytes, { start: content, end: next, depth: depth + 1, count }, false)
  return { value: wrap(tag, members), next }
}

function readMembers(
  bytes: Uint8Array,
  { start, end, depth, count }: Place,
  indefinite: boolean,
): { members: Uint8Array[]; next: number } {
  const members: Uint8Array[] = []
  let position = start
  while (indefinite || position < end) {
    if (indefinite && bytes[position] === 0 && bytes[position + 1] === 0 && position + endOfContents <= end) {
      return { members, next: position + endOfContents }
    }
    const member = readValue(bytes, { start: position, end, depth, count })
    members.push(member.value)
    position = member.next
  }
  return { members, next: position }
}

/** A constructed OCTET STRING becomes a primitive one of the joined pieces. */
function wrap(tag: number, members: readonly Uint8Array[]): Uint8Array {
  const octets = tag === 0x24
  const content = concatBytes(...(octets ? members.map(contentOf) : members))
  const lengthBytes: number[] = []
  for (let rest = content.length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest & 0xff)
  const head = content.length < 0x80 ? [content.length] : [0x80 | lengthBytes.length, ...lengthBytes]
  return concatBytes(Uint8Array.of(octets ? 0x04 : tag, ...head), content)
}

function contentOf(value: Uint8Array): Uint8Array {
  if (value[0] !== 0x04) throw broken()
  return value.subarray(value[1]! < 0x80 ? 2 : 2 + (value[1]! & 0x7f))
}
