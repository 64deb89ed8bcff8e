/** What the main thread and its workers tell each other. */
import type { Plant } from './plant.ts'
import type { FindingKind, Verdict } from './target.ts'

/** How a run was asked for. */
export interface Settings {
  readonly seconds: number
  readonly seed: string
  readonly workers: number
  /** Names of targets; all when empty. */
  readonly only: readonly string[]
  readonly plant: Plant | undefined
  /** Inputs for each target and worker, in place of a time: for runs that must be the same on every machine. */
  readonly runs: number | undefined
}

/** What a worker is started with. */
export interface WorkerOrder {
  readonly settings: Settings
  readonly shared: SharedArrayBuffer
  /** A number of its own for each worker that hunts; a worker without one answers questions about single inputs. */
  readonly hunter: string | undefined
}

/** An input that breaks a property. */
export interface Finding {
  readonly target: string
  readonly kind: FindingKind
  readonly detail: string
  readonly input: Uint8Array
}

/** Figures of one target. */
export interface Tally {
  inputs: number
  accepted: number
  milliseconds: number
  readonly labels: Record<string, number>
  slowest: { milliseconds: number; bytes: number }
}

/** From a worker. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'tallies'; readonly tallies: Record<string, Tally> }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  | { readonly type: 'done' }

/** To a worker that answers questions. */
export interface Question {
  readonly target: string
  readonly input: Uint8Array
}

/** An empty tally. */
export function emptyTally(): Tally {
  return { inputs: 0, accepted: 0, milliseconds: 0, labels: {}, slowest: { milliseconds: 0, bytes: 0 } }
}
