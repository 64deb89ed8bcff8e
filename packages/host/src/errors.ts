/** The host's own errors. */
import { ZhichengError } from '@zhicheng/core'

/** Codes of the host. */
export type HostErrorCode =
  | 'ERR_HOST_NOT_FOUND'
  | 'ERR_HOST_METHOD_NOT_ALLOWED'
  | 'ERR_HOST_LOGIN_REQUIRED'
  | 'ERR_HOST_FOREIGN_ORIGIN'
  | 'ERR_HOST_CONFIGURATION'
  | 'ERR_HOST_INTERNAL'

/** Makes a host error; `status` is the HTTP status of the answer. */
export function hostError(code: HostErrorCode, message: string, status: number): ZhichengError<HostErrorCode> {
  return new ZhichengError(code, message, { facts: { status } })
}
