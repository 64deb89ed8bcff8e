/** Answers of the host: JSON that nobody caches, and problems that name a code and nothing about the inside. */
import { isZhichengError, type ZhichengError } from '@zhicheng/core'

const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** A JSON answer; `cookies` become `Set-Cookie` headers. */
export function jsonAnswer(
  value: unknown,
  { status = 200, cookies = [] }: { status?: number; cookies?: readonly string[] } = {},
): Response {
  const response = Response.json(value, { status, headers })
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}

/** The answer to a coded error: `{ error: { code, message } }`. */
export function problemAnswer(error: ZhichengError): Response {
  return jsonAnswer({ error: { code: error.code, message: error.message } }, { status: statusOf(error) })
}

function statusOf({ code, facts, outcome, retryable }: ZhichengError): number {
  if (typeof facts.status === 'number' && code.startsWith('ERR_HOST_')) return facts.status
  if (code === 'ERR_CONTRACT_MISMATCH') return 400
  if (code === 'ERR_BODY_TOO_LARGE') return 413
  // Somebody behind us did not answer as expected; the browser did nothing wrong.
  if (outcome === 'unknown' || retryable) return 502
  return 422
}

/** True for errors that are answers; anything else is a mistake of ours and is not described to a browser. */
export function isAnswer(error: unknown): error is ZhichengError {
  return isZhichengError(error)
}
