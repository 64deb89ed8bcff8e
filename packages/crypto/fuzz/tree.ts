/**
 * A lenient view of DER for mutation: whatever cannot be read stays as raw bytes, values inside OCTET STRINGs and BIT
 * STRINGs are opened, and lengths may be written wrongly on purpose.
 */
import { concatBytes } from '@zhicheng/core'

/** How a length is written, when not as DER wants it. */
type LengthForm = 'long' | 'indefinite' | Uint8Array

/** One value that may be changed in place. */
export interface Tree {
  /** The identifier octet; `undefined` for bytes that are no value. */
  identifier: number | undefined
  /** What stands before the children: the count of unused bits of a BIT STRING, or the whole content where nothing is opened. */
  content: Uint8Array
  children: Tree[] | undefined
  length?: LengthForm
}

const maxDepth = 32

/** The values that stand one after another in the bytes. */
export function parseForest(bytes: Uint8Array, depth = 0): Tree[] {
  const forest: Tree[] = []
  let offset = 0
  while (offset < bytes.length) {
    const header = readHeader(bytes, offset)
    if (header === undefined) {
      forest.push({ identifier: undefined, content: bytes.slice(offset), children: undefined })
      break
    }
    const content = bytes.subarray(header.start, header.end)
    forest.push(openValue(bytes[offset]!, content, depth))
    offset = header.end
  }
  return forest
}

function openValue(identifier: number, content: Uint8Array, depth: number): Tree {
  const closed = { identifier, content: content.slice(), children: undefined }
  if (depth >= maxDepth) return closed
  if (identifier & 0x20) return { identifier, content: new Uint8Array(), children: parseForest(content, depth + 1) }
  // OCTET STRING and BIT STRING are opened where they hold exactly one value, as extensions and keys do.
  const prefix = identifier === 0x03 && content[0] === 0 ? 1 : 0
  if ((identifier !== 0x04 && prefix === 0) || content.length - prefix < 2) return closed
  const header = readHeader(content, prefix)
  const known = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x16, 0x30, 0x31].includes(content[prefix]!)
  if (!known || header?.end !== content.length) return closed
  return { identifier, content: content.slice(0, prefix), children: parseForest(content.subarray(prefix), depth + 1) }
}

function readHeader(bytes: Uint8Array, offset: number): { start: number; end: number } | undefined {
  if (offset + 2 > bytes.length || (bytes[offset]! & 0x1f) === 0x1f) return undefined
  let length = bytes[offset + 1]!
  let start = offset + 2
  if (length >= 0x80) {
    const count = length & 0x7f
    if (count === 0 || count > 4 || start + count > bytes.length) return undefined
    length = 0
    for (let index = 0; index < count; index += 1) length = length * 256 + bytes[start + index]!
    start += count
  }
  return start + length > bytes.length ? undefined : { start, end: start + length }
}

/** The bytes of values one after another. */
export function formatForest(forest: readonly Tree[]): Uint8Array {
  return concatBytes(...forest.map(formatTree))
}

function formatTree(tree: Tree): Uint8Array {
  const content = tree.children ? concatBytes(tree.content, formatForest(tree.children)) : tree.content
  if (tree.identifier === undefined) return content
  if (tree.length === 'indefinite') {
    return concatBytes(Uint8Array.of(tree.identifier, 0x80), content, new Uint8Array(2))
  }
  const length = tree.length instanceof Uint8Array ? tree.length : formatLength(content.length, tree.length === 'long')
  return concatBytes(Uint8Array.of(tree.identifier), length, content)
}

/** A length octet string: minimal, or with two octets more than needed. */
function formatLength(length: number, long: boolean): Uint8Array {
  if (length < 0x80 && !long) return Uint8Array.of(length)
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest & 0xff)
  if (long) octets.unshift(0, 0)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

/** A copy that shares nothing. */
export function cloneForest(forest: readonly Tree[]): Tree[] {
  return forest.map((tree) => ({
    ...tree,
    content: tree.content.slice(),
    children: tree.children && cloneForest(tree.children),
  }))
}

/** Every list of siblings in a forest, the forest itself first. */
export function siblingLists(forest: Tree[]): Tree[][] {
  const lists = [forest]
  for (const { children } of forest) if (children) lists.push(...siblingLists(children))
  return lists.filter((list) => list.length > 0)
}
