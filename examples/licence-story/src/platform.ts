/** Starts the local platform as a process of its own, and stops it again. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DepartmentRegistration } from '@zhicheng/sandbox'

/** A platform that runs in another process. */
export interface Platform {
  origin: string
  pid: number
  /** What the platforms handed to the department. */
  registration: DepartmentRegistration
  stop(): Promise<void>
}

/** Starts it, and waits until every face answers. */
export async function startPlatform({ department, port }: { department: string; port: number }): Promise<Platform> {
  const child = fork(join(import.meta.dirname, 'platform-process.ts'), [department, String(port)], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=@zhicheng/source'],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The local platform ended at its start with status ${code}.`)))
    createInterface(child.stdout!).once('line', (line) => resolve((JSON.parse(line) as { origin: string }).origin))
  })
  const registration = (await (await fetch(`${origin}/sandbox.json`)).json()) as DepartmentRegistration
  return {
    origin,
    pid: child.pid!,
    registration,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}
