import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@zhicheng/core'
import { attribute, childElements, firstChild, parseXml, textOf } from '@zhicheng/formats'
import { memoryStore } from '@zhicheng/store/memory'
import { beforeAll, describe, expect, it } from 'vitest'
import { type CaseReturnMessage, type CaseReturnStep, caseReturnSteps, checkCaseReturn } from './case-return.ts'
import { type CaseReturnInput, projectCaseReturns } from './case-return-projection.ts'
import {
  formatCaseReturnRequest,
  httpCaseReturnSink,
  parseCaseReturnAnswer,
  parseCaseReturnRequest,
} from './case-return-sink.ts'
import { form, item, openWindow } from './test-support/window.ts'

const projectNumber = '330199002611240000001'
const input: CaseReturnInput & { projectNumber: string } = {
  item,
  identity: { belongSystem: 'sample-window', fileUrl: ({ caseId, id }) => `https://window.example/${caseId}/${id}` },
  form: () => JSON.parse(JSON.stringify(form)),
  projectNumber,
}

async function messagesOf(
  status: 'received' | 'archived' | 'denied' | 'not-accepted',
  close = false,
): Promise<CaseReturnMessage[]> {
  const { intake, reach } = openWindow(memoryStore())
  const { id } = await reach(status)
  if (close) await intake.close(id)
  return projectCaseReturns(await intake.readEvents(id), input)
}

let messages: CaseReturnMessage[]
beforeAll(async () => {
  messages = await messagesOf('archived')
})
const stepOf = (step: CaseReturnStep): CaseReturnMessage => messages.find((message) => message.step === step)!

describe('the report of a case', () => {
  it('has the steps of a granted case in order, and each meets its contract', () => {
    expect(messages.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 8, 6, 7])
    for (const message of messages) {
      checkCaseReturn(message)
      expect(parseCaseReturnRequest(formatCaseReturnRequest(message))).toEqual({
        step: message.step,
        parameters: Object.assign(Object.create(null), message.parameters),
      })
    }
  })

  it('only grows when the log grows, so that a count says how far the sending got', async () => {
    const { intake, reach } = openWindow(memoryStore())
    const events = await intake.readEvents((await reach('archived')).id)
    const all = projectCaseReturns(events, input)
    for (let length = 1; length <= events.length; length += 1) {
      const part = projectCaseReturns(events.slice(0, length), input)
      expect(part).toEqual(all.slice(0, part.length))
    }
  })

  it('carries the publication fields of the licence in the closing step', () => {
    expect(stepOf(6).parameters).toMatchObject({
      DOACTION: '0',
      TRANSACT_RESULT: '办结',
      XK_XKJGDM: item.department.uscc,
      XK_XKZS: 'JY00000000000001',
      XK_YXQZ: '2026/11/24',
      XK_YXQZI: '2031/11/23',
      TRANSACT_TIME: '2026-11-24 09:00:00',
    })
  })

  it('ends a refused case as finished, and one that was not accepted as sent back', async () => {
    const last = async (status: 'denied' | 'not-accepted') => (await messagesOf(status, true)).at(-1)?.parameters
    expect(await last('denied')).toMatchObject({ DOACTION: '0', TRANSACT_RESULT: '办结', XK_YXQZI: '2099/12/31' })
    expect(await last('not-accepted')).toMatchObject({ DOACTION: '3', TRANSACT_RESULT: '退件' })
  })

  it('holds form and materials as XML that another parser reads', ({ skip }) => {
    const { baseInfoXml, attrXml, formXml } = stepOf(1).parameters
    const fields = childElements(firstChild(parseXml(formXml!), 'FormInfo')!)
    expect(fields.map((field) => [attribute(field, 'name'), textOf(field)])).toContainEqual([
      'operator.uscc',
      form.operator['uscc'],
    ])
    expect(childElements(parseXml(attrXml!))).toHaveLength(2)
    if (spawnSync('xmllint', ['--version']).error) {
      if (process.env['CI'] === 'true') throw new Error('xmllint is required on a build server')
      skip('xmllint is not installed')
    }
    const found = (text: string, path: string) =>
      spawnSync('xmllint', ['--xpath', `string(${path})`, '-'], { input: text, encoding: 'utf8' }).stdout.trim()
    expect(found(baseInfoXml!, '/RECORD/PROJID')).toBe(projectNumber)
    expect(found(attrXml!, '/RECORDS/RECORD[2]/FILES/FILEINFO/FILENAME')).toBe('制度.pdf')
    expect(found(formXml!, '/RECORDS/FormInfo/Item[@name_cn="经营者名称"]')).toBe('样例餐饮有限公司')
  })
})

describe('the contract of a step', () => {
  it.each<[string, CaseReturnStep, Record<string, string | undefined>]>([
    ['without a parameter', 3, { ACCEPT_MAN: undefined }],
    ['with a foreign parameter', 3, { ['<b>']: 'x' }],
    ['with a number that is none', 3, { PROJID: '33' }],
    ['with an action that is not listed', 6, { DOACTION: '2' }],
    ['with a result that is not listed', 6, { TRANSACT_RESULT: 'done' }],
    ['with a time of another form', 3, { AcceptTime: '2026-11-24T09:00:00+08:00' }],
    ['with a day of another form', 6, { XK_YXQZ: '2026-11-24' }],
    ['with XML that is none', 1, { attrXml: '<RECORDS>' }],
    ['with a document type definition', 1, { attrXml: '<!DOCTYPE x [<!ENTITY a "b">]><RECORDS/>' }],
    ['with the wrong document', 1, { attrXml: '<RECORD/>' }],
    ['with a version that is none', 3, { DATAVERSION: '0' }],
  ])('refuses a message %s', (_title, step, change) => {
    const parameters = Object.fromEntries(
      Object.entries({ ...stepOf(step).parameters, ...change }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>
    const body = new URLSearchParams(parameters).toString()
    expect(() => parseCaseReturnRequest({ path: `/steps/${step}`, body })).toThrow(
      expect.objectContaining({ code: 'ERR_INTAKE_RETURN_MALFORMED' }),
    )
  })

  it.each(['/steps/9', '/steps/', '/steps/1/..', '/'])('does not know the address %s', (path) => {
    expect(() => parseCaseReturnRequest({ path, body: '' })).toThrow(
      expect.objectContaining({ code: 'ERR_INTAKE_RETURN_MALFORMED' }),
    )
  })

  it('refuses a parameter that stands twice', () => {
    const { body } = formatCaseReturnRequest(stepOf(3))
    expect(() => parseCaseReturnRequest({ path: '/steps/3', body: `${body}&DOACTION=1` })).toThrow(
      expect.objectContaining({ code: 'ERR_INTAKE_RETURN_MALFORMED' }),
    )
  })

  const material = process.env['ZHICHENG_MATERIAL']
  const file = join(material ?? '', 'credit-intake/protocols/zj-unified-acceptance.json')
  if (!material && process.env['CI'] === 'true') throw new Error('ZHICHENG_MATERIAL is required on a build server')
  describe.skipIf(!material || !existsSync(file))(
    'against the parameters of public integrations (skipped without ZHICHENG_MATERIAL)',
    () => {
      it('names the same parameters, the same as optional and the same values', () => {
        const { steps } = JSON.parse(readFileSync(file, 'utf8')) as {
          steps: {
            n: CaseReturnStep
            name: string
            target?: string
            params: string[] | string
            enums?: Record<string, object>
          }[]
        }
        for (const { n, name, target, params, enums } of steps) {
          const shape = caseReturnSteps[n]
          expect(shape.name).toBe(name)
          if (target) expect(shape.target).toBe(target)
          if (typeof params === 'string') {
            expect(shape.required).toBe(caseReturnSteps[(n - 1) as CaseReturnStep].required)
            continue
          }
          const names = params.map((one) => one.replace('(json)', ''))
          expect([...shape.required].sort()).toEqual(names.filter((one) => !one.endsWith('?')).sort())
          expect([...shape.optional].sort()).toEqual(
            names
              .filter((one) => one.endsWith('?'))
              .map((one) => one.slice(0, -1))
              .sort(),
          )
          for (const [parameter, values] of Object.entries(enums ?? {})) {
            expect(shape.values[parameter]).toEqual(Array.isArray(values) ? values : Object.keys(values))
          }
        }
      })
    },
  )
})

describe('the answer', () => {
  it.each([
    ['a no', '{"code":"04","msg":"缺少"}', 'ERR_INTAKE_RETURN_REFUSED'],
    ['a page', '<html>', 'ERR_INTAKE_RETURN_FAILED'],
    ['nothing', '', 'ERR_INTAKE_RETURN_FAILED'],
    ['null', 'null', 'ERR_INTAKE_RETURN_FAILED'],
    ['a yes without the number', '{"code":"00","msg":""}', 'ERR_INTAKE_RETURN_FAILED'],
    ['a yes with a number that is none', '{"code":"00","msg":"","data":"1"}', 'ERR_INTAKE_RETURN_FAILED'],
  ])('that is %s is no success', (_title, body, code) => {
    expect(() => parseCaseReturnAnswer(utf8(body), 0)).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['a status of trouble', async () => Response.json({ code: '00', msg: '' }, { status: 502 })],
    ['a redirect', async () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } })],
    ['megabytes', async () => new Response('x'.repeat(200_000))],
  ])('that is %s leaves open what happened', async (_title, fetch) => {
    const sink = httpCaseReturnSink({ url: 'http://127.0.0.1:1', fetch })
    await expect(sink.send(stepOf(3))).rejects.toMatchObject({ code: 'ERR_INTAKE_RETURN_FAILED', outcome: 'unknown' })
  })
})
