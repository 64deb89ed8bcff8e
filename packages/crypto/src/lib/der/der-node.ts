/** The tree of a DER value (ITU-T X.690, clause 10), read with bounds and with the offsets that errors name. */
import { ZhichengError } from '@zhicheng/core'

/** Limits of {@link parseDer}. */
export interface DerLimits {
  /** Nesting of constructed values; 40 by default. */
  maxDepth?: number
  /** Length of the input in bytes; 16 MiB by default. */
  maxBytes?: number
  /** Values of all levels together; 50,000 by default, which take some tens of milliseconds. */
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
  { maxDepth = 40, maxBytes = 16_777_216, maxNodes = 50_000 }: DerLimits = {},
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
  { maxDepth = 40, maxBytes = 16_777_216, maxNodes = 50_000 }: DerLimits = {},
): DerNode {
  return readNode({ input: bytes, maxNodes, nodes: 0 }, 0, Math.min(bytes.length, maxBytes), maxDepth)
}

/** One parsing: all levels count against the same limit. */
interface Reading {
  readonly input: Uint8Array
  readonly maxNodes: number
  nodes: number
}

const none: DerNode[] = []

function readNode(reading: Reading, offset: number, end: number, depth: number): TreeNode {
  const { input } = reading
  reading.nodes += 1
  if (reading.nodes > reading.maxNodes)
    throw derError(`DER has more than the ${reading.maxNodes} values allowed`, offset)
  if (depth < 0) throw derError('DER is nested too deeply', offset)
  if (offset + 2 > end) throw derError('DER ends inside a header', offset)
  const identifier = input[offset]!
  const tag = identifier & 0x1f
  if (tag === 0x1f) throw derError('DER has a tag number above 30', offset)
  if (identifier === 0) throw derError('DER has the end mark of an indefinite length', offset)
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
  let children: DerNode[] = none
  if (constructed) {
    children = []
    let position = start
    while (position < start + length) {
      const child = readNode(reading, position, start + length, depth - 1)
      children.push(child)
      position = child.end
    }
  }
  return new TreeNode(input, { identifier, offset, start, end: start + length }, children)
}

/** Where a value lies in its input. */
interface Place {
  readonly identifier: number
  readonly offset: number
  /** Where its content begins. */
  readonly start: number
  readonly end: number
}

// The views of the input are made when somebody asks: of most values nobody does, and a view costs more than the rest.
class TreeNode implements DerNode {
  readonly tagClass: DerNode['tagClass']
  readonly tag: number
  readonly constructed: boolean
  readonly offset: number
  readonly children: readonly DerNode[]
  readonly #input: Uint8Array
  readonly #start: number
  /** Where the value ends in the input. */
  readonly end: number
  #bytes: Uint8Array | undefined
  #content: Uint8Array | undefined

  constructor(input: Uint8Array, { identifier, offset, start, end }: Place, children: readonly DerNode[]) {
    this.tagClass = classes[identifier >> 6]!
    this.tag = identifier & 0x1f
    this.constructed = (identifier & 0x20) !== 0
    this.offset = offset
    this.children = children
    this.#input = input
    this.#start = start
    this.end = end
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#input.subarray(this.offset, this.end)
    return this.#bytes
  }

  get content(): Uint8Array {
    this.#content ??= this.#input.subarray(this.#start, this.end)
    return this.#content
  }
}
