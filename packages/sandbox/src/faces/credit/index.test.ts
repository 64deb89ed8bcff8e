import { createHash } from 'node:crypto'
import { fixedClock, type LogEntry, secret } from '@zhicheng/core'
import {
  createCredit,
  createLicencePublication,
  decide,
  httpPublications,
  type Purpose,
  parsePolicy,
} from '@zhicheng/credit'
import { sampleCreditInterfaces, zhejiangCredit } from '@zhicheng/provider-zhejiang'
import { memoryStore } from '@zhicheng/store/memory'
import { describe, expect, it } from 'vitest'
import { createCreditFace } from './index.ts'

const origin = 'http://127.0.0.1:4600'
const clear = '91330110MA2AXY0E7F'
const hit = '91330110MA2AXY109W'
const stranger = '91330110MA2AXY2056'
const appSecret = 'test-application-secret'
const purpose: Purpose = {
  powerMatter: 'JY-00001',
  subPowerMatter: 'JY-00001-01',
  accessedBy: 'window-3',
  caseNumber: '330100202611240001',
  replacedMaterial: '无违法证明（样例）',
}
const about = (uscc: string) => ({
  subject: { kind: 'organisation' as const, uscc, name: '样例餐饮有限公司' },
  purpose,
})
const record = createLicencePublication({
  holder: { name: '样例餐饮有限公司', uscc: clear },
  document: { name: '食品经营许可决定书', number: '样市监许〔2026〕1号' },
  category: '普通',
  content: '热食类食品制售',
  decidedOn: '2026-11-24',
  validFrom: '2026-11-24',
  validUntil: 'indefinite',
  authority: { name: '样例市市场监督管理局', uscc: stranger },
})

/** A department and the platform it talks to. */
function createWorld({ key = appSecret } = {}) {
  const clock = fixedClock('2026-11-24T08:00:00+08:00')
  const chaos = new Set<string>()
  const logged: LogEntry[] = []
  const sent: { url: string; body: string }[] = []
  const face = createCreditFace(
    { origin, clock, fetch, logger: () => {}, chaos: (name) => chaos.has(name) },
    { apps: [{ appKey: 'sandbox-window', appSecret: secret(appSecret) }] },
  )
  const network: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    sent.push({ url: request.url, body: await request.clone().text() })
    return face.fetch(request)
  }
  const store = memoryStore()
  const retry = { attempts: 1 }
  const credit = createCredit({
    provider: zhejiangCredit({
      gatewayUrl: `${origin}/credit`,
      appKey: 'sandbox-window',
      appSecret: secret(key),
      interfaces: sampleCreditInterfaces,
      retry,
    }),
    store,
    publications: httpPublications({ url: `${origin}/credit/publications`, retry }),
    clock,
    fetch: network,
    logger: (entry) => logged.push(entry),
    timeoutMilliseconds: 500,
    runner: { backoff: () => 60_000 },
  })
  const list = async (name: string): Promise<Record<string, unknown>[]> => {
    const response = await face.fetch(new Request(`${origin}/credit/${name}`))
    return ((await response.json()) as { items: Record<string, unknown>[] }).items
  }
  const paths = () => sent.map(({ url }) => new URL(url).pathname.slice('/credit/gateway/'.length))
  return { face, clock, chaos, logged, sent, store, credit, list, paths }
}

describe('a check over the gateway', () => {
  it('finds the sample company clear, and tells the platform who asks in which matter', async () => {
    const world = createWorld()
    const check = await world.credit.check(about(clear))
    expect(check).toMatchObject({
      status: 'clear',
      level: '优秀',
      asOf: '2026-11-24T07:00:00+08:00',
      validUntil: '2026-11-25T08:00:00+08:00',
      records: [{ id: 'SC-0001', nature: 'favourable' }],
      facts: { status: 'clear', level: '优秀', asOf: '2026-11-24', adverseCount: 0, favourableCount: 1 },
    })
    expect(await world.list('queries')).toEqual([
      {
        uscc: clear,
        purpose: {
          powerMatters: 'JY-00001',
          subPowerMatters: 'JY-00001-01',
          accesscardId: 'window-3',
          materialName: '无违法证明（样例）',
          sponsorName: '样例餐饮有限公司',
          sponsorCode: clear,
          projectId: '330100202611240001',
        },
      },
    ])
  })

  it('finds the other company hit, without its repaired and expired records', async () => {
    const check = await createWorld().credit.check(about(hit))
    expect(check.status).toBe('hit')
    expect(check.records.map(({ id }) => id)).toEqual(['SX-0001'])
    expect(check.dropped).toEqual([
      { record: 'SX-0002', because: 'repaired' },
      { record: 'SX-0003', because: 'expired' },
    ])
    expect(check.facts).toMatchObject({ adverseCount: 1, seriousCount: 1, generalCount: 0 })
  })

  it('says unknown of a company that the platform does not know', async () => {
    expect(await createWorld().credit.check(about(stranger))).toMatchObject({
      status: 'unknown',
      unknownBecause: 'not-found',
      records: [],
    })
  })

  it.each([
    ['credit-timeout', 'timeout'],
    ['credit-stale', 'stale'],
    ['credit-missing-field', 'missing-field'],
    ['credit-secret-expired', 'refused'],
    ['credit-answer-500', 'no-answer'],
  ])('never says clear under %s', async (fault, reason) => {
    const world = createWorld()
    world.chaos.add(fault)
    for (const uscc of [clear, hit, stranger]) {
      const check = await world.credit.check(about(uscc))
      expect(check.status).toBe('unknown')
      expect(check.facts).toEqual({ status: 'unknown', asOf: '2026-11-24' })
      if (uscc !== stranger) expect(check.unknownBecause).toBe(reason)
    }
    const policy = parsePolicy({
      id: 'p',
      version: '1',
      inputs: ['status'],
      rules: [{ id: 'hit', when: { status: 'hit' }, measure: 'refuse' }],
      otherwise: 'normal',
    })
    const check = await world.credit.check(about(clear))
    expect(decide(check.facts, policy).measure).toBe('unknown')
  })

  it('reads a payload that comes as an object just the same', async () => {
    const world = createWorld()
    world.chaos.add('credit-datas-object')
    expect(await world.credit.check(about(clear))).toMatchObject({ status: 'clear' })
  })

  it('every fault of the face is tested here', () => {
    expect(Object.keys(createWorld().face.faults).sort()).toEqual([
      'credit-answer-500',
      'credit-datas-object',
      'credit-missing-field',
      'credit-secret-expired',
      'credit-stale',
      'credit-timeout',
    ])
  })

  it('with a wrong application secret is unknown because it was refused', async () => {
    const check = await createWorld({ key: 'another' }).credit.check(about(clear))
    expect(check).toMatchObject({ status: 'unknown', unknownBecause: 'refused' })
  })
})

describe('the secrets of the gateway', () => {
  it('are fetched by key once, renewed by secret, and by key again when that is over too', async () => {
    const world = createWorld()
    await Promise.all([world.credit.check(about(clear)), world.credit.check(about(hit))])
    const query = 'api/330000000000001/dataSharing/creditQuery.htm'
    expect(world.paths()).toEqual(['app/refreshTokenByKey.htm', query, query])
    world.clock.advance(14.5 * 60_000)
    expect((await world.credit.check(about(clear))).status).toBe('clear')
    expect(world.paths().slice(3)).toEqual(['app/refreshTokenBySec.htm', query])
    world.clock.advance(49 * 3_600_000)
    expect((await world.credit.check(about(clear))).status).toBe('clear')
    expect(world.paths().slice(5)).toEqual(['app/refreshTokenByKey.htm', query])
  })

  it('are fetched anew when the gateway has forgotten them before their end', async () => {
    const world = createWorld()
    await world.credit.check(about(clear))
    // Another process of the department renewed by key, which put this one's secrets out of use.
    const requestTime = String(world.clock.now().getTime())
    const sign = createHash('md5').update(`sandbox-window${appSecret}${requestTime}`).digest('hex')
    const form = new URLSearchParams({ appKey: 'sandbox-window', requestTime, sign })
    const other = await world.face.fetch(new Request(`${origin}/credit/gateway/app/refreshTokenByKey.htm?${form}`))
    expect(await other.json()).toMatchObject({ code: '00' })
    expect((await world.credit.check(about(clear))).status).toBe('clear')
  })

  it('are wanted with each business call, and so is the purpose', async () => {
    const { face, clock } = createWorld()
    const requestTime = String(clock.now().getTime())
    const address = `${origin}/credit/gateway/api/330000000000001/dataSharing/creditQuery.htm`
    const unsigned = new URLSearchParams({ appKey: 'sandbox-window', requestTime, sign: 'x', tyshxydm: clear })
    expect(await (await face.fetch(new Request(`${address}?${unsigned}`))).json()).not.toMatchObject({ code: '00' })
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
    const token = new URLSearchParams({
      appKey: 'sandbox-window',
      requestTime,
      sign: md5(`sandbox-window${appSecret}${requestTime}`),
    })
    const answer = await (
      await face.fetch(new Request(`${origin}/credit/gateway/app/refreshTokenByKey.htm?${token}`))
    ).json()
    const { requestSecret } = JSON.parse((answer as { datas: string }).datas) as { requestSecret: string }
    const sign = md5(`sandbox-window${requestSecret}${requestTime}`)
    const signed = new URLSearchParams({ appKey: 'sandbox-window', requestTime, sign, tyshxydm: clear })
    expect(await (await face.fetch(new Request(`${address}?${signed}`))).json()).toMatchObject({ code: '06' })
    signed.set('additional', JSON.stringify({ powerMatters: 'a', subPowerMatters: 'b', accesscardId: 'c' }))
    expect(await (await face.fetch(new Request(`${address}?${signed}`))).json()).toMatchObject({ code: '00' })
  })
})

describe('feedback', () => {
  const taken = { measure: 'priority' as const, caseNumber: '330100202611240001', at: new Date('2026-11-24T01:00:00Z') }

  it('arrives once although its answer is lost, and closes the check', async () => {
    const world = createWorld()
    const { id } = await world.credit.check(about(clear))
    expect(await world.credit.openChecks()).toMatchObject([{ checkId: id, feedback: 'none' }])
    expect(await world.credit.feedback(id, taken)).toEqual({ checkId: id, state: 'queued' })
    world.chaos.add('credit-answer-500')
    expect(await world.credit.runner.runDue()).toBe(1)
    expect(await world.credit.openChecks()).toMatchObject([{ checkId: id, feedback: 'queued' }])
    expect(await world.list('feedback')).toHaveLength(1)
    world.chaos.clear()
    world.clock.advance(60_000)
    expect(await world.credit.runner.runDue()).toBe(1)
    expect(await world.credit.openChecks()).toEqual([])
    expect(await world.credit.readFeedback(id)).toEqual({ checkId: id, state: 'delivered', receipt: 'FK00000001' })
    expect(await world.list('feedback')).toMatchObject([
      { key: id, uscc: clear, measure: 'priority', caseNumber: taken.caseNumber, at: '2026-11-24T09:00:00+08:00' },
    ])
  })
})

describe('a publication', () => {
  it('arrives once although its answer is lost', async () => {
    const world = createWorld()
    const { key } = await world.credit.publish(record)
    world.chaos.add('credit-answer-500')
    expect(await world.credit.runner.runDue()).toBe(1)
    expect(await world.credit.readPublication(key)).toEqual({ key, state: 'queued' })
    world.chaos.clear()
    world.clock.advance(60_000)
    expect(await world.credit.runner.runDue()).toBe(1)
    expect(await world.credit.readPublication(key)).toEqual({ key, state: 'delivered', receipt: 'GS00000001' })
    expect(await world.list('publications')).toEqual([{ key, record, receipt: 'GS00000001' }])
  })

  it.each([
    ['a field for an ID number', { XK_FR_SFZH: '11010519491231002X' }],
    ['an ID number in a text', { BZ: '联系人11010519491231002X' }],
    ['a day in another form', { XK_JDRQ: '2026-11-24' }],
    ['a code that is none', { XK_XDR_SHXYM: '91330110MA2AXY0E70' }],
  ])('with %s is refused by the platform', async (_title, change) => {
    const { face, list } = createWorld()
    const body = JSON.stringify({ key: 'a'.repeat(64), record: { ...record, ...change } })
    const response = await face.fetch(new Request(`${origin}/credit/publications`, { method: 'POST', body }))
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('11010519491231002X')
    expect(await list('publications')).toEqual([])
  })
})

describe('secrets and names', () => {
  it('stand in no address, log, error or audit entry', async () => {
    const world = createWorld()
    for (const fault of ['', ...Object.keys(world.face.faults)]) {
      world.chaos.clear()
      if (fault) world.chaos.add(fault)
      await world.credit.check(about(clear))
    }
    const audit = await world.store.read((view) => view.events('credit.audit'))
    expect(audit.length).toBe(14)
    const visible = JSON.stringify([world.logged, audit, world.sent.map(({ url }) => url)])
    const signs = world.sent.map(({ body }) => new URLSearchParams(body).get('sign')!)
    for (const word of [appSecret, clear, '样例餐饮', 'window-3', ...signs]) expect(visible).not.toContain(word)
  })
})
