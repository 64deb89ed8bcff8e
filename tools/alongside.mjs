// Runs commands at the same time, because some of them wait more than they work. Shows what each said when it ends, and
// fails when one of them fails.
//
//   node tools/alongside.mjs "pnpm fuzz:run --seconds 120" "pnpm size && pnpm consumers"
import { spawn } from 'node:child_process'

const commands = process.argv.slice(2)

const results = await Promise.all(
  commands.map(
    (command) =>
      new Promise((done) => {
        const begin = performance.now()
        const said = []
        const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
        child.stdout.on('data', (text) => said.push(text))
        child.stderr.on('data', (text) => said.push(text))
        child.on('close', (status) => {
          const seconds = ((performance.now() - begin) / 1000).toFixed(0)
          process.stdout.write(`\n$ ${command}\n${Buffer.concat(said)}(${seconds} s, status ${status})\n`)
          done(status === 0)
        })
      }),
  ),
)

process.exit(results.every(Boolean) ? 0 : 1)
