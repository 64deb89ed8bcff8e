/** Keeps a sandbox's keys in one file, readable by its owner alone. */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '@zhicheng/core/node'
import { sandboxError } from '../errors.ts'
import type { KeyShelf, SavedKeys } from './saved-keys.ts'

/** A shelf in `folder`. Throws `ERR_SANDBOX_STATE` when the file there is not one of ours. */
export function keyFile(folder: string): KeyShelf {
  const path = join(folder, 'sandbox-keys.json')
  return {
    place: path,
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
      } catch {
        // The parser's own error quotes what it read, and that is keys.
        throw sandboxError('ERR_SANDBOX_STATE', `${path} is damaged; remove it, and new test keys are made.`)
      }
    },
    async save(keys) {
      // A name of its own: the mode holds only for a file that is new.
      const partial = `${path}.${randomUUID()}.partial`
      try {
        await makeFolder(folder)
        await writeFile(partial, JSON.stringify(keys), { mode: 0o600, flag: 'wx', flush: true })
        await rename(partial, path)
      } catch (cause) {
        await rm(partial, { force: true }).catch(() => undefined)
        throw sandboxError('ERR_SANDBOX_STATE', `The keys of the sandbox cannot be kept in ${folder}.`, cause)
      }
    },
  }
}
