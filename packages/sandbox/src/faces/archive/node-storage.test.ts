import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { depositPackage } from '@zhicheng/archive'
import { utf8 } from '@zhicheng/core'
import { createEvidenceLog, createLogKey, createLogSigner, formatReceipt, verifyReceipt } from '@zhicheng/evidence'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileLogStorage } from './node-storage.ts'

const { privateKey, publicKey } = await createLogKey({ test: true })
let folder: string
let child: ChildProcess | undefined
let proxy: Server | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-archive-'))
  writeFileSync(join(folder, 'key.jwk'), JSON.stringify(privateKey.reveal()))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  proxy?.closeAllConnections()
  proxy?.close()
  rmSync(folder, { recursive: true })
})

/** Starts the archive in a process of its own, over the files in the folder. */
async function start(): Promise<number> {
  child = spawn(
    process.execPath,
    ['--conditions=@zhicheng/source', fileURLToPath(new URL('./test-support/serve.ts', import.meta.url)), folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return Number(line.toString())
}

const bytes = utf8(Array.from({ length: 40_000 }, (_, index) => `${index}\n`).join(''))
const deposit = (url: string, onProgress?: (progress: { sent: number; total: number }) => void) =>
  depositPackage(
    { name: 'case.zip', bytes },
    {
      url,
      number: 'A-1',
      depositor: 'x',
      logKey: publicKey,
      chunkBytes: 20_000,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      pollMilliseconds: 0,
      ...(onProgress ? { onProgress } : {}),
    },
  )

test('an upload that was killed in the middle goes on where it was, in another process on both sides', async () => {
  const port = await start()
  const first = await deposit(`http://127.0.0.1:${port}/archive`, ({ sent }) => {
    if (sent >= 100_000) child!.kill('SIGKILL')
  }).catch((error: unknown) => error as { code: string; facts: { offset: number } })
  expect(first).toMatchObject({ code: 'ERR_ARCHIVE_DEPOSIT_INTERRUPTED' })

  const offsets: number[] = []
  const again = await start()
  const result = await deposit(`http://127.0.0.1:${again}/archive`, ({ sent }) => offsets.push(sent))
  expect(offsets[0]).toBeGreaterThanOrEqual(100_000)
  expect(result).toMatchObject({
    decision: 'returned',
    keySource: 'given',
    statement: { package: { bytes: bytes.length } },
  })

  child!.kill('SIGKILL')
  const third = await deposit(`http://127.0.0.1:${await start()}/archive`)
  expect(formatReceipt(third.receipt.receipt)).toBe(formatReceipt(result.receipt.receipt))
})

test('an upload over connections that are cut again and again arrives whole', async () => {
  const port = await start()
  let cut = 0
  proxy = createServer((incoming, outgoing) => {
    const upstream = httpRequest(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer: IncomingMessage) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      },
    )
    upstream.on('error', () => incoming.destroy())
    let seen = 0
    incoming.on('data', (part: Buffer) => {
      seen += part.length
      if (incoming.method === 'PATCH' && cut < 5 && seen > 10_000) {
        cut += 1
        upstream.destroy()
        incoming.socket.destroy()
      } else upstream.write(part)
    })
    incoming.on('end', () => upstream.end())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  // The archive's own address stands in Location; a client behind a proxy is given the proxy's.
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const result = await depositPackage(
    { name: 'case.zip', bytes },
    {
      url: `${address}/archive`,
      number: 'A-1',
      depositor: 'x',
      logKey: publicKey,
      chunkBytes: 50_000,
      sleep: () => new Promise((resolve) => setImmediate(resolve)),
      fetch: async (input, init) => {
        const answer = await fetch(input, init)
        const location = answer.headers.get('location')
        if (location === null) return answer
        return new Response(null, {
          status: answer.status,
          headers: { 'tus-resumable': '1.0.0', location: new URL(location).pathname },
        })
      },
    },
  )
  expect(cut).toBe(5)
  expect(result.statement.package.bytes).toBe(bytes.length)
})

test('a log on disk is the same after a restart, and a line that was cut off is forgotten', async () => {
  const path = join(folder, 'log.jsonl')
  const open = async () =>
    createEvidenceLog({ id: 'x', storage: await fileLogStorage(path), signer: await createLogSigner(privateKey) })
  const log = await open()
  for (let index = 0; index < 5; index += 1) await log.append(utf8(`entry ${index}`))
  const root = await log.root()
  truncateSync(path, readFileSync(path).length - 3)
  const reopened = await open()
  expect(await reopened.size()).toBe(4)
  await reopened.append(utf8('entry 4'))
  expect(await reopened.root()).toEqual(root)
  await verifyReceipt(await (await open()).receipt(4), { logKey: publicKey, leaf: utf8('entry 4') })

  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('"index":1', '"index":7'))
  await expect(fileLogStorage(path)).rejects.toMatchObject({ code: 'ERR_SANDBOX_STATE' })
})
