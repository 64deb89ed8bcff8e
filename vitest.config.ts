import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { chromiumArguments, countBrowserTestFiles, findChromium, isOnPath, requiredTools } from './tools/machine.ts'

// Everything runs from source: no dist is needed, and a test always sees the code beside it.
const conditions = ['@zhicheng/source', 'module', 'development|production']

// On a build server nothing may be skipped for want of a tool or of other makers' files.
function requireEverything(): void {
  const missing = requiredTools.filter((tool) => !isOnPath(tool))
  if (missing.length > 0) throw new Error(`With CI=true these tools are required, and missing: ${missing.join(', ')}.`)
  if (!process.env.ZHICHENG_MATERIAL)
    throw new Error('With CI=true ZHICHENG_MATERIAL must name the folder of test material.')
}

export default defineConfig(async () => {
  const executablePath = await findChromium()
  if (process.env.CI === 'true') requireEverything()
  if (!executablePath) {
    const files = countBrowserTestFiles()
    if (process.env.CI === 'true')
      throw new Error(`No Chromium was found, and ${files} files of browser tests need one.`)
    process.env.ZHICHENG_BROWSER_FILES_SKIPPED = String(files)
    console.warn(
      `\n!! NO CHROMIUM FOUND: ${files} FILES OF BROWSER TESTS ARE SKIPPED. Install chromium or set CHROMIUM.\n`,
    )
  }
  const node: TestProjectInlineConfiguration = {
    extends: true,
    test: {
      name: 'node',
      include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'examples/*/{src,pages}/**/*.test.ts'],
      exclude: ['**/*.browser.test.ts', '**/node_modules/**'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  }
  const browser: TestProjectInlineConfiguration = {
    extends: true,
    optimizeDeps: {
      include: [
        'axe-core',
        '@zhicheng/elements > lit',
        '@zhicheng/core > valibot',
        '@zhicheng/elements > qrcode-generator',
        '@zhicheng/sandbox > @zhicheng/crypto > node-forge',
        '@zhicheng/sandbox > @zhicheng/crypto > @noble/curves/abstract/weierstrass.js',
        '@zhicheng/sandbox > @zhicheng/crypto > @noble/curves/abstract/modular.js',
        '@zhicheng/sandbox > @zhicheng/crypto > @noble/curves/nist.js',
      ],
    },
    test: {
      name: 'browser',
      include: ['packages/*/src/**/*.browser.test.ts'],
      testTimeout: 30_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath: executablePath ?? '', args: [...chromiumArguments] } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }
  return {
    resolve: { conditions: [...conditions, 'browser'] },
    ssr: { resolve: { conditions: [...conditions, 'node'] } },
    test: { projects: executablePath ? [node, browser] : [node] },
  }
})
