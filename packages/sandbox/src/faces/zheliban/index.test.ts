import { fixedClock, formatTime, secret } from '@zhicheng/core'
import { formatTicketRequest, formatUserRequest, signIrsRequest, zhelibanPaths } from '@zhicheng/provider-zhejiang'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createFaces,
  createWorld,
  departmentOrigin,
  irsSecret,
  logIn,
  requestOf,
  sandboxOrigin,
  type World,
  zhejiangProvider,
} from '../../test-support/identity-world.ts'
import { zhelibanAddresses } from './index.ts'

const clock = fixedClock('2026-11-24T08:00:00+08:00')
let faces: Awaited<ReturnType<typeof createFaces>>
beforeAll(async () => {
  faces = await createFaces(clock)
})

function build(more: Parameters<typeof zhejiangProvider>[0] = {}): World {
  faces.log.length = 0
  return createWorld(faces, { providers: [zhejiangProvider(more)], clock })
}

describe('a login over 浙里办', () => {
  it('brings a citizen with document and level, at the time of the exchange', async () => {
    const world = build({ requiredAssurance: 3 })
    const browser = world.browser()
    const page = await logIn(browser, { provider: 'zhejiang' })
    expect(page.url.href).toBe(`${departmentOrigin}/cases/1`)
    const session = await world.identity.readSession(requestOf(browser))
    expect(session?.subject).toEqual({
      id: '330100000001',
      issuer: 'zhejiang',
      principal: {
        kind: 'person',
        id: '330100000001',
        name: '张三（样例）',
        document: { kind: 'resident-id', number: '11010519491231002X' },
        mobile: '13700009050',
      },
      assurance: 3,
      authenticatedAt: formatTime(clock.now()),
    })
  })

  it.each([
    ['operator', 'operator', '王五（样例）', 2],
    ['legal-representative', 'legal-representative', '张三（样例）', 3],
  ])('brings a company by its %s', async (persona, kind, name, assurance) => {
    const world = build()
    const browser = world.browser()
    await logIn(browser, { provider: 'zhejiang', persona })
    expect((await world.identity.readSession(requestOf(browser)))?.subject).toMatchObject({
      principal: { kind: 'organisation', uscc: '91330110MA2AXY0E7F' },
      actor: { name },
      mandate: { kind },
      assurance,
    })
  })

  it('knows documents other than the resident’s', async () => {
    const world = build()
    const browser = world.browser()
    await logIn(browser, { provider: 'zhejiang', persona: 'hong-kong-resident' })
    expect((await world.identity.readSession(requestOf(browser)))?.subject.principal).toMatchObject({
      document: { kind: 'hk-macao-permit' },
    })
  })

  it('says level 0 where no attribute is named, for the protocol itself sends no level', async () => {
    const { identity, browser } = createWorld(faces, { providers: [zhejiangWithoutLevels()], clock })
    const person = browser()
    await logIn(person, { provider: 'zhejiang' })
    expect((await identity.readSession(requestOf(person)))?.subject.assurance).toBe(0)
  })

  it('refuses a level below the one required', async () => {
    const world = build({ requiredAssurance: 2 })
    const page = await logIn(world.browser(), { provider: 'zhejiang', persona: 'unverified' })
    expect(page.text).toContain('ERR_IDENTITY_ASSURANCE_TOO_LOW')
  })

  it('corrects the clock by the gateway’s own when the two are too far apart', async () => {
    const world = build()
    world.chaos.add('zheliban-clock-skew')
    const browser = world.browser()
    await logIn(browser, { provider: 'zhejiang' })
    world.chaos.delete('zheliban-clock-skew')
    expect(await world.identity.readSession(requestOf(browser))).toBeDefined()
    // The first call was refused and sent again; the second used what the first had learnt.
    expect(world.calls.filter((call) => call.includes('access_token'))).toHaveLength(2)
    expect(world.calls.filter((call) => call.includes('getUserInfo'))).toHaveLength(1)
  })
})

describe('misbehaviour of 浙里办', () => {
  it.each([
    ['zheliban-ticket-reused', 'ERR_IDENTITY_PLATFORM_REFUSED', { platformCode: 'C-USER-SSO-TICKET-INVALID' }],
    ['zheliban-ticket-expired', 'ERR_IDENTITY_PLATFORM_REFUSED', { platformCode: 'C-USER-SSO-TICKET-INVALID' }],
    ['zheliban-ticket-foreign', 'ERR_IDENTITY_PLATFORM_REFUSED', { platformCode: 'C-USER-SSO-TICKET-INVALID' }],
    ['zheliban-token-invalid', 'ERR_IDENTITY_PLATFORM_REFUSED', { platformCode: 'C-USER-SSO-TOKEN-INVALID' }],
    ['zheliban-user-empty', 'ERR_IDENTITY_PLATFORM_REFUSED', { platformCode: 'C-USER-SSO-USER-EMPTY' }],
    ['zheliban-wrong-signature', 'ERR_IDENTITY_PLATFORM_REFUSED', { status: 401 }],
    ['zheliban-forbidden', 'ERR_IDENTITY_PLATFORM_REFUSED', { status: 401 }],
    ['zheliban-not-json', 'ERR_IDENTITY_PLATFORM_ANSWER_INVALID', { status: 200 }],
    ['zheliban-sp-changed', 'ERR_IDENTITY_STATE_UNBOUND', {}],
    ['zheliban-sp-missing', 'ERR_IDENTITY_STATE_MISSING', {}],
    ['zheliban-callback-post', 'ERR_IDENTITY_METHOD_NOT_ALLOWED', {}],
  ])('%s is refused with %s', async (fault, code, facts) => {
    const world = build()
    const browser = world.browser()
    world.chaos.add(fault)
    const page = await logIn(browser, { provider: 'zhejiang' })
    world.chaos.delete(fault)
    expect(page.text).toContain(code)
    expect(await world.identity.readSession(requestOf(browser))).toBeUndefined()
    expect(world.log.find(({ event }) => event === 'identity.refused')?.facts).toMatchObject({ code, ...facts })
    if (fault.includes('-sp-') || fault.includes('-post')) expect(world.calls).toEqual([])
  })

  it('a ticket injected into another browser’s login is refused before any call', async () => {
    const world = build()
    const victim = world.browser()
    const attacker = world.browser()
    await logIn(attacker, { provider: 'zhejiang' })
    const callback = attacker.visited.find((address) => address.includes('/callback/')) ?? ''
    const calls = world.calls.length
    expect((await victim.open(callback)).text).toContain('ERR_IDENTITY_STATE_UNBOUND')
    expect(world.calls).toHaveLength(calls)
  })

  it('a ticket that was used is refused under a fresh state too', async () => {
    const world = build()
    const first = world.browser()
    await logIn(first, { provider: 'zhejiang' })
    const used = new URL(first.visited.find((address) => address.includes('/callback/')) ?? '')
    const second = world.browser()
    const login = await second.open(`${departmentOrigin}/identity/login/zhejiang`)
    used.searchParams.set('sp', login.url.searchParams.get('sp') ?? '')
    expect((await second.open(used.href)).text).toContain('ERR_IDENTITY_TICKET_REUSED')
  })
})

describe('the gateway', () => {
  const { gatewayUrl } = zhelibanAddresses(sandboxOrigin)
  const post = async (path: string, body: Uint8Array<ArrayBuffer>, headers?: Record<string, string>) => {
    const url = gatewayUrl + path
    const signed = signIrsRequest({
      method: 'POST',
      url,
      accessKey: 'demo-ak',
      secretKey: secret(irsSecret),
      date: clock.now().toUTCString(),
    })
    const face = faces.faces.find(({ id }) => id === 'zheliban')
    const response = await face?.fetch(new Request(url, { method: 'POST', headers: { ...signed, ...headers }, body }))
    return { status: response?.status, body: await response?.json() }
  }
  const ticket = formatTicketRequest({ ticketId: 'debug_tk_unknown', appId: '2001000001' })

  it.each([
    [{ 'x-bg-hmac-signature': '' }, 'access key or signature missing'],
    [{ 'x-bg-hmac-algorithm': '' }, 'algorithm missing'],
    [{ 'x-bg-hmac-access-key': 'unknown' }, 'Invalid access key'],
    [{ 'x-bg-date-time': 'yesterday' }, 'Invalid GMT format time'],
    [{ 'x-bg-date-time': 'Tue, 24 Nov 2026 00:01:31 GMT' }, 'Clock skew exceeded'],
    [{ 'x-bg-hmac-signature': 'AAAA' }, 'Invalid signature'],
  ])('answers 401 to %o with the platform’s text', async (headers, message) => {
    expect(await post(zhelibanPaths.accessToken, ticket, headers)).toEqual({ status: 401, body: { message } })
  })

  it('answers the platform’s codes to an unknown ticket and an unknown token', async () => {
    expect(await post(zhelibanPaths.accessToken, ticket)).toMatchObject({
      status: 200,
      body: { success: false, errorCode: 'C-USER-SSO-TICKET-INVALID' },
    })
    expect(await post(zhelibanPaths.userInfo, formatUserRequest({ token: 'debug_at_unknown' }))).toMatchObject({
      body: { success: false, errorCode: 'C-USER-SSO-TOKEN-INVALID' },
    })
  })

  it('refuses a body too large to be a request', async () => {
    expect((await post(zhelibanPaths.accessToken, new Uint8Array(20_000))).status).toBe(413)
  })
})

function zhejiangWithoutLevels(): ReturnType<typeof zhejiangProvider> {
  return zhejiangProvider({ assurance: {} })
}
