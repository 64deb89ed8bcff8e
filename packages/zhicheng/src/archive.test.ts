import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSeal, pixel, signedBy, trusting, writeDocuments } from './test-support/documents.ts'
import { document, good, hasTool, refused, run, temporaryFolder, tool } from './test-support/run.ts'
import { verb as archiveCheck } from './verbs/archive-check.ts'

const description = {
  number: 'ZW-2026-000001',
  caseNumber: '330100-2026-11-000001',
  title: '样例公司食品经营许可',
  item: { code: '330131024001', name: '食品经营许可（样例）' },
  department: { name: '样例市市场监督管理局', uscc: '91330110MA2AXY0E7F', regionCode: '330100' },
  applicant: { name: '样例科技有限公司', uscc: '91330110MA2AXY0E7F' },
  year: 2026,
  retention: 'D30',
  completedAt: '2026-11-24T10:00:00+08:00',
  result: '准予许可',
  events: [{ name: '办结', at: '2026-11-24T10:00:00+08:00' }],
}

let folder: ReturnType<typeof temporaryFolder>
beforeAll(async () => {
  folder = temporaryFolder()
  await writeDocuments(folder.path)
  await good(folder.path, ['keys', 'create', '--out', 'sm2'])
  await makeSeal(folder.path, { keys: 'sm2', output: 'seal.esl' })
  mkdirSync(path('case/result'), { recursive: true })
  writeFileSync(path('case/case.json'), JSON.stringify(description))
  const sign = ['seal', 'sign', 'in.ofd', '-o', 'case/result/licence.ofd', '--seal', 'seal.esl', ...signedBy('sm2')]
  await good(folder.path, sign)
  await good(folder.path, ['archive', 'pack', 'case', '-o', 'case.zip'])
  await good(folder.path, ['archive', 'pack', 'case', '-o', 'case-bag'])
})
afterAll(() => folder.remove())

function path(name: string): string {
  return join(folder.path, name)
}

async function check(words: readonly string[]) {
  const outcome = await run(folder.path, ['archive', 'check', ...words, '--json'])
  expect(outcome.err).toBe('')
  const report = document(outcome, archiveCheck.output!) as unknown as import('@zhicheng/archive').CheckReport
  expect(outcome.status).toBe(report.verdict === 'accepted' ? 0 : 1)
  return report
}

describe('a case package', () => {
  test('is accepted only when its seal could be verified', async () => {
    const trusted = await check(['case.zip', ...trusting('sm2')])
    expect(trusted).toMatchObject({ package: 'case.zip', profile: 'gbt42727-2023', verdict: 'accepted' })
    const open = await check(['case.zip'])
    expect(open.verdict).toBe('manual')
    const seal = open.checks.find(({ id }) => id === 'authenticity.seal')
    expect(seal).toMatchObject({ status: 'manual' })
  })

  test('waits for a person on arrival, for nobody scanned it for viruses', async () => {
    const { stage, verdict, checks } = await check(['case.zip', '--stage', 'transfer', ...trusting('sm2')])
    expect({ stage, verdict }).toEqual({ stage: 'transfer', verdict: 'manual' })
    expect(checks.find(({ id }) => id === 'security.virus')).toMatchObject({ status: 'not-checked' })
  })

  test.skipIf(!hasTool('sha256sum'))('has a manifest that sha256sum accepts (skipped where it is missing)', () => {
    const { status, text } = tool(path('case-bag'), 'sha256sum', ['-c', 'manifest-sha256.txt'])
    expect(text).toMatch(/^data\/.+\.ofd: OK$/m)
    expect(status).toBe(0)
  })

  test.skipIf(!hasTool('unzip'))('is a zip that unzip finds whole (skipped where it is missing)', () => {
    expect(tool(folder.path, 'unzip', ['-tq', 'case.zip'])).toMatchObject({ status: 0 })
  })

  test('with one changed byte is returned, and the report for people names the file', async () => {
    await good(folder.path, ['archive', 'pack', 'case', '-o', 'changed'])
    const [licence] = readdirSync(path('changed/data'), { recursive: true }).filter((name) =>
      `${name}`.endsWith('.ofd'),
    )
    const file = path(`changed/data/${licence}`)
    const bytes = readFileSync(file)
    bytes[bytes.length - 30] = bytes[bytes.length - 30]! ^ 1
    writeFileSync(file, bytes)
    const { verdict, checks } = await check(['changed', ...trusting('sm2')])
    expect(verdict).toBe('returned')
    expect(checks.find(({ id, status }) => id === 'integrity.digest' && status === 'fail')?.object).toContain('.ofd')
    const { status, out } = await run(folder.path, ['archive', 'check', 'changed'])
    expect(status).toBe(1)
    expect(out).toMatch(/^changed: returned \(退回\)/)
    expect(out).toMatch(/fail +integrity\.digest/)
  })

  test('with a picture under the name of a PDF is not accepted, and the check does not break', async () => {
    mkdirSync(path('odd/result'), { recursive: true })
    writeFileSync(path('odd/case.json'), JSON.stringify({ ...description, number: 'ZW-2026-000002' }))
    writeFileSync(path('odd/result/licence.pdf'), pixel)
    await good(folder.path, ['archive', 'pack', 'odd', '-o', 'odd.zip'])
    expect((await check(['odd.zip', ...trusting('sm2')])).verdict).not.toBe('accepted')
  })
})

test('any folder can be packed as a plain bag', async () => {
  await good(folder.path, ['archive', 'pack', 'sm2/trust', '-o', 'plain', '--format', 'bag', '--profile', 'bagit'])
  expect(readFileSync(path('plain/bagit.txt'), 'utf8')).toContain('BagIt-Version: 1.0')
  expect(await check(['plain'])).toMatchObject({ format: 'bag', profile: 'bagit', verdict: 'accepted' })
})

describe('packing and checking refuse', () => {
  test('an output that is there, one inside the folder, and a folder without description', async () => {
    const pack = (from: string, to: string, ...more: string[]): string[] => ['archive', 'pack', from, '-o', to, ...more]
    await refused(folder.path, pack('case', 'case.zip'), 'ERR_ARCHIVE_OUTPUT')
    await refused(folder.path, pack('case', 'case-bag'), 'ERR_COMMAND_OUTPUT')
    await refused(folder.path, pack('case', 'case/never.zip'), 'ERR_ARCHIVE_OUTPUT')
    await refused(folder.path, pack('case', 'nowhere/never.zip'), 'ERR_COMMAND_OUTPUT')
    await refused(folder.path, pack('none', 'never.zip'), 'ERR_ARCHIVE_READ')
    await refused(folder.path, pack('in.pdf', 'never.zip'), 'ERR_ARCHIVE_READ')
    await refused(folder.path, pack('sm2', 'never.zip', '--profile', 'gbt42727-2023'), 'ERR_ARCHIVE_DESCRIPTION')
    expect(existsSync(path('never.zip'))).toBe(false)
    expect(readdirSync(folder.path).filter((name) => name.includes('partial'))).toEqual([])
  })

  test('what is no package', async () => {
    await refused(folder.path, ['archive', 'check', 'in.pdf'], 'ERR_ARCHIVE_NOT_A_PACKAGE')
    await refused(folder.path, ['archive', 'check', 'none.zip'], 'ERR_COMMAND_FILE')
    const { status, out } = await run(folder.path, ['archive', 'check', 'none.zip', '--json'])
    expect(status).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'ERR_COMMAND_FILE' } })
  })
})
