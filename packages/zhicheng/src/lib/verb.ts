/** What a verb of the command line is, and what it gets from the process around it. */
import type { ParseArgsOptionsConfig } from 'node:util'
import type { Schema } from '@zhicheng/core'

/** Exit status: everything asked was checked and is good; any other answer; the question could not be asked. */
export const exitStatus = { good: 0, other: 1, unusable: 2 } as const

/** Where a verb reads from and writes to. */
export interface VerbContext {
  /** The folder the user stands in; relative paths are relative to it. */
  readonly folder: string
  /** One JSON document or a report for people. */
  print(text: string): void
  /** Progress and hints, on stderr. */
  note(text: string): void
  /** Ends when the user asks the program to stop. A verb that reads it promises to end by itself. */
  readonly stop: AbortSignal
}

/** Options after parsing: strings, lists of strings, and switches. */
export type VerbValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** One verb. */
export interface Verb {
  /** The words of the verb: `seal verify`. */
  readonly name: string
  readonly summary: string
  /** What follows the verb on the command line; further lines explain the options. */
  readonly usage: string
  readonly options: ParseArgsOptionsConfig
  /** Schema of what `--json` prints, for verbs that have it. */
  readonly output?: Schema
  run(context: VerbContext, values: VerbValues, positionals: readonly string[]): Promise<number>
}
