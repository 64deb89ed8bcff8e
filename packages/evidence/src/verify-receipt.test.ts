import { createPublicKey, verify } from 'node:crypto'
import { fixedClock, isZhichengError, toHex, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  createEvidenceLog,
  createLogKey,
  createLogSigner,
  evidenceMessages,
  formatReceipt,
  hashLeaf,
  memoryLogStorage,
  parseLogKey,
  parseReceipt,
  verifyReceipt,
} from './index.ts'

const { privateKey, publicKey } = await createLogKey({ test: true })
const signer = await createLogSigner(privateKey)
const clock = fixedClock('2026-11-24T08:00:00+08:00')

async function logOf(count: number) {
  const log = createEvidenceLog({ id: 'sandbox', storage: memoryLogStorage(), signer, clock })
  for (let index = 0; index < count; index += 1) await log.append(Uint8Array.of(index))
  return log
}

const log = await logOf(6)
const receipt = await log.record({ number: 'A-1', bytes: 12 })

test('a receipt verifies as an object, as text and as bytes, and says that it is a test receipt', async () => {
  for (const input of [receipt, formatReceipt(receipt), utf8(formatReceipt(receipt))]) {
    const verified = await verifyReceipt(input, { logKey: publicKey })
    expect(verified).toMatchObject({ verified: true, test: true, content: 'statement' })
    expect(verified.receipt).toMatchObject({
      index: 6,
      treeSize: 7,
      logId: 'sandbox',
      issuedAt: '2026-11-24T08:00:00+08:00',
      notice: '测试专用',
    })
  }
})

test('node:crypto alone verifies the signature over the canonical form of the receipt', () => {
  const { signature, ...signed } = receipt
  const [header, , value] = signature.split('.')
  const payload = Buffer.from(canonicalJson(signed as unknown as JsonValue)).toString('base64url')
  const key = createPublicKey({ key: publicKey as never, format: 'jwk' })
  const bytes = Buffer.from(value!, 'base64url')
  expect(verify('sha256', Buffer.from(`${header}.${payload}`), { key, dsaEncoding: 'ieee-p1363' }, bytes)).toBe(true)
  expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({
    alg: 'ES256',
    kid: publicKey.kid,
    typ: 'zhicheng-receipt',
  })
})

test('an Ed25519 log works alike, and a key without the mark makes receipts without it', async () => {
  const pair = await createLogKey({ test: false, algorithm: 'Ed25519' })
  const other = createEvidenceLog({
    id: 'real',
    storage: memoryLogStorage(),
    signer: await createLogSigner(pair.privateKey),
  })
  const { index } = await other.append(utf8('entry'))
  const made = await other.receipt(index)
  expect(made).not.toHaveProperty('test')
  expect(await verifyReceipt(made, { logKey: pair.publicKey })).toMatchObject({ test: false, content: 'not-checked' })
  expect(await verifyReceipt(made, { logKey: pair.publicKey, leaf: utf8('entry') })).toMatchObject({
    content: 'given-leaf',
  })
  await expect(verifyReceipt(made, { logKey: pair.publicKey, leaf: utf8('other') })).rejects.toMatchObject({
    code: 'ERR_EVIDENCE_LEAF',
  })
})

test('recording the same statement again gives the place it has, so that a retry adds nothing', async () => {
  const own = await logOf(1)
  const first = await own.record({ a: 1, b: 2 })
  const second = await own.record({ b: 2, a: 1 })
  expect(second.index).toBe(first.index)
  expect(await own.size()).toBe(2)
})

test('entries added at the same time each get a place of their own', async () => {
  const own = await logOf(0)
  const places = await Promise.all(Array.from({ length: 20 }, (_, n) => own.append(Uint8Array.of(n))))
  expect(places.map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect(await own.find(hashLeaf(Uint8Array.of(7)))).toBe(7)
})

describe('a receipt that was changed is refused', () => {
  const changes: Record<string, Record<string, unknown>> = {
    'another index': { index: 5 },
    'another tree size': { treeSize: 8 },
    'another root': { rootHash: 'ab'.repeat(32) },
    'another leaf': { leafHash: 'ab'.repeat(32) },
    'an empty proof': { inclusionProof: [] },
    'another time': { issuedAt: '2026-11-25T08:00:00+08:00' },
    'another statement': { statement: { number: 'A-2', bytes: 12 } },
    'no statement': { statement: undefined },
    'another log': { logId: 'other' },
    'a member more': { decision: 'accepted' },
    'no test mark': { test: undefined, notice: undefined },
  }
  test.each(Object.entries(changes))('%s', async (_, change) => {
    const forged: Record<string, unknown> = { ...receipt, ...change }
    for (const name of Object.keys(change)) if (change[name] === undefined) delete forged[name]
    await expect(verifyReceipt(forged, { logKey: publicKey })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_SIGNATURE' })
  })

  test('a signature by a key of the same name', async () => {
    const other = await createLogKey({ test: true })
    await expect(verifyReceipt(receipt, { logKey: other.publicKey })).rejects.toMatchObject({
      code: 'ERR_EVIDENCE_KEY_MISMATCH',
    })
    const renamed = { ...other.publicKey, kid: publicKey.kid }
    await expect(verifyReceipt(receipt, { logKey: renamed })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_KEY' })
  })

  test('an unsigned or symmetric header', async () => {
    const [, , value] = receipt.signature.split('.')
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: publicKey.kid, typ: 'zhicheng-receipt' })).toString(
        'base64url',
      )
      await expect(
        verifyReceipt({ ...receipt, signature: `${header}..${value}` }, { logKey: publicKey }),
      ).rejects.toMatchObject({ code: 'ERR_EVIDENCE_SIGNATURE' })
    }
  })

  test('a tree head in place of a receipt', async () => {
    const head = await log.treeHead()
    await expect(verifyReceipt({ ...receipt, signature: head.signature }, { logKey: publicKey })).rejects.toMatchObject(
      { code: 'ERR_EVIDENCE_SIGNATURE' },
    )
  })
})

describe('a correct signature over something untrue does not help', () => {
  async function resigned(change: Record<string, unknown>) {
    const { signature: _, ...signed } = { ...receipt, ...change }
    for (const name of Object.keys(change))
      if (change[name] === undefined) delete (signed as Record<string, unknown>)[name]
    return { ...signed, signature: await signer.sign(signed as unknown as JsonValue, 'zhicheng-receipt') }
  }
  const proof = receipt.inclusionProof
  test.each([
    ['a proof with swapped siblings', { inclusionProof: [proof[1], proof[0]] }, 'ERR_EVIDENCE_PROOF'],
    ['a proof one hash short', { inclusionProof: proof.slice(1) }, 'ERR_EVIDENCE_PROOF'],
    ['an index out of range', { index: 7 }, 'ERR_EVIDENCE_PROOF'],
    ['a tree of no leaves', { treeSize: 0 }, 'ERR_EVIDENCE_PROOF'],
    ['another root', { rootHash: toHex(hashLeaf(utf8('x'))) }, 'ERR_EVIDENCE_PROOF'],
    ['a statement that is not the leaf', { statement: { number: 'A-2' } }, 'ERR_EVIDENCE_LEAF'],
    ['a test key without its mark', { test: undefined, notice: undefined }, 'ERR_EVIDENCE_TEST_MARK'],
    ['half of the test mark', { notice: undefined }, 'ERR_EVIDENCE_MALFORMED'],
  ])('%s', async (_, change, code) => {
    await expect(verifyReceipt(await resigned(change), { logKey: publicKey })).rejects.toMatchObject({ code })
  })
})

test.each([
  ['nothing', undefined],
  ['a list', []],
  ['not JSON', '{"type":'],
  ['a key twice', formatReceipt(receipt).replace('"index": 6', '"index": 0, "index": 6')],
  ['upper-case hex', { ...receipt, rootHash: receipt.rootHash.toUpperCase() }],
  ['an index that is text', { ...receipt, index: '6' }],
  ['a proof of 65 hashes', { ...receipt, inclusionProof: Array.from({ length: 65 }, () => receipt.rootHash) }],
  ['a time without an offset', { ...receipt, issuedAt: '2026-11-24T08:00:00' }],
  ['an attached payload', { ...receipt, signature: receipt.signature.replace('..', '.e30.') }],
])('%s is no receipt', async (_, input) => {
  expect(() => parseReceipt(input)).toThrow(expect.objectContaining({ code: 'ERR_EVIDENCE_MALFORMED' }))
  await expect(verifyReceipt(input, { logKey: publicKey })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_MALFORMED' })
})

test('a key file with the private half in it is refused, and the private half is never printed', async () => {
  const jwk: JWK = privateKey.reveal()
  await expect(verifyReceipt(receipt, { logKey: jwk })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_KEY_PRIVATE' })
  expect(JSON.stringify({ privateKey })).not.toContain(jwk.d)
  await expect(parseLogKey({ kty: 'oct', k: 'AAAA' })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_KEY' })
  await expect(parseLogKey({ ...publicKey, alg: 'EdDSA' })).rejects.toMatchObject({ code: 'ERR_EVIDENCE_KEY' })
})

test('asking for what the log does not have is a coded error, with a Chinese text for every code', async () => {
  const own = await logOf(2)
  for (const ask of [
    () => own.proveInclusion(2),
    () => own.root(3),
    () => own.read(-1),
    () => own.proveConsistency(3),
  ]) {
    const error = await ask().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(isZhichengError(error) && error.code).toBe('ERR_EVIDENCE_RANGE')
  }
  expect(evidenceMessages.ERR_EVIDENCE_RANGE).toMatch(/[\u4e00-\u9fff]/)
})

test('a storage refuses a second writer that wants a place already taken', async () => {
  const storage = memoryLogStorage()
  await storage.append({ index: 0, data: Uint8Array.of(1), nodes: [] })
  await expect(storage.append({ index: 0, data: Uint8Array.of(2), nodes: [] })).rejects.toMatchObject({
    code: 'ERR_EVIDENCE_CONFLICT',
  })
  await expect(storage.node(0, 0)).rejects.toMatchObject({ code: 'ERR_EVIDENCE_STORAGE' })
})
