/** The embedded store: one SQLite file through node:sqlite, commits on the disk before they resolve. */
import { storeError } from './errors.ts'
import { runSynchronously } from './lib/checks.ts'
import { openDatabase, sqliteError } from './lib/sqlite-database.ts'
import { prepareTransactions, type Session } from './lib/sqlite-statements.ts'
import type { Store, Transaction } from './store.ts'

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** The database file; it and its two companions (`-wal`, `-shm`) are created when missing, readable by the owner only. */
  file: string
  /** How long to wait for another process that writes, in milliseconds; 5000 unless told. */
  busyMilliseconds?: number
}

interface Waiting {
  work: (transaction: Transaction) => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * Opens a store in a SQLite file: write-ahead log, `synchronous=FULL`, strict tables. What is asked for while one commit
 * is under way goes into the next one together, each transaction in its own savepoint: one sync to the disk for many.
 *
 * Throws `ERR_STORE_SQLITE_UNAVAILABLE` on a Node without node:sqlite (before 22.13), `ERR_STORE_SQLITE_OPEN`,
 * `ERR_STORE_SQLITE_FOREIGN` and `ERR_STORE_SQLITE_NEWER` for a file that cannot be used. A file on a network share is not
 * safe: SQLite's locks do not hold there.
 *
 * @example
 * ```ts
 * const store = sqliteStore({ file: './zhicheng.db' })
 * await store.transaction((tx) => tx.put('settings', 'window', { open: true }))
 * await store.close()
 * ```
 */
export function sqliteStore({ file, busyMilliseconds = 5000 }: SqliteStoreOptions): Store {
  if (!Number.isSafeInteger(busyMilliseconds) || busyMilliseconds < 0) {
    throw storeError('ERR_STORE_VALUE', 'busyMilliseconds is a whole number that is not negative.')
  }
  const database = openDatabase(file, busyMilliseconds)
  const createTransaction = prepareTransactions(database)
  const listeners = new Set<() => void>()
  let queue: Waiting[] = []
  let active = false
  let closed = false

  /** Runs one body; answers how to settle its promise once the commit is known, and whether it left jobs. */
  const runOne = ({ work, resolve, reject }: Waiting): { settle: () => void; leftJobs: boolean } => {
    const session: Session = { over: false, leftJobs: false }
    database.exec('SAVEPOINT work')
    try {
      const value = runSynchronously(work, createTransaction(session))
      database.exec('RELEASE work')
      return { settle: () => resolve(value), leftJobs: session.leftJobs }
    } catch (error) {
      // Throws when the database itself rolled back (disk full, I/O error): then the whole group fails, as it must.
      database.exec('ROLLBACK TO work; RELEASE work')
      const reason = isDriverError(error) ? sqliteError(error) : error
      return { settle: () => reject(reason), leftJobs: false }
    } finally {
      session.over = true
    }
  }

  const flush = () => {
    const group = queue
    queue = []
    if (group.length === 0) return
    let done: ReturnType<typeof runOne>[]
    active = true
    try {
      database.exec('BEGIN IMMEDIATE')
      done = group.map(runOne)
      database.exec('COMMIT')
    } catch (cause) {
      try {
        database.exec('ROLLBACK')
      } catch {
        // Nothing was open any more: the database rolled back by itself.
      }
      const error = sqliteError(cause)
      for (const { reject } of group) reject(error)
      return
    } finally {
      active = false
    }
    for (const { settle } of done) settle()
    if (done.some(({ leftJobs }) => leftJobs)) for (const listener of listeners) queueMicrotask(listener)
  }

  return {
    durable: file !== ':memory:',
    transaction<Result>(work: (transaction: Transaction) => Result) {
      return new Promise<Result>((resolve, reject) => {
        if (closed) throw closedError()
        queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
        if (queue.length === 1) setImmediate(flush)
      })
    },
    async read(work) {
      if (closed) throw closedError()
      if (active) throw storeError('ERR_STORE_NESTED', 'The body of a transaction or read must not open another one.')
      const session: Session = { over: false, leftJobs: false }
      active = true
      let begun = false
      try {
        database.exec('BEGIN')
        begun = true
        const { get, find, events } = createTransaction(session)
        return runSynchronously(work, { get, find, events })
      } catch (error) {
        throw isDriverError(error) ? sqliteError(error) : error
      } finally {
        session.over = true
        if (begun) database.exec('ROLLBACK')
        active = false
      }
    },
    onOutbox(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      if (closed) return
      closed = true
      flush()
      listeners.clear()
      database.close()
    },
  }
}

function closedError(): Error {
  return storeError('ERR_STORE_CLOSED', 'The store is closed.')
}

function isDriverError(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_SQLITE_ERROR'
}
