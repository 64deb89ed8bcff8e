/**
 * Rewrites the indefinite lengths of BER (ITU-T X.690, clause 8.1.3.6) as definite ones: many signers stream the outer
 * layers of a message that way. Values of definite length are copied as they lie, so that what was signed stays the same.
 */
import { concatBytes } from '@zhicheng/core'
import { derError } from '../../der.ts'
import { sliceAt } from './der-scan.ts'
import { wrap } from './der-wrap.ts'

const maxDepth = 40
const maxMembers = 20_000
const constructedOctets = 0x24

/** A rewritten value, and how many bytes of the input it took. */
export interface DefiniteForm {
  readonly bytes: Uint8Array
  readonly consumed: number
}

/** True if the value at the start of the input has an indefinite length. */
export function isIndefinite(input: Uint8Array): boolean {
  return input[1] === 0x80
}

/** The value at the start of the input with definite lengths throughout. Throws `ERR_DER_INVALID`. */
export function toDefiniteForm(input: Uint8Array): DefiniteForm {
  const count = { left: maxMembers }
  return rewrite(input, 0, maxDepth, count)
}

function rewrite(input: Uint8Array, offset: number, depth: number, count: { left: number }): DefiniteForm {
  count.left -= 1
  if (depth < 0 || count.left < 0) throw derError('BER is nested too deeply or has too many values', offset)
  if (input[offset + 1] !== 0x80) {
    const { bytes } = sliceAt(input, offset)
    return { bytes, consumed: bytes.length }
  }
  const identifier = input[offset]!
  if ((identifier & 0x20) === 0) throw derError('BER has a primitive value of indefinite length', offset)
  const members: Uint8Array[] = []
  let position = offset + 2
  for (;;) {
    if (position + 2 > input.length) throw derError('BER ends inside a value of indefinite length', position)
    if (input[position] === 0 && input[position + 1] === 0) break
    const member = rewrite(input, position, depth - 1, count)
    members.push(member.bytes)
    position += member.consumed
  }
  const consumed = position + 2 - offset
  if (identifier === constructedOctets) return { bytes: joinOctets(members, offset), consumed }
  return { bytes: wrap(identifier, concatBytes(...members)), consumed }
}

/** An OCTET STRING that was written in pieces. */
function joinOctets(pieces: readonly Uint8Array[], offset: number): Uint8Array {
  const contents = pieces.map((piece) => {
    const slice = sliceAt(piece)
    if (slice.identifier !== 0x04) throw derError('An OCTET STRING in pieces holds something else', offset)
    return slice.content
  })
  return wrap(0x04, concatBytes(...contents))
}
