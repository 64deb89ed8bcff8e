/** Opens the database file: what Node offers, the pragmas that make a commit durable, and the migrations. */
import { closeSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { isZhichengError, type ZhichengError } from '@zhicheng/core'
import { type StoreErrorCode, storeError } from '../errors.ts'
import { applicationId, migrations } from './schema.ts'

/** Opens and prepares the file; throws a coded error and leaves nothing open when that fails. */
export function openDatabase(file: string, busyMilliseconds: number): DatabaseSync {
  // Node 20 has no such module, and answers undefined here where an import would fail before anybody could explain.
  const sqlite = process.getBuiltinModule('node:sqlite')
  if (!sqlite) {
    throw storeError(
      'ERR_STORE_SQLITE_UNAVAILABLE',
      `sqliteStore needs node:sqlite, that is Node 22.13 or later; this is Node ${process.versions.node}. Use a later Node, or another store.`,
      { facts: { node: process.versions.node, needed: '22.13.0' } },
    )
  }
  let database: DatabaseSync | undefined
  try {
    // SQLite would create the file readable by everybody; the rows are personal data.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))
    database = new sqlite.DatabaseSync(file)
    database.exec(`PRAGMA busy_timeout = ${busyMilliseconds}`)
    // Before the journal mode, which would already change another program's file.
    refuseForeign(database, file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    migrate(database, file)
    return database
  } catch (cause) {
    database?.close()
    if (isZhichengError(cause)) throw cause
    if (isBusy(cause)) throw sqliteError(cause)
    throw storeError(
      'ERR_STORE_SQLITE_OPEN',
      `Cannot open ${file} as a database: check that its folder exists, that it may be written, and that it is a SQLite file.`,
      { cause, facts: { file } },
    )
  }
}

function migrate(database: DatabaseSync, file: string): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = readPragma(database, 'user_version')
    if (version > migrations.length) {
      throw storeError(
        'ERR_STORE_SQLITE_NEWER',
        `${file} was written by a later version of this package (schema ${version}, known are ${migrations.length}); upgrade first.`,
        { facts: { file, version, known: migrations.length } },
      )
    }
    for (const sql of migrations.slice(version)) database.exec(sql)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function refuseForeign(database: DatabaseSync, file: string): void {
  const empty = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()!['count'] === 0
  if (empty || readPragma(database, 'application_id') === applicationId) return
  throw storeError('ERR_STORE_SQLITE_FOREIGN', `${file} is the database of another program; give another file.`, {
    facts: { file },
  })
}

function readPragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()![name])
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' && (code & 0xff) === 5
}

/** Gives an error of the driver its code: busy may go through later, everything else needs a person. */
export function sqliteError(cause: unknown): ZhichengError<StoreErrorCode> {
  if (isBusy(cause)) {
    return storeError('ERR_STORE_BUSY', 'Another process holds the database; try again.', { cause, retryable: true })
  }
  return storeError(
    'ERR_STORE_SQLITE',
    'The database could not be read or written; nothing of this transaction was kept. Look at the disk and the cause.',
    { cause },
  )
}
