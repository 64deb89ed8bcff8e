import { chinaCalendar } from '@zhicheng/core/calendar'
import { memoryStore } from '@zhicheng/store/memory'
import { describe, expect, it, vi } from 'vitest'
import {
  type CreditProviderV1,
  createCredit,
  createLicencePublication,
  httpPublications,
  type LicencePublicationInput,
  publicationDueDay,
} from './index.ts'
import { submitPublication } from './wire.ts'

const input: LicencePublicationInput = {
  holder: { name: '样例餐饮有限公司', uscc: '91330110MA2AXY0E7F', legalRepresentative: '张三（样例）' },
  document: { name: '食品经营许可决定书', number: '样市监许〔2026〕1号' },
  category: '普通',
  certificate: { name: '食品经营许可证', number: 'JY00000000000001' },
  content: '热食类食品制售',
  decidedOn: '2026-11-24',
  validFrom: '2026-11-24',
  validUntil: 'indefinite',
  authority: { name: '样例市市场监督管理局', uscc: '91330110MA2AXY109W' },
}
const provider: CreditProviderV1 = {
  specification: 'v1',
  id: 'test',
  query: async () => ({ found: false }),
  feedback: async () => ({ receipt: 'r' }),
}

describe('a publication record', () => {
  it('has the fields of the 2018 generation, days with slashes, and 2099/12/31 for no end', () => {
    expect(createLicencePublication(input)).toEqual({
      XK_XDR_MC: '样例餐饮有限公司',
      XK_XDR_LB: '法人及非法人组织',
      XK_XDR_SHXYM: '91330110MA2AXY0E7F',
      XK_FRDB: '张三（样例）',
      XK_XKWS: '食品经营许可决定书',
      XK_WSH: '样市监许〔2026〕1号',
      XK_XKLB: '普通',
      XK_XKZS: '食品经营许可证',
      XK_XKBH: 'JY00000000000001',
      XK_NR: '热食类食品制售',
      XK_JDRQ: '2026/11/24',
      XK_YXQZ: '2026/11/24',
      XK_YXQZI: '2099/12/31',
      XK_XKJG: '样例市市场监督管理局',
      XK_XKJGDM: '91330110MA2AXY109W',
      XK_LYDW: '样例市市场监督管理局',
      XK_LYDWDM: '91330110MA2AXY109W',
    })
    expect(createLicencePublication({ ...input, validUntil: '2031-11-23' }).XK_YXQZI).toBe('2031/11/23')
  })

  it.each<[string, Partial<LicencePublicationInput>, string]>([
    ['a code that is none', { holder: { ...input.holder, uscc: '91330110MA2AXY0E70' } }, 'holder.uscc'],
    ['an ID number as the code', { holder: { ...input.holder, uscc: '11010519491231002X' } }, 'holder.uscc'],
    ['an ID number in its content', { content: '经营者11010519491231002x' }, 'XK_NR'],
    ['an ID number as its certificate', { certificate: { name: '证', number: '11010519491231002X' } }, 'XK_XKBH'],
    ['a day that does not exist', { decidedOn: '2026-02-30' }, 'decidedOn'],
    ['an end before its beginning', { validUntil: '2026-11-23' }, 'validUntil'],
    ['an empty text', { content: ' ' }, 'XK_NR'],
    ['a text that is too long', { document: { name: '书', number: 'x'.repeat(129) } }, 'XK_WSH'],
    ['half a character', { remarks: '\ud800' }, 'BZ'],
  ])('is refused with %s, by the name of the field', (_title, change, field) => {
    try {
      createLicencePublication({ ...input, ...change })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CREDIT_PUBLICATION_INVALID', facts: { field } })
      expect((error as Error).message.toUpperCase()).not.toContain('11010519491231002X')
    }
  })

  it('may hold a long case number and the code of another company', () => {
    const number = '12441500196720244T3442199806003202611240001'
    expect(
      createLicencePublication({ ...input, document: { name: '书', number }, content: '91330110MA2AXY2056' }),
    ).toMatchObject({
      XK_WSH: number,
    })
  })

  it('is due on the seventh working day after the decision, and says when no notice rules that day yet', () => {
    expect(publicationDueDay('2026-11-24', chinaCalendar())).toEqual({ day: '2026-12-03', known: true })
    // The National Day week of 2026 lies between.
    expect(publicationDueDay('2026-09-29', chinaCalendar())).toEqual({ day: '2026-10-14', known: true })
    expect(publicationDueDay('2026-12-24', chinaCalendar()).known).toBe(false)
  })
})

describe('publishing', () => {
  const record = createLicencePublication(input)

  it('hands a record over once, and refuses another one of its number', async () => {
    const publish = vi.fn(async () => ({ receipt: 'GS-1' }))
    const credit = createCredit({ provider, store: memoryStore(), publications: { publish } })
    const { key } = await credit.publish(record)
    expect(await credit.publish({ ...record })).toEqual({ key, state: 'queued' })
    await credit.runner.runDue()
    expect(await credit.publish(record)).toEqual({ key, state: 'delivered', receipt: 'GS-1' })
    await credit.runner.runDue()
    expect(publish).toHaveBeenCalledTimes(1)
    await expect(credit.publish({ ...record, XK_NR: '冷食类食品制售' })).rejects.toMatchObject({
      code: 'ERR_CREDIT_PUBLICATION_CONFLICT',
    })
    await expect(credit.readPublication('x')).rejects.toMatchObject({ code: 'ERR_CREDIT_PUBLICATION_UNKNOWN' })
  })

  it('is refused when no place for it is configured, and when the record was not made here and is not good', async () => {
    await expect(createCredit({ provider, store: memoryStore() }).publish(record)).rejects.toMatchObject({
      code: 'ERR_CREDIT_CONFIGURATION',
    })
    const credit = createCredit({ provider, store: memoryStore(), publications: { publish: vi.fn() } })
    await expect(credit.publish({ ...record, XK_JDRQ: '2026-11-24' })).rejects.toMatchObject({
      code: 'ERR_CREDIT_PUBLICATION_INVALID',
    })
  })

  const environment = (answer: () => Promise<Response>) => ({
    clock: { now: () => new Date('2026-11-24T00:00:00Z') },
    fetch: answer as typeof globalThis.fetch,
    signal: AbortSignal.timeout(5000),
  })
  it.each<[string, () => Promise<Response>, object]>([
    [
      'a refusal',
      async () => new Response('', { status: 409 }),
      { code: 'ERR_CREDIT_PLATFORM_REFUSED', outcome: 'refused' },
    ],
    ['no receipt', async () => Response.json({}), { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID', outcome: 'unknown' }],
    ['a page', async () => new Response('<html>'), { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID', outcome: 'unknown' }],
    [
      'a failure',
      async () => new Response('', { status: 500 }),
      { code: 'ERR_CREDIT_PLATFORM_ANSWER_INVALID', outcome: 'unknown' },
    ],
    [
      'no answer',
      () => Promise.reject(new TypeError('reset')),
      { code: 'ERR_CREDIT_PLATFORM_UNREACHABLE', outcome: 'unknown' },
    ],
  ])('over HTTP tells %s apart from a receipt', async (_title, answer, error) => {
    const sink = httpPublications({ url: 'https://credit.example/credit/publications', retry: { attempts: 1 } })
    await expect(sink.publish({ key: 'a'.repeat(64), record }, environment(answer))).rejects.toMatchObject(error)
  })

  it('over HTTP sends what the operation of the other side reads', async () => {
    const sent: Request[] = []
    const fetch: typeof globalThis.fetch = async (address, init) => {
      sent.push(new Request(address, init))
      return Response.json({ receipt: 'GS-1' })
    }
    const sink = httpPublications({ url: 'https://credit.example/credit/publications' })
    const key = 'a'.repeat(64)
    expect(await sink.publish({ key, record }, { ...environment(fetch as never), fetch })).toEqual({ receipt: 'GS-1' })
    const body: unknown = await sent[0]!.json()
    expect(new URL(sent[0]!.url).pathname).toBe(submitPublication.path)
    expect(body).toEqual({ key, record })
  })
})
