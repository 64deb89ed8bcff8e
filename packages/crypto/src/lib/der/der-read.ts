/** Readers for each DER type; each gives a value or an `ERR_DER_INVALID` with the offset. */
import { toHex } from '@zhicheng/core'
import { type DerNode, derError, derTag } from './der-node.ts'

/** True if the node has this universal tag, in the form (primitive or constructed) that DER prescribes for it. */
export function isUniversal(node: DerNode | undefined, tag: number): boolean {
  const constructed = tag === derTag.sequence || tag === derTag.set
  return node?.tagClass === 'universal' && node.tag === tag && node.constructed === constructed
}

/** True if the node is `[tag]` of the context class. */
export function isContext(node: DerNode | undefined, tag: number): boolean {
  return node?.tagClass === 'context' && node.tag === tag
}

/** The node itself if it has the tag, else an `ERR_DER_INVALID` that names what was wanted. */
export function expectUniversal(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node === undefined || !isUniversal(node, tag))
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  return node
}

/** The value of an INTEGER (or ENUMERATED), minimal by DER. */
export function readInteger(node: DerNode | undefined, what = 'An INTEGER'): bigint {
  if (node === undefined || (!isUniversal(node, derTag.integer) && !isUniversal(node, derTag.enumerated))) {
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  }
  const { content, offset } = node
  if (content.length === 0) throw derError(`${what} is empty`, offset)
  // RSA keys of 16,384 bits have the longest there are.
  if (content.length > 4096) throw derError(`${what} is longer than any that is in use`, offset)
  if (
    content.length > 1 &&
    ((content[0] === 0 && content[1]! < 0x80) || (content[0] === 0xff && content[1]! >= 0x80))
  ) {
    throw derError(`${what} is not minimal`, offset)
  }
  const value = BigInt(`0x${toHex(content)}`)
  return content[0]! >= 0x80 ? value - (1n << BigInt(8 * content.length)) : value
}

/** An INTEGER that fits a JavaScript number. */
export function readSmallInteger(node: DerNode | undefined, what = 'An INTEGER'): number {
  const value = readInteger(node, what)
  if (value < -0x7fffffffn || value > 0x7fffffffn) throw derError(`${what} is out of range`, node!.offset)
  return Number(value)
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function readOid(node: DerNode | undefined, what = 'An OBJECT IDENTIFIER'): string {
  const { content, offset } = expectUniversal(node, derTag.oid, what)
  if (content.length === 0 || content[content.length - 1]! >= 0x80) throw derError(`${what} is cut off`, offset)
  if (content.length > 1024) throw derError(`${what} is longer than any that is in use`, offset)
  let text = ''
  let start = 0
  for (let index = 0; index < content.length; index += 1) {
    if (content[index]! >= 0x80) continue
    if (content[start] === 0x80) throw derError(`${what} is not minimal`, offset)
    const arc = readArc(content.subarray(start, index + 1))
    if (arc === undefined) throw derError(`${what} has an arc that is too large`, offset)
    text += start === 0 ? firstArcs(arc) : `.${arc}`
    start = index + 1
  }
  return text
}

/** Numbers as far as they are exact; arcs made of UUIDs need more (ITU-T X.667). */
function readArc(bytes: Uint8Array): number | bigint | undefined {
  if (bytes.length > 19) return undefined
  if (bytes.length < 8) return bytes.reduce((arc, byte) => arc * 128 + (byte & 0x7f), 0)
  const arc = bytes.reduce((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n)
  return arc > 1n << 128n ? undefined : arc
}

/** The first two arcs share one number. */
function firstArcs(arc: number | bigint): string {
  if (arc < 40) return `0.${arc}`
  if (arc < 80) return `1.${Number(arc) - 40}`
  return `2.${typeof arc === 'bigint' ? arc - 80n : arc - 80}`
}

/** The content of an OCTET STRING. */
export function readOctetString(node: DerNode | undefined, what = 'An OCTET STRING'): Uint8Array {
  return expectUniversal(node, derTag.octetString, what).content
}

/** The content of a BIT STRING of whole bytes. */
export function readBitString(node: DerNode | undefined, what = 'A BIT STRING'): Uint8Array {
  const { content, offset } = expectUniversal(node, derTag.bitString, what)
  if (content[0] !== 0) throw derError(`${what} does not hold whole bytes`, offset)
  return content.subarray(1)
}

/** The numbers of the bits that are set in a named BIT STRING, counted from 0. */
export function readNamedBits(node: DerNode | undefined, what = 'A BIT STRING'): Set<number> {
  const { content, offset } = expectUniversal(node, derTag.bitString, what)
  const unused = content[0]
  if (unused === undefined || unused > 7 || (content.length === 1 && unused !== 0))
    throw derError(`${what} is malformed`, offset)
  if (content.length > 1 && content.at(-1)! & ((1 << unused) - 1))
    throw derError(`${what} sets bits it does not have`, offset)
  const bits = new Set<number>()
  for (let bit = 0; bit < (content.length - 1) * 8 - unused; bit += 1) {
    if (content[1 + (bit >> 3)]! & (0x80 >> (bit & 7))) bits.add(bit)
  }
  return bits
}

/** A BOOLEAN; DER knows only 00 and FF. */
export function readBoolean(node: DerNode | undefined, what = 'A BOOLEAN'): boolean {
  const { content, offset } = expectUniversal(node, derTag.boolean, what)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw derError(`${what} is malformed`, offset)
  return content[0] === 0xff
}

let strictUtf8: TextDecoder | undefined

/** The text of any of the string types of X.520 names and seals. */
export function readText(node: DerNode | undefined, what = 'A text'): string {
  if (node?.tagClass !== 'universal' || node.constructed)
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  switch (node.tag) {
    case derTag.utf8String:
      try {
        strictUtf8 ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
        return strictUtf8.decode(node.content)
      } catch {
        throw derError(`${what} is not UTF-8`, node.offset)
      }
    case derTag.printableString:
    case derTag.ia5String:
    case derTag.numericString:
    case derTag.visibleString:
    case derTag.teletexString:
      return latin1(node.content)
    case derTag.bmpString: {
      if (node.content.length % 2 !== 0) throw derError(`${what} has half a character`, node.offset)
      return new TextDecoder('utf-16be', { fatal: false }).decode(node.content)
    }
    default:
      throw derError(`${what} is missing or has another type`, node.offset)
  }
}

/** One character a byte, in pieces that an argument list holds. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096))
  }
  return text
}
