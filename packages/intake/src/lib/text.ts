/** Checks of short texts that come from people. */
import { intakeError } from '../errors.ts'

/** Refuses with `ERR_INTAKE_INPUT_INVALID`; the text itself is not repeated. */
export function checkText(field: string, text: unknown, limit: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const unfit = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Surrogate}/u
  if (typeof text !== 'string' || text.trim() === '' || text.length > limit || unfit.test(text)) {
    throw intakeError(
      'ERR_INTAKE_INPUT_INVALID',
      `${field} must have 1 to ${limit} characters and no control characters.`,
      { facts: { field } },
    )
  }
  return text
}

/** Refuses with `ERR_INTAKE_INPUT_INVALID` what is no day such as `2026-11-24`. */
export function checkDay(field: string, day: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(day)) {
    throw intakeError('ERR_INTAKE_INPUT_INVALID', `${field} must be a day such as 2026-11-24.`, { facts: { field } })
  }
  return day
}
