/** Writers for each DER type, with exact lengths and the order that DER prescribes. */
import { concatBytes, fromHex, utf8 } from '@zhicheng/core'
import { wrap } from './der-wrap.ts'

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

// By way of hex, because shifting a long number byte by byte takes the square of its length.
function integerContent(value: bigint): Uint8Array {
  const hex = (value < 0n ? -value - 1n : value).toString(16)
  const digits = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`)
  const bytes = digits[0]! >= 0x80 ? concatBytes(Uint8Array.of(0), digits) : digits
  return value < 0n ? bytes.map((byte) => byte ^ 0xff) : bytes
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
