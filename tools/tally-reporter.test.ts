import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

function runFixtures(...filter: string[]): { line: string | undefined; status: number | null } {
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'tools/fixtures/tally/vitest.config.ts',
      '--reporter=./tools/tally-reporter.ts',
      ...filter,
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, ZHICHENG_BROWSER_FILES_SKIPPED: '0', VITEST: '' } },
  )
  return { line: stdout.trim().split('\n').at(-1), status }
}

test('a good file is counted as it is', () => {
  expect(runFixtures('good')).toEqual({ line: '1 passed, 0 failed, 1 skipped', status: 0 })
})

test.each([
  ['a file that cannot be imported', 'unimportable', '0 passed, 1 failed, 0 skipped'],
  ['hooks that throw', 'hook', '1 passed, 2 failed, 1 skipped'],
  ['a rejection that nobody handles', 'late', '1 passed, 1 failed, 0 skipped'],
])('%s counts as failed', (_, filter, line) => {
  expect(runFixtures(filter)).toEqual({ line, status: 1 })
})
