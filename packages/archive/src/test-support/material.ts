/** Where tests find material and tools: they skip loudly without them, and fail in CI. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = process.env['ZHICHENG_MATERIAL']
if (!root && process.env['CI'] === 'true') throw new Error('ZHICHENG_MATERIAL is not set, and CI wants the material.')

/** Folder of the archive material, or `undefined`. */
export const archiveMaterial: string | undefined = root ? join(root, 'archive') : undefined

/** True if a command is here; in CI a missing one is an error. */
export function hasTool(command: string): boolean {
  const found = spawnSync('which', [command]).status === 0
  if (!found && process.env['CI'] === 'true') throw new Error(`${command} is not installed, and CI wants it.`)
  return found
}

/** Runs a command and gives its status and output. */
export function run(command: string, args: readonly string[], cwd?: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, [...args], { cwd, encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}
