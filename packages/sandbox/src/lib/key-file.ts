/** Keeps a sandbox's keys in one file, readable by its owner alone. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sandboxError } from '../errors.ts'
import type { KeyShelf, SavedKeys } from './keys.ts'

/** A shelf in `folder`. Throws `ERR_SANDBOX_STATE` when the file there is not one of ours. */
export function keyFile(folder: string): KeyShelf {
  const path = join(folder, 'sandbox-keys.json')
  return {
    async load() {
      let text: string
      try {
        text = await readFile(path, 'utf8')
      } catch (cause) {
        if ((cause as { code?: string }).code === 'ENOENT') return undefined
        throw sandboxError('ERR_SANDBOX_STATE', `The keys of the sandbox cannot be read from ${path}.`, cause)
      }
      try {
        return JSON.parse(text) as SavedKeys
      } catch (cause) {
        throw sandboxError('ERR_SANDBOX_STATE', `${path} is damaged; remove it, and new test keys are made.`, cause)
      }
    },
    async save(keys) {
      try {
        await mkdir(folder, { recursive: true })
        await writeFile(`${path}.partial`, JSON.stringify(keys), { mode: 0o600 })
        await rename(`${path}.partial`, path)
      } catch (cause) {
        throw sandboxError('ERR_SANDBOX_STATE', `The keys of the sandbox cannot be kept in ${folder}.`, cause)
      }
    },
  }
}
