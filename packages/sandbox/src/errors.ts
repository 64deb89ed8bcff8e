/** The sandbox's own errors; those of its faces are the platforms' and go over the wire. */
import { ZhichengError } from '@zhicheng/core'

/** Codes of the sandbox. */
export type SandboxErrorCode = 'ERR_SANDBOX_CHAOS_UNKNOWN' | 'ERR_SANDBOX_ORIGIN' | 'ERR_SANDBOX_STATE'

/** Makes a sandbox error. */
export function sandboxError(
  code: SandboxErrorCode,
  message: string,
  cause?: unknown,
): ZhichengError<SandboxErrorCode> {
  return new ZhichengError(code, message, cause === undefined ? {} : { cause })
}
