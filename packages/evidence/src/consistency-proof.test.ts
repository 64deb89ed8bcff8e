import { expect, test } from 'vitest'
import {
  createEvidenceLog,
  createLogKey,
  createLogSigner,
  emptyRoot,
  memoryLogStorage,
  verifyConsistencyProof,
  verifyGrowth,
} from './index.ts'

const { privateKey, publicKey } = await createLogKey({ test: true })
const signer = await createLogSigner(privateKey)

async function logOf(count: number, tag = 0) {
  const log = createEvidenceLog({ id: 'test', storage: memoryLogStorage(), signer })
  for (let index = 0; index < count; index += 1) await log.append(Uint8Array.of(tag, index))
  return log
}

test('every pair of sizes up to 40 is proven consistent, and no other pair by the same proof', async () => {
  const log = await logOf(40)
  for (let secondSize = 0; secondSize <= 40; secondSize += 1) {
    const secondRoot = await log.root(secondSize)
    for (let firstSize = 0; firstSize <= secondSize; firstSize += 1) {
      const input = {
        firstSize,
        firstRoot: await log.root(firstSize),
        secondSize,
        secondRoot,
        proof: await log.proveConsistency(firstSize, secondSize),
      }
      expect(verifyConsistencyProof(input)).toBe(true)
      if (firstSize === 0) continue
      expect(verifyConsistencyProof({ ...input, firstSize: firstSize - 1 })).toBe(false)
      expect(verifyConsistencyProof({ ...input, proof: [...input.proof, secondRoot] })).toBe(false)
      if (firstSize < secondSize) {
        expect(verifyConsistencyProof({ ...input, proof: input.proof.slice(1) })).toBe(false)
        expect(verifyConsistencyProof({ ...input, firstRoot: secondRoot })).toBe(false)
        expect(verifyConsistencyProof({ ...input, secondRoot: input.firstRoot })).toBe(false)
      }
    }
  }
})

test('sizes that shrink, and a first state of nothing with another root, are refused', async () => {
  const log = await logOf(4)
  const root = await log.root()
  const base = { firstRoot: root, secondRoot: root, proof: [] }
  expect(verifyConsistencyProof({ ...base, firstSize: 4, secondSize: 3 })).toBe(false)
  expect(verifyConsistencyProof({ ...base, firstSize: 0, secondSize: 4 })).toBe(false)
  expect(verifyConsistencyProof({ ...base, firstSize: 0, secondSize: 4, firstRoot: emptyRoot() })).toBe(true)
  expect(verifyConsistencyProof({ ...base, firstSize: -1, secondSize: 4 })).toBe(false)
})

test('two signed heads of a growing log verify, and those of a rewritten log do not', async () => {
  const log = await logOf(5)
  const first = await log.treeHead()
  await log.append(Uint8Array.of(9))
  const second = await log.treeHead()
  const proof = (await log.proveConsistency(5)).map((hash) => Buffer.from(hash).toString('hex'))
  await verifyGrowth({ first, second }, { proof, logKey: publicKey })

  const rewritten = await logOf(6, 7)
  await expect(
    verifyGrowth({ first, second: await rewritten.treeHead() }, { proof, logKey: publicKey }),
  ).rejects.toMatchObject({ code: 'ERR_EVIDENCE_PROOF' })
  await expect(
    verifyGrowth({ first, second: { ...second, treeSize: 7 } }, { proof, logKey: publicKey }),
  ).rejects.toMatchObject({ code: 'ERR_EVIDENCE_SIGNATURE' })
})
