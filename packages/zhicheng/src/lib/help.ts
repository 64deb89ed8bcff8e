/** What `--help` prints: the overview, one verb, and the JSON schema of a verb's answer. */
import { commandError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** All verbs with one line each. */
export function formatOverview(verbs: readonly Verb[]): string {
  const width = Math.max(...verbs.map(({ name }) => name.length))
  return [
    'zhicheng: the application-support layer on the command line (支撑)',
    '',
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'zhicheng <verb> --help shows the options. Exit status: 0 checked and good, 1 any other answer, 2 could not be asked.',
  ].join('\n')
}

/** One verb. */
export function formatHelp({ name, summary, usage, output }: Verb): string {
  return [
    summary,
    '',
    `  zhicheng ${name} ${usage}`.trimEnd(),
    ...(output ? ['', 'With --help --json: the JSON schema of what --json prints.'] : []),
  ].join('\n')
}

/** The JSON schema of what `--json` prints. */
export async function describeOutput({ name, output }: Verb): Promise<string> {
  if (!output) throw commandError('ERR_COMMAND_ARGUMENTS', `The verb "${name}" prints no JSON.`)
  const { toJsonSchema } = await import('@valibot/to-json-schema')
  return JSON.stringify(toJsonSchema(output, { errorMode: 'ignore' }), null, 2)
}
