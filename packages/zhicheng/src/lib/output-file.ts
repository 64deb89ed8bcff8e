/** Writes results so that a file is either whole or not there: into a neighbour first, then renamed. */
import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '@zhicheng/core/node'
import { commandError } from '../errors.ts'
import { reasonOf } from './input-file.ts'
import type { VerbContext } from './verb.ts'

/** Writes a result under the name the user gave, over a file of that name if there is one. */
export async function writeUserFile(context: VerbContext, path: string, content: Uint8Array): Promise<void> {
  const target = resolve(context.folder, path)
  await refuseFolder(target, path)
  const neighbour = join(dirname(target), `.${randomUUID()}.partial`)
  // Reading this lets an interruption wait until the neighbour is gone.
  const { stop } = context
  try {
    await writeNew(neighbour, content, 0o644)
    if (stop.aborted) throw commandError('ERR_COMMAND_STOPPED', `Stopped: ${path} was not written.`)
    await rename(neighbour, target)
  } catch (cause) {
    await rm(neighbour, { force: true }).catch(() => undefined)
    if (stop.aborted) throw cause
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${path}: ${reasonOf(cause)}.`, cause)
  }
}

/** Makes a folder the user named, and those above it. */
export async function makeUserFolder(context: VerbContext, path: string): Promise<void> {
  try {
    await makeFolder(resolve(context.folder, path))
  } catch (cause) {
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot make the folder ${path}: ${reasonOf(cause)}.`, cause)
  }
}

/** Refuses early what could not be written in the end, before a key is used. */
export async function checkOutput(
  context: VerbContext,
  path: string,
  { input }: { input?: string } = {},
): Promise<void> {
  const target = resolve(context.folder, path)
  await refuseFolder(target, path)
  const parent = await stat(dirname(target)).catch((cause: unknown) => {
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${path}: ${reasonOf(cause)}.`, cause)
  })
  if (!parent.isDirectory()) {
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${path}: a part of the path is not a folder.`)
  }
  if (input === undefined) return
  const [from, to] = await Promise.all([input, path].map((each) => identityOf(resolve(context.folder, each))))
  if (from !== undefined && from === to) {
    throw commandError('ERR_COMMAND_OUTPUT', `${path} is the input itself, which stays as it is; choose another name.`)
  }
}

/** Two names of one file have the same identity, also through links. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && `${found.dev}:${found.ino}`
}

/** One file of {@link writeNewFiles}. */
export interface NewFile {
  /** Name in the folder, possibly with a subfolder. */
  readonly name: string
  readonly content: Uint8Array | string
  /** 0o600 for secrets. */
  readonly mode?: number
}

/** Writes files that do not exist yet into a folder, all of them or none. */
export async function writeNewFiles(context: VerbContext, folder: string, files: readonly NewFile[]): Promise<void> {
  const written: string[] = []
  try {
    for (const { name, content, mode = 0o644 } of files) {
      const target = resolve(context.folder, folder, name)
      await makeFolder(dirname(target))
      await writeNew(target, content, mode)
      written.push(target)
    }
  } catch (cause) {
    await Promise.all(written.map((path) => rm(path, { force: true }).catch(() => undefined)))
    const name = files[written.length]!.name
    throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${join(folder, name)}: ${reasonOf(cause)}.`, cause)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function writeNew(path: string, content: Uint8Array | string, mode: number): Promise<void> {
  const handle: FileHandle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } catch (cause) {
    await rm(path, { force: true })
    throw cause
  } finally {
    await handle.close()
  }
}

async function refuseFolder(target: string, path: string): Promise<void> {
  if (await isFolder(target)) throw commandError('ERR_COMMAND_OUTPUT', `Cannot write ${path}: it is a folder.`)
}
