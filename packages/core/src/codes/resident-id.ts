/** Resident ID numbers (公民身份号码, GB 11643-1999). */
import type { Finding } from '../verdict.ts'

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** True for 18 characters with a birth date that exists and a check character that fits. */
export function isResidentId(number: string): boolean {
  return findingsOfResidentId(number).length === 0
}

/** What is wrong with a resident ID number; empty for a good one. The number itself is never repeated. */
export function findingsOfResidentId(number: string): Finding[] {
  if (/^[1-9][0-9]{14}$/.test(number)) {
    return [
      {
        code: 'RESIDENT_ID_OLD',
        severity: 'error',
        message: 'This has the form of a 15-digit resident ID number, out of use since 2013; ask for the 18-digit one.',
      },
    ]
  }
  if (!/^[1-9][0-9]{16}[0-9X]$/.test(number)) {
    return [
      { code: 'RESIDENT_ID_FORM', severity: 'error', message: 'A resident ID number has 17 digits and a digit or X.' },
    ]
  }
  const findings: Finding[] = []
  if (!isDay(number.slice(6, 14))) {
    findings.push({ code: 'RESIDENT_ID_DATE', severity: 'error', message: 'Digits 7 to 14 are not a day that exists.' })
  }
  const sum = weights.reduce((total, weight, index) => total + weight * Number(number[index]), 0)
  if ('10X98765432'[sum % 11] !== number[17]) {
    findings.push({
      code: 'RESIDENT_ID_CHECK',
      severity: 'error',
      message: 'The check character of the resident ID number does not fit.',
    })
  }
  return findings
}

function isDay(digits: string): boolean {
  const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const time = Date.parse(`${iso}T00:00:00Z`)
  return Number(digits.slice(0, 4)) >= 1800 && Number.isFinite(time) && new Date(time).toISOString().startsWith(iso)
}
