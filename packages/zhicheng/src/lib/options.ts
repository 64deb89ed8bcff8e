/** Reads options of a command line: each helper gives a checked value or says in one line what is wrong. */
import { commandError } from '../errors.ts'
import type { VerbValues } from './verb.ts'

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
  if (found) return found
  throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} takes ${choices.join(', ')}; "${value}" is none of them.`)
}

/** A whole number in a range. */
export function wholeNumberOption(
  values: VerbValues,
  name: string,
  { from, to, byDefault, unit }: { from: number; to: number; byDefault: number; unit: string },
): number {
  const value = option(values, name)
  if (value === undefined) return byDefault
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  if (number >= from && number <= to) return number
  throw commandError('ERR_COMMAND_ARGUMENTS', `--${name} takes ${unit} from ${from} to ${to}; "${value}" is none.`)
}

/** A time in ISO 8601 with an offset, or a day, which begins in China (+08:00). */
export function timeOption(values: VerbValues, name: string): Date | undefined {
  const value = option(values, name)
  if (value === undefined) return undefined
  const [, day, rest = 'T00:00:00+08:00'] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(value) ?? []
  const time = new Date(`${day}${rest}`)
  // A day such as 30 February would be taken for one in March.
  if (
    day === undefined ||
    Number.isNaN(time.getTime()) ||
    new Date(`${day}T00:00:00Z`).getUTCDate() !== +day.slice(8)
  ) {
    throw commandError(
      'ERR_COMMAND_ARGUMENTS',
      `--${name} takes a time with its offset, such as 2026-11-24T08:00:00+08:00, or a day, such as 2026-11-24.`,
    )
  }
  return time
}

/** The one positional argument. */
export function onePositional(positionals: readonly string[], what: string): string {
  const [first] = positionals
  if (first !== undefined && positionals.length === 1) return first
  throw commandError(
    'ERR_COMMAND_ARGUMENTS',
    `Give exactly one ${what}; there ${positionals.length === 0 ? 'is none' : `are ${positionals.length}`}.`,
  )
}

/** Refuses positional arguments where a verb takes none. */
export function noPositionals(positionals: readonly string[]): void {
  if (positionals.length === 0) return
  throw commandError('ERR_COMMAND_ARGUMENTS', `"${positionals[0]}" belongs to no option.`)
}
