/** The main thread's part: starts the workers, watches over them, gathers figures and findings. */
import type { Worker } from 'node:worker_threads'
import { maxInputBytes } from './mutate.ts'
import { createProbe, hangMilliseconds, startWorker } from './probe.ts'
import { emptyTally, type Finding, type Settings, type Tally, type WorkerMessage } from './protocol.ts'
import { createShared, notedInput, sharedField } from './shared.ts'
import { targets } from './targets/index.ts'

/** What a run brought. */
export interface HuntResult {
  readonly tallies: ReadonlyMap<string, Tally>
  readonly findings: readonly Finding[]
}

const maxFindings = 12

interface Watched {
  readonly worker: Worker
  readonly shared: SharedArrayBuffer
  readonly ended: Promise<void>
  end(): void
  ready: boolean
  sequence: number
  since: number
}

/** Runs until the time or the number of inputs is used up, or there are findings enough. */
export async function hunt(settings: Settings): Promise<HuntResult> {
  const byWorker = new Map<string, Map<string, Tally>>()
  const findings = new Map<string, Finding>()
  const watched = new Set<Watched>()
  let over = false

  const add = (finding: Finding): void => {
    // Crashes differ by where they happen; of the other kinds, one for each target is enough to go on with.
    const place = finding.kind === 'crash' ? finding.detail.split('\n').slice(0, 2).join(' ') : ''
    const id = `${finding.target} ${finding.kind} ${place}`
    if (!findings.has(id)) findings.set(id, finding)
    if (findings.size >= maxFindings) stop()
  }
  const stop = (): void => {
    over = true
    for (const { shared } of watched) Atomics.store(new Int32Array(shared, 0, 4), sharedField.stop, 1)
  }
  const start = (hunter: string): void => {
    const shared = createShared(maxInputBytes)
    const worker = startWorker({ settings, shared, hunter })
    let resolve: () => void = () => {}
    const promise = new Promise<void>((done) => {
      resolve = done
    })
    const one: Watched = { worker, shared, ended: promise, end: resolve, ready: false, sequence: 0, since: Number.NaN }
    watched.add(one)
    const tallies = new Map<string, Tally>()
    byWorker.set(hunter, tallies)
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'ready') one.ready = true
      if (message.type === 'tallies') for (const entry of Object.entries(message.tallies)) tallies.set(...entry)
      if (message.type === 'finding') add(message.finding)
      if (message.type === 'done') resolve()
    })
    worker.on('error', (error) => {
      if (!one.ready) add({ target: 'start', kind: 'crash', detail: String(error.stack), input: new Uint8Array() })
      else add({ ...current(one), kind: 'crash', detail: `The worker ended: ${String(error)}` })
      resolve()
    })
    worker.on('exit', () => resolve())
  }

  const restart = async (one: Watched): Promise<void> => {
    watched.delete(one)
    const suspect = current(one)
    await one.worker.terminate()
    if (await neverEnds(settings, suspect)) {
      add({ ...suspect, kind: 'hang', detail: `No end after ${hangMilliseconds} ms, three times over.` })
    }
    if (!over) start(`again ${byWorker.size}`)
    one.end()
  }

  for (let index = 0; index < settings.workers; index += 1) start(`worker ${index}`)
  let restarting: Promise<void> = Promise.resolve()
  const watchdog = setInterval(() => {
    for (const one of watched) if (isStuck(one)) restarting = restart(one)
  }, 200)
  const timer = settings.runs === undefined ? setTimeout(stop, settings.seconds * 1000) : undefined
  for (let before = -1; before !== byWorker.size; ) {
    before = byWorker.size
    await Promise.all([...watched].map(({ ended }) => ended))
    await restarting
  }
  clearInterval(watchdog)
  clearTimeout(timer)
  await Promise.all([...watched].map(({ worker }) => worker.terminate()))
  return { tallies: sum(byWorker), findings: [...findings.values()] }
}

/** True once one input has been run for longer than any may. */
function isStuck(one: Watched): boolean {
  if (!one.ready) return false
  const { sequence } = notedInput(one.shared)
  const now = performance.now()
  if (sequence !== one.sequence || Number.isNaN(one.since)) {
    one.sequence = sequence
    one.since = now
    return false
  }
  return now - one.since > hangMilliseconds
}

function current(one: Watched): { target: string; input: Uint8Array } {
  const { target, input } = notedInput(one.shared)
  return { target: targets[target]!.name, input }
}

// A busy machine may keep a worker waiting: an input is to blame only if it never ends however often it is tried.
async function neverEnds(settings: Settings, question: { target: string; input: Uint8Array }): Promise<boolean> {
  const probe = createProbe(settings)
  try {
    for (let again = 0; again < 3; again += 1) {
      if ((await probe.judge(question)).finding?.kind !== 'hang') return false
    }
    return true
  } finally {
    await probe.close()
  }
}

function sum(byWorker: ReadonlyMap<string, ReadonlyMap<string, Tally>>): Map<string, Tally> {
  const total = new Map<string, Tally>()
  for (const tallies of byWorker.values()) {
    for (const [name, tally] of tallies) {
      const into = total.get(name) ?? emptyTally()
      total.set(name, into)
      into.inputs += tally.inputs
      into.accepted += tally.accepted
      into.milliseconds += tally.milliseconds
      for (const [label, count] of Object.entries(tally.labels)) into.labels[label] = (into.labels[label] ?? 0) + count
      if (tally.slowest.milliseconds > into.slowest.milliseconds) into.slowest = tally.slowest
    }
  }
  return total
}
