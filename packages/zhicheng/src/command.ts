/** Finds the verb, parses its options, and turns every error into one clear line and the right exit status. */
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { isZhichengError } from '@zhicheng/core'
import { commandError } from './errors.ts'
import { describeOutput, formatHelp, formatOverview } from './lib/help.ts'
import { exitStatus, type Verb, type VerbContext } from './lib/verb.ts'

// Loaded when asked for, so that small verbs start at once.
const verbs: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {
  sandbox: () => import('./verbs/sandbox.ts'),
  'keys create': () => import('./verbs/keys-create.ts'),
  'seal make': () => import('./verbs/seal-make.ts'),
  'seal sign': () => import('./verbs/seal-sign.ts'),
  'seal verify': () => import('./verbs/seal-verify.ts'),
  'cert verify': () => import('./verbs/cert-verify.ts'),
  'archive pack': () => import('./verbs/archive-pack.ts'),
  'archive check': () => import('./verbs/archive-check.ts'),
  'credit decide': () => import('./verbs/credit-decide.ts'),
  'codes check': () => import('./verbs/codes-check.ts'),
  doctor: () => import('./verbs/doctor.ts'),
}

/**
 * Runs the words of a command line and returns the exit status: 0 everything asked was checked and is good, 1 every
 * other answer, 2 the question could not be asked.
 *
 * @example
 * ```ts
 * const status = await runCommand(['codes', 'check', '91330110MA2AXY0E7F', '--json'], {
 *   folder: process.cwd(), print: console.log, note: console.error, stop: new AbortController().signal,
 * })
 * ```
 */
export async function runCommand(words: readonly string[], context: VerbContext): Promise<number> {
  const json = words.includes('--json')
  try {
    return await run(words, context, json)
  } catch (error) {
    const { code, message } = isZhichengError(error) ? error : mistake(error, context)
    context.note(`${message} [${code}]`)
    if (json) context.print(JSON.stringify({ error: { code, message } }, null, 2))
    return exitStatus.unusable
  }
}

async function run(words: readonly string[], context: VerbContext, json: boolean): Promise<number> {
  const [first] = words
  const names = Object.keys(verbs).filter((name) => name === first || name.startsWith(`${first} `))
  const general = first === undefined || ['--help', '-h', 'help'].includes(first)
  if (general || (names.length > 1 && ['--help', '-h'].includes(words[1] ?? ''))) {
    const shown = general ? Object.values(verbs) : names.map((name) => verbs[name]!)
    const overview = formatOverview(await Promise.all(shown.map(async (load) => (await load()).verb)))
    if (first === undefined) context.note(overview)
    else context.print(overview)
    return first === undefined ? exitStatus.unusable : exitStatus.good
  }
  if (first === '--version') {
    context.print(version())
    return exitStatus.good
  }
  const { verb, rest } = await findVerb(words, names)
  if (rest.includes('--help') || rest.includes('-h')) {
    context.print(json ? await describeOutput(verb) : formatHelp(verb))
    return exitStatus.good
  }
  const { values, positionals } = parseWords(verb, rest)
  return verb.run(context, values, positionals)
}

async function findVerb(
  words: readonly string[],
  names: readonly string[],
): Promise<{ verb: Verb; rest: readonly string[] }> {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    if (Object.hasOwn(verbs, name)) return { verb: (await verbs[name]!()).verb, rest: words.slice(length) }
  }
  const hint =
    names.length > 0 ? `"${words[0]}" has: ${names.join(', ')}` : `The verbs are: ${Object.keys(verbs).join(', ')}`
  throw commandError('ERR_COMMAND_UNKNOWN_VERB', `There is no verb "${words.slice(0, 2).join(' ')}". ${hint}.`)
}

function parseWords(verb: Verb, words: readonly string[]): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...words], options: verb.options, allowPositionals: true, strict: true })
  } catch (cause) {
    const said = (cause as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, '')
    throw commandError('ERR_COMMAND_ARGUMENTS', `${said}. See: zhicheng ${verb.name} --help`, cause)
  }
}

function version(): string {
  // One folder above both `src` and `dist`.
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version
}

/** Anything without a code is a mistake of ours: its stack is worth more than a polite line. */
function mistake(error: unknown, { note }: VerbContext): { code: string; message: string } {
  note(error instanceof Error ? (error.stack ?? error.message) : String(error))
  return {
    code: 'ERR_COMMAND_INTERNAL',
    message: 'The program failed: please report it together with the lines on stderr.',
  }
}
