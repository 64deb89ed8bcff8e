import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { document, material, run } from './test-support/run.ts'
import { verb as sealVerify } from './verbs/seal-verify.ts'

const pdfs = material('seal-pdf')
const ofds = material('seal-ofd')

/** Asks without trust, and holds the answer against the contract: one document, of its schema, with the status it means. */
async function ask(
  folder: string,
  file: string,
): Promise<'refused' | 'TOTAL-PASSED' | 'INDETERMINATE' | 'TOTAL-FAILED'> {
  const outcome = await run(folder, ['seal', 'verify', file, '--json'])
  if (outcome.status === 2) {
    const { error } = JSON.parse(outcome.out) as { error: { code: string; message: string } }
    expect(error.code).toMatch(/^ERR_[A-Z0-9_]+$/)
    expect(error.code).not.toBe('ERR_COMMAND_INTERNAL')
    return 'refused'
  }
  expect(outcome.err).toBe('')
  const report = document(outcome, sealVerify.output!) as unknown as import('@zhicheng/seal').VerificationReport
  expect(outcome.status).toBe(report.verdict === 'TOTAL-PASSED' ? 0 : 1)
  return report.verdict
}

describe.skipIf(!pdfs)('PDF of others (skipped unless ZHICHENG_MATERIAL names the material)', () => {
  const rows = pdfs
    ? readFileSync(join(pdfs, 'expected.tsv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t'))
        .map(([file = '', expected = '']) => [file, expected] as const)
    : []

  test('the list is not empty', () => expect(rows.length).toBeGreaterThan(40))

  test.each(rows)('%s, expected %s, is answered as the contract says', async (file, expected) => {
    const answer = await ask(pdfs!, file)
    // Nothing is trusted here, so nothing can pass.
    expect(answer).not.toBe('TOTAL-PASSED')
    if (expected.startsWith('REJECT')) expect(['refused', 'TOTAL-FAILED']).toContain(answer)
    if (expected.startsWith('ACCEPT')) expect(answer).toBe('INDETERMINATE')
  })
})

describe.skipIf(!ofds)('OFD of others (skipped unless ZHICHENG_MATERIAL names the material)', () => {
  const files = ofds ? readdirSync(join(ofds, 'ofd')).sort() : []
  const expected: Readonly<Record<string, string>> = {
    'v4signed.ofd': 'INDETERMINATE',
    'V4RideRight.ofd': 'INDETERMINATE',
    'h.ofd': 'TOTAL-FAILED',
    'n.ofd': 'TOTAL-FAILED',
    'helloworld.ofd': 'TOTAL-FAILED',
  }

  test.each(files)('%s is answered as the contract says', async (file) => {
    const answer = await ask(join(ofds!, 'ofd'), file)
    expect(answer).not.toBe('TOTAL-PASSED')
    if (expected[file]) expect(answer).toBe(expected[file])
  })
})
