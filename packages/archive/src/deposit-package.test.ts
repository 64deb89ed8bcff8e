import { utf8 } from '@zhicheng/core'
import { createEvidenceLog, createLogKey, createLogSigner, memoryLogStorage } from '@zhicheng/evidence'
import type { JsonValue } from '@zhicheng/formats'
import { describe, expect, test } from 'vitest'
import {
  createDepositStatement,
  type DepositOptions,
  depositKey,
  depositPackage,
  digestPackage,
  formatTusMetadata,
  parseTusChecksum,
  parseTusMetadata,
  proveReceipt,
} from './index.ts'

const bytes = utf8('a package, or so they say')
const id = 'a'.repeat(32)
const { privateKey, publicKey } = await createLogKey({ test: true })
const log = createEvidenceLog({ id: 'test', storage: memoryLogStorage(), signer: await createLogSigner(privateKey) })
const statement = createDepositStatement({
  receiptId: id,
  number: 'A-1',
  version: 1,
  depositor: 'x',
  package: { name: 'case.zip', ...(await digestPackage(bytes)) },
  report: { package: 'case.zip', format: 'zip', profile: 'bagit', stage: 'transfer', verdict: 'accepted', checks: [] },
  receivedAt: '2026-11-24T11:00:00+08:00',
})
const record = (change: object) => log.record({ ...statement, ...change } as unknown as { [name: string]: JsonValue })

type Answers = Partial<Record<string, (request: Request) => Response | Promise<Response>>>

/** An archive that takes everything at once, but for the answers that a test replaces. */
function archive(answers: Answers = {}) {
  const tus = { 'tus-resumable': '1.0.0' }
  let offset = 0
  const requests: Request[] = []
  const usual: Answers = {
    POST: () => new Response(null, { status: 201, headers: { ...tus, location: `/archive/uploads/${id}` } }),
    HEAD: () =>
      new Response(null, { headers: { ...tus, 'upload-offset': `${offset}`, 'upload-length': `${bytes.length}` } }),
    async PATCH(request) {
      offset += (await request.arrayBuffer()).byteLength
      return new Response(null, { status: 204, headers: { ...tus, 'upload-offset': `${offset}` } })
    },
    deposit: () =>
      Response.json({
        id,
        number: 'A-1',
        version: 1,
        state: 'accepted',
        received: offset,
        total: bytes.length,
        updatedAt: 'now',
      }),
    receipt: async () => Response.json(await record({})),
  }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input as string, init)
    requests.push(request)
    const path = new URL(request.url).pathname
    const name = path.endsWith('/receipt') ? 'receipt' : path.includes('/deposits/') ? 'deposit' : request.method
    return (answers[name] ?? usual[name])!(request)
  }
  return { fetch, requests, tus }
}

const deposit = (fetch: typeof globalThis.fetch, more: Partial<DepositOptions> = {}) =>
  depositPackage(
    { name: '案卷.zip', bytes },
    {
      url: 'https://archive.test/archive',
      number: 'A-1',
      depositor: 'x',
      logKey: publicKey,
      fetch,
      sleep: async () => {},
      polls: 3,
      ...more,
    },
  )

test('the usual archive is answered with a verified receipt, and no request leaves its site', async () => {
  const { fetch, requests } = archive()
  expect(await deposit(fetch, { headers: { authorization: 'Bearer t' } })).toMatchObject({ decision: 'accepted' })
  expect(new Set(requests.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://archive.test']))
  expect(requests.every(({ headers, redirect }) => headers.get('authorization') === 'Bearer t' && redirect)).toBe(true)
  expect(requests.filter(({ url }) => url.includes('/uploads')).every(({ redirect }) => redirect === 'error')).toBe(
    true,
  )
  const { filename, number } = parseTusMetadata(requests[0]!.headers.get('upload-metadata'))
  expect([filename, number]).toEqual(['案卷.zip', 'A-1'])
})

describe('an archive that lies is found out', () => {
  const head = (offset: string, length = String(bytes.length)) => ({
    HEAD: () =>
      new Response(null, {
        headers: { 'tus-resumable': '1.0.0', 'upload-offset': offset, 'upload-length': length },
      }),
  })
  const patch = (offset: string) => ({
    PATCH: () => new Response(null, { status: 204, headers: { 'tus-resumable': '1.0.0', 'upload-offset': offset } }),
  })
  const post = (location: string) => ({
    POST: () => new Response(null, { status: 201, headers: { 'tus-resumable': '1.0.0', location } }),
  })
  const receipt = (change: object) => ({ receipt: async () => Response.json(await record(change)) })
  test.each<[string, Answers, string]>([
    ['another site in Location', post(`https://evil.test/archive/uploads/${id}`), 'ERR_ARCHIVE_DEPOSIT_ADDRESS'],
    ['a Location that is no address', post('http://[::'), 'ERR_ARCHIVE_DEPOSIT_ADDRESS'],
    ['a Location without an identifier', post('/'), 'ERR_ARCHIVE_TUS'],
    ['no tus at all', { POST: () => new Response('hello') }, 'ERR_ARCHIVE_TUS'],
    ['an offset beyond the end', head('26000'), 'ERR_ARCHIVE_TUS'],
    ['an offset that is no number', head('1e1'), 'ERR_ARCHIVE_TUS'],
    ['another length', head('0', '7'), 'ERR_ARCHIVE_TUS'],
    ['more stored than sent', patch('99'), 'ERR_ARCHIVE_TUS'],
    ['nothing stored', patch('0'), 'ERR_ARCHIVE_TUS'],
    ['a refusal', { POST: () => new Response(null, { status: 401 }) }, 'ERR_ARCHIVE_DEPOSIT_REFUSED'],
    [
      'a conflict',
      { POST: () => Response.json({ error: { code: 'X', message: 'y' } }, { status: 409 }) },
      'ERR_ARCHIVE_DEPOSIT_CONFLICT',
    ],
    ['no decision', { deposit: () => new Response(null, { status: 503 }) }, 'ERR_HTTP_STATUS'],
    ['a decision that has no form', { deposit: () => Response.json({ state: 'fine' }) }, 'ERR_CONTRACT_MISMATCH'],
    [
      'a receipt for other bytes',
      receipt({ package: { ...statement.package, sha256: '0'.repeat(64) } }),
      'ERR_ARCHIVE_RECEIPT_MISMATCH',
    ],
    ['a receipt for another case', receipt({ number: 'A-2' }), 'ERR_ARCHIVE_RECEIPT_MISMATCH'],
    ['a receipt for another deposit', receipt({ receiptId: 'b'.repeat(32) }), 'ERR_ARCHIVE_RECEIPT_MISMATCH'],
    ['a receipt for another depositor', receipt({ depositor: 'y' }), 'ERR_ARCHIVE_RECEIPT_MISMATCH'],
    ['a receipt about something else', receipt({ type: 'lunch/1' }), 'ERR_ARCHIVE_RECEIPT_MISMATCH'],
    [
      'a receipt with another decision than was signed',
      {
        receipt: async () => Response.json({ ...(await record({})), statement: { ...statement, decision: 'manual' } }),
      },
      'ERR_EVIDENCE_SIGNATURE',
    ],
  ])('%s', async (_, answers, code) => {
    await expect(deposit(archive(answers).fetch)).rejects.toMatchObject({ code })
  })

  test('a receipt by another log', async () => {
    const { publicKey: other } = await createLogKey({ test: true })
    await expect(deposit(archive().fetch, { logKey: other })).rejects.toMatchObject({
      code: 'ERR_EVIDENCE_KEY_MISMATCH',
    })
  })
})

describe('failures that pass', () => {
  const failing = (times: number, answer: () => Response | Promise<Response>, then: Answers[string]) => {
    let left = times
    return (request: Request) => {
      left -= 1
      return left >= 0 ? answer() : then!(request)
    }
  }
  const created = () =>
    new Response(null, { status: 201, headers: { 'tus-resumable': '1.0.0', location: `/archive/uploads/${id}` } })

  test('are tried again: no answer, 5xx, a wrong checksum, an upload that was forgotten', async () => {
    const lost = () => Promise.reject(new TypeError('connection reset'))
    const answers = { POST: failing(2, lost, created) }
    expect(await deposit(archive(answers).fetch)).toMatchObject({ decision: 'accepted' })
    const busy = { POST: failing(3, () => new Response(null, { status: 503 }), created) }
    expect(await deposit(archive(busy).fetch)).toMatchObject({ decision: 'accepted' })
    const head = () =>
      new Response(null, {
        headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'upload-length': `${bytes.length}` },
      })
    const gone = archive({ HEAD: failing(1, () => new Response(null, { status: 410 }), head) })
    expect(await deposit(gone.fetch)).toMatchObject({ decision: 'accepted' })
    expect(gone.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  test('end when there are too many without progress, with what to do', async () => {
    const answers = { PATCH: () => new Response(null, { status: 460 }) }
    const { fetch, requests } = archive(answers)
    await expect(deposit(fetch, { attempts: 4 })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_DEPOSIT_INTERRUPTED',
      retryable: true,
      outcome: 'unknown',
      facts: { offset: 0, total: bytes.length },
    })
    expect(requests.filter(({ method }) => method === 'PATCH')).toHaveLength(4)
  })

  test('end at once when the caller wants it', async () => {
    const abort = new AbortController()
    const { fetch, requests } = archive({
      PATCH: () => {
        abort.abort()
        throw new TypeError('aborted')
      },
    })
    await expect(deposit(fetch, { signal: abort.signal })).rejects.toMatchObject({ code: 'ERR_NETWORK' })
    expect(requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
  })
})

test('an address with a name and password, a query, or another scheme is not used', async () => {
  for (const url of ['ftp://a.test', 'https://u:p@a.test/archive', 'https://a.test/archive?x=1', 'nonsense']) {
    await expect(deposit(archive().fetch, { url })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DEPOSIT_ADDRESS' })
  }
})

test('the key of a deposit changes with everything that makes it another deposit', () => {
  const about = { depositor: 'x', number: 'A-1', version: 1, sha256: '0'.repeat(64) }
  const keys = [
    about,
    { ...about, depositor: 'y' },
    { ...about, number: 'A-2' },
    { ...about, version: 2 },
    { ...about, sha256: '1'.repeat(64) },
  ].map(depositKey)
  expect(new Set(keys).size).toBe(5)
  expect(depositKey({ ...about })).toBe(keys[0])
})

test('upload metadata survives the way there and back, and what is no metadata is refused', () => {
  const metadata = { filename: '案卷 1,2.zip', empty: '' }
  expect({ ...parseTusMetadata(formatTusMetadata(metadata)) }).toEqual(metadata)
  expect(parseTusMetadata(null)).toEqual({})
  for (const wrong of ['a YQ==,a YQ==', 'a b c', 'a !', ',', `k ${'A'.repeat(20_000)}`]) {
    expect(() => parseTusMetadata(wrong)).toThrow(expect.objectContaining({ code: 'ERR_ARCHIVE_TUS' }))
  }
  expect(Object.entries(parseTusMetadata('__proto__ YQ=='))).toEqual([['__proto__', 'a']])
  expect(() => parseTusChecksum('crc32 AAAA')).toThrow(expect.objectContaining({ code: 'ERR_ARCHIVE_TUS' }))
})

test('a receipt is proven with the package, and says when there was none', async () => {
  const receipt = await record({})
  expect(await proveReceipt(receipt, { logKey: publicKey })).toMatchObject({ package: 'not-checked' })
  expect(await proveReceipt(receipt, { logKey: publicKey, package: bytes })).toMatchObject({ package: 'matches' })
  await expect(proveReceipt(receipt, { logKey: publicKey, package: bytes.subarray(1) })).rejects.toMatchObject({
    code: 'ERR_ARCHIVE_RECEIPT_MISMATCH',
  })
})
