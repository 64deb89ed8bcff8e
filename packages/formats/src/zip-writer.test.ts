import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, toHex, utf8 } from '@zhicheng/core'
import { afterAll, describe, expect, test } from 'vitest'
import { openZip } from './zip-reader.ts'
import { createZipWriter, writeZip } from './zip-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhicheng-zip-'))
afterAll(() => rmSync(folder, { recursive: true }))

function has(tool: string): boolean {
  const found = spawnSync(tool, ['--help']).error === undefined
  if (!found && process.env['CI'] === 'true') throw new Error(`${tool} is missing`)
  return found
}

async function* pieces(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function sample(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const writer = createZipWriter((chunk) => chunks.push(chunk))
  await writer.add('样例/说明.txt', utf8('支撑'.repeat(5000)))
  await writer.add(
    'stored.bin',
    Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) & 255),
    { store: true },
  )
  await writer.add('empty.txt', new Uint8Array())
  await writer.add('folder/', new Uint8Array())
  await writer.add('streamed.txt', pieces(utf8('one '), utf8('two '.repeat(50_000))))
  await writer.add('streamed-known.txt', pieces(utf8('three')), { size: 5, store: true })
  await writer.finish()
  return concatBytes(...chunks)
}

test('the same content gives the same bytes', async () => {
  expect(toHex(await sample())).toBe(toHex(await sample()))
})

test('what is written is read back, byte for byte', async () => {
  const archive = await openZip(await sample())
  expect(archive.findings).toEqual([])
  expect(archive.entries.map(({ name }) => name)).toEqual([
    '样例/说明.txt',
    'stored.bin',
    'empty.txt',
    'folder/',
    'streamed.txt',
    'streamed-known.txt',
  ])
  expect(new TextDecoder().decode(await archive.read('样例/说明.txt'))).toBe('支撑'.repeat(5000))
  expect(new TextDecoder().decode(await archive.read('streamed.txt'))).toBe(`one ${'two '.repeat(50_000)}`)
})

test('a copied entry keeps its compressed bytes, name and time', async () => {
  const modified = new Date(Date.UTC(2020, 9, 12, 11, 14, 4))
  const source = await writeZip([{ name: '样例.txt', content: utf8('abc'.repeat(4000)) }], { modified })
  const archive = await openZip(source)
  const chunks: Uint8Array[] = []
  const writer = createZipWriter((chunk) => chunks.push(chunk))
  for (const entry of archive.entries) await writer.copy(archive, entry)
  await writer.finish()
  expect(toHex(concatBytes(...chunks))).toBe(toHex(source))
})

test('an archive in a Node Buffer, whose slices share memory, is read like any other', async () => {
  const bytes = await sample()
  const pooled = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]).subarray(6, 6 + bytes.length)
  const archive = await openZip(pooled)
  expect(new TextDecoder().decode(await archive.read('样例/说明.txt'))).toBe('支撑'.repeat(5000))
})

describe('what the writer refuses', () => {
  const writer = () => createZipWriter(() => undefined)

  test.each(['../a', '/a', 'a\\b', 'a//b', 'C:a', ''])('the name "%s"', async (name) => {
    await expect(writer().add(name, new Uint8Array())).rejects.toMatchObject({ code: 'ERR_ZIP_NAME_UNSAFE' })
  })

  test('names that stand twice or differ only in case', async () => {
    const first = writer()
    await first.add('a', utf8('1'))
    await expect(first.add('a', utf8('2'))).rejects.toMatchObject({ code: 'ERR_ZIP_DUPLICATE_NAME' })
    const second = writer()
    await second.add('a', utf8('1'))
    await expect(second.add('A', utf8('2'))).rejects.toMatchObject({ code: 'ERR_ZIP_NAME_TWIN' })
  })

  test('entries that are not awaited, and anything after the end or a failure', async () => {
    const busy = writer()
    const first = busy.add('a', utf8('1'))
    await expect(busy.add('b', utf8('2'))).rejects.toMatchObject({ code: 'ERR_ZIP_WRITER_STATE' })
    await first
    await busy.finish()
    await expect(busy.add('c', utf8('3'))).rejects.toMatchObject({ code: 'ERR_ZIP_WRITER_STATE' })
    const failed = writer()
    await expect(failed.add('a', pieces(utf8('12')), { size: 3 })).rejects.toMatchObject({
      code: 'ERR_ZIP_SIZE_MISMATCH',
    })
    await expect(failed.finish()).rejects.toMatchObject({ code: 'ERR_ZIP_WRITER_STATE' })
  })
})

describe('other tools accept what is written', () => {
  test.skipIf(!has('unzip'))('unzip tests it without a complaint (needs unzip)', async () => {
    const file = join(folder, 'sample.zip')
    writeFileSync(file, await sample())
    expect(execFileSync('unzip', ['-t', file], { encoding: 'utf8' })).toContain('No errors detected')
  })

  test.skipIf(!has('unzip'))('unzip lists Chinese names as they were given (needs unzip)', async () => {
    const file = join(folder, 'names.zip')
    writeFileSync(file, await sample())
    const env = { ...process.env, LC_ALL: 'C.UTF-8' }
    expect(execFileSync('unzip', ['-Z1', file], { encoding: 'utf8', env })).toContain('样例/说明.txt')
  })

  test.skipIf(!has('unzip'))('unzip knows Chinese names, whatever the locale (needs unzip)', async () => {
    const file = join(folder, 'chinese.zip')
    writeFileSync(
      file,
      await writeZip([
        { name: '材料/', content: new Uint8Array() },
        { name: '材料/申请表.txt', content: utf8('样例') },
      ]),
    )
    for (const LC_ALL of ['C', 'C.UTF-8']) {
      const said = execFileSync('unzip', ['-t', file], { encoding: 'utf8', env: { ...process.env, LC_ALL } })
      expect(said).toContain('No errors detected')
    }
  })

  test.skipIf(!has('python3'))('Python reads the same names and contents (needs python3)', async () => {
    const file = join(folder, 'python.zip')
    writeFileSync(file, await sample())
    const script =
      'import sys,zipfile,json;z=zipfile.ZipFile(sys.argv[1]);assert z.testzip() is None;print(json.dumps([[i.filename,i.file_size,i.CRC] for i in z.infolist()]))'
    const listed: unknown = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))
    const { entries } = await openZip(await sample())
    expect(listed).toEqual(entries.map(({ name, size, crc32 }) => [name, size, crc32]))
  })

  test.skipIf(!has('python3'))('65,535 and 70,000 entries are counted rightly (needs python3)', async () => {
    for (const count of [65_535, 70_000]) {
      const file = join(folder, 'many.zip')
      const content = new Uint8Array()
      writeFileSync(file, await writeZip(Array.from({ length: count }, (_, index) => ({ name: `f${index}`, content }))))
      const script = 'import sys,zipfile;print(len(zipfile.ZipFile(sys.argv[1]).infolist()))'
      expect(Number(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))).toBe(count)
      expect((await openZip(new Uint8Array(readFileSync(file)))).entries.length).toBe(count)
    }
  })

  test.skipIf(!has('python3'))('what Python writes is read, streamed or not (needs python3)', async () => {
    const file = join(folder, 'from-python.zip')
    const script = `
import sys, zipfile
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
with open(sys.argv[1], 'wb') as f:
    with zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('样例.txt', '支撑' * 1000)
        with z.open('large.bin', 'w', force_zip64=True) as e: e.write(b'x' * 100000)
`
    execFileSync('python3', ['-c', script, file])
    const archive = await openZip(new Uint8Array(readFileSync(file)))
    expect(archive.findings).toEqual([])
    expect(new TextDecoder().decode(await archive.read('样例.txt'))).toBe('支撑'.repeat(1000))
    expect((await archive.read('large.bin')).length).toBe(100_000)
  })
})
