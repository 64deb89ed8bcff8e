import { fixedClock, type LogEntry, ZhichengError } from '@zhicheng/core'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore } from './memory.ts'
import { createOutboxRunner, type JobHandler, type OutboxRunnerOptions } from './outbox-runner.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function createGate<Value>() {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function setUp(handler: JobHandler, options: Partial<OutboxRunnerOptions> = {}) {
  const store = memoryStore()
  const clock = fixedClock('2026-11-24T00:00:00Z')
  const log: LogEntry[] = []
  const make = () => {
    const runner = createOutboxRunner(store, {
      handlers: { send: handler },
      clock,
      logger: (entry) => log.push(entry),
      backoff: (attempt) => attempt * 1000,
      ...options,
    })
    stops.push(() => runner.stop())
    return runner
  }
  const add = (key: string, runAt?: Date) =>
    store.transaction((tx) => tx.outbox('send', key, { key }, runAt ? { runAt } : {}))
  return { store, clock, log, make, add }
}

describe('the outbox runner', () => {
  it('runs each due job once and leaves the others for their time', async () => {
    const ran: string[] = []
    const { clock, make, add } = setUp(async (job) => void ran.push(job.key))
    const runner = make()
    await add('a')
    await add('b', new Date(clock.now().getTime() + 5000))
    expect(await runner.runDue()).toBe(1)
    clock.advance(5000)
    expect(await runner.runDue()).toBe(1)
    expect(await runner.runDue()).toBe(0)
    expect(ran).toEqual(['a', 'b'])
  })

  it('tries a failed job again after its pause, with the same key and the next attempt', async () => {
    const tries: [string, number][] = []
    const { clock, log, make, add } = setUp(async (job) => {
      tries.push([job.key, job.attempt])
      if (job.attempt < 3) throw new ZhichengError('ERR_EXAMPLE', 'not yet')
    })
    const runner = make()
    await add('a')
    for (const pause of [0, 999, 1, 1999, 1, 60_000]) {
      clock.advance(pause)
      await runner.runDue()
    }
    expect(tries).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ])
    expect(log.map(({ event, facts }) => [event, facts?.['code']])).toEqual([
      ['outbox.job-failed', 'ERR_EXAMPLE'],
      ['outbox.job-failed', 'ERR_EXAMPLE'],
    ])
  })

  it('leaves a job that another runner holds, and takes it when that lease is over', async () => {
    const { store, clock, make, add } = setUp(async () => {})
    await add('a')
    const now = clock.now()
    const leaseUntil = new Date(now.getTime() + 15_000)
    const dead = await store.transaction((tx) => tx.jobs.claim({ topics: ['send'], now, leaseUntil, limit: 1 }))
    const runner = make()
    expect(await runner.runDue()).toBe(0)
    clock.advance(15_000)
    expect(await runner.runDue()).toBe(1)
    expect(await store.transaction((tx) => tx.jobs.finish(dead[0]!))).toBe(false)
  })

  it('tells a handler that its lease was lost', async () => {
    let lost = false
    const { store, clock, make, add } = setUp(
      (job, { signal }) =>
        new Promise((resolve) => {
          if (job.attempt > 1) return resolve()
          signal.addEventListener('abort', () => {
            lost = true
            resolve()
          })
        }),
      { leaseMilliseconds: 15 },
    )
    const runner = make()
    await add('a')
    const run = runner.runDue()
    // Another process takes the job while this one hangs.
    await new Promise((resolve) => setTimeout(resolve, 2))
    const now = new Date(clock.now().getTime() + 60_000)
    await store.transaction((tx) => tx.jobs.claim({ topics: ['send'], now, leaseUntil: now, limit: 1 }))
    await run
    expect(lost).toBe(true)
  })

  it('runs no more jobs at a time than it may', async () => {
    let now = 0
    let most = 0
    const { make, add } = setUp(
      async () => {
        now += 1
        most = Math.max(most, now)
        await new Promise((resolve) => setTimeout(resolve, 1))
        now -= 1
      },
      { concurrency: 2 },
    )
    for (const key of ['a', 'b', 'c', 'd', 'e']) await add(key)
    expect(await make().runDue()).toBe(5)
    expect(most).toBe(2)
  })

  it('sees the jobs of its own process at once, without waiting for the next poll', async () => {
    const done = createGate<string>()
    const { make, add } = setUp(async (job) => done.resolve(job.key), { pollMilliseconds: 3_600_000 })
    make().start()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await add('a')
    expect(await done.promise).toBe('a')
  })

  it('works off more jobs than fit at a time without waiting for the next poll', async () => {
    const ran: string[] = []
    const done = createGate<void>()
    const { make, add } = setUp(
      async (job) => {
        ran.push(job.key)
        if (ran.length === 3) done.resolve()
      },
      { pollMilliseconds: 3_600_000, concurrency: 1 },
    )
    for (const key of ['a', 'b', 'c']) await add(key)
    make().start()
    await done.promise
    expect(ran).toEqual(['a', 'b', 'c'])
  })

  it('waits for running jobs when it is stopped, and takes no new one', async () => {
    const gate = createGate<void>()
    const ran: string[] = []
    const started = createGate<void>()
    const { make, add } = setUp(async (job) => {
      started.resolve()
      await gate.promise
      ran.push(job.key)
    })
    const runner = make()
    runner.start()
    await add('a')
    await started.promise
    const stopped = runner.stop()
    await add('b')
    gate.resolve()
    await stopped
    expect(ran).toEqual(['a'])
  })
})
