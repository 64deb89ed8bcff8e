/** Writes results so that a file is either whole or not there: into a neighbour first, then renamed. */
import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { commandError, reasonOf, type VerbContext } from './verb.ts'

/** Writes a whole file under the name the user gave. `mode` is for secrets: 0o600. */
export async function writeUserFile(
  context: VerbContext,
  path: string,
  content: Uint8Array | string,
  { mode = 0o644, overwrite = true }: { mode?: number; overwrite?: boolean } = {},
): Promise<void> {
  const target = resolve(context.folder, path)
  if (!overwrite && (await exists(target))) {
    throw commandError('ERR_COMMAND_OUTPUT', `${path} exists already and is left as it is; choose another place.`)
  }
  const neighbour = join(dirname(target), `.${randomUUID()}.partial`)
  try {
    const handle = await open(neighbour, 'wx', mode)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(neighbour, target)
  } catch (cause) {
    await rm(neighbour, { force: true })
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${path}: ${reasonOf(cause)}.`, cause)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
