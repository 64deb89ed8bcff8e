/**
 * Works off the outbox: at least once, under leases, with growing pauses after failures. A job whose process dies is taken
 * again when its lease ends, by whatever process runs then; so a handler must do no harm when it runs twice.
 */
import { type Clock, isZhichengError, type Logger, silentLogger, systemClock } from '@zhicheng/core'
import type { Job, Store } from './store.ts'

/** Does the work of one job. The signal ends when the lease was lost, so that another try may own the job. */
export type JobHandler = (job: Job, options: { signal: AbortSignal }) => Promise<void>

/** Options of {@link createOutboxRunner}. */
export interface OutboxRunnerOptions {
  /** One handler a topic. Jobs of other topics are left alone. */
  handlers: Readonly<Record<string, JobHandler>>
  clock?: Clock
  logger?: Logger
  /** Jobs that run at the same time; 4 unless told. */
  concurrency?: number
  /** How long a job belongs to the process that took it; renewed while the handler runs. 15 seconds unless told. */
  leaseMilliseconds?: number
  /** Longest pause between two looks at the table; jobs of this process's own commits are seen at once. 1 second unless told. */
  pollMilliseconds?: number
  /** Pause before the next try. Doubles from 1 second to 15 minutes, with jitter, unless told. */
  backoff?: (attempt: number) => number
  random?: () => number
}

/** Runs jobs. */
export interface OutboxRunner {
  /** Begins to run jobs until {@link OutboxRunner.stop}. */
  start(): void
  /** Runs everything that is due now, jobs that these leave included, and answers how many tries were made. */
  runDue(): Promise<number>
  /** Takes no more jobs and waits for the running ones. */
  stop(): Promise<void>
}

/**
 * Makes the runner of a store's outbox.
 *
 * @example
 * ```ts
 * const runner = createOutboxRunner(store, {
 *   handlers: { 'case.paid': async (job) => { await recordPayment(job.key, job.payload) } },
 * })
 * runner.start()
 * await store.transaction((tx) => tx.outbox('case.paid', 'order-1', { amount: '120.00' }))
 * await runner.stop()
 * ```
 */
export function createOutboxRunner(
  store: Store,
  {
    handlers,
    clock = systemClock,
    logger = silentLogger,
    concurrency = 4,
    leaseMilliseconds = 15_000,
    pollMilliseconds = 1000,
    random = Math.random,
    backoff = (attempt) => Math.min(1000 * 2 ** Math.min(attempt - 1, 20), 900_000) * (0.5 + random() / 2),
  }: OutboxRunnerOptions,
): OutboxRunner {
  const topics = Object.keys(handlers)
  const running = new Set<Promise<void>>()
  let loop: ReturnType<typeof createLoop> | undefined

  const later = (milliseconds: number) => new Date(clock.now().getTime() + milliseconds)

  const claim = (limit: number): Promise<Job[]> =>
    store.transaction((tx) => tx.jobs.claim({ topics, now: clock.now(), leaseUntil: later(leaseMilliseconds), limit }))

  const runJob = async (job: Job): Promise<void> => {
    const lost = new AbortController()
    const renewal = setInterval(() => {
      store
        .transaction((tx) => tx.jobs.renew(job, later(leaseMilliseconds)))
        .then(
          (held) => held || lost.abort(),
          (error: unknown) => report('outbox.renewal-failed', job, error),
        )
    }, leaseMilliseconds / 3)
    try {
      await handlers[job.topic]!(job, { signal: lost.signal })
    } catch (error) {
      report('outbox.job-failed', job, error)
      const runAt = later(backoff(job.attempt))
      await store.transaction((tx) => tx.jobs.retry(job, { runAt, errorCode: codeOf(error) }))
      return
    } finally {
      clearInterval(renewal)
    }
    await store.transaction((tx) => tx.jobs.finish(job))
  }

  const report = (event: string, job: Job, error: unknown) => {
    logger({ level: 'warning', event, facts: { topic: job.topic, attempt: job.attempt, code: codeOf(error) } })
  }

  /** Starts as many due jobs as there is room for; answers how many. */
  const startDue = async (): Promise<number> => {
    const room = concurrency - running.size
    if (room <= 0) return 0
    const jobs = await claim(room)
    for (const job of jobs) {
      const run: Promise<void> = runJob(job)
        // Whatever could not be written down is taken again when the lease ends.
        .catch((error: unknown) => report('outbox.result-not-kept', job, error))
        .finally(() => {
          running.delete(run)
          loop?.wake()
        })
      running.add(run)
    }
    return jobs.length
  }

  const createLoop = () => {
    let awake = false
    let stopped = false
    let alarm = () => {}
    const wake = () => {
      awake = true
      alarm()
    }
    const pause = () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMilliseconds)
        alarm = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    const work = async () => {
      const end = store.onOutbox(wake)
      while (!stopped) {
        awake = false
        try {
          await startDue()
        } catch (error) {
          logger({ level: 'error', event: 'outbox.claim-failed', facts: { code: codeOf(error) } })
          awake = false
        }
        if (!awake && !stopped) await pause()
      }
      end()
    }
    return {
      wake,
      over: work(),
      stop() {
        stopped = true
        wake()
      },
    }
  }

  return {
    start() {
      loop ??= createLoop()
    },
    async runDue() {
      let tries = 0
      for (;;) {
        const started = await startDue()
        tries += started
        if (running.size > 0) await Promise.race(running)
        else if (started === 0) return tries
      }
    },
    async stop() {
      const ending = loop
      loop = undefined
      ending?.stop()
      await ending?.over
      await Promise.all(running)
    },
  }
}

function codeOf(error: unknown): string {
  return isZhichengError(error) ? error.code : 'ERR_UNCODED'
}
