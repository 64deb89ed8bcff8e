/** What an answer of the platform is worth: verified, a refusal with its code, or nothing to rely on. */
import { type Clock, isZhichengError, type PlatformResponse, type Schema } from '@zhicheng/core'
import * as v from 'valibot'
import { type WechatErrorCode, wechatError } from './errors.ts'
import type { PlatformKeys } from './keys.ts'
import { parseMessage } from './lib/parse-message.ts'
import { isSigned, verifyMessage } from './message-signature.ts'
import { wechatMessages } from './messages.zh-CN.ts'

const problemSchema: Schema<{ code: string }> = v.object({ code: v.pipe(v.string(), v.regex(/^[A-Z_]{1,64}$/)) })

/**
 * Verifies an answer. A success must be signed. A refusal is signed too once the platform has accepted the request's own
 * signature; one that is not signed is believed only so far that the call failed.
 *
 * Answers the refusal's code when it was signed and is one of `expected`; throws `ERR_WECHAT_REFUSED` for any other.
 */
export async function verifyAnswer(
  { status, headers, body }: PlatformResponse,
  { platformKeys, clock, expected = [] }: { platformKeys: PlatformKeys; clock: Clock; expected?: readonly string[] },
): Promise<string | undefined> {
  const success = status >= 200 && status < 300
  const signed = success || isSigned(headers)
  if (signed) await verifyMessage({ headers, body }, { platformKeys, clock }).catch(markUnknown)
  if (success) return undefined
  const code = readCode(body)
  if (signed && code !== undefined && expected.includes(code)) return code
  // Throttled and 5xx: the request may have been carried out. Asking is right, sending again is not.
  const unknown = status === 429 || status >= 500
  throw wechatError('ERR_WECHAT_REFUSED', `WeChat Pay answered ${status}${code ? ` ${code}` : ''}.`, {
    outcome: unknown ? 'unknown' : 'refused',
    retryable: unknown,
    facts: { status, signed, ...(code ? { channelCode: code } : {}), ...requestId(headers) },
  })
}

/** The request went out, and nothing that came back can be believed: nobody knows what became of it. */
function markUnknown(cause: unknown): never {
  if (!(isZhichengError(cause) && isWechatCode(cause.code))) throw cause
  const { code, message, facts } = cause
  throw wechatError(code, message, { cause, facts, outcome: 'unknown' })
}

function isWechatCode(code: string): code is WechatErrorCode {
  return Object.hasOwn(wechatMessages, code)
}

function readCode(body: Uint8Array): string | undefined {
  try {
    return parseMessage(body, problemSchema, 'The refusal').code
  } catch {
    return undefined
  }
}

function requestId(headers: Headers): { requestId?: string } {
  const id = headers.get('request-id')
  return id && /^[0-9A-Za-z_-]{1,128}$/.test(id) ? { requestId: id } : {}
}
