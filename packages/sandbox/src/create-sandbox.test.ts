import { fixedClock, type LogEntry } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { createSandbox } from './create-sandbox.ts'
import type { Face } from './face.ts'
import type { SavedKeys } from './lib/saved-keys.ts'
import { codeOf, createSandboxClient, origin } from './test-support/sandbox-client.ts'

/** One address of each face with what it answers to a plain GET. */
const doors: readonly [path: string, status: number, says: string][] = [
  ['/zheliban/uc/sso/login?appId=2001000001&sp=x', 200, '用户登录'],
  ['/wechat/sandbox/account', 200, '"merchantId":"1900000001"'],
  ['/ca/ca.pem', 200, '-----BEGIN CERTIFICATE-----'],
  ['/ca/sm2-ca.pem', 200, '-----BEGIN CERTIFICATE-----'],
  ['/ca/tsa.pem', 200, '-----BEGIN CERTIFICATE-----'],
  ['/tsa', 404, 'POST /tsa'],
  ['/ocsp/ca', 404, 'POST /ocsp/ca'],
  ['/seal-maker', 404, 'POST /seal-maker/seals'],
  ['/credit/queries', 200, '"items":[]'],
  ['/intake/cases', 200, '"cases":[]'],
  ['/archive/log/key', 200, '"kty"'],
  ['/oidc/.well-known/openid-configuration', 501, 'ERR_SANDBOX_NEEDS_NODE'],
]

/** A face that does what a test wants. */
const testFace = (more: Partial<Face>): Face => ({
  id: 'own',
  title: '样例平台',
  path: '/own',
  faults: { 'own-fault': 'Answers otherwise.' },
  fetch: async () => new Response('own'),
  ...more,
})

describe('a sandbox in memory', () => {
  it.each(doors)('answers at %s', async (path, status, says) => {
    const response = await createSandboxClient().get(path)
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(says)])
  })

  it('has a door in this test for every face', async () => {
    const faces = await createSandboxClient().sandbox.faces()
    const shown = new Set(doors.map(([path]) => `/${path.split('/')[1]}`))
    expect(new Set(faces.map(({ path }) => path))).toEqual(shown)
  })

  it('lists faces, addresses and faults on its front page', async () => {
    const { get, sandbox } = createSandboxClient()
    const response = await get('/')
    expect(response.headers.get('content-type')).toContain('text/html')
    const text = await response.text()
    for (const { title, path, faults } of await sandbox.faces()) {
      expect(text).toContain(title)
      expect(text).toContain(origin + path)
      for (const name of Object.keys(faults)) expect(text).toContain(name)
    }
  })

  it('hands out the department’s papers, the same as to its own program', async () => {
    const { get, sandbox } = createSandboxClient({
      department: { origin: 'http://127.0.0.1:4711', basePath: '/layer' },
    })
    const papers = await (await get('/sandbox.json')).json()
    expect(papers).toEqual(await sandbox.registration())
    expect(papers).toMatchObject({
      notice: expect.stringContaining('测试专用'),
      oidc: { issuer: `${origin}/oidc`, redirectUri: 'http://127.0.0.1:4711/layer/identity/callback/oidc' },
      wechat: { notifyUrl: 'http://127.0.0.1:4711/layer/pay/notifications/wechat' },
    })
  })

  it('has nothing anywhere else, and takes nothing there', async () => {
    const { get, post } = createSandboxClient()
    const answers = [await get('/other'), await get('/casual'), await post('/', {}), await post('/sandbox.json', {})]
    for (const response of answers) {
      expect([response.status, await codeOf(response)]).toEqual([404, 'ERR_SANDBOX_NOT_FOUND'])
    }
  })

  it.each(['http://sandbox.test/', 'http://sandbox.test/path', 'sandbox.test', ''])(
    'refuses %j in place of an origin',
    (wrong) => {
      expect(() => createSandbox({ origin: wrong })).toThrow(expect.objectContaining({ code: 'ERR_SANDBOX_ORIGIN' }))
    },
  )

  it('makes its keys once, and asks for kept ones first', async () => {
    const calls: string[] = []
    let kept: SavedKeys | undefined
    const keys = {
      load: async () => {
        calls.push('load')
        return kept
      },
      save: async (made: SavedKeys) => {
        calls.push('save')
        kept = structuredClone(made)
      },
    }
    const first = createSandbox({ origin, keys })
    const [one, two] = await Promise.all([first.registration(), first.registration()])
    expect(one).toBe(two)
    const second = createSandbox({ origin, keys })
    expect(await second.registration()).toEqual(one)
    expect(calls).toEqual(['load', 'save', 'load'])
  })

  it('knows what it signed with its test signer, which its authority certified', async () => {
    const { sandbox, get } = createSandboxClient({ clock: fixedClock('2026-11-24T08:00:00+08:00') })
    const { signer, ca } = await sandbox.testSigner({ commonName: '样例签章人' })
    expect(signer.certificateChain[0].subject.text).toContain('测试专用')
    expect(ca).toBe(await (await get('/ca/ca.pem')).text())
  })
})

describe('misbehaviour by name', () => {
  const query = (chaos: string) =>
    createSandboxClient().get('/ca/ca.crl', chaos === '' ? {} : { 'x-sandbox-chaos': chaos })

  it('is for one request by its header, alone or among others', async () => {
    expect((await query('ca-stale-list')).status).toBe(503)
    expect((await query('tsa-down, ca-stale-list')).status).toBe(503)
    expect((await query('tsa-down  credit-stale')).status).toBe(200)
    expect((await query('')).status).toBe(200)
  })

  it('is for every request by option', async () => {
    const { get } = createSandboxClient({ chaos: ['ca-stale-list'] })
    for (let count = 0; count < 2; count += 1) expect((await get('/ca/ca.crl')).status).toBe(503)
  })

  it('nobody knows is refused at the start, with the names there are', async () => {
    const { sandbox } = createSandboxClient({ chaos: ['ca-stale-list', 'no-such-fault'] })
    for (const start of [() => sandbox.faces(), () => sandbox.registration()]) {
      await expect(start()).rejects.toMatchObject({
        code: 'ERR_SANDBOX_CHAOS_UNKNOWN',
        message: expect.stringMatching(/as no-such-fault\. .*ca-stale-list.*tsa-down/),
      })
    }
    await expect(sandbox.close()).resolves.toBeUndefined()
  })

  it('nobody knows is refused in a header too, for it would prove nothing', async () => {
    const response = await query('ca-stale-lists')
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: {
        code: 'ERR_SANDBOX_CHAOS_UNKNOWN',
        message: expect.stringMatching(/as ca-stale-lists\. .*ca-stale-list/),
      },
    })
  })

  it('has one owner for each name', async () => {
    const names = (await createSandboxClient().sandbox.faces()).flatMap(({ faults }) => Object.keys(faults))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('further faces', () => {
  it('stand beside ours, or in place of one of the same path, with their own faults', async () => {
    const { get } = createSandboxClient({
      faces: {
        '/own': (context) => testFace({ fetch: async (request) => Response.json(context.chaos('own-fault', request)) }),
        '/tsa': () => testFace({ id: 'tsa', path: '/tsa', faults: {}, fetch: async () => new Response('ours') }),
      },
    })
    expect(await (await get('/own/x')).json()).toBe(false)
    expect(await (await get('/own', { 'x-sandbox-chaos': 'own-fault' })).json()).toBe(true)
    expect(await (await get('/tsa')).text()).toBe('ours')
    expect((await get('/owner')).status).toBe(404)
  })

  it.each<[string, unknown, string]>([
    ['an error', new RangeError('11010519491231002X was here'), 'RangeError'],
    ['what is no error', '11010519491231002X', 'string'],
    ['nothing', null, 'object'],
  ])('that throw %s answer 500, and only its class is logged', async (_, thrown, name) => {
    const log: LogEntry[] = []
    const { get } = createSandboxClient({
      logger: (entry) => void log.push(entry),
      faces: { '/own': () => testFace({ fetch: () => Promise.reject(thrown) }) },
    })
    const response = await get('/own')
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: { code: 'ERR_SANDBOX_FAILED', message: 'The platform failed.' } })
    expect(log).toEqual([{ level: 'error', event: 'sandbox.failed', facts: { face: 'own', name } }])
  })

  it('are closed with the sandbox, and when the start fails because of another', async () => {
    let closed = 0
    const own = () =>
      testFace({
        close: async () => {
          closed += 1
        },
      })
    const whole = createSandboxClient({ faces: { '/own': own } }).sandbox
    await whole.faces()
    await whole.close()
    expect(closed).toBe(1)

    const broken = () => Promise.reject(new Error('no disk'))
    const half = createSandboxClient({ faces: { '/own': own, '/broken': broken } }).sandbox
    await expect(half.faces()).rejects.toThrow('no disk')
    expect(closed).toBe(2)
    await half.close()
    expect(closed).toBe(2)
  })
})
