/**
 * Prints the one plain line that a build server reads: `N passed, N failed, N skipped`.
 *
 * The tests alone would lie: a file that cannot be imported, a throwing hook and an unhandled rejection are in no test.
 * They count as failed here.
 */
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'

/** What a test run came to. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
}

/** Counts a finished run. */
export function countRun(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Tally {
  const tally = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
  for (const module of modules) {
    tally.failed += module.errors().length
    for (const suite of module.children.allSuites()) tally.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') tally.passed += 1
      else if (state === 'skipped') tally.skipped += 1
      else tally.failed += 1
    }
  }
  return tally
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const { passed, failed, skipped } = countRun(modules, unhandledErrors)
    // Set by vitest.config.ts when no browser could be found.
    const leftOut = Number(process.env.ZHICHENG_BROWSER_FILES_SKIPPED ?? 0)
    const interrupted = reason === 'interrupted' ? 1 : 0
    process.stdout.write(`${passed} passed, ${failed + interrupted} failed, ${skipped + leftOut} skipped\n`)
  }
}
