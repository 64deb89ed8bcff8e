/** A worker thread: hunts for inputs that break a property, or answers questions about single inputs. */
import { parentPort, workerData } from 'node:worker_threads'
import { maxInputBytes, mutate } from './mutate.ts'
import { plantBug } from './plant.ts'
import {
  emptyTally,
  type Finding,
  type Question,
  type Tally,
  type WorkerMessage,
  type WorkerOrder,
} from './protocol.ts'
import { createRandom, type Random } from './random.ts'
import { noteInput, sharedField } from './shared.ts'
import { judge, type PreparedTarget, prepare, type Verdict } from './target.ts'
import { targets } from './targets/index.ts'

const { settings, shared, hunter } = workerData as WorkerOrder
const post = (message: WorkerMessage): void => parentPort!.postMessage(message)

/** One target at work. */
interface Hunt {
  readonly index: number
  readonly prepared: PreparedTarget
  readonly random: Random
  /** Good inputs, and those that first led to an answer of a new kind. */
  readonly pool: Uint8Array[]
  readonly tally: Tally
}

const sliceMilliseconds = 100
const maxPool = 300
const maxPoolBytes = 16 * 1024
let running: { target: string; input: Uint8Array } | undefined

// An error in a promise that nobody waits for is as much of a crash as any other.
process.on('unhandledRejection', (reason) => {
  if (!running) throw reason
  const detail = `Unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`
  report({ ...running, kind: 'crash', detail })
})

const chosen = targets
  .map((target, index) => ({ target: plantBug(target, settings.plant), index }))
  .filter(({ target }) => settings.only.length === 0 || settings.only.includes(target.name))

const hunts = await Promise.all(
  chosen.map(async ({ target, index }): Promise<Hunt> => {
    const prepared = await prepare(target)
    const random = createRandom(`${settings.seed} ${hunter ?? ''} ${target.name}`)
    return { index, prepared, random, pool: [...prepared.seeds], tally: emptyTally() }
  }),
)
post({ type: 'ready' })
if (hunter === undefined) answer()
else await huntAll()

function answer(): void {
  parentPort!.on('message', async ({ target, input }: Question) => {
    const hunt = hunts.find(({ prepared }) => prepared.target.name === target)
    if (!hunt) throw new Error(`There is no target named ${target}.`)
    post({ type: 'verdict', verdict: await judge(hunt.prepared, input) })
  })
}

async function huntAll(): Promise<void> {
  const { runs } = settings
  while (!stopped() && hunts.some(({ tally }) => runs === undefined || tally.inputs < runs)) {
    for (const hunt of hunts) {
      const until = performance.now() + sliceMilliseconds
      while (!stopped() && performance.now() < until && hunt.tally.inputs < (runs ?? Number.POSITIVE_INFINITY)) {
        await tryOne(hunt)
      }
      post({ type: 'tallies', tallies: { [hunt.prepared.target.name]: hunt.tally } })
    }
  }
  post({ type: 'done' })
}

function stopped(): boolean {
  return Atomics.load(new Int32Array(shared, 0, 4), sharedField.stop) !== 0
}

async function tryOne(hunt: Hunt): Promise<void> {
  const { prepared, random, pool, index } = hunt
  // Good inputs stay the favourites: what was broken once is mostly refused early.
  const from = random.oneIn(3) ? random.pick(pool) : random.pick(prepared.seeds)
  const input = mutate(from, pool, random).slice(0, maxInputBytes)
  noteInput(shared, index, input)
  running = { target: prepared.target.name, input }
  const verdict = await judge(prepared, input)
  const isNew = count(hunt.tally, verdict, input)
  if (isNew && !verdict.finding && pool.length < maxPool && input.length <= maxPoolBytes) pool.push(input)
  if (verdict.finding) report({ ...running, ...verdict.finding })
}

function report(finding: Finding): void {
  post({ type: 'finding', finding })
}

/** True if the answer is the first of its kind. */
function count(tally: Tally, { label, accepted, milliseconds }: Verdict, input: Uint8Array): boolean {
  const before = tally.labels[label] ?? 0
  tally.labels[label] = before + 1
  tally.inputs += 1
  tally.milliseconds += milliseconds
  if (accepted) tally.accepted += 1
  if (milliseconds > tally.slowest.milliseconds) tally.slowest = { milliseconds, bytes: input.length }
  return before === 0
}
