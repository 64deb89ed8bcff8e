/** What every driver must do, run over each of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryStore } from './memory.ts'
import { sqliteStore } from './sqlite.ts'
import type { Store, Transaction } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhicheng-store-'))
let files = 0
const nextFile = () => {
  files += 1
  return join(folder, `${files}.db`)
}
const drivers: { name: string; durable: boolean; open: () => Store }[] = [
  { name: 'memory', durable: false, open: memoryStore },
  { name: 'sqlite', durable: true, open: () => sqliteStore({ file: nextFile() }) },
]

describe.each(drivers)('the $name store', ({ open, durable }) => {
  let store: Store
  beforeEach(() => {
    store = open()
  })
  afterEach(() => store.close())

  const write = <Result>(work: (transaction: Transaction) => Result) => store.transaction(work)

  it('says whether it outlives the process', () => {
    expect(store.durable).toBe(durable)
  })

  it('returns what was written, as a fresh copy', async () => {
    await write((tx) => tx.insert('orders', 'o-1', { title: '样例', tags: ['a'] }))
    const first = await store.read((view) => view.get<{ tags: string[] }>('orders', 'o-1'))
    first?.tags.push('b')
    expect(await store.read((view) => view.get('orders', 'o-1'))).toEqual({ title: '样例', tags: ['a'] })
    expect(await store.read((view) => view.get('orders', 'o-2'))).toBeUndefined()
  })

  it('lets a transaction read its own writes', async () => {
    const seen = await write((tx) => {
      tx.put('orders', 'o-1', { n: 1 })
      return tx.get('orders', 'o-1')
    })
    expect(seen).toEqual({ n: 1 })
  })

  it('refuses to insert an id twice, and keeps the first', async () => {
    await write((tx) => tx.insert('orders', 'o-1', { n: 1 }))
    await expect(write((tx) => tx.insert('orders', 'o-1', { n: 2 }))).rejects.toMatchObject({
      code: 'ERR_STORE_EXISTS',
    })
    expect(await store.read((view) => view.get('orders', 'o-1'))).toEqual({ n: 1 })
  })

  it('keeps nothing of a transaction that throws: records, indexes, events, inbox and outbox', async () => {
    await write((tx) => {
      tx.put('orders', 'o-1', { n: 1 }, { state: 'new' })
      tx.append('log', 'first')
    })
    const failure = new Error('stop')
    await expect(
      write((tx) => {
        tx.put('orders', 'o-1', { n: 2 }, { state: 'old' })
        tx.insert('orders', 'o-2', { n: 3 }, { state: 'new' })
        tx.remove('orders', 'o-1')
        tx.append('log', 'second')
        tx.inbox('wechat', 'm-1', 'd')
        tx.outbox('send', 'k-1', null)
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(
      await write((tx) => [
        tx.find('orders', { index: 'state', equals: 'new' }),
        tx.find('orders'),
        tx.events('log').length,
        tx.inbox('wechat', 'm-1', 'd'),
        tx.outbox('send', 'k-1', null),
      ]),
    ).toEqual([[{ n: 1 }], [{ n: 1 }], 1, 'new', true])
  })

  it('keeps the neighbours of a transaction that throws when they share a commit', async () => {
    const results = await Promise.allSettled([
      write((tx) => tx.insert('orders', 'o-1', 1)),
      write((tx) => {
        tx.insert('orders', 'o-2', 2)
        throw new Error('stop')
      }),
      write((tx) => tx.insert('orders', 'o-3', 3)),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await store.read((view) => view.find('orders'))).toEqual([1, 3])
  })

  it('runs transactions one after the other, so that a counter loses no step', async () => {
    const step = () => write((tx) => tx.put('counters', 'c', (tx.get<number>('counters', 'c') ?? 0) + 1))
    await Promise.all(Array.from({ length: 50 }, step))
    expect(await store.read((view) => view.get('counters', 'c'))).toBe(50)
  })

  it('refuses an asynchronous body and keeps nothing of it', async () => {
    await expect(write(async (tx) => tx.put('orders', 'o-1', 1))).rejects.toMatchObject({
      code: 'ERR_STORE_ASYNC_WORK',
    })
    expect(await store.read((view) => view.get('orders', 'o-1'))).toBeUndefined()
  })

  it('refuses the use of a transaction that is over', async () => {
    const kept = await write((tx) => [tx])
    expect(() => kept[0]?.put('orders', 'o-1', 1)).toThrow(
      expect.objectContaining({ code: 'ERR_STORE_TRANSACTION_OVER' }),
    )
    expect(() => kept[0]?.jobs.renew({ topic: 't', key: 'k', payload: 1, attempt: 1 }, new Date())).toThrow(
      expect.objectContaining({ code: 'ERR_STORE_TRANSACTION_OVER' }),
    )
  })

  it('finds by index, forgets the index value that a later write replaced, and pages in the order of ids', async () => {
    await write((tx) => {
      for (const id of ['o-3', 'o-1', 'o-𠮷', 'o-龥', 'o-2'])
        tx.insert('orders', id, id, { state: 'open', owner: 'u-1' })
      tx.put('orders', 'o-2', 'o-2', { state: 'done' })
    })
    const find = (query: object) => store.read((view) => view.find<string>('orders', query))
    expect(await find({ index: 'state', equals: 'open' })).toEqual(['o-1', 'o-3', 'o-龥', 'o-𠮷'])
    expect(await find({ index: 'state', equals: 'done' })).toEqual(['o-2'])
    expect(await find({ index: 'owner', equals: 'u-1' })).not.toContain('o-2')
    expect(await find({ limit: 2 })).toEqual(['o-1', 'o-2'])
    expect(await find({ limit: 9, after: 'o-2' })).toEqual(['o-3', 'o-龥', 'o-𠮷'])
  })

  it('removes a record together with its index values', async () => {
    await write((tx) => tx.insert('orders', 'o-1', 1, { state: 'open' }))
    expect(await write((tx) => [tx.remove('orders', 'o-1'), tx.remove('orders', 'o-1')])).toEqual([true, false])
    expect(await store.read((view) => view.find('orders', { index: 'state', equals: 'open' }))).toEqual([])
  })

  it('numbers the events of each stream from 1', async () => {
    const sequences = await write((tx) => [tx.append('a', 'x'), tx.append('b', 'y'), tx.append('a', 'z')])
    expect(sequences).toEqual([1, 1, 2])
    expect(await store.read((view) => view.events('a', { after: 1 }))).toEqual([{ sequence: 2, event: 'z' }])
    expect(await store.read((view) => view.events('a', { limit: 1 }))).toEqual([{ sequence: 1, event: 'x' }])
  })

  it('tells a new message from a repeated one and from another one under the same id', async () => {
    await expect(
      write((tx) => [
        tx.inbox('wechat', 'm-1', 'd-1'),
        tx.inbox('wechat', 'm-1', 'd-1'),
        tx.inbox('wechat', 'm-1', 'd-2'),
      ]),
    ).resolves.toEqual(['new', 'seen', 'conflict'])
    expect(await write((tx) => tx.inbox('alipay', 'm-1', 'd-2'))).toBe('new')
  })

  it.each([
    ['an empty id', ''],
    ['an id that is too long', 'x'.repeat(513)],
    ['half a surrogate pair, which a database would replace', 'a\ud800'],
    ['NUL', 'a\0b'],
  ])('refuses %s', async (_title, id) => {
    await expect(write((tx) => tx.put('orders', id, 1))).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
    await expect(write((tx) => tx.put('orders', 'o-1', 1, { state: id }))).rejects.toMatchObject({
      code: 'ERR_STORE_KEY',
    })
  })

  it.each([
    ['bigint', { amount: 1n }],
    ['undefined', undefined],
    ['more than 8 MiB', 'x'.repeat(8_388_608)],
  ])('refuses %s as a value', async (_title, value) => {
    await expect(write((tx) => tx.put('orders', 'o-1', value))).rejects.toMatchObject({ code: 'ERR_STORE_VALUE' })
  })

  it('adds a job once per topic and key, even after it is done', async () => {
    const add = () => write((tx) => tx.outbox('send', 'k-1', { n: 1 }))
    const now = new Date(1000)
    expect([await add(), await add()]).toEqual([true, false])
    const claim = () => write((tx) => tx.jobs.claim({ topics: ['send'], now, leaseUntil: new Date(2000), limit: 5 }))
    const jobs = await claim()
    expect(jobs).toEqual([{ topic: 'send', key: 'k-1', payload: { n: 1 }, attempt: 1 }])
    expect(await claim()).toEqual([])
    expect(await write((tx) => tx.jobs.finish(jobs[0]!))).toBe(true)
    expect(await add()).toBe(false)
    expect(await claim()).toEqual([])
  })

  it('gives a job to the next taker when its lease is over, and lets the first taker change nothing then', async () => {
    await write((tx) => tx.outbox('send', 'k-1', null, { runAt: new Date(1000) }))
    const claim = (at: number) =>
      write((tx) =>
        tx.jobs.claim({ topics: ['send', 'other'], now: new Date(at), leaseUntil: new Date(at + 100), limit: 5 }),
      )
    expect(await claim(999)).toEqual([])
    const [first] = await claim(1000)
    expect(await write((tx) => tx.jobs.renew(first!, new Date(1200)))).toBe(true)
    expect(await claim(1150)).toEqual([])
    const [second] = await claim(1200)
    expect(second?.attempt).toBe(2)
    expect(
      await write((tx) => [
        tx.jobs.renew(first!, new Date(9000)),
        tx.jobs.retry(first!, { runAt: new Date(0), errorCode: 'ERR_X' }),
        tx.jobs.finish(first!),
      ]),
    ).toEqual([false, false, false])
    expect(await write((tx) => tx.jobs.retry(second!, { runAt: new Date(5000), errorCode: 'ERR_X' }))).toBe(true)
    expect(await claim(4999)).toEqual([])
    expect(await claim(5000)).toMatchObject([{ key: 'k-1', attempt: 3 }])
  })

  it('takes the longest due first, and no more than asked for', async () => {
    await write((tx) => {
      tx.outbox('send', 'late', null, { runAt: new Date(300) })
      tx.outbox('send', 'now-1', null)
      tx.outbox('send', 'now-2', null)
      tx.outbox('other', 'x', null)
    })
    const jobs = await write((tx) =>
      tx.jobs.claim({ topics: ['send'], now: new Date(400), leaseUntil: new Date(500), limit: 2 }),
    )
    expect(jobs.map(({ key }) => key)).toEqual(['now-1', 'now-2'])
  })

  it('tells listeners of commits that left jobs, and of no other', async () => {
    let calls = 0
    const end = store.onOutbox(() => {
      calls += 1
    })
    await write((tx) => tx.put('orders', 'o-1', 1))
    await write((tx) => tx.outbox('send', 'k-1', null))
    await write((tx) => tx.outbox('send', 'k-1', null))
    await Promise.allSettled([
      write((tx) => {
        tx.outbox('send', 'k-2', null)
        throw new Error('stop')
      }),
    ])
    expect(calls).toBe(1)
    end()
    await write((tx) => tx.outbox('send', 'k-3', null))
    expect(calls).toBe(1)
  })

  it('finishes what was begun before it closes, and answers nothing afterwards', async () => {
    const begun = write((tx) => tx.append('log', 'last'))
    await store.close()
    expect(await begun).toBe(1)
    await expect(write((tx) => tx.append('log', 'later'))).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
    await expect(store.read((view) => view.events('log'))).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
  })

  it('refuses a read inside of a read', async () => {
    let inner: Promise<unknown> | undefined
    await store.read(() => {
      inner = store.read((view) => view.find('orders'))
      inner.catch(() => {})
    })
    await expect(inner).rejects.toMatchObject({ code: 'ERR_STORE_NESTED' })
  })
})

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
