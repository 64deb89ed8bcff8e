/** What every store offers: records, event streams, inbox and outbox, changed only together in one commit. */

/** A query by one index value, or for a whole collection; answers come in the order of their ids. */
export interface FindQuery {
  /** Name of an index that was given when the record was written. Without it the whole collection is meant. */
  index?: string
  /** The value the index must have; only with `index`. */
  equals?: string
  /** Only ids after this one: the last id of the page before. */
  after?: string
  /** Most records to return; 100 unless told. */
  limit?: number
}

/** One event of a stream; sequences start at 1 and have no gaps. */
export interface StreamEvent<Value = unknown> {
  sequence: number
  event: Value
}

/** Reads of one consistent state. Values are fresh copies: changing one changes nothing in the store. */
export interface ReadView {
  /** The record, or undefined. */
  get<Value>(collection: string, id: string): Value | undefined
  /** The records that match, in the order of their ids. */
  find<Value>(collection: string, query?: FindQuery): Value[]
  /** The events of a stream after a sequence number, oldest first; 1000 unless told. */
  events<Value>(stream: string, range?: { after?: number; limit?: number }): StreamEvent<Value>[]
}

/**
 * Changes of one transaction. Values are kept as JSON: no bigint, and a `Date` comes back as its text.
 * Throws `ERR_STORE_KEY` and `ERR_STORE_VALUE` for what cannot be kept.
 */
export interface Transaction extends ReadView {
  /** Adds a record; throws `ERR_STORE_EXISTS` when the id is taken. */
  insert(collection: string, id: string, value: unknown, indexes?: Readonly<Record<string, string>>): void
  /** Writes a record and its indexes, whether it was there or not. */
  put(collection: string, id: string, value: unknown, indexes?: Readonly<Record<string, string>>): void
  /** Removes a record; true if it was there. */
  remove(collection: string, id: string): boolean
  /** Appends an event to a stream and returns its sequence number. */
  append(stream: string, event: unknown): number
  /**
   * Notes that a message came in. `seen`: it came before, do nothing again. `conflict`: a message of the same id but with
   * another digest came before; the first one stays noted. Take the digest over what the message says, not over its
   * bytes, where a platform encrypts each repetition anew.
   */
  inbox(channel: string, messageId: string, payloadDigest: string): 'new' | 'seen' | 'conflict'
  /**
   * Leaves a job to be run after the commit. A topic and key that were used before add nothing, even after that job is
   * done; returns whether it was added.
   */
  outbox(topic: string, key: string, payload: unknown, options?: { runAt?: Date }): boolean
  /** The jobs table, for {@link createOutboxRunner}. */
  readonly jobs: JobTable
}

/** A job under lease. */
export interface Job<Payload = unknown> {
  readonly topic: string
  /** Unique within the topic, and the same at every try: hand it to the receiver as its idempotency key. */
  readonly key: string
  readonly payload: Payload
  /** The number of this try, from 1. It also marks the lease: a later try takes the lease away from this one. */
  readonly attempt: number
}

/** Leases on jobs. Each change but `claim` answers false when a later try owns the job. */
export interface JobTable {
  /** Takes due jobs of these topics whose lease is free or over, the longest due first. */
  claim(request: { topics: readonly string[]; now: Date; leaseUntil: Date; limit: number }): Job[]
  renew(job: Job, leaseUntil: Date): boolean
  finish(job: Job): boolean
  /** Gives the job back to be tried from `runAt` on; `errorCode` is kept for operators. */
  retry(job: Job, options: { runAt: Date; errorCode: string }): boolean
}

/** Where state is kept. */
export interface Store {
  /** False for a store that forgets everything when the process ends. */
  readonly durable: boolean
  /**
   * Runs `work` and commits it; resolves with its result once the commit is on the disk. When `work` throws, nothing of it
   * is kept. `work` is synchronous: a promise as its result throws `ERR_STORE_ASYNC_WORK` and keeps nothing. Transactions
   * run one after the other, across processes too, so reading and then writing in one is safe.
   */
  transaction<Result>(work: (transaction: Transaction) => Result): Promise<Result>
  /** Runs `work` on one consistent state of what is committed. */
  read<Result>(work: (view: ReadView) => Result): Promise<Result>
  /** Calls `listener` after each commit of this process that left jobs; returns the function that ends it. */
  onOutbox(listener: () => void): () => void
  /** Waits for what was begun, then releases everything. */
  close(): Promise<void>
}
