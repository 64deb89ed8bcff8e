/** What the tests need of the machine: the browser they run in, and the programs of others they ask. */
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

/** Other people's programs that read what we write. A test that needs a missing one is skipped, but never under CI=true. */
export const requiredTools: readonly string[] = [
  'openssl',
  'softhsm2-util',
  'pkcs11-tool',
  'pdfsig',
  'pdffonts',
  'pdftoppm',
  'pdftotext',
  'qpdf',
  'mutool',
  'xmllint',
  'unzip',
  'sha256sum',
  'python3',
]

/** True if a program of this name is on the PATH. */
export function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, name)))
}

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
