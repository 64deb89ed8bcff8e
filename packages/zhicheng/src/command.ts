/** Finds the verb, parses its options, and turns every error into one clear line and the right exit status. */
import { parseArgs } from 'node:util'
import { isZhichengError, type ZhichengError } from '@zhicheng/core'
import { commandError, exitStatus, type Verb, type VerbContext } from './lib/verb.ts'

// Loaded when asked for, so that `--help` and small verbs start at once.
const verbs: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {
  sandbox: () => import('./verbs/sandbox.ts'),
  'keys create': () => import('./verbs/keys-create.ts'),
  'seal make': () => import('./verbs/seal-make.ts'),
  'seal sign': () => import('./verbs/seal-sign.ts'),
  'seal verify': () => import('./verbs/seal-verify.ts'),
  'archive pack': () => import('./verbs/archive-pack.ts'),
  'archive check': () => import('./verbs/archive-check.ts'),
  'credit decide': () => import('./verbs/credit-decide.ts'),
  'codes check': () => import('./verbs/codes-check.ts'),
  doctor: () => import('./verbs/doctor.ts'),
}

/**
 * Runs the words of a command line and returns the exit status: 0 everything asked was checked and is good, 1 every
 * other answer, 2 the question could not be asked.
 */
export async function runCommand(words: readonly string[], context: VerbContext): Promise<number> {
  const json = words.includes('--json')
  try {
    if (words.length === 0 || (words[0]!.startsWith('-') && words.includes('--help')) || words[0] === 'help') {
      context.print(await overview())
      return words.length === 0 ? exitStatus.unusable : exitStatus.good
    }
    const { verb, rest } = await findVerb(words)
    if (rest.includes('--help')) {
      context.print(json ? await describeOutput(verb) : formatHelp(verb))
      return exitStatus.good
    }
    const { values, positionals } = parseWords(verb, rest)
    return await verb.run(context, values, positionals)
  } catch (error) {
    // Anything without a code is a mistake of ours: its stack is worth more than a polite line.
    if (!isZhichengError(error)) throw error
    report(context, error, json)
    return exitStatus.unusable
  }
}

async function findVerb(words: readonly string[]): Promise<{ verb: Verb; rest: readonly string[] }> {
  for (const length of [2, 1]) {
    const load = verbs[words.slice(0, length).join(' ')]
    if (load) return { verb: (await load()).verb, rest: words.slice(length) }
  }
  const known = Object.keys(verbs).filter((name) => name.startsWith(`${words[0]} `))
  const hint =
    known.length > 0 ? `"${words[0]}" has: ${known.join(', ')}` : `The verbs are: ${Object.keys(verbs).join(', ')}`
  throw commandError('ERR_COMMAND_UNKNOWN_VERB', `There is no verb "${words.slice(0, 2).join(' ')}". ${hint}.`)
}

function parseWords(verb: Verb, words: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...words], options: verb.options, allowPositionals: true, strict: true })
  } catch (cause) {
    const said = (cause as Error).message.split('. ')[0]!.replace(/\.$/, '')
    throw commandError('ERR_COMMAND_ARGUMENTS', `${said}. See: zhicheng ${verb.name} --help`, cause)
  }
}

async function overview(): Promise<string> {
  const loaded = await Promise.all(Object.values(verbs).map(async (load) => (await load()).verb))
  const width = Math.max(...loaded.map(({ name }) => name.length))
  return [
    'zhicheng: the application-support layer on the command line (支撑)',
    '',
    ...loaded.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'zhicheng <verb> --help shows the options. Exit status: 0 checked and good, 1 any other answer, 2 could not be asked.',
  ].join('\n')
}

function formatHelp(verb: Verb): string {
  return [
    verb.summary,
    '',
    `  zhicheng ${verb.name} ${verb.usage}`.trimEnd(),
    ...(verb.output ? ['', 'With --help --json: the schema of what --json prints.'] : []),
  ].join('\n')
}

async function describeOutput(verb: Verb): Promise<string> {
  if (!verb.output) throw commandError('ERR_COMMAND_ARGUMENTS', `The verb "${verb.name}" prints no JSON.`)
  const { toJsonSchema } = await import('@valibot/to-json-schema')
  return JSON.stringify(toJsonSchema(verb.output, { errorMode: 'ignore' }), null, 2)
}

function report(context: VerbContext, error: ZhichengError, json: boolean): void {
  if (json) context.print(JSON.stringify({ error: { code: error.code, message: error.message } }, null, 2))
  context.note(`${error.message} [${error.code}]`)
}
