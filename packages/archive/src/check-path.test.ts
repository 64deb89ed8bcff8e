import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isZhichengError } from '@zhicheng/core'
import { afterAll, describe, expect, test } from 'vitest'
import { checkPackage, zipPackage } from './index.ts'
import { checkPath } from './node.ts'
import { archiveMaterial } from './test-support/material.ts'

const work = mkdtempSync(join(tmpdir(), 'archive-check-'))
afterAll(() => rmSync(work, { recursive: true }))

describe.skipIf(!archiveMaterial)('the valid bags of the conformance suite (needs ZHICHENG_MATERIAL)', () => {
  const bags: string[] = []
  if (archiveMaterial) {
    spawnSync('tar', ['xzf', join(archiveMaterial, 'bagit-conformance/valid.tgz'), '-C', work])
    for (const version of readdirSync(work).filter((name) => /^v\d/.test(name))) {
      for (const name of readdirSync(join(work, version, 'valid'))) {
        const bag = join(version, 'valid', name)
        if (existsSync(join(work, bag, 'bagit.txt'))) bags.push(bag)
      }
    }
  }

  test('all 27 are there', () => {
    expect(bags).toHaveLength(27)
  })

  test.each(bags)('%s is accepted', async (bag) => {
    const report = await checkPath(join(work, bag))
    expect(report.checks.filter(({ status }) => status === 'fail' || status === 'not-checked')).toEqual([])
    expect(report).toMatchObject({ verdict: 'accepted', profile: 'bagit', format: 'bag', stage: 'archiving' })
  })

  test('a bag of MD5 alone is accepted in Node with a remark, and left to a person where MD5 is missing', async () => {
    const bag = join(work, 'v0.97/valid/basic-bag')
    const report = await checkPath(bag)
    expect(report.checks).toContainEqual(expect.objectContaining({ code: 'WARN_ARCHIVE_WEAK_DIGEST', status: 'pass' }))
    const without = await checkPath(bag, { digests: () => undefined })
    expect(without.verdict).toBe('manual')
    expect(without.checks).toContainEqual(
      expect.objectContaining({
        id: 'integrity.digest',
        status: 'not-checked',
        code: 'ERR_ARCHIVE_DIGEST_UNSUPPORTED',
      }),
    )
  })
})

describe.skipIf(!archiveMaterial)('unsafe zips (needs ZHICHENG_MATERIAL)', () => {
  test.each([
    ['slip-dotdot.zip', 'security.names', 'ERR_ZIP_NAME_UNSAFE'],
    ['slip-abs.zip', 'security.names', 'ERR_ZIP_NAME_UNSAFE'],
    ['dup-diff.zip', 'security.collisions', 'ERR_ZIP_DUPLICATE_NAME'],
    ['symlink-escape.zip', 'security.links', 'ERR_ZIP_LINK'],
    ['bomb-overlap-500x8MiB.zip', 'security.limits', 'ERR_ZIP_LIMIT'],
    ['crc-wrong.zip', 'usability.container', 'ERR_ZIP_CRC_MISMATCH'],
  ])('%s is returned by %s with %s', async (name, id, code) => {
    const report = await checkPath(join(archiveMaterial!, 'mean-zips', name))
    expect(report.verdict).toBe('returned')
    expect(report.checks).toContainEqual(expect.objectContaining({ id, status: 'fail', code }))
    for (const check of report.checks) expect(check.object).not.toMatch(/[\p{Cc}]/u)
  })

  test('70,000 entries are read, and returned only because they are no bag', async () => {
    const bytes = gunzipSync(readFileSync(join(archiveMaterial!, 'mean-zips/zip64-70000-entries.zip.gz')))
    const report = await checkPackage(zipPackage('zip64.zip', bytes))
    expect(report.verdict).toBe('returned')
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        id: 'security.limits',
        status: 'pass',
        evidence: expect.stringContaining('70000 files'),
      }),
    )
    const limited = await checkPackage(zipPackage('zip64.zip', bytes, { maxEntries: 1000 }))
    expect(limited.checks).toContainEqual(
      expect.objectContaining({ id: 'security.limits', status: 'fail', code: 'ERR_ZIP_LIMIT' }),
    )
  })
})

test('what is neither folder nor zip, and what is not there, cannot be asked about', async () => {
  writeFileSync(join(work, 'note.txt'), 'hello')
  for (const [name, code] of [
    ['note.txt', 'ERR_ARCHIVE_NOT_A_PACKAGE'],
    ['absent.zip', 'ERR_FILE_UNREADABLE'],
  ] as const) {
    const error = await checkPath(join(work, name)).catch((reason: unknown) => reason)
    expect(isZhichengError(error) && error.code).toBe(code)
  }
})

test('a zip that was cut off is returned, and everything else says that it was not checked', async () => {
  writeFileSync(join(work, 'cut.zip'), Buffer.from('504b0304140000000800', 'hex'))
  const report = await checkPath(join(work, 'cut.zip'))
  expect(report.verdict).toBe('returned')
  expect(report.checks.filter(({ status }) => status === 'pass')).toEqual([])
  expect(report.checks.filter(({ status }) => status === 'not-checked').length).toBeGreaterThan(10)
})
