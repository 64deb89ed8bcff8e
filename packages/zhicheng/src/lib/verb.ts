/** What a verb of the command line is, and the helpers every verb shares. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ParseArgsOptionsConfig } from 'node:util'
import { type Schema, ZhichengError } from '@zhicheng/core'

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
  /** Ends when the user asks the program to stop. */
  readonly stop: AbortSignal
}

/** Options after parsing: strings, lists of strings, and switches. */
export type VerbValues = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** One verb. */
export interface Verb {
  /** The words of the verb: `seal verify`. */
  readonly name: string
  readonly summary: string
  /** What follows the verb on the command line. */
  readonly usage: string
  readonly options: ParseArgsOptionsConfig
  /** Schema of what `--json` prints, for verbs that have it. */
  readonly output?: Schema
  run(context: VerbContext, values: VerbValues, positionals: readonly string[]): Promise<number>
}

/** The command line's own errors. */
export type CommandErrorCode =
  | 'ERR_COMMAND_UNKNOWN_VERB'
  | 'ERR_COMMAND_ARGUMENTS'
  | 'ERR_COMMAND_FILE'
  | 'ERR_COMMAND_OUTPUT'
  | 'ERR_COMMAND_PORT_IN_USE'

/** An error that says what to do and ends with exit status 2. */
export function commandError(
  code: CommandErrorCode,
  message: string,
  cause?: unknown,
): ZhichengError<CommandErrorCode> {
  return new ZhichengError(code, message, cause === undefined ? {} : { cause })
}

/** A single-valued option, or `undefined`. */
export function option(values: VerbValues, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** An option that must be there. */
export function requiredOption(values: VerbValues, name: string): string {
  const value = option(values, name)
  if (value === undefined) throw commandError('ERR_COMMAND_ARGUMENTS', `The option --${name} is missing.`)
  return value
}

/** A repeatable option; none is an empty list. */
export function listOption(values: VerbValues, name: string): string[] {
  const value = values[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** One of a closed list of values. */
export function choiceOption<const Choice extends string>(
  values: VerbValues,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = option(values, name)
  if (value === undefined) return undefined
  const found = choices.find((choice) => choice === value)
  if (!found)
    throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} takes ${choices.join(', ')}; "${value}" is none of them.`)
  return found
}

/** A time given as ISO 8601 or as a day. */
export function timeOption(values: VerbValues, name: string): Date | undefined {
  const value = option(values, name)
  if (value === undefined) return undefined
  const time = new Date(value)
  if (!/^\d{4}-\d{2}-\d{2}/.test(value) || Number.isNaN(time.getTime())) {
    throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} takes a time such as 2026-11-24T08:00:00+08:00.`)
  }
  return time
}

/** The one positional argument. */
export function onePositional(positionals: readonly string[], what: string): string {
  if (positionals.length !== 1) {
    throw commandError(
      'ERR_COMMAND_ARGUMENTS',
      `Give exactly one ${what}; there ${positionals.length === 0 ? 'is none' : `are ${positionals.length}`}.`,
    )
  }
  return positionals[0]!
}

/** Reads a file the user named, up to `maxBytes`. */
export async function readUserFile(context: VerbContext, path: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(context.folder, path))
  } catch (cause) {
    throw commandError('ERR_COMMAND_FILE', `Cannot read ${path}: ${reasonOf(cause)}.`, cause)
  }
}

/** Reads a JSON file the user named. */
export async function readUserJson(context: VerbContext, path: string): Promise<unknown> {
  const bytes = await readUserFile(context, path)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw commandError('ERR_COMMAND_FILE', `${path} is not JSON.`, cause)
  }
}

/** The reason of a failed file operation in words. */
export function reasonOf(cause: unknown): string {
  const code = (cause as { code?: string }).code
  const words: Record<string, string> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'permission is missing',
    EPERM: 'permission is missing',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    EEXIST: 'it exists already',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  }
  return words[code ?? ''] ?? code ?? 'it failed'
}
