/** Makes hostile inputs out of good ones: some changes at the level of bytes, some at the level of DER values. */
import { concatBytes, fromHex } from '@zhicheng/core'
import { der } from '../src/der.ts'
import type { Random } from './random.ts'
import { cloneForest, formatForest, parseForest, siblingLists, type Tree } from './tree.ts'

/** Inputs are never made longer than this, so that the limit of time means the same for all. */
export const maxInputBytes: number = 32 * 1024

const integers: readonly Uint8Array[] = [
  '',
  '00',
  '01',
  '7f',
  '80',
  'ff',
  '0080',
  '0001',
  'ffff',
  '7fffffff',
  '0080000000',
  '7fffffffffffffff',
  '008000000000000000',
  `00${'ff'.repeat(32)}`,
  `80${'00'.repeat(31)}`,
  '7f'.repeat(520),
  '01'.repeat(2100),
].map(fromHex)

const tags = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x1f, 0x24, 0x30, 0x31, 0x80, 0x81,
  0x82, 0x86, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0x00, 0xff,
]

const times = ['991231235959Z', '20500101000000Z', '00000101000000Z', '20260101996099Z', '20260230000000Z', '9999Z']

// Types that readers branch on, so that one kind of value is taken for another.
const oids = [
  '1.2.840.113549.1.1.1',
  '1.2.840.113549.1.1.10',
  '1.2.840.113549.1.1.11',
  '1.2.840.10045.2.1',
  '1.2.840.10045.4.3.2',
  '1.3.101.112',
  '1.2.156.10197.1.301',
  '1.2.156.10197.1.301.1',
  '1.2.156.10197.1.401',
  '1.2.156.10197.1.501',
  '2.16.840.1.101.3.4.2.1',
  '2.16.840.1.101.3.4.2.3',
  '1.2.840.113549.1.7.1',
  '1.2.840.113549.1.7.2',
  '1.2.156.10197.6.1.4.2.2',
  '1.2.840.113549.1.9.4',
  '1.2.840.113549.1.9.16.1.4',
  '1.2.840.113549.1.9.16.2.14',
  '1.2.840.113549.1.9.16.2.47',
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.19',
  '2.5.29.20',
  '2.5.29.28',
  '2.5.29.30',
  '2.5.29.32',
  '2.5.29.33',
  '2.5.29.35',
  '2.5.29.36',
  '2.5.29.37',
  '2.5.29.54',
  '2.5.29.32.0',
].map((oid) => der.oid(oid).subarray(2))

/** One to four changes to an input; `others` are good inputs from which parts may be taken. */
export function mutate(input: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = input
  for (let left = 1 + random.below(random.oneIn(3) ? 4 : 2); left > 0; left -= 1) {
    bytes = random.oneIn(3) ? mutateBytes(bytes, others, random) : mutateValues(bytes, others, random)
    if (bytes.length > maxInputBytes) bytes = bytes.subarray(0, maxInputBytes)
  }
  return bytes
}

function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.below(random.oneIn(4) ? bytes.length + 1 : 8))
  const copy = bytes.slice()
  switch (random.below(9)) {
    case 0:
      if (at < copy.length) copy[at]! ^= 1 << random.below(8)
      return copy
    case 1:
      if (at < copy.length) copy[at] = random.pick([0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff, random.below(256)])
      return copy
    case 2:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(end))
    case 3:
      return concatBytes(bytes.subarray(0, at), random.bytes(1 + random.below(16)), bytes.subarray(at))
    case 4:
      return concatBytes(bytes.subarray(0, end), bytes.subarray(at))
    case 5:
      return bytes.slice(0, at)
    case 6:
      return concatBytes(bytes, random.oneIn(2) ? new Uint8Array(1 + random.below(64)) : random.bytes(4))
    case 7: {
      const other = random.pick(others)
      return concatBytes(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)))
    }
    default:
      copy.fill(random.pick([0, 0xff]), at, end)
      return copy
  }
}

function mutateValues(bytes: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  const forest = parseForest(bytes)
  if (forest.length === 0) return mutateBytes(bytes, others, random)
  const list = random.pick(siblingLists(forest))
  const index = random.below(list.length)
  changeSiblings(list, index, forest, others, random)
  return formatForest(forest)
}

function changeSiblings(
  list: Tree[],
  index: number,
  forest: Tree[],
  others: readonly Uint8Array[],
  random: Random,
): void {
  const tree = list[index]!
  switch (random.below(10)) {
    case 0:
      list.splice(index, 1)
      return
    case 1:
      list.splice(index, 0, ...cloneForest([tree]))
      return
    case 2: {
      const other = random.below(list.length)
      list[index] = list[other]!
      list[other] = tree
      return
    }
    case 3: {
      const from = random.oneIn(2) ? cloneForest(forest) : parseForest(random.pick(others))
      const taken = random.pick(random.pick(siblingLists(from).concat([[tree]])))
      list.splice(index, random.below(2), taken)
      return
    }
    case 4:
      for (let depth = 1 + random.below(random.oneIn(4) ? 300 : 3); depth > 0; depth -= 1) {
        list[index] = {
          identifier: random.pick([0x30, 0x31, 0xa0, 0x04]),
          content: new Uint8Array(),
          children: [list[index]!],
        }
      }
      return
    case 5:
      if (tree.children) list.splice(index, 1, ...tree.children)
      return
    case 6:
      repeat(list, index, random)
      return
    default:
      changeValue(tree, random)
  }
}

function repeat(list: Tree[], index: number, random: Random): void {
  const [tree] = cloneForest([list[index]!]) as [Tree]
  const size = Math.max(1, formatForest([tree]).length)
  const times = Math.min(1 + random.below(random.oneIn(4) ? 5000 : 40), Math.floor(65_536 / size))
  list.splice(index, 0, ...Array.from({ length: times }, () => tree))
}

function changeValue(tree: Tree, random: Random): void {
  switch (random.below(9)) {
    case 0:
      tree.identifier = random.pick(tags)
      return
    case 1:
      if (tree.identifier !== undefined) tree.identifier ^= random.pick([0x20, 0x40, 0x80, 0x01])
      return
    case 2:
      tree.length = random.pick(['long', 'indefinite', Uint8Array.of(0x84, 0xff, 0xff, 0xff, 0xff)] as const)
      return
    case 3:
      tree.length = Uint8Array.of(random.below(256), ...(random.oneIn(2) ? [random.below(256)] : []))
      return
    case 4:
      replaceContent(tree, random.pick(integers))
      return
    case 5:
      replaceContent(tree, random.pick(oids))
      return
    case 6:
      replaceContent(tree, new TextEncoder().encode(random.pick(times)))
      return
    case 7:
      replaceContent(tree, random.bytes(random.below(random.oneIn(8) ? random.pick([4000, 30_000]) : 40)))
      return
    default:
      changeContent(tree, random)
  }
}

function replaceContent(tree: Tree, content: Uint8Array): void {
  tree.content = content
  tree.children = undefined
}

function changeContent(tree: Tree, random: Random): void {
  if (tree.content.length === 0) return
  const at = random.below(tree.content.length)
  tree.content = tree.content.slice()
  switch (random.below(4)) {
    case 0:
      tree.content[at]! ^= 1 << random.below(8)
      return
    case 1:
      tree.content = tree.content.subarray(0, at)
      return
    case 2:
      tree.content = concatBytes(tree.content, new Uint8Array(1 + random.below(8)))
      return
    default:
      tree.content = concatBytes(Uint8Array.of(random.pick([0, 0xff, 1])), tree.content)
  }
}
