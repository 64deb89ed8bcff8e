import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { checkPath, packDirectory } from './node.ts'
import { hasTool, run } from './test-support/material.ts'
import { sampleDescription, samplePdf } from './test-support/sample-case.ts'

const root = mkdtempSync(join(tmpdir(), 'archive-directory-'))
afterAll(() => rmSync(root, { recursive: true }))

let count = 0
let from = ''
let out = ''
beforeEach(() => {
  count += 1
  from = join(root, `源 ${count}`)
  out = join(root, `out-${count}`)
  mkdirSync(join(from, 'sub'), { recursive: true })
  mkdirSync(out)
  writeFileSync(join(from, 'a.txt'), 'hello\n')
  writeFileSync(
    join(from, 'sub', '百分之 100%.txt'),
    Array.from({ length: 120_000 }, (_, n) => n % 7).join('') + 'x'.repeat(600_000),
  )
})

describe('a folder without a description', () => {
  test('becomes a plain bag in a folder that checks as accepted', async () => {
    const packed = await packDirectory(from, join(out, 'bag'))
    expect(packed.files.map(({ path }) => path)).toEqual(['data/a.txt', 'data/sub/百分之 100%.txt'])
    expect(readFileSync(join(out, 'bag/manifest-sha256.txt'), 'utf8')).toContain('data/sub/百分之 100%25.txt')
    const report = await checkPath(join(out, 'bag'))
    expect(report).toMatchObject({ verdict: 'accepted', profile: 'bagit' })
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([])
  })

  test('becomes a zip with one base folder, and content larger than a read buffer stays whole', async () => {
    await packDirectory(from, join(out, 'case.zip'))
    expect((await checkPath(join(out, 'case.zip'))).verdict).toBe('accepted')
    if (!hasTool('python3')) return
    expect(run('python3', ['-m', 'zipfile', '-e', 'case.zip', '.'], out).status).toBe(0)
    const unpacked = readFileSync(join(out, `源 ${count}/data/sub/百分之 100%.txt`))
    expect(unpacked.equals(readFileSync(join(from, 'sub', '百分之 100%.txt')))).toBe(true)
  })

  test('cannot become a case package', async () => {
    await expect(packDirectory(from, join(out, 'case.zip'), { profile: 'gbt42727-2023' })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_DESCRIPTION',
    })
  })
})

test('a folder with a description becomes a case package, its folders the material classes', async () => {
  writeFileSync(join(from, 'case.json'), JSON.stringify(sampleDescription))
  writeFileSync(join(from, 'events.json'), '[{"type":"accepted"}]')
  mkdirSync(join(from, 'result'))
  writeFileSync(join(from, 'result', '许可证.pdf'), samplePdf)
  const packed = await packDirectory(from, join(out, 'case'), { format: 'bag' })
  expect(packed.base).toBe('ZW-2026-000001')
  expect(packed.files.map(({ path }) => path)).toEqual([
    'data/02-materials/0001.txt',
    'data/04-result/0001.pdf',
    'data/02-materials/0002.txt',
    'data/03-process/0001.json',
    'data/基本信息元数据.xml',
    'data/流程信息元数据.xml',
  ])
  const report = await checkPath(join(out, 'case'))
  expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([])
  expect(report).toMatchObject({ verdict: 'manual', profile: 'gbt42727-2023' })
})

describe('nothing is left behind', () => {
  test('when the output exists already, which is not touched', async () => {
    writeFileSync(join(out, 'case.zip'), 'mine')
    await expect(packDirectory(from, join(out, 'case.zip'))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_OUTPUT',
    })
    expect(readFileSync(join(out, 'case.zip'), 'utf8')).toBe('mine')
  })

  test('when the output lies in the folder that is packed', async () => {
    await expect(packDirectory(from, join(from, 'case.zip'))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_OUTPUT',
    })
  })

  test('when a link lies in the folder: it is not followed', async () => {
    symlinkSync('/etc/hostname', join(from, 'link.txt'))
    await expect(packDirectory(from, join(out, 'case.zip'))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_LINK',
    })
    expect(readdirSync(out)).toEqual([])
  })

  test.each(['bag', 'zip'] as const)('when a name cannot be stored everywhere (%s)', async (format) => {
    writeFileSync(join(from, 'what?.txt'), '')
    await expect(packDirectory(from, join(out, 'case'), { format })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_NAME',
    })
    expect(readdirSync(out)).toEqual([])
  })

  test('when two names are one on some system', async () => {
    writeFileSync(join(from, 'A.TXT'), '')
    await expect(packDirectory(from, join(out, 'case'))).rejects.toMatchObject({ code: 'ERR_ARCHIVE_NAME' })
    expect(existsSync(join(out, 'case'))).toBe(false)
  })

  test('when the folder is not there', async () => {
    await expect(packDirectory(join(root, 'absent'), join(out, 'case'))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_READ',
    })
  })
})

describe('packing that is aborted', () => {
  /** A signal that aborts at the n-th time somebody asks. */
  function abortAt(count: number, meanwhile = () => {}): { signal: AbortSignal; reason: Error } {
    const reason = new Error('stopped')
    const controller = new AbortController()
    let asked = 0
    const { signal } = controller
    const ask = signal.throwIfAborted.bind(signal)
    signal.throwIfAborted = () => {
      asked += 1
      if (asked === count) {
        meanwhile()
        controller.abort(reason)
      }
      ask()
    }
    return { signal, reason }
  }

  // The plain bag of two payload files asks more than a dozen times; the case package oftener.
  const moments = Array.from({ length: 14 }, (_, index) => index + 1)

  test.each(['bag', 'zip'] as const)(
    'leaves nothing behind at any moment, nor folders made for it (%s)',
    async (format) => {
      for (const moment of moments) {
        const { signal, reason } = abortAt(moment)
        await expect(packDirectory(from, join(out, 'new', 'er', 'case'), { format, signal })).rejects.toBe(reason)
        expect(readdirSync(out)).toEqual([])
      }
    },
  )

  test('keeps what others put beside it meanwhile', async () => {
    const { signal, reason } = abortAt(3, () => writeFileSync(join(out, 'new', 'mine.txt'), 'mine'))
    await expect(packDirectory(from, join(out, 'new', 'er', 'case'), { signal })).rejects.toBe(reason)
    expect(readdirSync(join(out, 'new'))).toEqual(['mine.txt'])
  })

  test('does not start when it was aborted before', async () => {
    const signal = AbortSignal.abort()
    await expect(packDirectory(join(root, 'absent'), join(out, 'case'), { signal })).rejects.toBe(signal.reason)
    expect(readdirSync(out)).toEqual([])
  })

  test('is not aborted by a signal that stays quiet', async () => {
    const { signal } = new AbortController()
    await packDirectory(from, join(out, 'case.zip'), { signal })
    expect((await checkPath(join(out, 'case.zip'))).verdict).toBe('accepted')
  })
})

test.skipIf(process.platform !== 'linux')(
  'a place where the system makes no folder is refused (on Linux only)',
  async () => {
    await expect(packDirectory(from, '/proc/nowhere/inner/case.zip')).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_OUTPUT',
    })
  },
)
