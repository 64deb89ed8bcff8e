/** Finds the browser the tests run in: named by a variable, installed on the machine, fetched, or Playwright's own. */
import { accessSync, constants, existsSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

/** Arguments that start Chromium headless, offline and as root. */
export const chromiumArguments: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The path of a Chromium that exists, or `undefined`. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env.CHROMIUM
  if (named) return named
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const path = join(folder, name)
      if (isExecutable(path)) return path
    }
  }
  const fetched = process.env.ZHICHENG_FETCHED_CHROMIUM
  if (fetched && isExecutable(fetched)) return fetched
  const { chromium } = createRequire(import.meta.url)('playwright') as typeof import('playwright')
  const own = chromium.executablePath()
  return existsSync(own) ? own : undefined
}

/** How many files of browser tests a run without a browser leaves out; the tally counts each as skipped. */
export function countBrowserTestFiles(): number {
  return globSync('packages/*/src/**/*.browser.test.ts', { cwd: join(import.meta.dirname, '..') }).length
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
