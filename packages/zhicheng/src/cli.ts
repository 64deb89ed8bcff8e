#!/usr/bin/env node
/** The executable: the process around {@link runCommand}. */
import { runCommand } from './command.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

process.exitCode = await runCommand(process.argv.slice(2), {
  // The repository's own runner moves to the root; it says where the user really stands.
  folder: process.env.ZHICHENG_CWD ?? process.cwd(),
  print: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  stop: stop.signal,
})
