import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@zhicheng/core'
import { chinaCalendar } from '@zhicheng/core/calendar'
import type { Store } from '@zhicheng/store'
import { memoryStore } from '@zhicheng/store/memory'
import { sqliteStore } from '@zhicheng/store/sqlite'
import * as v from 'valibot'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CaseEvent, verifyEvents } from './case-events.ts'
import { parseCaseNumber } from './case-number.ts'
import type { CaseStatus } from './case-transitions.ts'
import { caseTransitions } from './case-transitions.ts'
import { createIntake } from './create-intake.ts'
import { streamOf } from './lib/case-log.ts'
import { memoryMaterials } from './materials.ts'
import { applicant, by, form, item, licence, openWindow, pdf, steps, type Window } from './test-support/window.ts'
import { caseView } from './wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhicheng-intake-'))
let files = 0
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const drivers: { name: string; open: () => Store }[] = [
  { name: 'memory', open: memoryStore },
  {
    name: 'sqlite',
    open: () => {
      files += 1
      return sqliteStore({ file: join(folder, `${files}.db`) })
    },
  },
]

let store: Store
let window: Window
afterEach(() => store.close())

function open(driver: () => Store = memoryStore): void {
  store = driver()
  window = openWindow(store)
}

describe.each(drivers)('a case on the $name store', ({ open: driver }) => {
  beforeEach(() => open(driver))

  it('goes from the draft to the archive, with number, clock, fee, documents and rating', async () => {
    const { intake, clock } = window
    const id = await window.complete()
    const submitted = await intake.submit(id, form)
    expect(submitted.status).toBe('received')
    expect(parseCaseNumber(submitted.caseNumber!)).toEqual({
      implementationCode: item.code,
      day: '2026-11-24',
      serial: 1,
    })
    clock.advance(1_800_000)
    const accepted = await intake.accept(id, { by })
    expect(intake.view(accepted).due).toEqual({
      at: '2026-12-08T18:00:00+08:00',
      remainingWorkingDays: 10,
      overdue: false,
      paused: false,
      provisional: false,
    })
    await intake.feeDue(id, { orderId: 'order-1' })
    await expect(intake.decide(id, { granted: true, basis: '符合法定条件', by })).rejects.toMatchObject({
      code: 'ERR_INTAKE_FEE_UNPAID',
    })
    await intake.feePaid(id, { orderId: 'order-1', transactionId: 't-1' })
    const granted = await intake.decide(id, { granted: true, basis: '符合法定条件', by })
    expect(intake.view(granted).due).toBeUndefined()
    await intake.certificateMade(id, { documents: [{ ...licence, id: 'licence.pdf' }] })
    await intake.deliver(id)
    await intake.close(id)
    await intake.archived(id, { receiptId: 'receipt-1' })
    const rated = await intake.rate(id, { level: 5, comment: '很好' })

    const view = v.parse(caseView, intake.view(rated))
    expect(view).toMatchObject({
      status: 'archived',
      orderId: 'order-1',
      rating: 5,
      documents: [{ id: 'licence.pdf', url: '/api/documents/licence.pdf' }],
      acceptedAt: '2026-11-24T09:30:00+08:00',
    })
    expect(view.steps.map(({ state }) => state)).toEqual(Array(7).fill('done'))
    expect(await intake.readDocument('licence.pdf')).toMatchObject({ case: { id }, document: licence })
    expect(await intake.readForm(id)).toEqual(form)
    expect(await intake.readMaterial(id, rated.materials[0]!.id)).toEqual(pdf)

    const events = await intake.readEvents(id)
    expect(events.map(({ type }) => type)).toEqual([
      'drafted',
      'materialAdded',
      'materialAdded',
      'submitted',
      'received',
      'accepted',
      'feeDue',
      'feePaid',
      'granted',
      'certificateMade',
      'delivered',
      'closed',
      'archived',
      'rated',
    ])
    expect(verifyEvents(events, { head: rated.head })).toMatchObject({ valid: true, findings: [] })
    const exported = JSON.parse(JSON.stringify(await intake.exportProcessMetadata(id)))
    expect(exported).toMatchObject({
      caseNumber: submitted.caseNumber,
      digests: { head: rated.head },
      item: { code: item.code },
    })
    expect(verifyEvents(exported.events as CaseEvent[]).valid).toBe(true)
  })

  it('gives each case its own number, and a repeated submission the same one', async () => {
    const { intake } = window
    const ids = [await window.complete(), await window.complete(), await window.complete()]
    const cases = await Promise.all([...ids, ...ids].map((id) => intake.submit(id, form)))
    const numbers = cases.map(({ caseNumber }) => caseNumber)
    expect(new Set(numbers).size).toBe(3)
    expect(numbers.slice(0, 3)).toEqual(numbers.slice(3))
    expect((await intake.readEvents(ids[0]!)).filter(({ type }) => type === 'received')).toHaveLength(1)
  })

  it('lists the cases of an applicant and of nobody else', async () => {
    const { intake } = window
    const id = await window.draft()
    await intake.createDraft({ applicant: { ...applicant, id: 'u-2' }, itemCode: item.code, form: {} })
    expect((await intake.listCases(applicant)).map((one) => one.id)).toEqual([id])
  })

  it('refuses a log that was changed in the store', async () => {
    const { intake } = window
    const { id } = await window.reach('accepted')
    await store.transaction((tx) => {
      const last = tx.events<CaseEvent>(streamOf(id)).at(-1)!.event
      tx.append(streamOf(id), { ...last, sequence: last.sequence + 1, type: 'granted' })
    })
    await expect(intake.readCase(id)).rejects.toMatchObject({ code: 'ERR_INTAKE_LOG_BROKEN' })
    await expect(intake.exportProcessMetadata(id)).rejects.toMatchObject({ code: 'ERR_INTAKE_LOG_BROKEN' })
    await expect(intake.accept(id, { by })).rejects.toMatchObject({ code: 'ERR_INTAKE_LOG_BROKEN' })
  })
})

describe('the transition table', () => {
  beforeEach(() => open())

  // A status that nothing rests in, and calls whose repetition is natural and changes nothing.
  const statuses = [...new Set(caseTransitions.flatMap(({ from }) => from))].filter((status) => status !== 'submitted')
  const events = Object.keys(steps) as (keyof typeof steps)[]
  const repeats: Partial<Record<keyof typeof steps, readonly CaseStatus[]>> = {
    certificateMade: ['certified', 'delivered', 'closed', 'archived'],
    delivered: ['delivered', 'closed', 'archived'],
    closed: ['closed', 'archived'],
    archived: ['archived'],
    submitted: statuses.filter((status) => status !== 'draft'),
  }

  it.each(statuses)(
    'is obeyed in the status %s: what it does not have is refused and leaves no trace',
    async (status) => {
      const { intake } = window
      for (const event of events) {
        const allowed = caseTransitions.some(({ from, on }) => on === event && from.includes(status))
        if (allowed || repeats[event]?.includes(status)) continue
        const before = await window.reach(status)
        await expect(steps[event](intake, before.id), event).rejects.toMatchObject({ code: 'ERR_INTAKE_STEP_REFUSED' })
        expect(await intake.readCase(before.id)).toEqual(before)
      }
    },
  )

  it.each(statuses)('is obeyed in the status %s: what it has happens', async (status) => {
    for (const { on, to } of caseTransitions.filter(({ from }) => from.includes(status))) {
      if (!(on in steps)) continue
      const before = await window.reach(status)
      await steps[on as keyof typeof steps](window.intake, before.id)
      const after = await window.intake.readCase(before.id)
      expect([on, after.status]).toEqual([on, on === 'submitted' ? 'received' : (to ?? status)])
    }
  })

  it.each(Object.entries(repeats))('lets %s be repeated without a second event', async (event, within) => {
    for (const status of within) {
      const before = await window.reach(status)
      await steps[event as keyof typeof steps](window.intake, before.id)
      expect((await window.intake.readCase(before.id)).sequence).toBe(before.sequence)
    }
  })
})

describe('an intake', () => {
  beforeEach(() => open())

  it('notes a payment once, also after the decision, and leaves a doubtful one to a person', async () => {
    const { intake } = window
    const { id } = await window.reach('accepted')
    const pay = (orderId: string, transactionId = 't-1') => intake.feePaid(id, { orderId, transactionId })
    await expect(pay('order-1')).rejects.toMatchObject({ code: 'ERR_INTAKE_FEE_CONFLICT' })
    await intake.feeDue(id, { orderId: 'order-1' })
    await intake.feeDue(id, { orderId: 'order-1' })
    await intake.feeDue(id, { orderId: 'order-2' })
    await intake.decide(id, { granted: false, basis: '不符合条件', by })
    await intake.close(id)
    const paid = await pay('order-1')
    expect(paid.fee).toEqual({
      orderId: 'order-1',
      orders: ['order-1', 'order-2'],
      state: 'paid',
      transactionId: 't-1',
    })
    expect((await pay('order-1')).sequence).toBe(paid.sequence)
    await expect(pay('order-1', 't-2')).rejects.toMatchObject({ code: 'ERR_INTAKE_FEE_CONFLICT' })
    await expect(pay('order-2')).rejects.toMatchObject({ code: 'ERR_INTAKE_FEE_CONFLICT' })
    await expect(intake.feeDue(id, { orderId: 'order-3' })).rejects.toMatchObject({ code: 'ERR_INTAKE_FEE_CONFLICT' })
  })

  it('takes one rating, of a finished case only', async () => {
    const { intake } = window
    const { id } = await window.reach('closed')
    await intake.rate(id, { level: 2 })
    await expect(intake.rate(id, { level: 5 })).rejects.toMatchObject({ code: 'ERR_INTAKE_STEP_REFUSED' })
    expect((await intake.readCase(id)).rating).toEqual({ level: 2 })
    await expect(intake.rate(id, { level: 6 as 5 })).rejects.toMatchObject({ code: 'ERR_INTAKE_INPUT_INVALID' })
  })

  it('pauses the clock while a supplement is awaited, and says what is missing', async () => {
    const { intake, clock } = window
    const { id } = await window.reach('accepted')
    clock.set('2026-11-26T10:00:00+08:00')
    const suspended = await intake.requestSupplement(id, { gaps: [{ text: '请补正平面图' }], by })
    clock.set('2026-12-01T12:00:00+08:00')
    expect(intake.view(suspended).due).toMatchObject({ paused: true, overdue: false, remainingWorkingDays: 9 })
    expect(intake.view(suspended).steps.find(({ state }) => state === 'current')?.note).toBe('请补正：请补正平面图')
    const resumed = await intake.supplement(id)
    // Without the pause 8 December; 26, 27 and 30 November are not counted.
    expect(intake.view(resumed).due).toMatchObject({ at: '2026-12-11T18:00:00+08:00', paused: false })
    expect(intake.view(resumed).steps.some(({ note }) => note)).toBe(false)
  })

  it('shows a refused case as stopped, and then as ended', async () => {
    const { intake } = window
    const denied = await window.reach('denied')
    const states = (view: ReturnType<typeof intake.view>) => view.steps.map(({ code, state }) => `${code} ${state}`)
    expect(states(intake.view(denied))).toEqual([
      'submitted done',
      'accepted done',
      'decided stopped',
      'closed current',
    ])
    expect(states(intake.view(await intake.close(denied.id)))).toEqual([
      'submitted done',
      'accepted done',
      'decided stopped',
      'closed done',
    ])
    expect(states(intake.view(await window.reach('draft')))[0]).toBe('submitted current')
  })

  it('refuses a write onto a state that was not seen', async () => {
    const { intake } = window
    const seen = await window.reach('received')
    await intake.accept(seen.id, { by, ifSequence: seen.sequence })
    const late = intake.decide(seen.id, { granted: true, basis: '符合', by, ifSequence: seen.sequence })
    await expect(late).rejects.toMatchObject({ code: 'ERR_INTAKE_CASE_CONFLICT' })
  })

  it('answers the same draft for the same key, and refuses the key for another', async () => {
    const { intake } = window
    const input = { applicant, itemCode: item.code, form, key: 'tab-1' }
    const first = await intake.createDraft(input)
    expect(await intake.createDraft(input)).toEqual(first)
    await expect(intake.createDraft({ ...input, form: {} })).rejects.toMatchObject({ code: 'ERR_INTAKE_KEY_REUSED' })
  })

  it('does not submit without the required materials, or a form that breaks a rule, and says no value', async () => {
    const { intake } = window
    const bare = await window.draft()
    await expect(intake.submit(bare, form)).rejects.toMatchObject({
      code: 'ERR_INTAKE_MATERIAL_MISSING',
      facts: { materials: ['layout-plan', 'safety-rules'] },
    })
    const id = await window.complete()
    const secret = '11010519491231002X'
    const wrong = { ...form, contact: { name: '张三（样例）', mobile: secret } }
    const error = await intake.submit(id, wrong).catch((reason: Error) => reason)
    expect(error).toMatchObject({
      code: 'ERR_INTAKE_FORM_INVALID',
      facts: { problems: [{ path: '/contact/mobile', rule: 'pattern' }] },
    })
    expect(JSON.stringify(error) + (error as Error).message).not.toContain(secret)
    expect((await intake.readCase(id)).status).toBe('draft')
  })

  it('refuses cases and items it does not know, and ids that are none', async () => {
    const { intake } = window
    for (const id of ['c-9', '', '../x', '__proto__', 'x'.repeat(65)]) {
      await expect(intake.readCase(id)).rejects.toMatchObject({ code: 'ERR_INTAKE_CASE_UNKNOWN' })
    }
    await expect(intake.createDraft({ applicant, itemCode: 'x', form })).rejects.toMatchObject({
      code: 'ERR_INTAKE_ITEM_UNKNOWN',
    })
    await expect(
      intake.createDraft({ applicant: { ...applicant, name: 'a\0b' }, itemCode: item.code, form }),
    ).rejects.toMatchObject({ code: 'ERR_INTAKE_INPUT_INVALID' })
    expect(await intake.readDocument('licence.pdf')).toBeUndefined()
    expect(await intake.readCaseReturn(await window.draft())).toBeUndefined()
  })

  it('does not give out a document id twice', async () => {
    const { intake } = window
    const [one, other] = [await window.reach('granted'), await window.reach('granted')]
    await intake.certificateMade(one.id, { documents: [{ ...licence, id: 'licence.pdf' }] })
    await expect(
      intake.certificateMade(other.id, { documents: [{ ...licence, id: 'licence.pdf' }] }),
    ).rejects.toMatchObject({ code: 'ERR_STORE_EXISTS' })
    expect((await intake.readCase(other.id)).status).toBe('granted')
  })

  it.each([
    ['a code that is none', { code: item.code.replace('U', 'X') }],
    ['a promise longer than the law', { promisedWorkingDays: 21 }],
    ['a schema of another draft', { form: { ...item.form, schema: { type: 'object' } } }],
    [
      'a field that the schema does not have',
      {
        form: {
          ...item.form,
          layout: { groups: [{ title: 'x', fields: [{ path: '/x', label: 'x', widget: 'text' as const }] }] },
        },
      },
    ],
    ['a material twice', { materials: [item.materials[0]!, item.materials[0]!] }],
  ])('refuses an item with %s', (_title, change) => {
    const build = () =>
      createIntake({ store, items: [{ ...item, ...change }], calendar: chinaCalendar(), materials: memoryMaterials() })
    expect(build).toThrow(expect.objectContaining({ code: 'ERR_INTAKE_ITEM_INVALID' }))
  })
})

describe('materials', () => {
  beforeEach(() => open())

  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])
  const base = { code: 'layout-plan', name: '布局图.pdf', mediaType: 'application/pdf', content: pdf }

  it.each([
    ['a picture called a PDF', { content: png }, 'ERR_INTAKE_MATERIAL_TYPE'],
    ['a page of HTML called a PDF', { content: utf8('<html><script>alert(1)</script>') }, 'ERR_INTAKE_MATERIAL_TYPE'],
    [
      'a zip called an OFD',
      { name: 'a.ofd', mediaType: 'application/ofd', content: utf8('PK\u0003\u0004 zip') },
      'ERR_INTAKE_MATERIAL_TYPE',
    ],
    [
      'a type the checklist does not have',
      { code: 'safety-rules', name: 'a.png', mediaType: 'image/png', content: png },
      'ERR_INTAKE_MATERIAL_TYPE',
    ],
    ['a type that is a name of every object', { mediaType: 'constructor' }, 'ERR_INTAKE_MATERIAL_TYPE'],
    ['an executable extension', { name: '布局图.exe' }, 'ERR_INTAKE_MATERIAL_NAME'],
    ['a path', { name: '../../etc/布局图.pdf' }, 'ERR_INTAKE_MATERIAL_NAME'],
    ['a name that reads backwards', { name: '布局\u202efdp.pdf' }, 'ERR_INTAKE_MATERIAL_NAME'],
    ['nothing', { content: new Uint8Array() }, 'ERR_INTAKE_MATERIAL_SIZE'],
    ['too much', { content: new Uint8Array(10 * 1_048_576 + 1) }, 'ERR_INTAKE_MATERIAL_SIZE'],
    ['a line that is not there', { code: '__proto__' }, 'ERR_INTAKE_MATERIAL_UNKNOWN'],
  ])('refuse %s', async (_title, change, code) => {
    const id = await window.draft()
    await expect(window.intake.addMaterial(id, { ...base, ...change })).rejects.toMatchObject({ code })
    expect((await window.intake.readCase(id)).materials).toEqual([])
  })

  it('keep the same file once, let a new one take the place of a single one, and count the others', async () => {
    const { intake } = window
    const id = await window.draft()
    const first = await intake.addMaterial(id, base)
    expect(await intake.addMaterial(id, base)).toEqual(first)
    const second = await intake.addMaterial(id, { ...base, content: utf8('%PDF-1.7 2') })
    expect((await intake.readCase(id)).materials).toEqual([second])
    for (const n of [1, 2, 3]) {
      await intake.addMaterial(id, { ...base, code: 'safety-rules', content: utf8(`%PDF-1.7 ${n}`) })
    }
    await expect(
      intake.addMaterial(id, { ...base, code: 'safety-rules', content: utf8('%PDF-1.7 4') }),
    ).rejects.toMatchObject({ code: 'ERR_INTAKE_MATERIAL_COUNT' })
  })
})
