/** Requests and answers of the CSC API as HTTP messages: where they go, and what an answer means before its fields are read. */
import { isZhichengError, type PlatformRequest, type PlatformResponse, type Secret, utf8 } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'
import { cscInvalid, fieldOf, type JsonFields, maxCscBytes, readFields } from './csc-json.ts'

/** A service, and who asks. */
export interface CscAccess {
  /** Address under which the methods lie, version included: `https://rssp.example/csc/v2`. */
  baseUrl: string
  accessToken?: Secret<string>
  signal?: AbortSignal
}

/** The request of a method. Throws `ERR_CSC_INVALID` for an address that would show secrets on the way. */
export function cscRequest(
  { baseUrl, accessToken, signal }: CscAccess,
  method: string,
  fields: JsonFields,
  idempotent: boolean,
): PlatformRequest {
  return {
    operation: `csc.${method}`,
    method: 'POST',
    url: `${cscBase(baseUrl)}/${method}`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(accessToken ? { authorization: `Bearer ${accessToken.reveal()}` } : {}),
    },
    body: utf8(JSON.stringify(fields)),
    idempotent,
    ...(signal ? { signal } : {}),
  }
}

/** The address of a service without a slash at its end. */
export function cscBase(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const loopback = url !== undefined && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback)
  if (url && secure && url.search === '' && url.hash === '' && url.username === '' && url.password === '') {
    return url.href.replace(/\/+$/, '')
  }
  throw cscInvalid(
    'The address of the signing service is not an https address without query: tokens and PINs go there.',
  )
}

/** Reads an answer. Throws `ERR_CSC_REFUSED` with what the service says, or `ERR_CSC_INVALID`. */
export function readAnswer<Result>(
  { status, body }: PlatformResponse,
  what: string,
  read: (fields: JsonFields) => Result,
): Result {
  if (status < 200 || status >= 300) throw refusal(status, body, what)
  try {
    return read(readFields(body, what))
  } catch (cause) {
    if (!isZhichengError(cause)) throw cause
    // The request was taken; what came of it cannot be read.
    throw cscInvalid(`${what} cannot be used. ${cause.message}`, { cause, outcome: 'unknown' })
  }
}

function refusal(status: number, body: Uint8Array, what: string): Error {
  const said = status >= 400 ? errorOf(body) : undefined
  // Without a refusal in the protocol's own words, nobody knows whether a gateway or the service itself gave up.
  if (!said) return cscInvalid(`${what} came with the status ${status} and says no reason.`, { outcome: 'unknown' })
  const { error, description } = said
  return cryptoError(
    'ERR_CSC_REFUSED',
    `The signing service refused with ${error}${description ? `: ${description}` : ''}`,
    {
      outcome: 'refused',
      retryable: status === 429 || status === 503,
      facts: { status, error, ...(description ? { description } : {}) },
    },
  )
}

function errorOf(body: Uint8Array): { error: string; description: string } | undefined {
  if (body.length > maxCscBytes) return undefined
  try {
    const fields = readFields(body, 'The refusal')
    const error = shown(fieldOf(fields, 'error'), 64)
    return error === '' ? undefined : { error, description: shown(fieldOf(fields, 'error_description'), 200) }
  } catch {
    return undefined
  }
}

// What strangers write goes into logs and terminals: bounded, and without control characters.
function shown(value: unknown, maxLength: number): string {
  return typeof value === 'string' ? value.replace(/\p{C}/gu, ' ').trim().slice(0, maxLength) : ''
}
