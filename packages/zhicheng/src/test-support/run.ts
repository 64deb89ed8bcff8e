/** What the tests of the command line share: running verbs here and in a process of their own, folders, tools, material. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Schema } from '@zhicheng/core'
import * as v from 'valibot'
import { expect, onTestFinished } from 'vitest'
import { runCommand } from '../command.ts'

/** What a verb left behind. */
export interface Outcome {
  status: number | null
  out: string
  err: string
}

/** Runs a verb in this process, in a folder. */
export async function run(folder: string, words: readonly string[], stop?: AbortSignal): Promise<Outcome> {
  const out: string[] = []
  const err: string[] = []
  const status = await runCommand(words, {
    folder,
    print: (text) => out.push(`${text}\n`),
    note: (text) => err.push(`${text}\n`),
    stop: stop ?? new AbortController().signal,
  })
  return { status, out: out.join(''), err: err.join('') }
}

/** Runs a verb that has to end with status 0. */
export async function good(folder: string, words: readonly string[]): Promise<Outcome> {
  const outcome = await run(folder, words)
  expect(outcome, words.join(' ')).toMatchObject({ status: 0 })
  return outcome
}

/** Expects a refusal: status 2, nothing on stdout, one line on stderr that ends with the code, and no stack. */
export async function refused(folder: string, words: readonly string[], code: string): Promise<string> {
  const { status, out, err } = await run(folder, words)
  expect({ status, out, lines: err.trimEnd().split('\n').length }, `${words.join(' ')}: ${err}`).toEqual({
    status: 2,
    out: '',
    lines: 1,
  })
  expect(err).toContain(`[${code}]`)
  return err
}

/** Runs the work with the rights of an ordinary user: root, whom containers run tests as, may read everything. */
export async function withoutRoot(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.('nobody')
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}

const root = resolve(import.meta.dirname, '../../../..')
const program = [
  '--disable-warning=ExperimentalWarning',
  '--conditions=@zhicheng/source',
  'packages/zhicheng/src/cli.ts',
]

/** Runs a verb in a process of its own, from source, as the repository's own runner does: it stands at the root. */
export function runProcess(folder: string, words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...words], {
    cwd: root,
    env: { ...process.env, ZHICHENG_CWD: folder },
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

/** Starts a verb in a process of its own and waits until stdout matches; the process ends with the test at the latest. */
export async function startProcess(
  folder: string,
  words: readonly string[],
  until: RegExp,
): Promise<{ match: RegExpMatchArray; signal(name: 'SIGINT' | 'SIGTERM'): Promise<Outcome> }> {
  const child = spawn(process.execPath, [...program, ...words], {
    cwd: root,
    env: { ...process.env, ZHICHENG_CWD: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let out = ''
  let err = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const ended = new Promise<Outcome>((done) => child.on('close', (status) => done({ status, out, err })))
  const match = await new Promise<RegExpMatchArray>((done, fail) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const found = until.exec(out)
      if (found) done(found)
    })
    void ended.then(({ status }) => fail(new Error(`The process ended with ${status}: ${err}`)))
  })
  return {
    match,
    signal: (name) => {
      child.kill(name)
      return ended
    },
  }
}

/** The one JSON document of an output, checked against the verb's own schema; a field the schema lacks fails too. */
export function document(outcome: Outcome, schema: Schema): Record<string, unknown> {
  const value = JSON.parse(outcome.out) as Record<string, unknown>
  expect(v.parse(schema, value)).toEqual(value)
  return value
}

/** An empty folder that goes with the test or the file. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'zhicheng-command-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** True if a command is here; on a build server a missing one is an error. */
export function hasTool(command: string): boolean {
  const found = spawnSync('which', [command]).status === 0
  if (!found && process.env['CI'] === 'true') throw new Error(`${command} is not installed, and CI wants it.`)
  return found
}

/** Runs another program in a folder. */
export function tool(
  folder: string,
  command: string,
  words: readonly string[],
): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd: folder, encoding: 'utf8' })
  return { status, text: `${stdout}${stderr}` }
}

/** Folder of the material, or undefined; on a build server it has to be there. */
export function material(area: string): string | undefined {
  const folder = process.env['ZHICHENG_MATERIAL']
  if (!folder && process.env['CI'] === 'true') {
    throw new Error('ZHICHENG_MATERIAL is not set, and CI wants the material.')
  }
  return folder ? join(folder, area) : undefined
}
