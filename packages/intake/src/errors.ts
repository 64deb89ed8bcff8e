/** The codes of this package, and the one way its files make errors. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of the errors that `@zhicheng/intake` throws. */
export type IntakeErrorCode =
  | 'ERR_INTAKE_ITEM_INVALID'
  | 'ERR_INTAKE_ITEM_UNKNOWN'
  | 'ERR_INTAKE_INPUT_INVALID'
  | 'ERR_INTAKE_FORM_INVALID'
  | 'ERR_INTAKE_KEY_REUSED'
  | 'ERR_INTAKE_CASE_UNKNOWN'
  | 'ERR_INTAKE_CASE_CONFLICT'
  | 'ERR_INTAKE_STEP_REFUSED'
  | 'ERR_INTAKE_LOG_BROKEN'
  | 'ERR_INTAKE_NUMBER_INVALID'
  | 'ERR_INTAKE_NUMBER_EXHAUSTED'
  | 'ERR_INTAKE_MATERIAL_UNKNOWN'
  | 'ERR_INTAKE_MATERIAL_NAME'
  | 'ERR_INTAKE_MATERIAL_TYPE'
  | 'ERR_INTAKE_MATERIAL_SIZE'
  | 'ERR_INTAKE_MATERIAL_COUNT'
  | 'ERR_INTAKE_MATERIAL_MISSING'
  | 'ERR_INTAKE_FEE_UNPAID'
  | 'ERR_INTAKE_FEE_CONFLICT'
  | 'ERR_INTAKE_RETURN_MALFORMED'
  | 'ERR_INTAKE_RETURN_REFUSED'
  | 'ERR_INTAKE_RETURN_FAILED'

/** Makes an error of this package. */
export function intakeError(
  code: IntakeErrorCode,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<IntakeErrorCode> {
  return new ZhichengError(code, message, options)
}
