import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixedClock, toHex, utf8 } from '@zhicheng/core'
import { afterAll, describe, expect, test } from 'vitest'
import { checkPackage, packCaseZip, parseCaseDescription, zipPackage } from './index.ts'
import { archiveMaterial, hasTool, run } from './test-support/material.ts'
import { createSampleFiles, sampleDescription, samplePdf } from './test-support/sample-case.ts'

const clock = fixedClock('2026-11-24T11:00:00+08:00')
const sampleFiles = await createSampleFiles()
const input = { description: sampleDescription, files: sampleFiles, eventLog: [{ type: 'accepted', seq: 1 }] }
const work = mkdtempSync(join(tmpdir(), 'archive-pack-'))
afterAll(() => rmSync(work, { recursive: true }))

const packed = await packCaseZip(input, { clock })
const zipPath = join(work, 'case.zip')
writeFileSync(zipPath, packed.zip)
const bag = join(work, 'ZW-2026-000001')
run('python3', ['-m', 'zipfile', '-e', zipPath, work])

test('the same case at the same time makes the same bytes', async () => {
  expect(toHex((await packCaseZip(input, { clock })).zip)).toBe(toHex(packed.zip))
})

test('a packed case is checked, and what nobody verified keeps it from being accepted', async () => {
  const report = await checkPackage(zipPackage('case.zip', packed.zip))
  expect(report).toMatchObject({ profile: 'gbt42727-2023', verdict: 'manual', format: 'zip' })
  expect(report.checks.filter(({ status }) => status === 'fail' || status === 'manual')).toEqual([])
  const open = report.checks.filter(({ status }) => status === 'not-checked')
  expect(new Set(open.map(({ id }) => id))).toEqual(new Set(['authenticity.seal', 'security.virus']))
})

test('with a verifier and a scanner that answer, the case is accepted at every stage', async () => {
  for (const stage of ['archiving', 'transfer', 'preservation'] as const) {
    const report = await checkPackage(zipPackage('case.zip', packed.zip), {
      stage,
      verifyDocument: async () => ({
        verdict: 'TOTAL-PASSED',
        findings: [],
        signatures: [{ verdict: 'TOTAL-PASSED', subIndication: null }],
      }),
      scan: async () => ({ status: 'clean', detail: 'test scanner' }),
    })
    expect(report.verdict).toBe('accepted')
  }
})

describe.skipIf(!hasTool('sha256sum') || !hasTool('openssl'))('GNU coreutils and OpenSSL agree', () => {
  test('with both manifests', () => {
    for (const manifest of ['manifest-sha256.txt', 'tagmanifest-sha256.txt']) {
      expect(run('sha256sum', ['--strict', '-c', manifest], bag)).toMatchObject({ status: 0 })
    }
  })

  test('with every SM3 digest', () => {
    const lines = readFileSync(join(bag, 'checksum/payload-sm3.txt'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(packed.files.length)
    for (const line of lines) {
      const [digest, path] = line.split('  ') as [string, string]
      expect(run('openssl', ['dgst', '-sm3', '-r', path], bag).output.slice(0, 64)).toBe(digest)
    }
  })
})

test.skipIf(!hasTool('unzip'))('unzip finds every entry of the zip intact (needs unzip)', () => {
  const { output } = run('unzip', ['-t', zipPath])
  expect(output.match(/ OK$/gm)).toHaveLength(packed.files.length + 6)
  expect(output).not.toMatch(/bad CRC|error\(s\)|invalid/)
})

test.skipIf(!hasTool('python3'))('the zip module of Python finds every entry intact (needs python3)', () => {
  const script =
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.namelist()))'
  expect(run('python3', ['-c', script, zipPath]).output.trim()).toBe(String(packed.files.length + 6))
})

describe.skipIf(!hasTool('xmllint'))('xmllint reads the metadata', () => {
  test.each(['data/基本信息元数据.xml', 'data/流程信息元数据.xml', 'metadata/premis.xml'])(
    '%s is well-formed',
    (path) => {
      expect(run('xmllint', ['--noout', '--nonet', path], bag)).toEqual({ status: 0, output: '' })
    },
  )

  test('original names, sizes and digests are in the metadata', () => {
    const value = (path: string) => run('xmllint', ['--xpath', path, 'data/基本信息元数据.xml'], bag).output.trim()
    expect(value('string(/base_info/document_number)')).toBe('ZW-2026-000001')
    expect(value('string(//folder[@title="02-materials"]/file/computer_file_name)')).toBe('说明 100%.txt')
    expect(value('string(//folder[@title="01-application"]/file[@id="0001"]/computer_file_size)')).toBe(
      String(samplePdf.length),
    )
  })

  test.skipIf(!archiveMaterial)('premis.xml is valid by the schema of PREMIS 3.0 (needs ZHICHENG_MATERIAL)', () => {
    const schema = readFileSync(join(archiveMaterial!, 'xsd/premis-v3.xsd'), 'utf8')
    const local = schema.replace(
      /schemaLocation="[^"]*xlink[^"]*"/,
      `schemaLocation="${archiveMaterial}/xsd/xlink.xsd"`,
    )
    writeFileSync(join(work, 'premis.xsd'), local)
    const result = run('xmllint', ['--noout', '--nonet', '--schema', '../premis.xsd', 'metadata/premis.xml'], bag)
    expect(result).toMatchObject({ status: 0, output: expect.stringContaining('validates') })
  })
})

test('bag-info says how much there is, and the declaration is that of BagIt 1.0', () => {
  expect(readFileSync(join(bag, 'bagit.txt'), 'utf8')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n')
  expect(readFileSync(join(bag, 'bag-info.txt'), 'utf8')).toContain(
    `Payload-Oxum: ${packed.bytes}.${packed.files.length}\n`,
  )
  expect(readFileSync(join(bag, 'bag-info.txt'), 'utf8')).toContain('Bagging-Date: 2026-11-24\n')
})

test.each([
  ['no number', { number: '' }],
  ['a number that leaves the folder', { number: '../A' }],
  ['a number that Windows keeps for itself', { number: 'con' }],
  ['no steps', { events: [] }],
  ['a time without offset', { completedAt: '2026-11-24T10:00:00' }],
  ['an unknown member', { secret: 1 }],
])('a description with %s is refused, and its values are not repeated', (_, change) => {
  const error = (() => {
    try {
      parseCaseDescription({ ...sampleDescription, ...change })
    } catch (reason) {
      return reason as Error & { code: string }
    }
    return undefined
  })()
  expect(error?.code).toBe('ERR_ARCHIVE_DESCRIPTION')
  expect(JSON.stringify(error)).not.toContain('样例')
})

test('a value that would break a line of bag-info is refused', async () => {
  const description = {
    ...sampleDescription,
    department: { ...sampleDescription.department, name: '样例局\nPayload-Oxum: 0.0' },
  }
  await expect(packCaseZip({ description, files: sampleFiles })).rejects.toMatchObject({
    code: 'ERR_ARCHIVE_DESCRIPTION',
  })
})

test('a case without files, and a file without extension, are refused', async () => {
  await expect(packCaseZip({ description: sampleDescription, files: [] })).rejects.toMatchObject({
    code: 'ERR_ARCHIVE_DESCRIPTION',
  })
  await expect(
    packCaseZip({ description: sampleDescription, files: [{ kind: 'materials', name: 'x', content: utf8('a') }] }),
  ).rejects.toMatchObject({ code: 'ERR_ARCHIVE_NAME' })
})
