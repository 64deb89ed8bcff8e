/** The one SQL schema, as a list of migrations: entry n brings a database from version n to n + 1 and is never edited. */

/** Marks a database file as ours: the letters `ZHIC`. */
export const applicationId = 0x5a484943

/** SQL of each version, in order. */
export const migrations: readonly string[] = [
  `CREATE TABLE records (
     collection TEXT NOT NULL,
     id TEXT NOT NULL,
     value TEXT NOT NULL,
     PRIMARY KEY (collection, id)
   ) STRICT;
   CREATE TABLE record_indexes (
     collection TEXT NOT NULL,
     name TEXT NOT NULL,
     value TEXT NOT NULL,
     id TEXT NOT NULL,
     PRIMARY KEY (collection, name, value, id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX record_indexes_by_id ON record_indexes (collection, id);
   CREATE TABLE events (
     stream TEXT NOT NULL,
     sequence INTEGER NOT NULL CHECK (sequence >= 1),
     value TEXT NOT NULL,
     PRIMARY KEY (stream, sequence)
   ) STRICT;
   CREATE TABLE inbox (
     channel TEXT NOT NULL,
     message_id TEXT NOT NULL,
     digest TEXT NOT NULL,
     PRIMARY KEY (channel, message_id)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE outbox (
     sequence INTEGER PRIMARY KEY,
     topic TEXT NOT NULL,
     key TEXT NOT NULL,
     payload TEXT NOT NULL,
     due_at INTEGER NOT NULL,
     attempt INTEGER NOT NULL DEFAULT 0,
     done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
     last_error TEXT,
     UNIQUE (topic, key)
   ) STRICT;
   CREATE INDEX outbox_due ON outbox (due_at, sequence) WHERE done = 0;`,
]
