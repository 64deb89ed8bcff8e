/**
 * Strict DER (ITU-T X.690, clause 10): reading with bounds and offsets, writing with exact lengths.
 *
 * A node keeps the bytes it came from, because signatures are verified over the bytes as they lie in the file.
 */
import { concatBytes, toHex, utf8, ZhichengError } from '@zhicheng/core'

/** Limits of {@link parseDer}. */
export interface DerLimits {
  /** Nesting of constructed values; 40 by default. */
  maxDepth?: number
  /** Length of the input in bytes; 16 MiB by default. */
  maxBytes?: number
  /** Values of all levels together; 200,000 by default. */
  maxNodes?: number
}

/** One value of a DER structure. */
export interface DerNode {
  readonly tagClass: 'universal' | 'application' | 'context' | 'private'
  readonly tag: number
  readonly constructed: boolean
  /** Where the value begins in the parsed input, for error messages. */
  readonly offset: number
  /** Tag, length and content: the exact bytes of the input. */
  readonly bytes: Uint8Array
  /** The content alone. */
  readonly content: Uint8Array
  /** The values inside a constructed value; of a primitive one there are none. */
  readonly children: readonly DerNode[]
}

/** Universal tag numbers that certificates, seals and CMS use. */
export const derTag = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  enumerated: 10,
  utf8String: 12,
  sequence: 16,
  set: 17,
  numericString: 18,
  printableString: 19,
  teletexString: 20,
  ia5String: 22,
  utcTime: 23,
  generalizedTime: 24,
  visibleString: 26,
  universalString: 28,
  bmpString: 30,
} as const

const classes = ['universal', 'application', 'context', 'private'] as const

/** Error for DER that cannot be accepted; `offset` counts from the start of the parsed bytes. */
export function derError(message: string, offset: number): ZhichengError<'ERR_DER_INVALID'> {
  return new ZhichengError('ERR_DER_INVALID', `${message} (at byte ${offset}).`, { facts: { offset } })
}

/**
 * Parses exactly one DER value that fills the input. Throws `ERR_DER_INVALID` for indefinite or non-minimal lengths,
 * high tag numbers, trailing bytes, and structures that pass the limits.
 *
 * @example
 * ```ts
 * const [modulus, exponent] = parseDer(key).children
 * ```
 */
export function parseDer(
  bytes: Uint8Array,
  { maxDepth = 40, maxBytes = 16_777_216, maxNodes = 200_000 }: DerLimits = {},
): DerNode {
  if (bytes.length > maxBytes) throw derError(`DER of ${bytes.length} bytes is larger than the ${maxBytes} allowed`, 0)
  const node = readNode({ input: bytes, maxNodes, nodes: 0 }, 0, bytes.length, maxDepth)
  if (node.bytes.length !== bytes.length) throw derError('Bytes follow the end of the DER value', node.bytes.length)
  return node
}

/**
 * Parses the DER value at the start of the input and ignores what follows: for values that were padded with zeros,
 * such as the Contents of a PDF signature. The caller checks the rest.
 */
export function parseDerPrefix(
  bytes: Uint8Array,
  { maxDepth = 40, maxBytes = 16_777_216, maxNodes = 200_000 }: DerLimits = {},
): DerNode {
  return readNode({ input: bytes, maxNodes, nodes: 0 }, 0, Math.min(bytes.length, maxBytes), maxDepth)
}

/** One parsing: all levels count against the same limit. */
interface Reading {
  readonly input: Uint8Array
  readonly maxNodes: number
  nodes: number
}

function readNode(reading: Reading, offset: number, end: number, depth: number): DerNode {
  const { input } = reading
  reading.nodes += 1
  if (reading.nodes > reading.maxNodes)
    throw derError(`DER has more than the ${reading.maxNodes} values allowed`, offset)
  if (depth < 0) throw derError('DER is nested too deeply', offset)
  if (offset + 2 > end) throw derError('DER ends inside a header', offset)
  const identifier = input[offset]!
  const tag = identifier & 0x1f
  if (tag === 0x1f) throw derError('DER has a tag number above 30', offset)
  const constructed = (identifier & 0x20) !== 0
  let length = input[offset + 1]!
  let start = offset + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0) throw derError('DER has an indefinite length', offset)
    if (count > 4 || start + count > end) throw derError('DER has a length that does not fit', offset)
    length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + input[start + index]!
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw derError('DER has a length that is not minimal', offset)
    start += count
  }
  if (start + length > end) throw derError('DER has a length that reaches past its end', offset)
  const children: DerNode[] = []
  if (constructed) {
    let position = start
    while (position < start + length) {
      const child = readNode(reading, position, start + length, depth - 1)
      children.push(child)
      position += child.bytes.length
    }
  }
  return {
    tagClass: classes[identifier >> 6]!,
    tag,
    constructed,
    offset,
    bytes: input.subarray(offset, start + length),
    content: input.subarray(start, start + length),
    children,
  }
}

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
  const arcs: bigint[] = []
  let arc = 0n
  let fresh = true
  for (const byte of content) {
    if (fresh && byte === 0x80) throw derError(`${what} is not minimal`, offset)
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    if (arc > 1n << 128n) throw derError(`${what} has an arc that is too large`, offset)
    fresh = byte < 0x80
    if (fresh) {
      arcs.push(arc)
      arc = 0n
    }
  }
  const first = arcs[0]!
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n
  return [root, first - root * 40n, ...arcs.slice(1)].join('.')
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

/** A UTCTime or GeneralizedTime in UTC. Two-digit years from 50 on are of the 20th century (RFC 5280, 4.1.2.5.1). */
export function readTime(node: DerNode | undefined, what = 'A time'): Date {
  const utc = isUniversal(node, derTag.utcTime)
  if (node === undefined || (!utc && !isUniversal(node, derTag.generalizedTime)))
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  // No time is longer; an argument for every byte of a larger value would not fit the stack.
  const text = String.fromCharCode(...node.content.subarray(0, 32))
  const match = (
    utc ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d{1,9})?Z$/
  ).exec(text)
  if (!match) throw derError(`${what} is not in the form DER prescribes`, node.offset)
  const [, year, month, day, hour, minute, second, fraction] = match
  const fullYear = utc ? Number(year) + (Number(year) >= 50 ? 1900 : 2000) : Number(year)
  const milliseconds = fraction ? Math.floor(Number(fraction) * 1000) : 0
  const date = new Date(
    Date.UTC(fullYear, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), milliseconds),
  )
  // Whatever does not come back as it was read ran over: the 30th of February, the 60th minute, a year below 100.
  if (!compactTime(date).endsWith(text.slice(0, utc ? 12 : 14))) {
    throw derError(`${what} names a day or a time of day that does not exist`, node.offset)
  }
  return date
}

/** The text of any of the string types of X.520 names and seals. */
export function readText(node: DerNode | undefined, what = 'A text'): string {
  if (node?.tagClass !== 'universal' || node.constructed)
    throw derError(`${what} is missing or has another type`, node?.offset ?? 0)
  switch (node.tag) {
    case derTag.utf8String:
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(node.content)
      } catch {
        throw derError(`${what} is not UTF-8`, node.offset)
      }
    case derTag.printableString:
    case derTag.ia5String:
    case derTag.numericString:
    case derTag.visibleString:
    case derTag.teletexString:
      return Array.from(node.content, (byte) => String.fromCharCode(byte)).join('')
    case derTag.bmpString: {
      if (node.content.length % 2 !== 0) throw derError(`${what} has half a character`, node.offset)
      return new TextDecoder('utf-16be', { fatal: false }).decode(node.content)
    }
    default:
      throw derError(`${what} is missing or has another type`, node.offset)
  }
}

function wrap(identifier: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const { length } = content
  if (length < 0x80) return concatBytes(Uint8Array.of(identifier, length), content)
  const lengthBytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest & 0xff)
  return concatBytes(Uint8Array.of(identifier, 0x80 | lengthBytes.length, ...lengthBytes), content)
}

/** Members of a constructed value: one, or any number of them in an array, which no argument list would hold. */
export type DerMember = Uint8Array | readonly Uint8Array[]

/** Joins without an argument list, whose length is limited to about 100,000. */
function join(members: readonly DerMember[]): Uint8Array {
  const parts = members.flat() as Uint8Array[]
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/**
 * Writers for each DER type. Each returns the bytes of one value. Where members may be many, give them as an array.
 *
 * @example
 * ```ts
 * der.sequence(der.oid('1.2.156.10197.1.401'), der.null())
 * ```
 */
export const der = {
  sequence: (...members: readonly DerMember[]): Uint8Array<ArrayBuffer> => wrap(0x30, join(members)),
  /** SET OF: the members are put into the order DER prescribes. */
  setOf: (...members: readonly DerMember[]): Uint8Array<ArrayBuffer> =>
    wrap(0x31, join((members.flat() as Uint8Array[]).sort(compareBytes))),
  integer(value: bigint | number): Uint8Array<ArrayBuffer> {
    return wrap(0x02, integerContent(BigInt(value)))
  },
  /** A non-negative INTEGER from big-endian bytes. */
  unsignedInteger(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    let start = 0
    while (start < bytes.length - 1 && bytes[start] === 0) start += 1
    const trimmed = bytes.subarray(start)
    return wrap(0x02, trimmed.length === 0 || trimmed[0]! >= 0x80 ? concatBytes(Uint8Array.of(0), trimmed) : trimmed)
  },
  enumerated: (value: number): Uint8Array<ArrayBuffer> => wrap(0x0a, integerContent(BigInt(value))),
  boolean: (value: boolean): Uint8Array<ArrayBuffer> => wrap(0x01, Uint8Array.of(value ? 0xff : 0)),
  null: (): Uint8Array<ArrayBuffer> => Uint8Array.of(0x05, 0x00),
  oid(dotted: string): Uint8Array<ArrayBuffer> {
    const arcs = dotted.split('.').map(BigInt)
    const bytes: number[] = []
    for (const arc of [arcs[0]! * 40n + arcs[1]!, ...arcs.slice(2)]) {
      const group = [Number(arc & 0x7fn)]
      for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) group.unshift(Number(rest & 0x7fn) | 0x80)
      bytes.push(...group)
    }
    return wrap(0x06, Uint8Array.from(bytes))
  },
  octetString: (content: Uint8Array): Uint8Array<ArrayBuffer> => wrap(0x04, content),
  bitString: (content: Uint8Array): Uint8Array<ArrayBuffer> => wrap(0x03, concatBytes(Uint8Array.of(0), content)),
  /** A named BIT STRING without trailing zero bits. */
  namedBits(bits: Iterable<number>): Uint8Array<ArrayBuffer> {
    const set = [...bits]
    const highest = Math.max(-1, ...set)
    const bytes = new Uint8Array(1 + Math.ceil((highest + 1) / 8))
    bytes[0] = highest < 0 ? 0 : 7 - (highest & 7)
    for (const bit of set) bytes[1 + (bit >> 3)]! |= 0x80 >> (bit & 7)
    return wrap(0x03, bytes)
  },
  utf8String: (text: string): Uint8Array<ArrayBuffer> => wrap(0x0c, utf8(text)),
  printableString: (text: string): Uint8Array<ArrayBuffer> => wrap(0x13, utf8(text)),
  ia5String: (text: string): Uint8Array<ArrayBuffer> => wrap(0x16, utf8(text)),
  generalizedTime: (date: Date): Uint8Array<ArrayBuffer> => wrap(0x18, utf8(`${compactTime(date)}Z`)),
  utcTime: (date: Date): Uint8Array<ArrayBuffer> => wrap(0x17, utf8(`${compactTime(date).slice(2)}Z`)),
  /** Validity times: UTCTime to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5). */
  time: (date: Date): Uint8Array<ArrayBuffer> =>
    date.getUTCFullYear() < 2050 ? der.utcTime(date) : der.generalizedTime(date),
  /** `[tag] EXPLICIT` around whole values. */
  explicit: (tag: number, ...members: readonly DerMember[]): Uint8Array<ArrayBuffer> => wrap(0xa0 | tag, join(members)),
  /** `[tag] IMPLICIT` of a value: its own tag is replaced, primitive or constructed as it was. */
  implicit(tag: number, value: Uint8Array): Uint8Array<ArrayBuffer> {
    // Not slice(): a Buffer's would write into the value that was given.
    const copy = new Uint8Array(value)
    copy[0] = 0x80 | (copy[0]! & 0x20) | tag
    return copy
  },
}

function integerContent(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    bytes.unshift(Number(rest & 0xffn))
    rest >>= 8n
    const sign = bytes[0]! >= 0x80
    if ((rest === 0n && !sign) || (rest === -1n && sign)) return Uint8Array.from(bytes)
  }
}

function compactTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace(/[-T:]/g, '')
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    if (left[index] !== right[index]) return left[index]! - right[index]!
  }
  return left.length - right.length
}
