/** Materials and documents on disk, by their digest: written beside, then renamed, so that none is ever half there. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MaterialStorage } from '@zhicheng/intake'

/** A storage in a folder. */
export function fileMaterials(folder: string): MaterialStorage {
  const pathOf = (key: string): string => {
    if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('A key of the storage is a SHA-256 in hex.')
    return join(folder, key)
  }
  return {
    async put(key, content) {
      const path = pathOf(key)
      await mkdir(folder, { recursive: true })
      await writeFile(`${path}.partial`, content)
      await rename(`${path}.partial`, path)
    },
    async get(key) {
      try {
        return new Uint8Array(await readFile(pathOf(key)))
      } catch (error) {
        if ((error as { code?: string }).code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}
