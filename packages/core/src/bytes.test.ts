import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesSource, readAll } from './byte-source.ts'
import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from './bytes.ts'
import { fileSource } from './node.ts'

const all = Uint8Array.from({ length: 256 }, (_, index) => index)

test('hex, Base64 and Base64url agree with Node for every byte value', () => {
  expect(toHex(all)).toBe(Buffer.from(all).toString('hex'))
  expect(toBase64(all)).toBe(Buffer.from(all).toString('base64'))
  expect(toBase64Url(all)).toBe(Buffer.from(all).toString('base64url'))
  expect(fromHex(toHex(all).toUpperCase())).toEqual(all)
  expect(fromBase64(toBase64(all))).toEqual(all)
  expect(fromBase64Url(toBase64Url(all))).toEqual(all)
})

test.each(['0', 'zz', '0x00', ' 00'])('hex %j is refused', (text) => {
  expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'ERR_BYTES_NOT_HEX' }))
})

test.each(['A', 'AA=A', 'AA*=', 'AAAAA', 'AA=', 'AAAA=', 'AAAA==', '=', '==', 'A===', 'AA===='])(
  'Base64 %j is refused',
  (text) => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'ERR_BYTES_NOT_BASE64' }))
  },
)

test('bytes that are not UTF-8 are refused instead of replaced', () => {
  expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow(expect.objectContaining({ code: 'ERR_BYTES_NOT_UTF8' }))
  expect(fromUtf8(utf8('\ufeff支撑'))).toBe('\ufeff支撑')
})

test('comparison needs equal lengths and equal bytes', () => {
  expect(equalBytes(concatBytes(Uint8Array.of(1), Uint8Array.of(2)), Uint8Array.of(1, 2))).toBe(true)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false)
})

test('a source refuses ranges outside itself', async () => {
  const source = bytesSource(all)
  expect(await source.read(250, 6)).toEqual(all.subarray(250))
  for (const [offset, length] of [
    [250, 7],
    [-1, 1],
    [0.5, 1],
    [0, -1],
  ] as const) {
    await expect(source.read(offset, length)).rejects.toMatchObject({ code: 'ERR_BYTES_OUT_OF_RANGE' })
  }
  await expect(readAll(source, 255)).rejects.toMatchObject({ code: 'ERR_BYTES_TOO_LARGE' })
})

test('a source over a Node Buffer gives arrays whose slices are copies', async () => {
  const buffer = Buffer.from([1, 2, 3])
  const piece = await bytesSource(buffer).read(0, 3)
  const copy = piece.slice()
  buffer[0] = 9
  expect([piece[0], copy[0]]).toEqual([9, 1])
})

test('a file is read piece by piece, and a file that shrinks is noticed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zhicheng-core-'))
  const path = join(folder, 'file')
  await writeFile(path, all)
  const source = await fileSource(path)
  try {
    expect(source.size).toBe(256)
    expect(await source.read(10, 3)).toEqual(Uint8Array.of(10, 11, 12))
    await truncate(path, 20)
    await expect(source.read(10, 30)).rejects.toMatchObject({ code: 'ERR_FILE_TRUNCATED' })
  } finally {
    await source.close()
    await rm(folder, { recursive: true })
  }
  await expect(fileSource(path)).rejects.toMatchObject({ code: 'ERR_FILE_UNREADABLE' })
})
