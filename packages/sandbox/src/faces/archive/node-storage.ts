/** Deposits and the log on disk: what was acknowledged is there after the process was killed at any moment. */
import { createHash } from 'node:crypto'
import { type FileHandle, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileSource, makeFolder } from '@zhicheng/core/node'
import { type LogRecord, type LogStorage, memoryLogStorage } from '@zhicheng/evidence'
import { sandboxError } from '../../errors.ts'
import type { DepositRecord, DepositStorage } from './deposit-storage.ts'

/** Deposits in a folder: `{id}.json` and `{id}.part`. */
export async function fileDepositStorage(folder: string): Promise<DepositStorage> {
  await makeFolder(folder).catch((cause: unknown) => {
    throw sandboxError('ERR_SANDBOX_STATE', `Deposits cannot be kept in ${folder}.`, cause)
  })
  const at = (id: string, ending: string) => join(folder, `${id}.${ending}`)
  return {
    durable: true,
    async list() {
      const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name))
      const records = await Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as DepositRecord),
      )
      return records.sort((left, right) => (left.updatedAt < right.updatedAt ? -1 : 1))
    },
    async write(record) {
      const partial = at(record.id, 'json.partial')
      await withFile(partial, 'w', async (handle) => {
        await handle.writeFile(JSON.stringify(record))
        await handle.sync()
      })
      await rename(partial, at(record.id, 'json'))
      await syncFolder(folder)
    },
    async append(id, offset, bytes) {
      // Not in append mode: bytes behind the offset were written but never acknowledged, and are written again.
      const handle = await open(at(id, 'part'), 'r+').catch(() => open(at(id, 'part'), 'w+'))
      try {
        for (let done = 0; done < bytes.length; ) {
          done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
        }
        await handle.truncate(offset + bytes.length)
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    async open(id, length) {
      const source = await fileSource(at(id, 'part'))
      if (source.size === length) return source
      await source.close()
      throw sandboxError(
        'ERR_SANDBOX_STATE',
        `The stored bytes of the deposit ${id} are not as many as were acknowledged.`,
      )
    },
    async remove(id) {
      await rm(at(id, 'json'), { force: true })
      await rm(at(id, 'part'), { force: true })
    },
  }
}

/** A log in one file, a line for each entry with its digest; a line that was cut off by a crash was never promised. */
export async function fileLogStorage(path: string): Promise<LogStorage> {
  const memory = memoryLogStorage()
  const text = await readFile(path, 'utf8').catch(() => '')
  let whole = 0
  for (const line of text.split('\n').slice(0, -1)) {
    const record = readLine(line)
    if (!record)
      throw sandboxError('ERR_SANDBOX_STATE', `The log ${path} is damaged in line ${(await memory.size()) + 1}.`)
    await memory.append(record)
    whole += Buffer.byteLength(line) + 1
  }
  const write = (line: Uint8Array): Promise<void> =>
    withFile(path, 'r+', async (handle) => {
      // Written at the end of what is whole, so that a write that failed half-way leaves nothing in the middle.
      await handle.truncate(whole)
      for (let done = 0; done < line.length; ) {
        done += (await handle.write(line, done, line.length - done, whole + done)).bytesWritten
      }
      await handle.sync()
    })
  await withFile(path, 'a', (handle) => handle.sync())
  await write(new Uint8Array())
  return {
    ...memory,
    durable: true,
    async append(record) {
      if (record.index === (await memory.size())) {
        const line = Buffer.from(`${writeLine(record)}\n`)
        await write(line)
        whole += line.length
      }
      await memory.append(record)
    },
  }
}

function writeLine({ index, data, nodes }: LogRecord): string {
  const body = JSON.stringify({
    index,
    data: Buffer.from(data).toString('base64'),
    nodes: nodes.map(({ level, index: place, hash }) => [level, place, Buffer.from(hash).toString('base64')]),
  })
  return `${createHash('sha256').update(body).digest('hex')} ${body}`
}

function readLine(line: string): LogRecord | undefined {
  const body = line.slice(65)
  if (createHash('sha256').update(body).digest('hex') !== line.slice(0, 64)) return undefined
  const { index, data, nodes } = JSON.parse(body) as { index: number; data: string; nodes: [number, number, string][] }
  return {
    index,
    data: new Uint8Array(Buffer.from(data, 'base64')),
    nodes: nodes.map(([level, place, hash]) => ({
      level,
      index: place,
      hash: new Uint8Array(Buffer.from(hash, 'base64')),
    })),
  }
}

async function withFile(path: string, flags: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(path, flags)
  try {
    await work(handle)
  } finally {
    await handle.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  await withFile(path, 'r', (handle) => handle.sync())
}
