import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type DepositOptions,
  depositPackage,
  packCaseZip,
  proveReceipt,
  requestTusChunk,
  requestTusCreation,
} from '@zhicheng/archive'
import { depositPath } from '@zhicheng/archive/node'
import { readDepositReport } from '@zhicheng/archive/wire'
import { callOperation, fixedClock, isZhichengError, silentLogger, toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { formatReceipt, verifyGrowth } from '@zhicheng/evidence'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Face, FaceContext } from '../../face.ts'
import { type ArchiveFaceOptions, createArchiveFace } from './index.ts'

const origin = 'http://sandbox.test'
const description = {
  number: 'ZW-2026-000001',
  caseNumber: '330100-2026-11-000001',
  title: '样例公司食品经营许可',
  item: { code: '330131024001', name: '食品经营许可（样例）' },
  department: { name: '样例市市场监督管理局', uscc: '91330110MA2AXY0E7F', regionCode: '330100' },
  applicant: { name: '样例科技有限公司', uscc: '91330110MA2AXY0E7F' },
  year: 2026,
  retention: 'D30' as const,
  completedAt: '2026-11-24T10:00:00+08:00',
  result: '准予许可',
  events: [{ name: '办结', at: '2026-11-24T10:00:00+08:00' }],
}
const pack = async (text: string) =>
  (await packCaseZip({ description, files: [{ kind: 'materials', name: '说明.txt', content: utf8(text) }] })).zip
const zip = await pack('样例材料')

let face: Face
let faults: Set<string>
let requests: string[]

async function open(options: ArchiveFaceOptions = {}) {
  const context: FaceContext = {
    origin,
    clock: fixedClock('2026-11-24T11:00:00+08:00'),
    fetch: globalThis.fetch,
    logger: silentLogger,
    chaos: (name) => faults.has(name),
  }
  face = await createArchiveFace(context, options)
}

const toFace: typeof globalThis.fetch = async (input, init) => {
  const request = new Request(input as string, init)
  requests.push(`${request.method} ${new URL(request.url).pathname.replace(/[0-9a-f]{32}/, '{id}')}`)
  return face.fetch(request)
}

const options = (more: Partial<DepositOptions> = {}): DepositOptions => ({
  url: `${origin}/archive`,
  number: description.number,
  depositor: description.department.uscc,
  fetch: toFace,
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
  chunkBytes: 1000,
  ...more,
})

const deposit = (bytes = zip, more: Partial<DepositOptions> = {}) =>
  depositPackage({ name: 'case.zip', bytes }, options(more))

beforeEach(async () => {
  faults = new Set()
  requests = []
  await open()
})

test('a case is deposited in chunks, checked, accepted, and its receipt proves it offline', async () => {
  const result = await deposit()
  expect(result).toMatchObject({ decision: 'accepted', keySource: 'platform' })
  expect(result.receipt).toMatchObject({ verified: true, test: true })
  expect(result.statement.package).toMatchObject({ bytes: zip.length, sha256: toHex(hash('sha256', zip)) })
  expect(requests.filter((line) => line.startsWith('PATCH'))).toHaveLength(Math.ceil(zip.length / 1000))

  const logKey = await (await toFace(`${origin}/archive/log/key`)).json()
  const proven = await proveReceipt(formatReceipt(result.receipt.receipt), { logKey, package: zip })
  expect(proven).toMatchObject({ package: 'matches', statement: { decision: 'accepted' } })
  await expect(proveReceipt(result.receipt.receipt, { logKey, package: zip.subarray(1) })).rejects.toMatchObject({
    code: 'ERR_ARCHIVE_RECEIPT_MISMATCH',
  })
  const report = await callOperation(
    readDepositReport,
    { params: { deposit: result.id } },
    { baseUrl: origin, fetch: toFace },
  )
  expect(report).toMatchObject({ verdict: 'accepted', stage: 'transfer', profile: 'gbt42727-2023' })
  expect(report.checks).toContainEqual(
    expect.objectContaining({ id: 'security.virus', evidence: expect.stringContaining('测试专用') }),
  )
})

test('a file on disk says itself which case it is and who hands it over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-deposit-'))
  try {
    writeFileSync(join(folder, 'case.zip'), zip)
    const { number: _, depositor: __, ...rest } = options()
    const result = await depositPath(join(folder, 'case.zip'), rest)
    expect(result.statement).toMatchObject({ number: 'ZW-2026-000001', depositor: '样例市市场监督管理局' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('depositing the same package again gives the same receipt and sends no bytes', async () => {
  const first = await deposit()
  requests = []
  const second = await deposit()
  expect(formatReceipt(second.receipt.receipt)).toBe(formatReceipt(first.receipt.receipt))
  expect(requests.filter((line) => line.startsWith('PATCH'))).toEqual([])
})

test('two depositors of the same package at the same time make one deposit', async () => {
  const [first, second] = await Promise.all([deposit(), deposit()])
  expect(second.id).toBe(first.id)
  expect(second.receipt.receipt.index).toBe(first.receipt.receipt.index)
})

test('another package under the same number is refused, unless it names the one it replaces', async () => {
  const first = await deposit()
  const corrected = await pack('更正后的样例材料')
  await expect(deposit(corrected, { version: 2 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DEPOSIT_CONFLICT' })
  const second = await deposit(corrected, { version: 2, supersedes: first.id })
  expect(second.statement).toMatchObject({ decision: 'accepted', supersedes: first.id, version: 2 })
  const view = (await (await toFace(`${origin}/archive/deposits/${first.id}`)).json()) as { state: string }
  expect(view.state).toBe('superseded')
})

test('a package that is none is returned with a signed receipt, and the corrected one may follow', async () => {
  const returned = await deposit(utf8('this is no zip'))
  expect(returned).toMatchObject({ decision: 'returned', receipt: { verified: true } })
  expect(await deposit()).toMatchObject({ decision: 'accepted' })
})

test('a scanner that finds something, and a verifier that is missing, decide what they have to', async () => {
  const eicar = `${'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR'}${'-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`
  expect(await deposit(await pack(eicar))).toMatchObject({ decision: 'returned' })
  const pdf = utf8('%PDF-1.4\ntrailer<<>>\n%%EOF\n')
  const withPdf = await packCaseZip({ description, files: [{ kind: 'result', name: 'a.pdf', content: pdf }] })
  expect(await deposit(withPdf.zip)).toMatchObject({ decision: 'manual' })
})

test('the log that is published only grew', async () => {
  const head = async () => (await toFace(`${origin}/archive/log/head`)).json()
  const logKey = await (await toFace(`${origin}/archive/log/key`)).json()
  await deposit()
  const first = (await head()) as { treeSize: number }
  await deposit(utf8('other'), { number: 'A-2' })
  await deposit(utf8('third'), { number: 'A-3' })
  const answer = await toFace(`${origin}/archive/log/consistency?first=${first.treeSize}`)
  const { proof } = (await answer.json()) as { proof: string[] }
  await verifyGrowth({ first, second: await head() }, { proof, logKey })
})

describe('when the archive misbehaves', () => {
  test('an upload whose every connection breaks half-way still arrives whole', async () => {
    faults.add('archive-drop-after-bytes')
    expect(await deposit()).toMatchObject({ decision: 'accepted' })
    expect(requests.filter((line) => line.startsWith('HEAD')).length).toBeGreaterThan(3)
  })

  test.each([
    ['archive-wrong-offset', 'ERR_ARCHIVE_TUS'],
    ['archive-answer-500', 'ERR_ARCHIVE_DEPOSIT_INTERRUPTED'],
    ['archive-refuse', 'ERR_ARCHIVE_DEPOSIT_REFUSED'],
    ['archive-bad-receipt-signature', 'ERR_EVIDENCE_SIGNATURE'],
    ['archive-bad-proof', 'ERR_EVIDENCE_PROOF'],
  ])('%s ends in %s, never in a receipt', async (fault, code) => {
    faults.add(fault)
    const error = await deposit().catch((reason: unknown) => reason)
    expect(isZhichengError(error) && error.code).toBe(code)
    faults.clear()
    expect(await deposit()).toMatchObject({ decision: 'accepted' })
  })

  test('every fault it can show has a sentence', () => {
    expect(Object.keys(face.faults)).toHaveLength(6)
  })
})

describe('the tus server', () => {
  const metadata = { filename: 'case.zip', number: 'A-9', depositor: 'x', version: '1', sha256: '0'.repeat(64) }
  const create = (length = 10, key = 'key-1') => {
    const { url, ...init } = requestTusCreation(`${origin}/archive/uploads`, { length, metadata, idempotencyKey: key })
    return toFace(url, init)
  }
  const chunk = (location: string, text: string, { offset = 0, headers = {} } = {}) => {
    const { url, ...init } = requestTusChunk(location, { offset, chunk: utf8(text) })
    return toFace(url, { ...init, headers: { ...init.headers, ...headers } })
  }

  test('says what it can', async () => {
    const answer = await toFace(`${origin}/archive/uploads`, { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('tus-extension')).toBe('creation,checksum,termination')
    expect(answer.headers.get('tus-max-size')).toBe(String(1024 ** 3))
  })

  test('refuses what tus wants refused, each with its status', async () => {
    const location = (await create()).headers.get('location')!
    expect((await toFace(location, { method: 'HEAD' })).status).toBe(412)
    expect((await chunk(location, 'hello', { offset: 3 })).status).toBe(409)
    expect((await chunk(location, 'hello', { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await chunk(location, 'hello', { headers: { 'upload-checksum': 'md5 AAAA' } })).status).toBe(400)
    expect((await chunk(location, 'hello', { headers: { 'upload-checksum': 'sha1 AAAA' } })).status).toBe(460)
    expect((await chunk(location, 'far too long for this')).status).toBe(413)
    const head = await toFace(location, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
    expect(head.headers.get('upload-offset')).toBe('0')
    expect(head.headers.get('cache-control')).toBe('no-store')
    expect(head.headers.get('upload-metadata')).toContain('filename')
    expect((await create(2 * 1024 ** 3, 'key-2')).status).toBe(413)
  })

  test('takes the checksum sha256, and a method in a header', async () => {
    const location = (await create()).headers.get('location')!
    const value = Buffer.from(hash('sha256', utf8('hello'))).toString('base64')
    const answer = await toFace(location, {
      method: 'POST',
      headers: {
        'x-http-method-override': 'PATCH',
        'tus-resumable': '1.0.0',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
        'upload-checksum': `sha256 ${value}`,
      },
      body: 'hello',
    })
    expect([answer.status, answer.headers.get('upload-offset')]).toEqual([204, '5'])
  })

  test('lets two writers at one upload never mix their bytes', async () => {
    const location = (await create()).headers.get('location')!
    const answers = await Promise.all([chunk(location, 'aaaaa'), chunk(location, 'bbbbb')])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
  })

  test('forgets an upload that is terminated, but not a deposit that is complete', async () => {
    const location = (await create()).headers.get('location')!
    const init = { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } }
    expect((await toFace(location, init)).status).toBe(204)
    expect((await toFace(location, init)).status).toBe(404)
    const { id } = await deposit()
    expect((await toFace(`${origin}/archive/uploads/${id}`, init)).status).toBe(403)
  })

  test('knows nothing of deposits that are not there', async () => {
    expect((await toFace(`${origin}/archive/deposits/${'0'.repeat(32)}`)).status).toBe(404)
    expect((await toFace(`${origin}/archive/uploads/..%2f..%2fetc`)).status).toBe(404)
    expect((await toFace(`${origin}/archive/log/consistency?first=9`)).status).toBe(400)
  })
})
