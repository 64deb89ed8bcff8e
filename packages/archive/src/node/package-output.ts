/** Writes packages to disk beside their place and moves them there when they are complete: nobody ever sees half of one. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { lstat, mkdtemp, open, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { makeFolder } from '@zhicheng/core/node'
import { archiveError } from '../errors.ts'
import { type PackageSink, zipSink } from '../package-sink.ts'

/** An output in the making. */
export interface PackageOutput {
  sink: PackageSink
  /** Removes what was written so far, and the folders that were made for it. */
  abort(): Promise<void>
}

/** Opens an output at `path`, where nothing may be yet. Throws `ERR_ARCHIVE_OUTPUT`. */
export async function openPackageOutput(path: string, format: 'bag' | 'zip'): Promise<PackageOutput> {
  const target = resolve(path)
  if (await lstat(target).catch(() => undefined)) {
    throw archiveError(
      'ERR_ARCHIVE_OUTPUT',
      `${basename(target)} exists already: choose another name, or remove it first.`,
    )
  }
  let made: string | undefined
  try {
    made = await makeFolder(dirname(target))
    const work = await mkdtemp(join(dirname(target), `.${basename(target)}.partial-`))
    const output = format === 'zip' ? zipOutput(target, work) : folderOutput(target, work)
    return {
      ...output,
      async abort() {
        await output.abort()
        await removeMade(dirname(target), made)
      },
    }
  } catch (cause) {
    await removeMade(dirname(target), made)
    throw archiveError('ERR_ARCHIVE_OUTPUT', `Nothing can be written beside ${basename(target)}.`, { cause })
  }
}

function folderOutput(target: string, work: string): PackageOutput {
  return {
    sink: {
      withBase: false,
      async add(path, content) {
        const full = resolve(work, path)
        // The writer has checked the name; a second lock costs nothing where a file system is concerned.
        if (!full.startsWith(work + sep)) throw archiveError('ERR_ARCHIVE_NAME', 'A path leaves the package.')
        await makeFolder(dirname(full))
        const handle = await open(full, 'wx')
        try {
          for await (const chunk of content) await writeAll(handle, chunk)
          await handle.sync()
        } finally {
          await handle.close()
        }
      },
      async finish() {
        await rename(work, target)
        await syncFolder(dirname(target))
      },
    },
    abort: () => rm(work, { recursive: true, force: true }),
  }
}

function zipOutput(target: string, work: string): PackageOutput {
  const partial = join(work, 'package.zip')
  const stream = createWriteStream(partial, { flags: 'wx', flush: true })
  let failure: unknown
  stream.on('error', (error) => {
    failure = error
  })
  const sink = zipSink(async (chunk) => {
    if (failure) throw failure
    // The writer may reuse its buffers, and a stream keeps what it is given until it is written.
    if (!stream.write(new Uint8Array(chunk))) await once(stream, 'drain')
  })
  return {
    sink: {
      ...sink,
      async finish() {
        await sink.finish()
        stream.end()
        await once(stream, 'close')
        if (failure) throw failure
        await rename(partial, target)
        await syncFolder(dirname(target))
        await rm(work, { recursive: true })
      },
    },
    async abort() {
      // A file that is still being opened would be made again after the folder was emptied.
      if (!stream.closed) await new Promise<void>((done) => stream.once('close', done).destroy())
      await rm(work, { recursive: true, force: true })
    },
  }
}

/** Removes the folders from `folder` up to `topmost`, as long as nobody has put anything into them. */
async function removeMade(folder: string, topmost: string | undefined): Promise<void> {
  if (topmost === undefined) return
  const removed = await rmdir(folder).then(
    () => true,
    () => false,
  )
  if (removed && folder !== topmost) await removeMade(dirname(folder), topmost)
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    offset += (await handle.write(chunk, offset)).bytesWritten
  }
}

/** Makes the new name itself survive a power cut; some systems cannot open a folder, and do not need it. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
