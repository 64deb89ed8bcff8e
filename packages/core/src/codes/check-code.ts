/** Tells what kind of code a text is, and whether it is a valid one. */
import type { Finding } from '../verdict.ts'
import { findingsOfResidentId } from './resident-id.ts'
import { findingsOfUscc } from './uscc.ts'

/** The answer to {@link checkCode}. It never repeats the code, which may be a personal number. */
export interface CodeCheck {
  kind: 'uscc' | 'resident-id' | 'unknown'
  valid: boolean
  findings: Finding[]
}

/**
 * Checks a code after removing spaces and folding full-width and lower-case letters. Eighteen characters that fit both
 * kinds are taken for the one whose check character is right.
 *
 * @example
 * ```ts
 * checkCode('91330110MA2AXY0E7F') // { kind: 'uscc', valid: true, findings: [] }
 * ```
 */
export function checkCode(code: string): CodeCheck {
  const text = code.normalize('NFKC').replace(/\s+/g, '').toUpperCase()
  const resident = findingsOfResidentId(text)
  const uscc = findingsOfUscc(text)
  if (resident.length === 0) return { kind: 'resident-id', valid: true, findings: [] }
  if (uscc.every(({ severity }) => severity !== 'error')) return { kind: 'uscc', valid: true, findings: uscc }
  if (resident.every(({ code: found }) => found !== 'RESIDENT_ID_FORM'))
    return { kind: 'resident-id', valid: false, findings: resident }
  if (uscc.every(({ code: found }) => found !== 'USCC_FORM')) return { kind: 'uscc', valid: false, findings: uscc }
  return {
    kind: 'unknown',
    valid: false,
    findings: [
      {
        code: 'CODE_UNKNOWN',
        severity: 'error',
        message: 'This has the form of neither a unified social credit code nor a resident ID number.',
      },
    ],
  }
}
