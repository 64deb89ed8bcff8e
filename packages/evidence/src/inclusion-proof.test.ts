import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64, fromHex, toHex } from '@zhicheng/core'
import { describe, expect, test } from 'vitest'
import {
  createEvidenceLog,
  createLogKey,
  createLogSigner,
  type EvidenceLog,
  emptyRoot,
  hashLeaf,
  hashNode,
  memoryLogStorage,
  verifyInclusionProof,
  verifySubtreeInclusionProof,
} from './index.ts'

const { leaves_hex: leaves, roots_hex: roots } = JSON.parse(
  readFileSync(new URL('../test/vectors/merkle/rfc6962-roots.json', import.meta.url), 'utf8'),
) as { leaves_hex: string[]; roots_hex: string[] }

const signer = await createLogSigner((await createLogKey({ test: true })).privateKey)

async function logOf(entries: Iterable<Uint8Array>): Promise<EvidenceLog> {
  const log = createEvidenceLog({ id: 'test', storage: memoryLogStorage(), signer })
  for (const entry of entries) await log.append(entry)
  return log
}

/** The definition of the RFC, read aloud: another way to the root than the stored nodes. */
function definedRoot(hashes: Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot()
  if (hashes.length === 1) return hashes[0]!
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return hashNode(definedRoot(hashes.slice(0, split)), definedRoot(hashes.slice(split)))
}

function numbered(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Uint8Array.of(index >> 8, index & 255))
}

test.each(roots.map((root, size) => ({ size, root })))(
  'the first $size leaves of the reference set have the root of RFC 9162',
  async ({ size, root }) => {
    const log = await logOf(leaves.map((hex) => fromHex(hex)))
    expect(toHex(await log.root(size))).toBe(root)
  },
)

test('every leaf of every size up to 70 is proven, and only at its own place, in its own tree', async () => {
  const entries = numbered(70)
  const log = await logOf(entries)
  for (let treeSize = 1; treeSize <= entries.length; treeSize += 1) {
    const root = await log.root(treeSize)
    expect(toHex(root)).toBe(toHex(definedRoot(entries.slice(0, treeSize).map(hashLeaf))))
    for (let index = 0; index < treeSize; index += 1) {
      const input = {
        leafHash: hashLeaf(entries[index]!),
        index,
        treeSize,
        root,
        proof: await log.proveInclusion(index, treeSize),
      }
      expect(verifyInclusionProof(input)).toBe(true)
      for (const wrong of [index + 1, index - 1, index ^ 2]) {
        expect(verifyInclusionProof({ ...input, index: wrong })).toBe(false)
      }
      expect(verifyInclusionProof({ ...input, leafHash: root })).toBe(treeSize === 1)
    }
  }
})

describe('a proof that was tampered with is refused', async () => {
  const entries = numbered(13)
  const log = await logOf(entries)
  const good = {
    leafHash: hashLeaf(entries[5]!),
    index: 5,
    treeSize: 13,
    root: await log.root(),
    proof: await log.proveInclusion(5),
  }
  const [first, second, ...rest] = good.proof
  const flipped = first!.slice()
  flipped[31]! ^= 1
  const cases = {
    'two siblings swapped': { proof: [second!, first!, ...rest] },
    'a sibling left out': { proof: good.proof.slice(1) },
    'the last sibling left out': { proof: good.proof.slice(0, -1) },
    'a sibling twice': { proof: [first!, ...good.proof] },
    'the root put after the proof': { proof: [...good.proof, good.root] },
    'the root put before the proof': { proof: [good.root, ...good.proof] },
    'one bit changed': { proof: [flipped, second!, ...rest] },
    'an empty hash in the proof': { proof: [...good.proof, new Uint8Array()] },
    'a truncated hash in the proof': { proof: [first!.subarray(0, 31), second!, ...rest] },
    'the tree size doubled': { treeSize: 26 },
    'the tree size halved': { treeSize: 6 },
    'an index out of range': { index: 13 },
    'a negative index': { index: -1 },
    'an index that is no whole number': { index: 5.5 },
    'an empty root': { root: new Uint8Array() },
    'the root of no leaves': { root: emptyRoot() },
    'the data in place of its hash': { leafHash: entries[5]! },
    'a tree of no leaves': { index: 0, treeSize: 0 },
  }
  test('the untouched proof is accepted', () => {
    expect(verifyInclusionProof(good)).toBe(true)
  })
  test.each(Object.entries(cases))('%s', (_, change) => {
    expect(verifyInclusionProof({ ...good, ...change })).toBe(false)
  })
})

test('a tree whose odd leaf is doubled does not have the root of the log', async () => {
  const entries = numbered(5)
  const log = await logOf(entries)
  const doubled = await logOf([...entries, entries[4]!])
  expect(toHex(await log.root())).not.toBe(toHex(await doubled.root()))
  const proof = await doubled.proveInclusion(5)
  expect(
    verifyInclusionProof({ leafHash: hashLeaf(entries[4]!), index: 5, treeSize: 6, root: await log.root(), proof }),
  ).toBe(false)
})

test('an inner node does not pass for a leaf', async () => {
  const log = await logOf(numbered(2))
  const data = new Uint8Array([...hashLeaf(Uint8Array.of(0, 0)), ...hashLeaf(Uint8Array.of(0, 1))])
  expect(
    verifyInclusionProof({ leafHash: hashLeaf(data), index: 0, treeSize: 1, root: await log.root(), proof: [] }),
  ).toBe(false)
})

const material = process.env['ZHICHENG_MATERIAL']
if (!material && process.env['CI'] === 'true')
  throw new Error('ZHICHENG_MATERIAL is not set, and CI wants the vectors.')

describe.skipIf(!material)('the inclusion vectors of transparency-dev/merkle (needs ZHICHENG_MATERIAL)', () => {
  const folder = join(material ?? '', 'credit-intake/merkle/0')
  const names = material ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []

  test('all 26 are there', () => {
    expect(names).toHaveLength(26)
  })

  test.each(names)('%s', (name) => {
    const vector = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      leafIdx: number
      start: number
      end: number
      root: string | null
      leafHash: string | null
      proof: string[] | null
      wantErr: boolean
    }
    const verified = verifySubtreeInclusionProof({
      leafHash: fromBase64(vector.leafHash ?? ''),
      index: vector.leafIdx,
      start: vector.start,
      end: vector.end,
      root: fromBase64(vector.root ?? ''),
      proof: (vector.proof ?? []).map((part) => fromBase64(part)),
    })
    expect(verified).toBe(!vector.wantErr)
  })
})
