/** What only the SQLite driver has: a file that survives, two processes on it, and files it must not touch. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { migrations } from './lib/schema.ts'
import { sqliteStore } from './sqlite.ts'

let folder: string
let file: string
let children: ChildProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zhicheng-store-'))
  file = join(folder, 'store.db')
  children = []
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function startWriter(mode: string): ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> } {
  const script = fileURLToPath(new URL('./test-support/writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@zhicheng/source', script, file, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return child as ReturnType<typeof startWriter>
}

async function linesUntil(child: ReturnType<typeof startWriter>, enough: (line: string, count: number) => boolean) {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    // What was printed before the kill still arrives; the loop ends with the pipe.
    if (enough(line, lines.length)) child.kill('SIGKILL')
  }
  if (child.signalCode === null) await once(child, 'exit')
  return lines
}

describe('a process that is killed', () => {
  it.each([1, 7, 30, 111, 240])(
    'loses nothing it had reported as committed (killed after %d commits)',
    async (limit) => {
      const child = startWriter('')
      const acknowledged = await linesUntil(child, (_line, count) => count === limit)
      expect(child.signalCode).toBe('SIGKILL')
      expect(acknowledged.length).toBeGreaterThanOrEqual(limit)

      const store = sqliteStore({ file })
      const kept = await store.read((view) =>
        [1, 2, 3, 4].map((lane) => ({
          orders: view.find<{ step: number }>('orders', { index: 'lane', equals: `${lane}`, limit: 100_000 }).length,
          events: view.events<string>(`log-${lane}`, { limit: 100_000 }).map(({ event }) => event),
        })),
      )
      const all = new Set(kept.flatMap(({ events }) => events))
      expect(acknowledged.filter((id) => !all.has(id))).toEqual([])
      for (const { orders, events } of kept) expect(orders).toBe(events.length)
      // Inbox and outbox rows of every kept commit are there too.
      const again = await store.transaction((tx) =>
        [...all].map((id) => [tx.inbox('channel', id, 'digest'), tx.outbox('send', id, null)]),
      )
      expect(again.every(([inbox, added]) => inbox === 'seen' && added === false)).toBe(true)
      await store.close()
    },
  )

  it('leaves nothing of the transaction it was in', async () => {
    const child = startWriter('hang')
    expect(await linesUntil(child, (line) => line === 'inside')).toEqual(['inside'])
    const store = sqliteStore({ file })
    expect(
      await store.read((view) => [
        view.get('orders', 'committed'),
        view.get('orders', 'uncommitted'),
        view.events('log'),
      ]),
    ).toEqual([1, undefined, []])
    await store.close()
  })
})

describe('the file of a SQLite store', () => {
  it('keeps everything from one opening to the next', async () => {
    const first = sqliteStore({ file })
    await first.transaction((tx) => tx.insert('orders', 'o-1', { title: '样例' }))
    await first.close()
    const second = sqliteStore({ file })
    expect(await second.read((view) => view.get('orders', 'o-1'))).toEqual({ title: '样例' })
    await second.close()
  })

  it('can be used by two connections, which see each other’s commits', async () => {
    const [one, two] = [sqliteStore({ file }), sqliteStore({ file })]
    const step = (store: typeof one) =>
      store.transaction((tx) => tx.put('counters', 'c', (tx.get<number>('counters', 'c') ?? 0) + 1))
    for (let turn = 0; turn < 10; turn += 1) await Promise.all([step(one), step(two)])
    expect(await two.read((view) => view.get('counters', 'c'))).toBe(20)
    await Promise.all([one.close(), two.close()])
  })

  it('answers busy, and that a retry may help, while another connection writes', async () => {
    const store = sqliteStore({ file, busyMilliseconds: 1 })
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    await expect(store.transaction((tx) => tx.put('a', 'b', 1))).rejects.toMatchObject({
      code: 'ERR_STORE_BUSY',
      retryable: true,
    })
    other.exec('ROLLBACK')
    await store.transaction((tx) => tx.put('a', 'b', 1))
    other.close()
    await store.close()
  })

  it('is in strict tables with a full sync at each commit, and only its owner may read it', async () => {
    const store = sqliteStore({ file })
    await store.transaction((tx) => tx.put('a', 'b', 1))
    const other = new DatabaseSync(file)
    expect(other.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(
      other
        .prepare(
          "SELECT count(*) AS loose FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
        )
        .get(),
    ).toEqual({ loose: 0 })
    expect(() => other.exec("INSERT INTO events VALUES ('s', 'one', 'v')")).toThrow(/INTEGER/)
    other.close()
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(statSync(`${file}-wal`).mode & 0o077).toBe(0)
    await store.close()
  })

  it('is brought from an older version to this one', async () => {
    const old = new DatabaseSync(file)
    old.exec(`${migrations[0]}; PRAGMA application_id = ${0x5a484943}; PRAGMA user_version = 1`)
    old.exec("INSERT INTO records VALUES ('orders', 'o-1', '1')")
    old.close()
    const store = sqliteStore({ file })
    expect(await store.read((view) => view.get('orders', 'o-1'))).toBe(1)
    await store.close()
  })

  it('is refused when it is another program’s database', () => {
    const other = new DatabaseSync(file)
    other.exec('CREATE TABLE theirs (id INTEGER)')
    other.close()
    expect(() => sqliteStore({ file })).toThrow(expect.objectContaining({ code: 'ERR_STORE_SQLITE_FOREIGN' }))
    const again = new DatabaseSync(file)
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }])
    expect(again.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'delete' })
    again.close()
  })

  it('is refused when a later version wrote it', async () => {
    await sqliteStore({ file }).close()
    const later = new DatabaseSync(file)
    later.exec('PRAGMA user_version = 999')
    later.close()
    expect(() => sqliteStore({ file })).toThrow(expect.objectContaining({ code: 'ERR_STORE_SQLITE_NEWER' }))
  })

  it('is refused when it is no database, or cannot be made', () => {
    writeFileSync(file, 'x'.repeat(4096))
    expect(() => sqliteStore({ file })).toThrow(expect.objectContaining({ code: 'ERR_STORE_SQLITE_OPEN' }))
    const nowhere = join(folder, 'missing', 'store.db')
    expect(() => sqliteStore({ file: nowhere })).toThrow(expect.objectContaining({ code: 'ERR_STORE_SQLITE_OPEN' }))
  })

  it('needs a Node that has node:sqlite, and says which', () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    expect(() => sqliteStore({ file })).toThrow(
      expect.objectContaining({
        code: 'ERR_STORE_SQLITE_UNAVAILABLE',
        message: expect.stringContaining('Node 22.13'),
        facts: { node: process.versions.node, needed: '22.13.0' },
      }),
    )
  })
})
