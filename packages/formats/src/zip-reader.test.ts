import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isZhichengError, utf8 } from '@zhicheng/core'
import { describe, expect, test } from 'vitest'
import { openZip } from './zip-reader.ts'
import { writeZip } from './zip-writer.ts'

const material = process.env['ZHICHENG_MATERIAL']
if (process.env['CI'] === 'true' && !material) throw new Error('ZHICHENG_MATERIAL is not set')

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (isZhichengError(error)) return error.code
    throw error
  }
  return 'accepted'
}

async function readEverything(bytes: Uint8Array): Promise<number> {
  const archive = await openZip(bytes)
  for (const entry of archive.entries) await archive.read(entry)
  return archive.entries.length
}

/** An archive with chosen header fields, made by hand because no writer makes it. */
function forge(
  entries: readonly {
    name: string | Uint8Array
    content?: string
    flags?: number
    method?: number
    size?: number
    mode?: number
    localName?: string
    extra?: Uint8Array
  }[],
  { comment = '', gap = '' }: { comment?: string; gap?: string } = {},
): Uint8Array {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.from(entry.name as string)
    const localName = Buffer.from(entry.localName ?? entry.name)
    const content = Buffer.from(entry.content ?? 'x')
    const common = Buffer.alloc(22)
    common.writeUInt16LE(entry.flags ?? 0, 0)
    common.writeUInt16LE(entry.method ?? 0, 2)
    common.writeUInt32LE(crc(content), 8)
    common.writeUInt32LE(content.length, 12)
    common.writeUInt32LE(entry.size ?? content.length, 16)
    common.writeUInt16LE(name.length, 20)
    const local = Buffer.concat([Buffer.from('504b03041400', 'hex'), common, Buffer.alloc(2), localName, content])
    const extra = Buffer.from(entry.extra ?? [])
    const tail = Buffer.alloc(12)
    tail.writeUInt16LE(extra.length, 0)
    tail.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 8)
    const place = Buffer.alloc(4)
    place.writeUInt32LE(offset)
    directory.push(Buffer.concat([Buffer.from('504b010214031400', 'hex'), common, tail, place, name, extra]))
    parts.push(local, Buffer.from(gap))
    offset += local.length + gap.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(Buffer.byteLength(comment, 'latin1'), 20)
  return new Uint8Array(Buffer.concat([...parts, central, end, Buffer.from(comment, 'latin1')]))
}

function crc(bytes: Uint8Array): number {
  let state = 0xffffffff
  for (const byte of bytes) {
    state ^= byte
    for (let bit = 0; bit < 8; bit += 1) state = state & 1 ? (state >>> 1) ^ 0xedb88320 : state >>> 1
  }
  return (state ^ 0xffffffff) >>> 0
}

describe('what the forger makes by hand', () => {
  test('is a good archive when nothing is wrong with it', async () => {
    expect(await readEverything(forge([{ name: 'a.txt' }, { name: 'b/c.txt', content: '样例' }]))).toBe(2)
  })

  test.each([
    ['leaves its folder', '../a', 'ERR_ZIP_NAME_UNSAFE'],
    ['leaves its folder from inside', 'a/../../b', 'ERR_ZIP_NAME_UNSAFE'],
    ['is absolute', '/etc/passwd', 'ERR_ZIP_NAME_UNSAFE'],
    ['has a drive letter', 'C:evil.txt', 'ERR_ZIP_NAME_UNSAFE'],
    ['has a backslash', '..\\evil.txt', 'ERR_ZIP_NAME_UNSAFE'],
    ['is a network path', '\\\\server\\share', 'ERR_ZIP_NAME_UNSAFE'],
    ['holds NUL', 'a.txt\0.exe', 'ERR_ZIP_NAME_UNSAFE'],
    ['holds a line end', 'a\n.txt', 'ERR_ZIP_NAME_UNSAFE'],
    ['has an empty part', 'a//b', 'ERR_ZIP_NAME_UNSAFE'],
    ['is a dot', './a', 'ERR_ZIP_NAME_UNSAFE'],
    ['is empty', '', 'ERR_ZIP_NAME_UNSAFE'],
  ])('a name that %s is refused', async (_, name, code) => {
    expect(await codeOf(openZip(forge([{ name }])))).toBe(code)
  })

  test('names that stand twice are refused, even with one content', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a' }, { name: 'a' }])))).toBe('ERR_ZIP_DUPLICATE_NAME')
    expect(
      await codeOf(
        openZip(
          forge([
            { name: 'a', content: 'x' },
            { name: 'a/', content: '' },
          ]),
        ),
      ),
    ).toBe('ERR_ZIP_DUPLICATE_NAME')
  })

  test('twins in case or Unicode form are refused, and found when allowed', async () => {
    const twins = forge([{ name: 'Doc/A.xml' }, { name: 'doc/a.xml' }])
    expect(await codeOf(openZip(twins))).toBe('ERR_ZIP_NAME_TWIN')
    const forms = [{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }]
    expect(await codeOf(openZip(forge(forms)))).toBe('ERR_ZIP_NAME_TWIN')
    const { findings } = await openZip(twins, { allowCaseVariants: true })
    expect(findings.map(({ code }) => code)).toContain('ZIP_NAME_TWIN')
  })

  test('a file under a file is refused in either order', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a' }, { name: 'a/b' }])))).toBe('ERR_ZIP_FILE_AS_FOLDER')
    expect(await codeOf(openZip(forge([{ name: 'a/b' }, { name: 'A' }])))).toBe('ERR_ZIP_FILE_AS_FOLDER')
  })

  test('links and devices are refused', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a', mode: 0xa1ff }])))).toBe('ERR_ZIP_LINK')
    expect(await codeOf(openZip(forge([{ name: 'a', mode: 0x2180 }])))).toBe('ERR_ZIP_LINK')
    expect(await codeOf(openZip(forge([{ name: 'a', mode: 0x81a4 }])))).toBe('accepted')
  })

  test('encryption and unknown methods are refused', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a', flags: 1 }])))).toBe('ERR_ZIP_ENCRYPTED')
    expect(await codeOf(openZip(forge([{ name: 'a', method: 99 }])))).toBe('ERR_ZIP_ENCRYPTED')
    expect(await codeOf(openZip(forge([{ name: 'a', method: 12 }])))).toBe('ERR_ZIP_METHOD')
  })

  test('a local header with another name is refused', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a', localName: 'b' }])))).toBe('ERR_ZIP_HEADER_MISMATCH')
  })

  test('a stored entry whose two sizes differ is refused', async () => {
    expect(await codeOf(openZip(forge([{ name: 'a', size: 9 }])))).toBe('ERR_ZIP_SIZE_MISMATCH')
  })

  test('bytes between the entries are refused, and found when allowed', async () => {
    const bytes = forge([{ name: 'a' }, { name: 'b' }], { gap: 'hidden' })
    expect(await codeOf(openZip(bytes))).toBe('ERR_ZIP_UNACCOUNTED_BYTES')
    const { findings } = await openZip(bytes, { allowUnaccountedBytes: true })
    expect(findings.map(({ code }) => code)).toContain('ZIP_UNACCOUNTED_BYTES')
  })

  test('bytes before the archive are refused, and found when allowed, whether offsets count them or not', async () => {
    const plain = forge([{ name: 'a', content: 'inside' }])
    const prefixed = new Uint8Array([...utf8('#!/bin/sh\n'), ...plain])
    const adjusted = prefixed.slice()
    const view = new DataView(adjusted.buffer)
    view.setUint32(adjusted.length - 6, view.getUint32(adjusted.length - 6, true) + 10, true)
    view.setUint32(adjusted.length - 22 - 5, 10, true)
    for (const bytes of [prefixed, adjusted]) {
      expect(await codeOf(openZip(bytes))).toBe('ERR_ZIP_LEADING_BYTES')
      const archive = await openZip(bytes, { allowLeadingBytes: true })
      expect(archive.findings.map(({ code }) => code)).toEqual(['ZIP_LEADING_BYTES'])
      expect(new TextDecoder().decode(await archive.read('a'))).toBe('inside')
    }
  })

  test('bytes behind the archive, and no archive at all, are refused', async () => {
    const bytes = forge([{ name: 'a' }])
    expect(await codeOf(openZip(new Uint8Array([...bytes, 0])))).toBe('ERR_ZIP_END_MISSING')
    expect(await codeOf(openZip(bytes.subarray(0, bytes.length - 1)))).toBe('ERR_ZIP_END_MISSING')
    expect(await codeOf(openZip(new Uint8Array()))).toBe('ERR_ZIP_END_MISSING')
  })

  test('a comment that holds an end record is refused, an ordinary one is not', async () => {
    const inner = Buffer.from(forge([])).toString('latin1')
    expect(await codeOf(openZip(forge([{ name: 'a' }], { comment: inner })))).toBe('ERR_ZIP_END_AMBIGUOUS')
    expect(await codeOf(openZip(forge([{ name: 'a' }], { comment: 'hello' })))).toBe('accepted')
  })

  test('a second name in a Unicode field is refused when it differs', async () => {
    const name = utf8('good.txt')
    const field = Buffer.alloc(5)
    field[0] = 1
    field.writeUInt32LE(crc(name), 1)
    const value = Buffer.concat([field, Buffer.from('evil.exe')])
    const extra = Buffer.concat([Buffer.from([0x75, 0x70, value.length, 0]), value])
    expect(await codeOf(openZip(forge([{ name: 'good.txt', extra }])))).toBe('ERR_ZIP_NAME_UNSAFE')
  })

  test('GBK names are refused unless allowed, and then read', async () => {
    const name = Uint8Array.of(0xd6, 0xa7, 0xb3, 0xc5)
    const bytes = forge([{ name }])
    expect(await codeOf(openZip(bytes))).toBe('ERR_ZIP_NAME_ENCODING')
    const archive = await openZip(bytes, { allowGbkNames: true })
    expect(archive.entries[0]?.name).toBe('支撑')
    expect(archive.findings.map(({ code }) => code)).toEqual(['ZIP_NAME_GBK'])
  })

  test('names that Windows or a shell would change are reported', async () => {
    for (const name of ['con.txt', 'a/NUL', '~root', '%TEMP%', 'ab:c', 'a.']) {
      const { findings } = await openZip(forge([{ name }]))
      expect(findings.map(({ code }) => code)).toEqual(['ZIP_NAME_NOT_PORTABLE'])
    }
  })
})

describe('limits', () => {
  test('entries, bytes and ratio are bounded before anything is inflated', async () => {
    const bytes = await writeZip([
      { name: 'zeros', content: new Uint8Array(3_000_000) },
      { name: 'b', content: utf8('b') },
    ])
    expect(await codeOf(openZip(bytes, { maxEntries: 1 }))).toBe('ERR_ZIP_LIMIT')
    expect(await codeOf(openZip(bytes, { maxEntryBytes: 2_999_999 }))).toBe('ERR_ZIP_LIMIT')
    expect(await codeOf(openZip(bytes, { maxTotalBytes: 3_000_000 }))).toBe('ERR_ZIP_LIMIT')
    expect(await codeOf(openZip(bytes))).toBe('ERR_ZIP_LIMIT')
    expect(await codeOf(openZip(bytes, { maxRatio: 2000 }))).toBe('accepted')
  })

  test('an entry that inflates to more than it promises stops at the promise', async () => {
    const bytes = await writeZip([{ name: 'a', content: utf8('a'.repeat(100_000)) }])
    expect(await codeOf(readEverything(patchSizes(bytes, 50_000)))).toBe('ERR_ZIP_SIZE_MISMATCH')
    expect(await codeOf(readEverything(patchSizes(bytes, 100_001)))).toBe('ERR_ZIP_SIZE_MISMATCH')
    expect(await readEverything(patchSizes(bytes, 100_000))).toBe(1)
  })

  test('compressed data that is damaged, cut off or followed by more is refused', async () => {
    const content = utf8(Array.from({ length: 3000 }, (_, line) => `line ${line * 7}\n`).join(''))
    const bytes = await writeZip([{ name: 'a', content }])
    const compressed = (await openZip(bytes)).entries[0]!.compressedSize
    const start = 31
    const data = bytes.subarray(start, start + compressed)
    expect(await codeOf(readEverything(rebuild(bytes, data)))).toBe('accepted')
    expect(await codeOf(readEverything(rebuild(bytes, new Uint8Array([...data, 0]))))).toBe('ERR_ZIP_DEFLATE')
    expect(await codeOf(readEverything(rebuild(bytes, data.subarray(0, -1))))).toBe('ERR_ZIP_DEFLATE')
    const broken = data.slice()
    broken[100]! ^= 0xff
    expect(['ERR_ZIP_DEFLATE', 'ERR_ZIP_SIZE_MISMATCH', 'ERR_ZIP_CRC_MISMATCH']).toContain(
      await codeOf(readEverything(rebuild(bytes, broken))),
    )
  })
})

/** Changes the inflated size that both headers of a one-entry archive promise. */
function patchSizes(bytes: Uint8Array, size: number): Uint8Array {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE(size, 22)
  copy.writeUInt32LE(size, copy.readUInt32LE(copy.length - 6) + 24)
  return new Uint8Array(copy)
}

/** The one-entry archive with other compressed data. */
function rebuild(bytes: Uint8Array, data: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes)
  const directory = source.readUInt32LE(source.length - 6)
  const local = Buffer.from(source.subarray(0, 31))
  local.writeUInt32LE(data.length, 18)
  const central = Buffer.from(source.subarray(directory, source.length - 22))
  central.writeUInt32LE(data.length, 20)
  const end = Buffer.from(source.subarray(source.length - 22))
  end.writeUInt32LE(31 + data.length, 16)
  return new Uint8Array(Buffer.concat([local, data, central, end]))
}

describe.skipIf(!material)('the unsafe zips of the material (set ZHICHENG_MATERIAL to run)', () => {
  const folder = join(material ?? '', 'archive/mean-zips')

  test.each([
    ['slip-dotdot.zip', 'ERR_ZIP_NAME_UNSAFE'],
    ['slip-abs.zip', 'ERR_ZIP_NAME_UNSAFE'],
    ['crc-wrong.zip', 'ERR_ZIP_CRC_MISMATCH'],
    ['dup-diff.zip', 'ERR_ZIP_DUPLICATE_NAME'],
    ['symlink-escape.zip', 'ERR_ZIP_LINK'],
  ])('%s is refused with %s', async (file, code) => {
    expect(existsSync(join(folder, file))).toBe(true)
    expect(await codeOf(readEverything(new Uint8Array(readFileSync(join(folder, file)))))).toBe(code)
  })

  test('the bomb of overlapping entries is refused before anything is inflated', async () => {
    const bytes = new Uint8Array(readFileSync(join(folder, 'bomb-overlap-500x8MiB.zip')))
    expect(await codeOf(openZip(bytes))).toBe('ERR_ZIP_LIMIT')
    expect(['ERR_ZIP_OVERLAP', 'ERR_ZIP_HEADER_MISMATCH']).toContain(
      await codeOf(openZip(bytes, { maxRatio: Number.POSITIVE_INFINITY })),
    )
  })

  test('70,000 entries behind a ZIP64 end record are read, and refused below their number', async () => {
    const bytes = new Uint8Array(gunzipSync(readFileSync(join(folder, 'zip64-70000-entries.zip.gz'))))
    const archive = await openZip(bytes)
    expect(archive.entries.length).toBe(70_000)
    expect(archive.entries[69_999]?.name).toBe('0699/69999.txt')
    expect(await codeOf(openZip(bytes, { maxEntries: 69_999 }))).toBe('ERR_ZIP_LIMIT')
  })
})
