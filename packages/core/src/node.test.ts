import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeFolder } from './node.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zhicheng-core-node-'))
})
afterEach(() => rm(root, { recursive: true }))

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory()

describe('makeFolder', () => {
  test('makes every folder that is missing, and says which of them is the topmost', async () => {
    const path = join(root, 'a', '二', 'c')
    expect(await makeFolder(path)).toBe(join(root, 'a'))
    expect(await isFolder(path)).toBe(true)
    expect(await makeFolder(join(path, 'd'))).toBe(join(path, 'd'))
  })

  test('leaves what is there as it is, also behind a link', async () => {
    await symlink(root, join(root, 'link'))
    expect(await makeFolder(root)).toBeUndefined()
    expect(await makeFolder(join(root, 'link'))).toBeUndefined()
  })

  test('made by several at once is there for each of them', async () => {
    const path = join(root, 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
    expect(await isFolder(path)).toBe(true)
  })

  test('throws when a file stands in the way, and makes nothing', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder(join(root, 'file', 'a'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder('')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.skipIf(!existsSync('/proc/self'))('returns where the system refuses a folder with ENOENT', async () => {
    await expect(makeFolder('/proc/zhicheng/a/b')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
