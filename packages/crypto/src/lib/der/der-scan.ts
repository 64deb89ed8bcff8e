/**
 * Walks DER one level at a time without building a tree: for revocation lists of a million entries and for messages
 * whose larger parts nobody may ever ask for. The rules for headers are those of `parseDer`.
 */
import { derError } from '../../der.ts'

/** One value as it lies in its input. */
export interface DerSlice {
  /** The identifier octet: class, form and tag number. */
  readonly identifier: number
  /** Tag, length and content. */
  readonly bytes: Uint8Array
  readonly content: Uint8Array
}

/** Identifier octets that the structures of this package use. */
export const identifier = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
  context0: 0xa0,
  context1: 0xa1,
} as const

/** The value that begins at `offset`; what follows it is left alone. Throws `ERR_DER_INVALID`. */
export function sliceAt(input: Uint8Array, offset = 0): DerSlice {
  if (offset + 2 > input.length) throw derError('DER ends inside a header', offset)
  const first = input[offset]!
  if ((first & 0x1f) === 0x1f) throw derError('DER has a tag number above 30', offset)
  if (first === 0) throw derError('DER has the end mark of an indefinite length', offset)
  let length = input[offset + 1]!
  let start = offset + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0) throw derError('DER has an indefinite length', offset)
    if (count > 4 || start + count > input.length) throw derError('DER has a length that does not fit', offset)
    length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + input[start + index]!
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw derError('DER has a length that is not minimal', offset)
    start += count
  }
  if (start + length > input.length) throw derError('DER has a length that reaches past its end', offset)
  return {
    identifier: first,
    bytes: input.subarray(offset, start + length),
    content: input.subarray(start, start + length),
  }
}

/** The values that stand one after another in a content. Throws `ERR_DER_INVALID` when there are more than `maxMembers`. */
export function sliceMembers(content: Uint8Array, maxMembers = 64): DerSlice[] {
  const members: DerSlice[] = []
  for (const member of eachMember(content)) {
    if (members.length === maxMembers) throw derError(`DER has more than the ${maxMembers} values allowed here`, 0)
    members.push(member)
  }
  return members
}

/** The same one by one, without an upper bound: for lists that are walked and not kept. */
export function* eachMember(content: Uint8Array): Generator<DerSlice, void, void> {
  let offset = 0
  while (offset < content.length) {
    const member = sliceAt(content, offset)
    yield member
    offset += member.bytes.length
  }
}

/** The slice itself if it has the identifier, else an `ERR_DER_INVALID` that names what was wanted. */
export function expectSlice(slice: DerSlice | undefined, wanted: number, what: string): DerSlice {
  if (slice?.identifier !== wanted) throw derError(`${what} is missing or has another type`, 0)
  return slice
}

/** Takes slices in order, for structures with optional members. */
export interface SliceReader {
  /** The next slice if it has this identifier; it is then used up. */
  take(wanted: number): DerSlice | undefined
  /** The next slice, which must have this identifier. */
  expect(wanted: number, what: string): DerSlice
  /** Throws unless everything was taken. */
  end(what: string): void
}

/** A reader over the members of a constructed value. */
export function readSlices(content: Uint8Array, maxMembers = 64): SliceReader {
  const members = sliceMembers(content, maxMembers)
  let position = 0
  return {
    take(wanted) {
      const member = members[position]
      if (member?.identifier !== wanted) return undefined
      position += 1
      return member
    },
    expect(wanted, what) {
      const member = expectSlice(members[position], wanted, what)
      position += 1
      return member
    },
    end(what) {
      if (position < members.length) throw derError(`${what} holds more than its type allows`, 0)
    },
  }
}
