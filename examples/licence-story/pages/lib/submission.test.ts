import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CheckedFile } from './files.ts'
import { type Draft, sendApplication } from './submission.ts'

const sha256OfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const abc: CheckedFile = { file: new File(['abc'], 'a b.pdf'), mediaType: 'application/pdf', name: 'a b.pdf' }
const form = { operatorName: '样例公司' }
const files = new Map([['licence', abc]])

let calls: string[] = []
let answers: Record<string, () => Response>
let draft: Draft

beforeEach(() => {
  calls = []
  draft = { uploaded: new Map() }
  answers = {
    'POST /app/cases': () => Response.json({ id: 'c-1' }, { status: 201 }),
    'PUT /app/cases/c-1/materials/licence?name=a+b.pdf': () =>
      Response.json({ digest: { algorithm: 'sha256', hex: sha256OfAbc } }),
    'POST /app/cases/c-1/submit': () => Response.json({ id: 'c-1', caseNumber: '1' }),
  }
  vi.stubGlobal('fetch', async (address: string, options: RequestInit) => {
    const call = `${options.method} ${address}`
    calls.push(call)
    const answer = answers[call]
    if (!answer) throw new TypeError(`Unexpected call ${call}`)
    return answer()
  })
})
afterEach(() => vi.unstubAllGlobals())

const send = (parts = { form, files: files as ReadonlyMap<string, CheckedFile> }): Promise<string> =>
  sendApplication(parts, { draft, report: () => undefined })
const unavailable = (): Response => Response.json({}, { status: 503 })

test('an application is opened, gets its materials, and is handed in', async () => {
  expect(await send()).toBe('c-1')
  expect(calls).toEqual(Object.keys(answers))
})

test('a second try goes on where the first one broke', async () => {
  const submit = answers['POST /app/cases/c-1/submit']!
  answers['POST /app/cases/c-1/submit'] = unavailable
  answers['GET /app/cases'] = () => Response.json({ cases: [] })
  await expect(send()).rejects.toMatchObject({ facts: { status: 503 } })
  answers['POST /app/cases/c-1/submit'] = submit
  calls = []
  expect(await send()).toBe('c-1')
  expect(calls).toEqual(['POST /app/cases/c-1/submit'])
})

test('a material that was taken back, or another form, needs a case of its own', async () => {
  answers['POST /app/cases/c-1/submit'] = () => Response.json({}, { status: 422 })
  await expect(send()).rejects.toThrow()
  await expect(send({ form, files: new Map() })).rejects.toThrow()
  await expect(send({ form: { operatorName: '别的样例公司' }, files: new Map() })).rejects.toThrow()
  expect(calls.filter((call) => call === 'POST /app/cases')).toHaveLength(3)
})

test('bytes that arrived differently stop the application, and are sent again the next time', async () => {
  const upload = 'PUT /app/cases/c-1/materials/licence?name=a+b.pdf'
  const right = answers[upload]!
  answers[upload] = () => Response.json({ digest: { algorithm: 'sha256', hex: '00'.repeat(32) } })
  await expect(send()).rejects.toMatchObject({ code: 'ERR_APP_UPLOAD_DIFFERS' })
  expect(calls).not.toContain('POST /app/cases/c-1/submit')
  answers[upload] = right
  expect(await send()).toBe('c-1')
  expect(calls.filter((call) => call === upload)).toHaveLength(2)
})

test('when the answer to the handing in is lost, the list of cases decides', async () => {
  const row = { id: 'c-1', itemName: '样例', status: 's', statusName: '已提交', at: '2026-11-24T09:00:00+08:00' }
  answers['POST /app/cases/c-1/submit'] = () => {
    throw new TypeError('connection reset')
  }
  answers['GET /app/cases'] = () => Response.json({ cases: [row] })
  await expect(send()).rejects.toMatchObject({ code: 'ERR_NETWORK' })
  answers['GET /app/cases'] = () => Response.json({ cases: [{ ...row, caseNumber: '330100261124000001' }] })
  expect(await send()).toBe('c-1')
})
