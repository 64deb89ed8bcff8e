import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isZhichengError } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { pdfMaterial } from '../../test/support.ts'
import { verifyPdf } from '../pdf.ts'

/** Sub-indications that speak of trust, revocation or expiry alone. */
const aboutTrust = new Set([
  'NO_CERTIFICATE_CHAIN_FOUND',
  'TRY_LATER',
  'OUT_OF_BOUNDS_NO_POE',
  'REVOKED_NO_POE',
  'CHAIN_CONSTRAINTS_FAILURE',
])

async function outcomeOf(pdf: Uint8Array): Promise<{ verdict: string; reasons: (string | null)[] }> {
  try {
    const { verdict, signatures } = await verifyPdf(pdf)
    return { verdict, reasons: signatures.map(({ subIndication }) => subIndication) }
  } catch (error) {
    if (isZhichengError(error)) return { verdict: error.code, reasons: [] }
    throw error
  }
}

const folder = pdfMaterial()
const cases = folder
  ? readFileSync(join(folder, 'expected.tsv'), 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .filter(([file, expected]) => file && expected !== 'SIGN_INPUT')
      .map(([file, expected]) => [file!, expected!] as const)
  : []

describe.skipIf(!folder)('files with published outcomes (needs ZHICHENG_MATERIAL)', () => {
  it.each(cases)('%s is judged as %s', async (file, expected) => {
    const { verdict, reasons } = await outcomeOf(new Uint8Array(readFileSync(join(folder!, file))))
    if (expected.startsWith('ACCEPT')) {
      expect(['TOTAL-PASSED', 'INDETERMINATE']).toContain(verdict)
      for (const reason of reasons) expect(reason === null || aboutTrust.has(reason), String(reason)).toBe(true)
    } else if (expected.startsWith('REJECT')) expect(verdict).toMatch(/^(TOTAL-FAILED|ERR_SEAL_PDF_\w+)$/)
    else expect(verdict).toMatch(/^(TOTAL-FAILED|INDETERMINATE|ERR_SEAL_PDF_\w+)$/)
  })
})
