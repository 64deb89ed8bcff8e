/** A department's process is killed in the middle of a payment, at named points and at random ones, and restarted. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { type ServerType, serve } from '@hono/node-server'
import { silentLogger, systemClock } from '@zhicheng/core'
import type { OrderHistoryEntry, PayPoint } from '@zhicheng/pay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWechatFace, type WechatFace } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhicheng-kill-'))
const file = join(folder, 'department.db')

/** What the receiver of effects remembers: how often each key came, and what it did once for each. */
const deliveries = new Map<string, number>()
const applied: { key: string; kind: string; orderId: string }[] = []

let server: ServerType
let face: WechatFace
let origin: string
let department: Department

interface Department {
  child: ChildProcess
  port: number
  /** Resolves with the point at which the process stands still. */
  stopped: Promise<string>
  exited: Promise<unknown>
}

async function startDepartment(): Promise<Department> {
  const wechat = { ...face.account, notifyUrl: 'http://127.0.0.1/notifications' }
  const configuration = JSON.stringify({ file, wechat, effectsUrl: `${origin}/effects` })
  const script = fileURLToPath(new URL('./test-support/department.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@zhicheng/source', script, configuration], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const stopped = new Promise<string>((resolve) => {
    lines.on('line', (line) => line.startsWith('at ') && resolve(line.slice(3)))
  })
  const [line] = (await Promise.race([once(lines, 'line'), exited])) as [string]
  return { child, port: Number(String(line).replace('port ', '')), stopped, exited }
}

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${department.port}${path}`, init)

async function startPayment(): Promise<{ id: string; codeUrl: string }> {
  return (await call('/orders', { method: 'POST' })).json() as Promise<{ id: string; codeUrl: string }>
}

const payAt = (codeUrl: string) => fetch(codeUrl, { method: 'POST', redirect: 'manual' })

async function kill(): Promise<void> {
  department.child.kill('SIGKILL')
  await department.exited
  expect(department.child.signalCode).toBe('SIGKILL')
}

/** Waits until every effect of the order was delivered and noted as done. */
async function settled(id: string): Promise<void> {
  const database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare(
    "SELECT count(*) AS total, coalesce(sum(done), 0) AS done FROM outbox WHERE topic = 'pay.effect' AND key LIKE ? || ':%'",
  )
  for (;;) {
    const { total, done } = statement.get(id) as { total: number; done: number }
    if (total > 0 && total === done) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  database.close()
}

async function expectPaidOnce(id: string): Promise<void> {
  await settled(id)
  const { status, history } = (await (await call(`/${id}`)).json()) as { status: string; history: OrderHistoryEntry[] }
  expect(status).toBe('paid')
  expect(history.filter(({ event }) => event !== 'create' && event !== 'attempt' && event !== 'open')).toMatchObject([
    { event: 'pay', status: 'paid', amount: '120.00' },
  ])
  expect(applied.filter(({ orderId }) => orderId === id)).toEqual([{ key: `${id}:paid`, kind: 'paid', orderId: id }])
}

beforeAll(async () => {
  const address = await new Promise<{ port: number }>((resolve) => {
    server = serve(
      {
        hostname: '127.0.0.1',
        port: 0,
        async fetch(request) {
          if (new URL(request.url).pathname !== '/effects') return face.fetch(request)
          const effect = (await request.json()) as (typeof applied)[number]
          const before = deliveries.get(effect.key) ?? 0
          deliveries.set(effect.key, before + 1)
          if (before === 0) applied.push(effect)
          return new Response(null, { status: 204 })
        },
      },
      resolve,
    )
  })
  origin = `http://127.0.0.1:${address.port}`
  face = await createWechatFace(
    {
      origin,
      clock: systemClock,
      logger: silentLogger,
      chaos: () => false,
      // The department comes back at another port each time; its address stays the same to the platform.
      fetch: (url, init) => fetch(String(url).replace('127.0.0.1', `127.0.0.1:${department.port}`), init),
    },
    { retryDelays: Array.from({ length: 100 }, () => 100) },
  )
  department = await startDepartment()
})

afterAll(async () => {
  department?.child.kill('SIGKILL')
  await face?.close?.()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('an order ends paid exactly once', () => {
  it('when nobody is killed', async () => {
    const { id, codeUrl } = await startPayment()
    await payAt(codeUrl)
    await expectPaidOnce(id)
    expect(deliveries.get(`${id}:paid`)).toBe(1)
  })

  const points: [PayPoint | 'answer.after', deliveries: number][] = [
    ['notification.before-commit', 1],
    ['notification.after-commit', 1],
    ['notification.before-answer', 1],
    ['answer.after', 1],
    ['effect.before', 1],
    ['effect.after', 2],
  ]

  it.each(points)('when the process is killed at the point %s', async (point, count) => {
    const { id, codeUrl } = await startPayment()
    await call('/stop-at', { method: 'POST', body: point })
    await payAt(codeUrl)
    expect(await department.stopped).toBe(point)
    await kill()
    department = await startDepartment()
    await expectPaidOnce(id)
    const delivered = deliveries.get(`${id}:paid`) ?? 0
    // Where the kill races with the effect's own process, one delivery more is possible, and harmless.
    if (point === 'answer.after' || point.startsWith('notification.')) expect(delivered).toBeGreaterThanOrEqual(count)
    else expect(delivered).toBe(count)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('when the process is killed at a random moment (%d of 10)', async () => {
    const milliseconds = Math.random() * 25
    const { id, codeUrl } = await startPayment()
    const paying = payAt(codeUrl)
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    await kill()
    await paying
    department = await startDepartment()
    await expectPaidOnce(id)
  })

  it('and at the end no key was ever applied twice, nor any order left behind', async () => {
    expect(new Set(applied.map(({ key }) => key)).size).toBe(applied.length)
    const database = new DatabaseSync(file, { readOnly: true })
    expect(
      database.prepare('SELECT count(*) AS open FROM outbox WHERE done = 0 AND topic = ?').get('pay.effect'),
    ).toEqual({
      open: 0,
    })
    const statuses = database
      .prepare("SELECT DISTINCT value ->> '$.status' AS status FROM records WHERE collection = 'pay.orders'")
      .all()
    expect(statuses).toEqual([{ status: 'paid' }])
    database.close()
  })
})
