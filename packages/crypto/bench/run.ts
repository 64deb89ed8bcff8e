/** All benches of this package, one after the other, each in a process of its own; ends with 1 when a goal is missed. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

for (const name of ['sm', 'sm4', 'certificates', 'cms']) {
  const program = join(import.meta.dirname, `${name}.ts`)
  const { status } = spawnSync(process.execPath, [...process.execArgv, program], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
