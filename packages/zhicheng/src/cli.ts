#!/usr/bin/env node
/** The executable: the process around {@link runCommand}. */
import { runCommand } from './command.ts'
import { exitStatus } from './lib/verb.ts'

let stop: AbortController | undefined

// The reader of a pipe may leave early, such as `head`: then nobody wants the rest.
process.stdout.on('error', () => process.exit(exitStatus.unusable))

process.exitCode = await runCommand(process.argv.slice(2), {
  // The repository's own runner moves to the root; it says where the user really stands.
  folder: process.env['ZHICHENG_CWD'] ?? process.cwd(),
  print: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  // Only a verb that asks for it ends by itself; all others end at once, as every program does. A second signal always does.
  get stop() {
    if (stop) return stop.signal
    stop = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop?.abort())
    return stop.signal
  },
})
