/** What a fuzzing target is, and the one checker that judges every input of every target. */
import { isZhichengError } from '@zhicheng/core'

/** What the package made of an input. */
export interface Outcome {
  /** True if it was taken as good: parsed, or, where there is a signature, verified. */
  readonly accepted: boolean
  /** For the statistics: an error code or a status. */
  readonly label: string
  /**
   * Where acceptance rests on a signature: the signed bytes and what was read from them, one text for each thing that is
   * claimed. An input that is accepted with a claim which no seed makes was forged.
   */
  readonly claims?: readonly string[]
}

/** One way into the package. */
export interface Target {
  readonly name: string
  /** Good inputs, the same on every run. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>
  /** Gives the input to the package. A `Violation` says that a property of the target's own does not hold. */
  run(input: Uint8Array): Outcome | Promise<Outcome>
}

/** A property of a target that an input breaks. */
export class Violation extends Error {}

/** What is wrong with an input. `hang` is told by whoever watches from outside. */
export type FindingKind = 'crash' | 'slow' | 'accept' | 'violation' | 'hang'

/** The judgement about one input. */
export interface Verdict {
  readonly label: string
  readonly accepted: boolean
  /** CPU time of the thread. */
  readonly milliseconds: number
  readonly finding?: { readonly kind: FindingKind; readonly detail: string }
}

/** A target with what its seeds claim. */
export interface PreparedTarget {
  readonly target: Target
  readonly seeds: readonly Uint8Array[]
  readonly claims: ReadonlySet<string>
}

/** No input may take more CPU time than this. */
const maxMilliseconds = 100

/** Runs the seeds. A target none of whose seeds is accepted would find nothing, so that is refused. */
export async function prepare(target: Target): Promise<PreparedTarget> {
  const seeds = await target.seeds()
  const claims = new Set<string>()
  for (const [index, seed] of seeds.entries()) {
    const outcome = await target.run(seed)
    if (!outcome.accepted) throw new Error(`Seed ${index} of the target ${target.name} is refused: ${outcome.label}`)
    for (const claim of outcome.claims ?? []) claims.add(claim)
  }
  return { target, seeds, claims }
}

/** Runs one input; a slow one is measured three times more, because a garbage collection is not the input's doing. */
export async function judge(prepared: PreparedTarget, input: Uint8Array): Promise<Verdict> {
  let verdict = await judgeOnce(prepared, input)
  for (let again = 0; again < 3 && verdict.milliseconds > maxMilliseconds; again += 1) {
    const next = await judgeOnce(prepared, input)
    if (next.milliseconds < verdict.milliseconds) verdict = next
  }
  if (verdict.finding || verdict.milliseconds <= maxMilliseconds) return verdict
  return { ...verdict, finding: { kind: 'slow', detail: `${Math.round(verdict.milliseconds)} ms of CPU time` } }
}

async function judgeOnce({ target, claims }: PreparedTarget, input: Uint8Array): Promise<Verdict> {
  // A copy, so that an input which its reader writes to does not go unnoticed. Files come as Buffers, whose methods differ.
  const copy = input.length % 2 === 0 ? Buffer.from(input) : new Uint8Array(input)
  const start = process.threadCpuUsage()
  const finish = (): number => {
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / 1000
  }
  try {
    const outcome = await target.run(copy)
    const milliseconds = finish()
    if (Buffer.compare(copy, input) !== 0) throw new Violation('The input was written to.')
    const forged = outcome.accepted ? outcome.claims?.find((claim) => !claims.has(claim)) : undefined
    const { label, accepted } = outcome
    if (forged === undefined) return { label, accepted, milliseconds }
    const detail = `Accepted with a claim that no seed makes: ${forged.slice(0, 400)}`
    return { label, accepted, milliseconds, finding: { kind: 'accept', detail } }
  } catch (error) {
    const milliseconds = finish()
    if (isZhichengError(error)) return { label: error.code, accepted: false, milliseconds }
    const kind = error instanceof Violation ? 'violation' : 'crash'
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { label: kind, accepted: false, milliseconds, finding: { kind, detail } }
  }
}
