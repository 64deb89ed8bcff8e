/**
 * A department's process, for a test that kills it: orders and notifications over http, state in SQLite, effects sent to the
 * address it is given. Told to, it stops dead at a named point and says so on stdout, and there it is killed.
 */
import { writeSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { yuan } from '@zhicheng/core'
import { createPay } from '@zhicheng/pay'
import { type WechatPayOptions, wechatPay } from '@zhicheng/provider-wechat'
import { sqliteStore } from '@zhicheng/store/sqlite'

interface Configuration {
  file: string
  wechat: WechatPayOptions
  effectsUrl: string
}

const { file, wechat, effectsUrl } = JSON.parse(process.argv[2] ?? '{}') as Configuration
let stopAt: string | undefined

function reach(point: string): void {
  if (point !== stopAt) return
  writeSync(1, `at ${point}\n`)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const pay = createPay({
  store: sqliteStore({ file }),
  providers: [wechatPay(wechat)],
  pollSchedule: [1000, 2000, 4000, 8000, 7_200_000],
  runner: { leaseMilliseconds: 600, pollMilliseconds: 50, backoff: () => 100 },
  probe: reach,
  async orderEffects({ key, kind, order }) {
    const answer = await fetch(effectsUrl, { method: 'POST', body: JSON.stringify({ key, kind, orderId: order.id }) })
    if (!answer.ok) throw new Error(`the receiver answered ${answer.status}`)
  },
})

async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/notifications') return pay.handleNotification('wechat', request)
  if (pathname === '/stop-at') {
    stopAt = await request.text()
    return new Response(null, { status: 204 })
  }
  if (request.method === 'POST') {
    const order = await pay.createOrder({
      payer: { issuer: 'zhejiang', id: 'u-1' },
      title: '工本费（样例）',
      payee: '样例市市场监督管理局',
      items: [{ code: '103044901', name: '工本费', amount: yuan('120.00') }],
    })
    const { action } = await pay.startPayment(order.id, 'wechat')
    return Response.json({ id: order.id, codeUrl: action.kind === 'scan' ? action.content : action.url })
  }
  const id = pathname.slice(1)
  return Response.json({ status: (await pay.readOrder(id)).status, history: await pay.readHistory(id) })
}

async function listen(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const request = new Request(`http://127.0.0.1${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers: incoming.headers as Record<string, string>,
    ...(parts.length > 0 ? { body: Buffer.concat(parts) } : {}),
  })
  const response = await handle(request)
  const body = new Uint8Array(await response.arrayBuffer())
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(body, () => {
    if (incoming.url === '/notifications') reach('answer.after')
  })
}

pay.runner.start()
const server = createServer((incoming, outgoing) => {
  listen(incoming, outgoing).catch(() => outgoing.writeHead(500).end())
})
server.listen(0, '127.0.0.1', () => writeSync(1, `port ${(server.address() as AddressInfo).port}\n`))
