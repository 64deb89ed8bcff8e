/** Outside witnesses of the tests: the openssl command and the material of others. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'

/** A folder of files to hand to openssl; gone after `use`. */
export interface Workbench {
  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string
  path(name: string): string
  read(name: string): Uint8Array
  openssl(...args: readonly string[]): string
}

/** Runs `work` with a fresh folder and removes it afterwards. */
export async function withWorkbench<Result>(work: (bench: Workbench) => Result | Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'zhicheng-crypto-'))
  const path = (name: string) => join(folder, name)
  try {
    return await work({
      path,
      file(name, content) {
        writeFileSync(path(name), content)
        return path(name)
      },
      read: (name) => new Uint8Array(readFileSync(path(name))),
      openssl: (...args) => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** In CI nothing is skipped: the tests run and fail for want of what they need. */
export const required: boolean = process.env['CI'] === 'true'

/** `describe` for tests that need the openssl command. */
export const describeWithOpenssl: typeof describe.skip =
  required || hasOpenssl() ? describe : (describe.skip as typeof describe)

const materialFolder = process.env['ZHICHENG_MATERIAL']

/** `describe` for tests that need the material folder named by ZHICHENG_MATERIAL. */
export const describeWithMaterial: typeof describe.skip =
  required || materialFolder ? describe : (describe.skip as typeof describe)

/** A file of the material. */
export function material(...path: readonly string[]): Uint8Array {
  if (!materialFolder) throw new Error('ZHICHENG_MATERIAL is not set')
  return new Uint8Array(readFileSync(join(materialFolder, ...path)))
}

/** The standard's own values. */
export const vectors = JSON.parse(readFileSync(new URL('./vectors/sm-vectors.json', import.meta.url), 'utf8')) as {
  sm2Sign: Record<'id' | 'message' | 'd' | 'Px' | 'Py' | 'Z' | 'e' | 'k' | 'r' | 's', string>
  sm3: { message?: string; repeat?: string; times?: number; digest: string }[]
  hmacSm3: { key: string; message: string; mac: string }
}
