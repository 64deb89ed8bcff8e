import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const program = join(import.meta.dirname, 'alongside.mjs')

function alongside(...commands: readonly string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [program, ...commands], { encoding: 'utf8' })
}

it('shows what every command said, and ends well when all did', () => {
  const { status, stdout } = alongside('echo one', 'echo two >&2')
  expect(status).toBe(0)
  expect(stdout).toContain('$ echo one\none\n(')
  expect(stdout).toContain('two\n(')
})

it('runs them at the same time', () => {
  // Each waits for a file that the other makes; one after the other they would wait in vain.
  const wait = (own: string, other: string) =>
    `touch ${own}; for i in $(seq 100); do [ -e ${other} ] && exit 0; sleep 0.1; done; exit 1`
  const folder = join(tmpdir(), `zhicheng-alongside-${process.pid}`)
  const { status } = alongside(
    `mkdir -p ${folder}; ${wait(`${folder}/a`, `${folder}/b`)}`,
    `mkdir -p ${folder}; ${wait(`${folder}/b`, `${folder}/a`)}`,
  )
  spawnSync('rm', ['-r', folder])
  expect(status).toBe(0)
})

it('fails when one fails, whichever it is, after the others have ended', () => {
  for (const commands of [
    ['exit 3', 'echo done'],
    ['echo done', 'exit 3'],
  ]) {
    const { status, stdout } = alongside(...commands)
    expect(status).toBe(1)
    expect(stdout).toContain('done')
    expect(stdout).toContain('status 3')
  }
})
