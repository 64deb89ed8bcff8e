import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex, utf8 } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { openZip } from '@zhicheng/formats'
import { describe, expect, test } from 'vitest'
import {
  archiveMessages,
  type CheckPackageOptions,
  type CheckReport,
  checkPackage,
  checkTitles,
  type DocumentVerification,
  memoryPackage,
  packCaseZip,
} from './index.ts'
import { checkPath } from './node.ts'
import { createSampleFiles, sampleDescription } from './test-support/sample-case.ts'

type Files = Record<string, Uint8Array>

const sha = (text: string | Uint8Array) => toHex(hash('sha256', typeof text === 'string' ? utf8(text) : text))

/** A valid bag of version 1.0 with two files; `change` is applied before the tag manifest is written. */
function bag(change: Record<string, string | Uint8Array | undefined> = {}, { version = '1.0' } = {}): Files {
  const files: Record<string, string | Uint8Array | undefined> = {
    'bagit.txt': `BagIt-Version: ${version}\nTag-File-Character-Encoding: UTF-8\n`,
    'bag-info.txt': 'Payload-Oxum: 3.2\n',
    'data/a.txt': 'a',
    'data/b.txt': 'bb',
    'manifest-sha256.txt': `${sha('a')}  data/a.txt\n${sha('bb')}  data/b.txt\n`,
    ...change,
  }
  const bytes: Files = {}
  for (const [path, content] of Object.entries(files)) {
    if (content !== undefined) bytes[path] = typeof content === 'string' ? utf8(content) : content
  }
  if (!('tagmanifest-sha256.txt' in files)) {
    const listed = Object.keys(bytes).filter((path) => !path.startsWith('data/'))
    bytes['tagmanifest-sha256.txt'] = utf8(listed.map((path) => `${sha(bytes[path]!)}  ${path}\n`).join(''))
  }
  return bytes
}

const check = (files: Files, options?: CheckPackageOptions) => checkPackage(memoryPackage('case', files), options)
const codes = (report: CheckReport, status: string) =>
  report.checks.filter((record) => record.status === status).map(({ id, code }) => `${id} ${code}`)

const manifest = (...lines: string[]) => ({ 'manifest-sha256.txt': lines.map((line) => `${line}\n`).join('') })
const a = `${sha('a')}  data/a.txt`
const b = `${sha('bb')}  data/b.txt`

test('the untouched bag is accepted, and every planned check has a record', async () => {
  const report = await check(bag())
  expect(report.verdict).toBe('accepted')
  expect(codes(report, 'fail')).toEqual([])
  for (const record of report.checks) {
    expect(record.property).toBe(record.id.split('.')[0])
    expect(checkTitles[record.id]).toBeTruthy()
    expect(record.evidence).not.toBe('')
  }
  expect(report.checks.filter(({ id }) => id === 'integrity.digest')).toHaveLength(2)
})

describe('what RFC 8493 does not allow sends a bag back', () => {
  const bom = '\ufeff'
  test.each<[string, Record<string, string | Uint8Array | undefined>, string]>([
    ['no bagit.txt', { 'bagit.txt': undefined }, 'integrity.declaration ERR_ARCHIVE_DECLARATION'],
    [
      'a byte order mark in bagit.txt',
      { 'bagit.txt': `${bom}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n` },
      'integrity.declaration ERR_ARCHIVE_DECLARATION',
    ],
    [
      'a blank before the colon in 1.0',
      { 'bagit.txt': 'BagIt-Version : 1.0\nTag-File-Character-Encoding: UTF-8\n' },
      'integrity.declaration ERR_ARCHIVE_DECLARATION',
    ],
    [
      'a third line in bagit.txt',
      { 'bagit.txt': 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nX: 1\n' },
      'integrity.declaration ERR_ARCHIVE_DECLARATION',
    ],
    [
      'an unknown version',
      { 'bagit.txt': 'BagIt-Version: 2.0\nTag-File-Character-Encoding: UTF-8\n' },
      'integrity.declaration ERR_ARCHIVE_VERSION',
    ],
    [
      'an unknown encoding',
      { 'bagit.txt': 'BagIt-Version: 1.0\nTag-File-Character-Encoding: KOI8-R\n' },
      'integrity.manifests ERR_ARCHIVE_TAG_ENCODING',
    ],
    [
      'bytes that are not UTF-8',
      { 'bag-info.txt': Uint8Array.of(0x41, 0x3a, 0x20, 0xff) },
      'integrity.bag-info ERR_ARCHIVE_TAG_ENCODING',
    ],
    ['no manifest', { 'manifest-sha256.txt': undefined }, 'integrity.manifests ERR_ARCHIVE_MANIFEST_MISSING'],
    ['a changed file', { 'data/a.txt': 'A' }, 'integrity.digest ERR_ARCHIVE_DIGEST_MISMATCH'],
    ['a missing file', { 'data/b.txt': undefined }, 'integrity.completeness ERR_ARCHIVE_FILE_MISSING'],
    ['an unlisted file', { 'data/c.txt': '' }, 'integrity.completeness ERR_ARCHIVE_FILE_UNLISTED'],
    ['a line twice', manifest(a, b, a), 'integrity.manifests ERR_ARCHIVE_MANIFEST_DUPLICATE'],
    [
      'a digest of another length',
      manifest(a, `${'0'.repeat(40)}  data/b.txt`),
      'integrity.manifests ERR_ARCHIVE_MANIFEST',
    ],
    ['a line without a path', manifest(a, b, sha('x')), 'integrity.manifests ERR_ARCHIVE_MANIFEST'],
    ['a path outside data/', manifest(a, b, `${sha('x')}  bagit.txt`), 'integrity.manifests ERR_ARCHIVE_MANIFEST'],
    [
      'a path that climbs out',
      manifest(a, b, `${sha('x')}  data/../../x`),
      'integrity.manifests ERR_ARCHIVE_PATH_UNSAFE',
    ],
    ['an absolute path', manifest(a, b, `${sha('x')}  /etc/passwd`), 'integrity.manifests ERR_ARCHIVE_PATH_UNSAFE'],
    ['the home folder', manifest(a, b, `${sha('x')}  ~/x`), 'integrity.manifests ERR_ARCHIVE_PATH_UNSAFE'],
    ['a backslash', manifest(a, b, `${sha('x')}  data\\x`), 'integrity.manifests ERR_ARCHIVE_PATH_UNSAFE'],
    ['a reserved name', manifest(a, b, `${sha('x')}  data/nul.txt`), 'integrity.manifests ERR_ARCHIVE_PATH_UNSAFE'],
    ['a bare percent sign', manifest(a, b, `${sha('x')}  data/100%.txt`), 'integrity.manifests ERR_ARCHIVE_MANIFEST'],
    ['a wrong oxum', { 'bag-info.txt': 'Payload-Oxum: 4.2\n' }, 'integrity.oxum ERR_ARCHIVE_OXUM'],
    ['two oxums', { 'bag-info.txt': 'Payload-Oxum: 3.2\nPayload-Oxum: 3.2\n' }, 'integrity.oxum ERR_ARCHIVE_OXUM'],
    ['an oxum that is none', { 'bag-info.txt': 'Payload-Oxum: 3\n' }, 'integrity.oxum ERR_ARCHIVE_OXUM'],
    ['a bag-info line without a colon', { 'bag-info.txt': 'nonsense\n' }, 'integrity.bag-info ERR_ARCHIVE_BAG_INFO'],
    ['a fetch line without a path', { 'fetch.txt': 'http://a.example/x 3\n' }, 'integrity.fetch ERR_ARCHIVE_FETCH'],
    ['a relative fetch address', { 'fetch.txt': 'x - data/a.txt\n' }, 'integrity.fetch ERR_ARCHIVE_FETCH'],
    [
      'a fetch entry that climbs out',
      { 'fetch.txt': 'http://a.example/x - data/../x\n' },
      'integrity.fetch ERR_ARCHIVE_FETCH',
    ],
    [
      'a fetch entry in no manifest',
      { 'fetch.txt': 'http://a.example/x - data/z\n' },
      'integrity.fetch ERR_ARCHIVE_FETCH',
    ],
    [
      'a file that only the network has',
      { 'data/b.txt': undefined, 'fetch.txt': 'http://a.example/x 2 data/b.txt\n' },
      'integrity.completeness ERR_ARCHIVE_FETCH_REQUIRED',
    ],
    [
      'a tag file that was changed',
      { 'tagmanifest-sha256.txt': `${sha('x')}  bag-info.txt\n${sha(`${a}\n${b}\n`)}  manifest-sha256.txt\n` },
      'authenticity.tag-files ERR_ARCHIVE_DIGEST_MISMATCH',
    ],
    [
      'a tag file that is missing',
      { 'tagmanifest-sha256.txt': `${sha(`${a}\n${b}\n`)}  manifest-sha256.txt\n${sha('x')}  x.txt\n` },
      'authenticity.tag-files ERR_ARCHIVE_FILE_MISSING',
    ],
    [
      'a tag manifest that leaves out a payload manifest',
      { 'tagmanifest-sha256.txt': `${sha('Payload-Oxum: 3.2\n')}  bag-info.txt\n` },
      'integrity.manifests ERR_ARCHIVE_MANIFEST',
    ],
    [
      'a tag manifest that lists a payload file',
      { 'tagmanifest-sha256.txt': `${sha(`${a}\n${b}\n`)}  manifest-sha256.txt\n${a}\n` },
      'integrity.manifests ERR_ARCHIVE_MANIFEST',
    ],
    [
      'a second manifest that does not list every file',
      { 'manifest-sha512.txt': `${toHex(hash('sha512', utf8('a')))}  data/a.txt\n` },
      'integrity.completeness ERR_ARCHIVE_FILE_UNLISTED',
    ],
    [
      'two names in one Unicode form',
      {
        'data/\u00e9': '',
        'data/e\u0301': '',
        ...manifest(a, b, `${sha('')}  data/\u00e9`, `${sha('')}  data/e\u0301`),
        'bag-info.txt': undefined,
      },
      'security.collisions ERR_ARCHIVE_PATH_COLLISION',
    ],
  ])('%s', async (_, change, expected) => {
    const report = await check(bag(change))
    expect(report.verdict).toBe('returned')
    expect(codes(report, 'fail')).toContain(expected)
    for (const { code } of report.checks) expect(Object.keys(archiveMessages)).toContain(code)
  })
})

describe('what is allowed, or was before 1.0, is a remark', () => {
  test.each<[string, Files, string]>([
    [
      'a line twice before 1.0',
      bag(manifest(a, b, a), { version: '0.97' }),
      'integrity.manifests WARN_ARCHIVE_REPEATED',
    ],
    [
      '"./" before a path',
      bag(manifest(a, `${sha('bb')} ./data/b.txt`)),
      'integrity.manifests WARN_ARCHIVE_LINE_STYLE',
    ],
    ['"*" before a path', bag(manifest(a, `${sha('bb')} *data/b.txt`)), 'integrity.manifests WARN_ARCHIVE_LINE_STYLE'],
    [
      'a label twice',
      bag({ 'bag-info.txt': 'Bagging-Date: 2026-01-01\nbagging-date: 2026-01-02\n' }),
      'integrity.bag-info WARN_ARCHIVE_REPEATED',
    ],
    [
      'names that differ in case',
      bag({ 'data/A.txt': '', ...manifest(a, b, `${sha('')}  data/A.txt`), 'bag-info.txt': undefined }),
      'security.collisions WARN_ARCHIVE_NAME_CASE',
    ],
    [
      'a name listed in another Unicode form',
      bag({ 'data/\u00e9': '', ...manifest(a, b, `${sha('')}  data/e\u0301`), 'bag-info.txt': undefined }),
      'integrity.completeness WARN_ARCHIVE_NAME_NORMALISATION',
    ],
    [
      'a tag file that no tag manifest lists',
      bag({ 'tagmanifest-sha256.txt': `${sha(`${a}\n${b}\n`)}  manifest-sha256.txt\n` }),
      'authenticity.tag-files WARN_ARCHIVE_UNLISTED_TAG_FILE',
    ],
  ])('%s', async (_, files, expected) => {
    const report = await check(files)
    expect(codes(report, 'fail')).toEqual([])
    expect(report.verdict).toBe('accepted')
    expect(codes(report, 'pass')).toContain(expected)
  })

  test('upper-case digests, tabs and CRLF are read, and encoded line ends name a real file', async () => {
    const files = bag({
      'data/x\ny%.txt': 'z',
      'bag-info.txt': 'Payload-Oxum: 4.3',
      'manifest-sha256.txt': `${sha('a').toUpperCase()}\t data/a.txt\r\n${b}\r\n${sha('z')}  data/x%0Ay%25.txt`,
    })
    expect(await check(files)).toMatchObject({ verdict: 'accepted' })
  })
})

test('a manifest of an unknown algorithm leaves the bag to a person, never accepts it', async () => {
  const report = await check(bag({ 'manifest-blake3.txt': manifest(a, b)['manifest-sha256.txt'] }))
  expect(report.verdict).toBe('manual')
  expect(codes(report, 'not-checked')).toEqual(['integrity.digest ERR_ARCHIVE_DIGEST_UNSUPPORTED'])
})

test('a tag manifest of an unknown algorithm never looks compared', async () => {
  const files = bag()
  files['tagmanifest-md5.txt'] = utf8(`${'0'.repeat(32)}  bag-info.txt\n${'0'.repeat(32)}  manifest-sha256.txt\n`)
  delete files['tagmanifest-sha256.txt']
  const report = await check(files)
  expect(report.verdict).toBe('manual')
  expect(codes(report, 'not-checked')).toEqual(['authenticity.tag-files ERR_ARCHIVE_DIGEST_UNSUPPORTED'])
  expect(codes(report, 'pass').some((line) => line.startsWith('authenticity.tag-files'))).toBe(false)
})

test('files that cannot be read are never called unchanged', async () => {
  const source = memoryPackage('case', bag())
  const report = await checkPackage({
    ...source,
    async open() {
      const contents = await source.open()
      const broken = (path: string) => path === 'bag-info.txt' || path === 'data/a.txt'
      const files = contents.files.map((file) =>
        broken(file.path)
          ? {
              ...file,
              async *stream() {
                yield utf8('x')
                throw new Error('disk')
              },
            }
          : file,
      )
      return { ...contents, files }
    },
  })
  expect(report.verdict).toBe('returned')
  expect(codes(report, 'fail')).toContain('authenticity.tag-files ERR_ARCHIVE_READ')
  expect(codes(report, 'fail')).toContain('usability.container ERR_ARCHIVE_READ')
  expect(report.checks).toContainEqual(
    expect.objectContaining({ id: 'integrity.digest', object: 'data/a.txt', status: 'not-checked' }),
  )
})

test('a manifest of a hundred thousand wrong lines makes a short report', async () => {
  const report = await check(bag({ 'manifest-sha256.txt': 'x\n'.repeat(100_000) }))
  expect(report.verdict).toBe('returned')
  expect(report.checks.length).toBeLessThan(300)
})

test('a link and a device name in a folder are reported, and what they point to is never read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-link-'))
  try {
    for (const [path, bytes] of Object.entries(bag())) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    symlinkSync('/etc', join(folder, 'data/etc'))
    const report = await checkPath(folder)
    expect(report.verdict).toBe('returned')
    expect(report.checks).toContainEqual(
      expect.objectContaining({ id: 'security.links', object: 'data/etc', code: 'ERR_ARCHIVE_LINK' }),
    )
    expect(report.checks.some(({ object }) => object.startsWith('data/etc/'))).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('a case package', async () => {
  const { zip } = await packCaseZip({ description: sampleDescription, files: await createSampleFiles() })
  const archive = await openZip(zip)
  const original: Files = {}
  for (const entry of archive.entries) original[entry.name.replace(/^[^/]+\//, '')] = await archive.read(entry)
  const passed: DocumentVerification = {
    verdict: 'TOTAL-PASSED',
    findings: [],
    signatures: [{ verdict: 'TOTAL-PASSED', subIndication: null }],
  }

  /** Changes payload files and writes all manifests again, as somebody would who wants the change to go unseen. */
  function repacked(change: Record<string, string | Uint8Array | undefined>): Files {
    const files: Files = {}
    for (const [path, content] of Object.entries({ ...original, ...change })) {
      if (content !== undefined) files[path] = typeof content === 'string' ? utf8(content) : content
    }
    const payload = Object.keys(files).filter((path) => path.startsWith('data/'))
    const list = (algorithm: 'sha256' | 'sm3', paths: string[]) =>
      utf8(paths.map((path) => `${toHex(hash(algorithm, files[path]!))}  ${path}\n`).join(''))
    files['manifest-sha256.txt'] = list('sha256', payload)
    files['checksum/payload-sm3.txt'] = list('sm3', payload)
    const bytes = payload.reduce((sum, path) => sum + files[path]!.length, 0)
    const info = new TextDecoder().decode(files['bag-info.txt'])
    files['bag-info.txt'] = utf8(info.replace(/Payload-Oxum: .*/, `Payload-Oxum: ${bytes}.${payload.length}`))
    const tags = Object.keys(files).filter((path) => !path.startsWith('data/') && !path.startsWith('tagmanifest'))
    files['tagmanifest-sha256.txt'] = list('sha256', tags)
    return files
  }

  const options: CheckPackageOptions = {
    verifyDocument: async () => passed,
    scan: async () => ({ status: 'clean', detail: 'test scanner' }),
  }
  const baseInfo = new TextDecoder().decode(original['data/基本信息元数据.xml'])
  const eicar = `${'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR'}${'-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`

  test('repacked without a change is accepted', async () => {
    expect(await check(repacked({}), options)).toMatchObject({ verdict: 'accepted', profile: 'gbt42727-2023' })
  })

  test.each<[string, Record<string, string | Uint8Array | undefined>, string]>([
    ['without base metadata', { 'data/基本信息元数据.xml': undefined }, 'usability.metadata ERR_ARCHIVE_METADATA'],
    [
      'whose metadata has a DOCTYPE',
      {
        'data/基本信息元数据.xml': baseInfo.replace('<base_info', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><base_info'),
      },
      'usability.metadata ERR_ARCHIVE_METADATA',
    ],
    [
      'without its item code',
      { 'data/基本信息元数据.xml': baseInfo.replace(/ *<task_code.*\n/, '') },
      'integrity.metadata-required ERR_ARCHIVE_METADATA_MISSING',
    ],
    [
      'with a retention period that is none',
      { 'data/基本信息元数据.xml': baseInfo.replace('>D30<', '>D31<') },
      'authenticity.metadata-values ERR_ARCHIVE_METADATA_VALUE',
    ],
    [
      'with another number',
      { 'data/基本信息元数据.xml': baseInfo.replace('>ZW-2026-000001<', '>ZW-2026-000002<') },
      'authenticity.identifier ERR_ARCHIVE_METADATA_MISMATCH',
    ],
    [
      'with a file that the metadata does not list',
      { 'data/02-materials/0002.txt': 'x' },
      'integrity.file-count ERR_ARCHIVE_METADATA_MISMATCH',
    ],
    [
      'without a file that the metadata lists',
      { 'data/02-materials/0001.txt': undefined },
      'integrity.file-count ERR_ARCHIVE_METADATA_MISMATCH',
    ],
    [
      'with a file of another size',
      { 'data/02-materials/0001.txt': 'longer than it was before' },
      'authenticity.attributes ERR_ARCHIVE_METADATA_MISMATCH',
    ],
    ['without process metadata', { 'data/流程信息元数据.xml': undefined }, 'usability.metadata ERR_ARCHIVE_METADATA'],
    [
      'with a text named as PDF',
      { 'data/01-application/0001.pdf': 'hello' },
      'usability.format ERR_ARCHIVE_FORMAT_MISMATCH',
    ],
    [
      'with a PDF that was cut off',
      { 'data/01-application/0001.pdf': original['data/01-application/0001.pdf']!.subarray(0, 40) },
      'usability.readable ERR_ARCHIVE_FILE_BROKEN',
    ],
    [
      'with an OFD that was cut off',
      { 'data/04-result/0001.ofd': original['data/04-result/0001.ofd']!.subarray(0, 60) },
      'usability.readable ERR_ARCHIVE_FILE_BROKEN',
    ],
    [
      'with a program named as text',
      { 'data/02-materials/0001.txt': 'MZ\u0000' },
      'security.executable ERR_ARCHIVE_EXECUTABLE',
    ],
    ['with a script', { 'data/02-materials/0002.vbs': 'x' }, 'security.executable ERR_ARCHIVE_EXECUTABLE'],
  ])('%s is returned', async (_, change, expected) => {
    const report = await check(repacked(change), options)
    expect(report.verdict).toBe('returned')
    expect(codes(report, 'fail')).toContain(expected)
  })

  test('whose SM3 list was not written again is returned', async () => {
    const files = repacked({ 'data/02-materials/0001.txt': '样例材料？' })
    files['checksum/payload-sm3.txt'] = original['checksum/payload-sm3.txt']!
    expect(codes(await check(files, options), 'fail')).toContain('integrity.sm3 ERR_ARCHIVE_DIGEST_MISMATCH')
  })

  test('says what a broken seal, an open one and a missing one mean', async () => {
    const verify = (answer: DocumentVerification) => check(original, { ...options, verifyDocument: async () => answer })
    const failed = { ...passed, verdict: 'TOTAL-FAILED' as const }
    expect(codes(await verify(failed), 'fail')).toContain('authenticity.seal ERR_ARCHIVE_SEAL_INVALID')
    const open = await verify({ ...passed, verdict: 'INDETERMINATE' })
    expect(open.verdict).toBe('manual')
    expect(codes(open, 'manual')).toContain('authenticity.seal ERR_ARCHIVE_SEAL_INDETERMINATE')
    const none = await verify({
      verdict: 'TOTAL-FAILED',
      signatures: [],
      findings: [{ code: 'ERR_SEAL_NO_SIGNATURE' }],
    })
    expect(codes(none, 'manual')).toEqual(['authenticity.seal ERR_ARCHIVE_SEAL_MISSING'])
    const empty = await verify({ verdict: 'TOTAL-PASSED', signatures: [], findings: [] })
    expect(empty.verdict).toBe('manual')
  })

  test('is never accepted because a verifier or a scanner crashed or gave no answer', async () => {
    const boom = async () => {
      throw new Error('boom')
    }
    const crashed = await check(original, { ...options, verifyDocument: boom })
    expect(crashed.verdict).toBe('manual')
    expect(codes(crashed, 'not-checked')).toContain('authenticity.seal ERR_ARCHIVE_CHECK_CRASHED')
    const transfer = { ...options, stage: 'transfer' as const }
    expect((await check(original, { ...transfer, scan: boom })).verdict).toBe('manual')
    const silent = await check(original, {
      ...transfer,
      scan: async () => ({ status: 'unknown', detail: 'no database' }),
    })
    expect(silent.verdict).toBe('manual')
    expect(codes(silent, 'not-checked')).toContain('security.virus ERR_ARCHIVE_NOT_CHECKED')
  })

  test('with a file that the scanner finds is returned', async () => {
    const report = await check(repacked({ 'data/02-materials/0001.txt': eicar }), {
      ...options,
      scan: async (_, bytes) =>
        new TextDecoder().decode(bytes).includes('EICAR')
          ? { status: 'infected', detail: 'EICAR' }
          : { status: 'clean', detail: 'nothing found' },
    })
    expect(codes(report, 'fail')).toContain('security.virus ERR_ARCHIVE_INFECTED')
  })

  test('with a signature over the whole package says that it was not verified', async () => {
    const report = await check({ ...original, 'signature/package.jws': utf8('x') }, options)
    expect(report.verdict).toBe('manual')
    expect(codes(report, 'not-checked')).toEqual(['authenticity.package-signature ERR_ARCHIVE_NOT_CHECKED'])
  })

  test('that claims to be a plain bag is still held to the profile that is asked for', async () => {
    const report = await check(bag(), { ...options, profile: 'gbt42727-2023' })
    expect(report).toMatchObject({ verdict: 'returned', profile: 'gbt42727-2023' })
  })

  test('with a file too large to look into leaves it to a person', async () => {
    const report = await check(original, { ...options, maxInspectedBytes: 3000 })
    expect(report.verdict).not.toBe('accepted')
  })
})
