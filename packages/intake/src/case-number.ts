/**
 * The two numbers of a case: 办件编号 (implementation code, day and serial), and the PROJID that the province issues.
 * They stand side by side; neither is derived from the other.
 */
import { isUscc } from '@zhicheng/core/codes'
import { intakeError } from './errors.ts'

/** The parts of a case number. */
export interface CaseNumberParts {
  /** Implementation code (实施编码) of the item, 31 characters. */
  implementationCode: string
  /** `2026-11-24` */
  day: string
  /** 1 to 9999, counted for each item and day. */
  serial: number
}

/** The highest serial that four digits hold. */
export const maxSerial = 9999

/**
 * True for an implementation code (实施编码): the unified social credit code of the implementing body and 13 further characters.
 *
 * @unverified That the 13 are one for the level and twelve for the basic code (基本编码) is not checked; the inner structure
 * of the twelve is not public.
 */
export function isImplementationCode(code: string): boolean {
  return /^[0-9A-Z]{31}$/.test(code) && isUscc(code.slice(0, 18))
}

/**
 * Writes a case number (办件编号): 31 characters of the implementation code, yyyyMMdd, a serial of four digits.
 * Throws `ERR_INTAKE_NUMBER_INVALID`.
 *
 * @unverified The form is that of two public integrations; the standard's text was not read.
 *
 * @example
 * ```ts
 * formatCaseNumber({ implementationCode: item.code, day: '2026-11-24', serial: 1 }) // '…202611240001'
 * ```
 */
export function formatCaseNumber({ implementationCode, day, serial }: CaseNumberParts): string {
  if (!isImplementationCode(implementationCode)) throw invalid('it begins with no implementation code')
  if (!isDay(day)) throw invalid('its day is none')
  if (!Number.isInteger(serial) || serial < 1 || serial > maxSerial) throw invalid('its serial is not 1 to 9999')
  return `${implementationCode}${day.replaceAll('-', '')}${String(serial).padStart(4, '0')}`
}

/** Reads a case number; throws `ERR_INTAKE_NUMBER_INVALID`. */
export function parseCaseNumber(number: string): CaseNumberParts {
  const [, implementationCode = '', year, month, date, digits] =
    /^([0-9A-Z]{31})(\d{4})(\d{2})(\d{2})(\d{4})$/.exec(number) ?? []
  const parts = { implementationCode, day: `${year}-${month}-${date}`, serial: Number(digits) }
  if (formatCaseNumber(parts) !== number) throw invalid('it does not have the form')
  return parts
}

/**
 * True for the form of the province's project number (PROJID): 21 digits that begin with a division of `division`'s province.
 * What follows differs by year and is opaque.
 */
export function isProjectNumber(number: string, { division }: { division?: string } = {}): boolean {
  return /^[1-9]\d{20}$/.test(number) && (division === undefined || number.startsWith(division.slice(0, 2)))
}

function isDay(day: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

function invalid(why: string): Error {
  return intakeError('ERR_INTAKE_NUMBER_INVALID', `The text is no case number: ${why}.`)
}
