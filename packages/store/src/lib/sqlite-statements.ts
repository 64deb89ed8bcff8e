/** The statements of the SQLite driver, each prepared once, as the methods of a transaction. */
import type { DatabaseSync } from 'node:sqlite'
import { storeError } from '../errors.ts'
import type { FindQuery, Job, JobTable, Transaction } from '../store.ts'
import { checkKeys, checkLimit, toJson } from './checks.ts'

/** What one transaction knows of itself. */
export interface Session {
  over: boolean
  leftJobs: boolean
}

/** Prepares everything and returns the maker of transactions; the caller begins and commits. */
export function prepareTransactions(database: DatabaseSync): (session: Session) => Transaction {
  const sql = {
    get: database.prepare('SELECT value FROM records WHERE collection = ? AND id = ?'),
    list: database.prepare('SELECT value FROM records WHERE collection = ? AND id > ? ORDER BY id LIMIT ?'),
    find: database.prepare(
      `SELECT records.value AS value FROM record_indexes JOIN records USING (collection, id)
       WHERE record_indexes.collection = ? AND name = ? AND record_indexes.value = ? AND id > ? ORDER BY id LIMIT ?`,
    ),
    insert: database.prepare('INSERT INTO records (collection, id, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    put: database.prepare(
      'INSERT INTO records (collection, id, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    remove: database.prepare('DELETE FROM records WHERE collection = ? AND id = ?'),
    index: database.prepare('INSERT INTO record_indexes (collection, id, name, value) VALUES (?, ?, ?, ?)'),
    unindex: database.prepare('DELETE FROM record_indexes WHERE collection = ? AND id = ?'),
    events: database.prepare(
      'SELECT sequence, value FROM events WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?',
    ),
    append: database.prepare(
      `INSERT INTO events (stream, sequence, value)
       SELECT ?, 1 + coalesce(max(sequence), 0), ? FROM events WHERE stream = ? RETURNING sequence`,
    ),
    inbox: database.prepare('INSERT INTO inbox (channel, message_id, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    inboxDigest: database.prepare('SELECT digest FROM inbox WHERE channel = ? AND message_id = ?'),
    outbox: database.prepare(
      'INSERT INTO outbox (topic, key, payload, due_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
  }
  const createJobTable = prepareJobTable(database)

  const index = (collection: string, id: string, indexes: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(indexes)) sql.index.run(collection, id, name, value)
  }

  return (session) => {
    const check = (...keys: readonly string[]) => {
      if (session.over) throw storeError('ERR_STORE_TRANSACTION_OVER', 'The transaction has ended; open a new one.')
      checkKeys(...keys)
    }
    return {
      get<Value>(collection: string, id: string) {
        check(collection, id)
        const row = sql.get.get(collection, id)
        return row && (JSON.parse(String(row['value'])) as Value)
      },
      find<Value>(collection: string, { index: name, equals = '', after = '', limit = 100 }: FindQuery = {}) {
        check(collection, ...(name === undefined ? [] : [name, equals]))
        const rows =
          name === undefined
            ? sql.list.all(collection, after, checkLimit(limit))
            : sql.find.all(collection, name, equals, after, checkLimit(limit))
        return rows.map((row) => JSON.parse(String(row['value'])) as Value)
      },
      events<Value>(stream: string, { after = 0, limit = 1000 }: { after?: number; limit?: number } = {}) {
        check(stream)
        return sql.events.all(stream, checkLimit(after), checkLimit(limit)).map((row) => ({
          sequence: Number(row['sequence']),
          event: JSON.parse(String(row['value'])) as Value,
        }))
      },
      insert(collection, id, value, indexes = {}) {
        check(collection, id, ...Object.keys(indexes), ...Object.values(indexes))
        if (sql.insert.run(collection, id, toJson(value)).changes === 0) {
          throw storeError('ERR_STORE_EXISTS', `${collection} already has a record of this id.`, {
            facts: { collection },
          })
        }
        index(collection, id, indexes)
      },
      put(collection, id, value, indexes = {}) {
        check(collection, id, ...Object.keys(indexes), ...Object.values(indexes))
        sql.put.run(collection, id, toJson(value))
        sql.unindex.run(collection, id)
        index(collection, id, indexes)
      },
      remove(collection, id) {
        check(collection, id)
        sql.unindex.run(collection, id)
        return sql.remove.run(collection, id).changes !== 0
      },
      append(stream, event) {
        check(stream)
        return Number(sql.append.get(stream, toJson(event), stream)!['sequence'])
      },
      inbox(channel, messageId, payloadDigest) {
        check(channel, messageId, payloadDigest)
        if (sql.inbox.run(channel, messageId, payloadDigest).changes !== 0) return 'new'
        return sql.inboxDigest.get(channel, messageId)!['digest'] === payloadDigest ? 'seen' : 'conflict'
      },
      outbox(topic, key, payload, { runAt } = {}) {
        check(topic, key)
        const added = sql.outbox.run(topic, key, toJson(payload), runAt?.getTime() ?? 0).changes !== 0
        if (added) session.leftJobs = true
        return added
      },
      jobs: createJobTable(check),
    }
  }
}

function prepareJobTable(database: DatabaseSync): (check: () => void) => JobTable {
  // The topics travel as one JSON array, so that any number of them needs one statement.
  const ofTopics = 'done = 0 AND topic IN (SELECT value FROM json_each(?))'
  const ofLease = 'done = 0 AND topic = ? AND key = ? AND attempt = ?'
  const sql = {
    due: database.prepare(
      `SELECT sequence, topic, key, payload, attempt + 1 AS attempt FROM outbox
       WHERE ${ofTopics} AND due_at <= ? ORDER BY due_at, sequence LIMIT ?`,
    ),
    take: database.prepare('UPDATE outbox SET attempt = attempt + 1, due_at = ? WHERE sequence = ?'),
    renew: database.prepare(`UPDATE outbox SET due_at = ? WHERE ${ofLease}`),
    finish: database.prepare(`UPDATE outbox SET done = 1, last_error = NULL WHERE ${ofLease}`),
    retry: database.prepare(`UPDATE outbox SET due_at = ?, last_error = ? WHERE ${ofLease}`),
  }
  const lease = ({ topic, key, attempt }: Job) => [topic, key, attempt] as const
  return (check) => ({
    claim({ topics, now, leaseUntil, limit }) {
      check()
      return sql.due.all(JSON.stringify(topics), now.getTime(), checkLimit(limit)).map((row) => {
        sql.take.run(leaseUntil.getTime(), row['sequence']!)
        return {
          topic: String(row['topic']),
          key: String(row['key']),
          payload: JSON.parse(String(row['payload'])),
          attempt: Number(row['attempt']),
        }
      })
    },
    renew(job, leaseUntil) {
      check()
      return sql.renew.run(leaseUntil.getTime(), ...lease(job)).changes !== 0
    },
    finish(job) {
      check()
      return sql.finish.run(...lease(job)).changes !== 0
    },
    retry(job, { runAt, errorCode }) {
      check()
      return sql.retry.run(runAt.getTime(), errorCode, ...lease(job)).changes !== 0
    },
  })
}
