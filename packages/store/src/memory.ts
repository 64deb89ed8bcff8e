/** A store in memory, for tests, demonstrations and browsers: it forgets everything when the process ends. */
import { storeError } from './errors.ts'
import { checkKeys, checkLimit, compareKeys, runSynchronously, toJson } from './lib/checks.ts'
import type { FindQuery, Job, JobTable, ReadView, Store, Transaction } from './store.ts'

interface MemoryRecord {
  json: string
  indexes: Readonly<Record<string, string>>
}

interface MemoryJob {
  topic: string
  key: string
  json: string
  dueAt: number
  order: number
  attempt: number
  done: boolean
}

/** Everything the store holds. Map entries are replaced, never changed, so that an undo can put the old one back. */
interface State {
  records: Map<string, Map<string, MemoryRecord>>
  streams: Map<string, string[]>
  inbox: Map<string, string>
  jobs: Map<string, MemoryJob>
}

/**
 * Makes a store in memory. `durable` is false: nothing survives the process.
 *
 * @example
 * ```ts
 * const store = memoryStore()
 * await store.transaction((tx) => tx.insert('notes', 'n-1', { text: '样例' }))
 * await store.read((view) => view.get('notes', 'n-1')) // { text: '样例' }
 * ```
 */
export function memoryStore(): Store {
  const state: State = { records: new Map(), streams: new Map(), inbox: new Map(), jobs: new Map() }
  const listeners = new Set<() => void>()
  let closed = false
  let busy = false

  const run = <Result>(work: (transaction: Transaction) => Result): Result => {
    if (closed) throw storeError('ERR_STORE_CLOSED', 'The store is closed.')
    if (busy) throw storeError('ERR_STORE_NESTED', 'The body of a transaction or read must not open another one.')
    const undo: (() => void)[] = []
    const session = { over: false, leftJobs: false }
    busy = true
    try {
      const result = runSynchronously(work, createTransaction(state, session, undo))
      if (session.leftJobs) for (const listener of listeners) queueMicrotask(listener)
      return result
    } catch (error) {
      for (const step of undo.reverse()) step()
      throw error
    } finally {
      session.over = true
      busy = false
    }
  }

  return {
    durable: false,
    async transaction(work) {
      // Begins after the caller's own turn, as a driver that groups commits does.
      await null
      return run(work)
    },
    read: async (work) => run((transaction) => work(readOnly(transaction))),
    onOutbox(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      await null
      closed = true
      listeners.clear()
    },
  }
}

function readOnly({ get, find, events }: ReadView): ReadView {
  return { get, find, events }
}

function createTransaction(
  state: State,
  session: { over: boolean; leftJobs: boolean },
  undo: (() => void)[],
): Transaction {
  const check = (...keys: readonly string[]) => {
    if (session.over) throw storeError('ERR_STORE_TRANSACTION_OVER', 'The transaction has ended; open a new one.')
    checkKeys(...keys)
  }
  const set = <Value>(map: Map<string, Value>, key: string, value: Value | undefined) => {
    const before = map.get(key)
    undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)))
    if (value === undefined) map.delete(key)
    else map.set(key, value)
  }
  const collectionOf = (name: string): Map<string, MemoryRecord> => {
    const found = state.records.get(name) ?? new Map<string, MemoryRecord>()
    state.records.set(name, found)
    return found
  }
  const write = (collection: string, id: string, value: unknown, indexes: Readonly<Record<string, string>>) => {
    check(collection, id, ...Object.keys(indexes), ...Object.values(indexes))
    set(collectionOf(collection), id, { json: toJson(value), indexes: { ...indexes } })
  }

  return {
    get<Value>(collection: string, id: string) {
      check(collection, id)
      const record = state.records.get(collection)?.get(id)
      return record && (JSON.parse(record.json) as Value)
    },
    find<Value>(collection: string, { index, equals, after, limit = 100 }: FindQuery = {}) {
      check(collection, ...(index === undefined ? [] : [index, equals ?? '']))
      const ids: string[] = []
      for (const [id, { indexes }] of state.records.get(collection) ?? []) {
        if (index !== undefined && indexes[index] !== equals) continue
        if (after === undefined || compareKeys(id, after) > 0) ids.push(id)
      }
      const records = state.records.get(collection)
      return ids
        .sort(compareKeys)
        .slice(0, checkLimit(limit))
        .map((id) => JSON.parse(records!.get(id)!.json) as Value)
    },
    events<Value>(stream: string, { after = 0, limit = 1000 }: { after?: number; limit?: number } = {}) {
      check(stream)
      return (state.streams.get(stream) ?? [])
        .slice(checkLimit(after), checkLimit(after) + checkLimit(limit))
        .map((json, index) => ({ sequence: after + index + 1, event: JSON.parse(json) as Value }))
    },
    insert(collection, id, value, indexes = {}) {
      check(collection, id)
      if (state.records.get(collection)?.has(id)) {
        throw storeError('ERR_STORE_EXISTS', `${collection} already has a record of this id.`, {
          facts: { collection },
        })
      }
      write(collection, id, value, indexes)
    },
    put(collection, id, value, indexes = {}) {
      write(collection, id, value, indexes)
    },
    remove(collection, id) {
      check(collection, id)
      const records = collectionOf(collection)
      const there = records.has(id)
      if (there) set(records, id, undefined)
      return there
    },
    append(stream, event) {
      check(stream)
      const events = state.streams.get(stream) ?? []
      events.push(toJson(event))
      state.streams.set(stream, events)
      undo.push(() => events.pop())
      return events.length
    },
    inbox(channel, messageId, payloadDigest) {
      check(channel, messageId, payloadDigest)
      const key = JSON.stringify([channel, messageId])
      const before = state.inbox.get(key)
      if (before === undefined) set(state.inbox, key, payloadDigest)
      return before === undefined ? 'new' : before === payloadDigest ? 'seen' : 'conflict'
    },
    outbox(topic, key, payload, { runAt } = {}) {
      check(topic, key)
      const id = JSON.stringify([topic, key])
      if (state.jobs.has(id)) return false
      const order = state.jobs.size
      const dueAt = runAt?.getTime() ?? 0
      set(state.jobs, id, { topic, key, json: toJson(payload), dueAt, order, attempt: 0, done: false })
      session.leftJobs = true
      return true
    },
    jobs: createJobTable(state, check, (id, job) => set(state.jobs, id, job)),
  }
}

function createJobTable(
  { jobs }: State,
  check: () => void,
  save: (id: string, job: MemoryJob | undefined) => void,
): JobTable {
  const change = (job: Job, fields: Partial<MemoryJob>): boolean => {
    check()
    const id = JSON.stringify([job.topic, job.key])
    const held = jobs.get(id)
    if (!held || held.done || held.attempt !== job.attempt) return false
    save(id, { ...held, ...fields })
    return true
  }
  const open = (topics: readonly string[]) => [...jobs].filter(([, job]) => !job.done && topics.includes(job.topic))
  return {
    claim({ topics, now, leaseUntil, limit }) {
      check()
      return open(topics)
        .filter(([, job]) => job.dueAt <= now.getTime())
        .sort(([, a], [, b]) => a.dueAt - b.dueAt || a.order - b.order)
        .slice(0, checkLimit(limit))
        .map(([id, job]) => {
          const attempt = job.attempt + 1
          save(id, { ...job, attempt, dueAt: leaseUntil.getTime() })
          return { topic: job.topic, key: job.key, payload: JSON.parse(job.json), attempt }
        })
    },
    renew: (job, leaseUntil) => change(job, { dueAt: leaseUntil.getTime() }),
    finish: (job) => change(job, { done: true }),
    retry: (job, { runAt }) => change(job, { dueAt: runAt.getTime() }),
  }
}
