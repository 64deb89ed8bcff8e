import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LogEntry, ZhichengError } from '@zhicheng/core'
import type { Identity, Session } from '@zhicheng/identity'
import type { OrderView } from '@zhicheng/pay/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHost } from './create-host.ts'
import type { OrderDesk } from './desks.ts'
import { toNodeListener } from './node.ts'

const baseUrl = 'https://window.example'
const order: OrderView = {
  id: 'o-1',
  title: '样例',
  status: 'created',
  amount: '1.00',
  currency: 'CNY',
  items: [],
  payee: '样例单位',
  createdAt: '2026-11-24T08:00:00+08:00',
  channels: [],
}

const identity: Identity = {
  handle: async () => undefined,
  readSession: async (request) =>
    request.headers.get('cookie') === 'session=yes' ? ({ id: 's' } as Session) : undefined,
  renewSession: async () => 'session=renewed',
  view: async () => ({ authenticated: false, providers: [] }),
  endSession: async () => ({ cookies: ['session=; Max-Age=0'] }),
}

const log: LogEntry[] = []
let readOrder: () => Promise<OrderView> = async () => order
const orders: OrderDesk = {
  access: async (id) => (id === 'o-1' ? 'granted' : id === 'o-2' ? 'foreign' : 'absent'),
  read: () => readOrder(),
  start: async (_, channel) => ({ order, action: { kind: 'scan', content: channel } }),
  refresh: async () => order,
  notify: async (channel, request) => new Response(`${channel}:${await request.text()}`),
}
const documents = {
  access: orders.access,
  read: async () => ({ name: '许可证 "样例".pdf', mediaType: 'application/pdf', content: Uint8Array.of(1, 2) }),
  verify: async () =>
    ({
      file: 'x',
      format: 'pdf',
      verdict: 'TOTAL-FAILED',
      findings: [],
      signatures: [],
    }) as const satisfies object as never,
}
const host = createHost({ baseUrl, identity, orders, documents, logger: (entry) => void log.push(entry) })

async function ask(path: string, init: RequestInit & { loggedIn?: boolean } = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (init.loggedIn !== false) headers.set('cookie', 'session=yes')
  return (await host.handle(new Request(baseUrl + path, { ...init, headers })))!
}
const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

describe('the handler', () => {
  test('leaves every address outside its base path to the department', async () => {
    for (const path of ['/', '/apiary', '/other/api/x']) {
      expect(await host.handle(new Request(baseUrl + path))).toBeUndefined()
    }
  })

  test('answers an operation for its owner, and moves the session on', async () => {
    const response = await ask('/api/pay/orders/o-1')
    expect(await response.json()).toEqual(order)
    expect(response.headers.getSetCookie()).toEqual(['session=renewed'])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('wants a login before it says anything', async () => {
    const response = await ask('/api/pay/orders/o-1', { loggedIn: false })
    expect([response.status, await codeOf(response)]).toEqual([401, 'ERR_HOST_LOGIN_REQUIRED'])
  })

  test('answers alike for what is not there and what belongs to somebody else', async () => {
    const [foreign, absent] = [await ask('/api/pay/orders/o-2'), await ask('/api/pay/orders/o-3')]
    expect([foreign.status, absent.status]).toEqual([404, 404])
    expect(await foreign.text()).toBe(await absent.text())
  })

  test.each([
    ['an unknown address', '/api/nothing', {}, 404, 'ERR_HOST_NOT_FOUND'],
    ['a wrong method', '/api/pay/orders/o-1', { method: 'DELETE' }, 405, 'ERR_HOST_METHOD_NOT_ALLOWED'],
    ['an identifier of another form', '/api/pay/orders/..%2F1', {}, 400, 'ERR_CONTRACT_MISMATCH'],
    [
      'a body of another form',
      '/api/pay/orders/o-1/attempts',
      { method: 'POST', body: '{}' },
      400,
      'ERR_CONTRACT_MISMATCH',
    ],
    [
      'a write from a page elsewhere',
      '/api/pay/orders/o-1/refresh',
      { method: 'POST', headers: { origin: 'https://evil.example' } },
      403,
      'ERR_HOST_FOREIGN_ORIGIN',
    ],
    [
      'a write that the browser calls cross-site',
      '/api/identity/session/end',
      { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
      403,
      'ERR_HOST_FOREIGN_ORIGIN',
    ],
    [
      'a write from a sibling site',
      '/api/pay/orders/o-1/refresh',
      { method: 'POST', headers: { 'sec-fetch-site': 'same-site' } },
      403,
      'ERR_HOST_FOREIGN_ORIGIN',
    ],
  ])('refuses %s', async (_, path, init, status, code) => {
    const response = await ask(path, init)
    expect([response.status, await codeOf(response)]).toEqual([status, code])
  })

  test('tells a browser nothing about an error nobody planned', async () => {
    readOrder = async () => {
      throw new TypeError('select * from orders where payer = 11010519491231002X')
    }
    const response = await ask('/api/pay/orders/o-1')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('select')
    expect(JSON.stringify(log)).not.toContain('11010519491231002X')
  })

  test('says 502 when a platform behind it did not answer', async () => {
    readOrder = async () => {
      throw new ZhichengError('ERR_TIMEOUT', 'No answer.', { outcome: 'unknown' })
    }
    const response = await ask('/api/pay/orders/o-1')
    expect([response.status, await codeOf(response)]).toEqual([502, 'ERR_TIMEOUT'])
  })

  test('takes a notification without session and origin, as raw bytes', async () => {
    const response = await ask('/api/pay/notifications/wechat', {
      method: 'POST',
      body: '{ "raw":  1 }',
      loggedIn: false,
    })
    expect(await response.text()).toBe('wechat:{ "raw":  1 }')
  })

  test('gives a document as a file that no browser runs', async () => {
    const response = await ask('/api/documents/o-1')
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('许可证 "样例".pdf')}`,
    )
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
    expect((await ask('/api/documents/o-2')).status).toBe(404)
    expect((await ask('/api/documents/o-1', { loggedIn: false })).status).toBe(401)
  })

  test('ends the session with the cookies that identity names', async () => {
    const response = await ask('/api/identity/session/end', { method: 'POST', headers: { origin: baseUrl } })
    expect(response.headers.getSetCookie()).toEqual(['session=; Max-Age=0'])
  })
})

describe('on Node’s HTTP server', () => {
  const server = createServer(
    toNodeListener(
      async (request) => {
        if (new URL(request.url).pathname === '/none') return undefined
        const response = new Response(`${request.method} ${request.url} ${await request.text()}`, {
          headers: { 'x-one': '1' },
        })
        response.headers.append('set-cookie', 'a=1')
        response.headers.append('set-cookie', 'b=2')
        return response
      },
      { baseUrl },
    ),
  )
  let address = ''
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  test('a body goes in and cookies come out one by one', async () => {
    const response = await fetch(`${address}/x?y=1`, { method: 'POST', body: 'hello' })
    expect(await response.text()).toBe('POST https://window.example/x?y=1 hello')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test('neither the Host header nor a target with two slashes names another site', async () => {
    const response = await fetch(`${address}//evil.example/x`)
    expect(await response.text()).toBe('GET https://window.example/evil.example/x ')
    expect((await fetch(`${address}/none`)).status).toBe(404)
  })
})
