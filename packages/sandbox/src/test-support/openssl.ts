/** The openssl command as a witness of what the faces hand out: other people's code reads it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'

/** A folder of files for openssl. */
export interface Bench {
  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string
  path(name: string): string
  /** Runs openssl; what it said on both streams, and whether it was content. */
  openssl(...words: readonly string[]): { good: boolean; said: string }
}

/** Runs `work` with a fresh folder, which is gone afterwards. */
export async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-openssl-'))
  const path = (name: string): string => join(folder, name)
  try {
    await work({
      path,
      file(name, content) {
        writeFileSync(path(name), content)
        return path(name)
      },
      openssl(...words) {
        const { status, stdout, stderr } = spawnSync('openssl', words, { encoding: 'utf8' })
        return { good: status === 0, said: stdout + stderr }
      },
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const present = spawnSync('openssl', ['version']).status === 0
if (!present && process.env['CI'] === 'true') throw new Error('openssl is not installed, and CI wants it.')

/** `describe` that is skipped, with its title, where openssl is missing. */
export const describeWithOpenssl: typeof describe.skip = present ? describe : (describe.skip as typeof describe)
