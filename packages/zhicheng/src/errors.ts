/** The codes of the command line's own errors. `messages.zh-CN.ts` has a text for each. */
import { ZhichengError } from '@zhicheng/core'

/** Codes of the command line. Errors of the capabilities pass through with their own codes. */
export type CommandErrorCode =
  | 'ERR_COMMAND_UNKNOWN_VERB'
  | 'ERR_COMMAND_ARGUMENTS'
  | 'ERR_COMMAND_FILE'
  | 'ERR_COMMAND_FILE_TYPE'
  | 'ERR_COMMAND_FILE_TOO_LARGE'
  | 'ERR_COMMAND_OUTPUT'
  | 'ERR_COMMAND_PORT'
  | 'ERR_COMMAND_STOPPED'
  | 'ERR_COMMAND_INTERNAL'

/** An error that says what to do and ends with exit status 2. */
export function commandError(
  code: CommandErrorCode,
  message: string,
  cause?: unknown,
): ZhichengError<CommandErrorCode> {
  return new ZhichengError(code, message, cause === undefined ? {} : { cause })
}
