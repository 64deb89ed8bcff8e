/** Runs the TypeScript examples of a Markdown file as they stand there. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The TypeScript blocks of a Markdown file, in order. */
export function readExamples(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]!)
}

/** Runs an example from source, in the repository's root, where the packages are found. */
export function runExample(code: string): { status: number | null; stdout: string; stderr: string } {
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--conditions=@zhicheng/source',
    '--input-type=module-typescript',
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, {
    cwd: root,
    encoding: 'utf8',
    input: code,
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}
