/** Unified social credit codes (统一社会信用代码, GB 32100-2015) with the organisation code inside (GB/T 11714-1997). */
import type { Finding } from '../verdict.ts'

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const weights = Array.from({ length: 17 }, (_, index) => 3 ** index % 31)
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

/** True if the 18 characters are of the code's alphabet and the check character fits (GB 32100, 4 and annex A). */
export function isUscc(code: string): boolean {
  return findingsOfUscc(code).every(({ severity }) => severity !== 'error')
}

/** What is wrong with a unified social credit code; empty for a good one. */
export function findingsOfUscc(code: string): Finding[] {
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) {
    return [
      {
        code: 'USCC_FORM',
        severity: 'error',
        message:
          'A unified social credit code has 18 digits and capital letters without I, O, S, V and Z, digits 3 to 8 being a division.',
      },
    ]
  }
  const sum = weights.reduce((total, weight, index) => total + weight * alphabet.indexOf(code[index]!), 0)
  if (alphabet[(31 - (sum % 31)) % 31] !== code[17]) {
    return [
      {
        code: 'USCC_CHECK',
        severity: 'error',
        message: 'The check character of the unified social credit code does not fit.',
      },
    ]
  }
  // The inner code is older than the outer one; real registries hold codes whose inner check does not fit.
  if (!isOrganisationCode(code.slice(8, 17))) {
    return [
      {
        code: 'USCC_ORGANISATION_CHECK',
        severity: 'info',
        message:
          'The organisation code inside (characters 9 to 17) has a check character that does not fit GB/T 11714.',
      },
    ]
  }
  return []
}

/** True for a nine-character organisation code (组织机构代码) whose check character fits. */
export function isOrganisationCode(code: string): boolean {
  if (!/^[0-9A-Z]{8}[0-9X]$/.test(code)) return false
  const sum = organisationWeights.reduce(
    (total, weight, index) => total + weight * Number.parseInt(code[index]!, 36),
    0,
  )
  const check = (11 - (sum % 11)) % 11
  return code[8] === (check === 10 ? 'X' : String(check))
}
