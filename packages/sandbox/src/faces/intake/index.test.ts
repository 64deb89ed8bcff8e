import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixedClock, silentLogger, utf8 } from '@zhicheng/core'
import { chinaCalendar } from '@zhicheng/core/calendar'
import {
  createIntake,
  formatCaseReturnRequest,
  httpCaseReturnSink,
  type Intake,
  foodBusinessLicence as item,
  memoryMaterials,
} from '@zhicheng/intake'
import type { Store } from '@zhicheng/store'
import { memoryStore } from '@zhicheng/store/memory'
import { sqliteStore } from '@zhicheng/store/sqlite'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Face } from '../../face.ts'
import { createIntakeFace, type TakenCase } from './index.ts'

const origin = 'http://127.0.0.1:4600'
const by = { id: 'o-1', name: '李四（样例）' }
const form = {
  operator: { name: '样例餐饮有限公司', uscc: '91330110MA2AXY0E7F', representative: '张三（样例）' },
  premises: { division: '330110', address: '样例市样例路 1 号', area: 86.5 },
  business: { kind: '餐饮服务', scopes: ['热食类食品制售'] },
  contact: { name: '张三（样例）', mobile: '13700009050' },
  declaration: true,
}

const folder = mkdtempSync(join(tmpdir(), 'zhicheng-intake-face-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

let store: Store
let face: Face
let intake: Intake
const clock = fixedClock('2026-11-24T09:00:00+08:00')
/** Faults of the next requests, one each. */
const troubles: string[] = []

function open(driver: () => Store): void {
  store = driver()
  troubles.length = 0
  face = createIntakeFace({
    origin,
    clock,
    fetch: globalThis.fetch,
    logger: silentLogger,
    chaos: (name, request) => request?.headers.get('x-sandbox-chaos') === name,
  })
  intake = createIntake({
    store,
    items: [item],
    calendar: chinaCalendar(),
    materials: memoryMaterials(),
    clock,
    runner: { backoff: () => 1000 },
    caseReturn: {
      belongSystem: 'sample-window',
      fileUrl: ({ caseId, id }) => `https://window.example/files/${caseId}/${id}`,
      sink: httpCaseReturnSink({
        url: `${origin}/intake`,
        fetch: (address, init) => {
          const request = new Request(address, init)
          request.headers.set('x-sandbox-chaos', troubles.shift() ?? '')
          return face.fetch(request)
        },
      }),
    },
  })
}

async function submitted(): Promise<string> {
  const applicant = { issuer: 'zhejiang', id: 'u-1', name: '样例餐饮有限公司' }
  const { id } = await intake.createDraft({ applicant, itemCode: item.code, form })
  for (const code of ['layout-plan', 'safety-rules']) {
    await intake.addMaterial(id, { code, name: '样例.pdf', mediaType: 'application/pdf', content: utf8('%PDF-1.7') })
  }
  await intake.submit(id, form)
  return id
}

async function finished(): Promise<string> {
  const id = await submitted()
  await intake.accept(id, { by })
  await intake.decide(id, { granted: true, basis: '符合法定条件', by })
  const digest = { algorithm: 'sha256' as const, hex: 'ab'.repeat(32) }
  const documents = ['pdf', 'ofd'].map((type) => ({
    name: `食品经营许可证.${type}`,
    mediaType: `application/${type}`,
    size: 4096,
    digest,
  }))
  await intake.certificateMade(id, { documents })
  await intake.deliver(id)
  await intake.close(id, { by })
  return id
}

/** Runs the outbox until it has nothing left, moving the clock past the pauses after failures. */
async function report(): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    await intake.runner.runDue()
    clock.advance(2000)
  }
}

async function taken(): Promise<TakenCase[]> {
  const answer = await face.fetch(new Request(`${origin}/intake/cases`))
  return ((await answer.json()) as { cases: TakenCase[] }).cases
}

const post = (path: string, body: string) =>
  face.fetch(
    new Request(`${origin}/intake${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    }),
  )

describe.each([
  { name: 'memory', driver: () => memoryStore() as Store },
  {
    name: 'sqlite',
    driver: () => {
      files += 1
      return sqliteStore({ file: join(folder, `${files}.db`) })
    },
  },
])('the report to the province from the $name store', ({ driver }) => {
  beforeEach(() => open(driver))
  afterEach(() => store.close())

  const order = [1, 2, 3, 4, 5, 8, 8, 6, 7]

  it('arrives in order, each document once, under the number that the case then has', async () => {
    const id = await finished()
    await report()
    const [known, ...others] = await taken()
    expect(others).toEqual([])
    expect(known!.steps.map(({ step }) => step)).toEqual(order)
    expect(known!.steps.filter(({ step }) => step === 8).map(({ dataVersion }) => dataVersion)).toEqual([1, 2])
    const state = await intake.readCase(id)
    expect(known).toMatchObject({ projectNumber: state.projectNumber, caseNumber: state.caseNumber })
    const progress = await intake.readCaseReturn(id)
    expect(progress?.steps.map(({ state: one }) => one)).toEqual(order.map(() => 'taken'))
  })

  it('gives no second number and no second step when every answer is lost once', async () => {
    const id = await finished()
    troubles.push(...order.flatMap(() => ['intake-lose-answer', '']), 'intake-lose-answer', '')
    await report()
    const cases = await taken()
    expect(cases).toHaveLength(1)
    expect(cases[0]!.steps.map(({ step }) => step)).toEqual(order)
    expect(cases[0]!.steps.every(({ received }) => received === 2)).toBe(true)
    const events = await intake.readEvents(id)
    expect(events.filter(({ type }) => type === 'projectNumberIssued')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'received')).toHaveLength(1)
  })

  it('goes on after the platform was broken', async () => {
    await submitted()
    troubles.push('intake-answer-500', 'intake-answer-500', '', 'intake-answer-500')
    await report()
    expect((await taken())[0]!.steps.map(({ step }) => step)).toEqual([1, 2])
  })

  it('reports what happens later, and keeps the cases apart', async () => {
    const first = await submitted()
    const second = await submitted()
    await report()
    await intake.accept(second, { by })
    await report()
    const cases = await taken()
    const stepsOf = async (id: string) => {
      const { caseNumber } = await intake.readCase(id)
      return cases.find((one) => one.caseNumber === caseNumber)?.steps.map(({ step }) => step)
    }
    expect(await stepsOf(first)).toEqual([1, 2])
    expect(await stepsOf(second)).toEqual([1, 2, 3, 4])
    expect(new Set(cases.map(({ projectNumber }) => projectNumber)).size).toBe(2)
  })
})

describe('the face', () => {
  beforeEach(() => open(memoryStore))
  afterEach(() => store.close())

  async function answerTo(step: number, change: Record<string, string> = {}): Promise<unknown> {
    await report()
    const [known] = await taken()
    const parameters = known!.steps.find((one) => one.step === step)!.parameters
    return (await post(`/steps/${step}`, new URLSearchParams({ ...parameters, ...change }).toString())).json()
  }

  it('answers a repetition with a yes, and refuses other content under the same version', async () => {
    await submitted().then((id) => intake.accept(id, { by }))
    expect(await answerTo(3)).toMatchObject({ code: '00' })
    expect(await answerTo(3, { ACCEPT_MAN: '王五（样例）' })).toMatchObject({ code: '03' })
    expect(await answerTo(3, { PROJID: '330199002611249999999' })).toMatchObject({ code: '02' })
    expect(await answerTo(3, { DOACTION: '7' })).toMatchObject({ code: '01' })
  })

  it('refuses a step before the one it follows', async () => {
    const id = await finished()
    await report()
    const { steps } = (await taken())[0]!
    const numbered = await post(
      '/steps/0',
      formatCaseReturnRequest({
        step: 0,
        parameters: { param: JSON.stringify({ AREACODE: '330199', OutSystemID: 'another' }) },
      }).body,
    )
    const { data } = (await numbered.json()) as { data: string }
    expect(data).not.toBe((await intake.readCase(id)).projectNumber)
    const closing = { ...steps.find(({ step }) => step === 6)!.parameters, PROJID: data }
    expect(await (await post('/steps/6', new URLSearchParams(closing).toString())).json()).toMatchObject({ code: '04' })
  })

  it.each([
    '',
    'param=',
    'param={}',
    'param=[',
    'param={"AREACODE":"330199"}',
    `param=${'x'.repeat(9000)}`,
    'param={"__proto__":{"AREACODE":"330199"}}',
  ])('gives no number for the request %j', async (body) => {
    expect(await (await post('/steps/0', body)).json()).toMatchObject({ code: '01' })
    expect(await taken()).toEqual([])
  })

  it('answers 404 and 405 for what it is not', async () => {
    expect((await face.fetch(new Request(`${origin}/intake/elsewhere`))).status).toBe(404)
    expect((await face.fetch(new Request(`${origin}/intake/steps/1`))).status).toBe(405)
  })
})
