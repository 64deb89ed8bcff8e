/**
 * The signature of a merchant's request, both halves: the string that is signed, the `Authorization` header, and its
 * verification. Source: wechatpay-apiv3/wechatpay-go 6dbd7ce, core/auth.
 */
import { type Clock, concatBytes, fromBase64, toBase64, toHex, utf8 } from '@zhicheng/core'
import { createSignature, type PrivateKey, type PublicKey, verifySignature } from '@zhicheng/crypto'
import { wechatError } from './errors.ts'
import { checkWindow, signatureType } from './message-signature.ts'

/** The parts that are signed. */
export interface SignedRequest {
  method: string
  /** Path with query, without the host: `/v3/certificates`. */
  path: string
  timestamp: number
  nonce: string
  body: Uint8Array
}

/** The bytes that are signed: five lines, the last one the body, each with its line feed. */
export function formatRequestToSign({ method, path, timestamp, nonce, body }: SignedRequest): Uint8Array {
  return concatBytes(utf8(`${method}\n${path}\n${timestamp}\n${nonce}\n`), body, utf8('\n'))
}

/** Input of {@link formatAuthorization}. */
export interface AuthorizationInput {
  method: string
  url: string
  body: Uint8Array
  merchantId: string
  serial: string
  privateKey: PrivateKey
  clock: Clock
  random: (length: number) => Uint8Array
}

/** The `Authorization` header of a request. */
export async function formatAuthorization(input: AuthorizationInput): Promise<string> {
  const { method, body, merchantId, serial, privateKey, clock, random } = input
  const { pathname, search } = new URL(input.url)
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  const nonce = toHex(random(16))
  const message = formatRequestToSign({ method, path: pathname + search, timestamp, nonce, body })
  const signature = toBase64(await createSignature({ privateKey, message, algorithm: 'rsa-sha256' }))
  return `${signatureType} mchid="${merchantId}",nonce_str="${nonce}",timestamp="${timestamp}",serial_no="${serial}",signature="${signature}"`
}

/** What the header says. */
export interface Authorization {
  merchantId: string
  nonce: string
  timestamp: number
  serial: string
  signature: Uint8Array
}

/** Reads the header; throws `ERR_WECHAT_SIGNATURE_HEADERS` or `ERR_WECHAT_SIGNATURE_TYPE`. */
export function parseAuthorization(header: string | null): Authorization {
  const [, type, list] = /^(\S+) (\S+)$/.exec(header ?? '') ?? []
  if (list === undefined || header!.length > 2048) throw headers('there is no Authorization header of the agreed form')
  if (type !== signatureType)
    throw wechatError('ERR_WECHAT_SIGNATURE_TYPE', `The request is not signed with ${signatureType}.`)
  const fields = new Map<string, string>()
  for (const part of list.split(',')) {
    const [, name, value] = /^([a-z_]+)="([^"]*)"$/.exec(part) ?? []
    if (name === undefined || value === undefined || fields.has(name)) throw headers('a field is malformed or repeated')
    fields.set(name, value)
  }
  const field = (name: string, form: RegExp): string => {
    const value = fields.get(name)
    if (value === undefined || !form.test(value)) throw headers(`the field ${name} is missing or malformed`)
    return value
  }
  return {
    merchantId: field('mchid', /^[0-9A-Za-z]{1,32}$/),
    nonce: field('nonce_str', /^[0-9A-Za-z]{1,32}$/),
    timestamp: Number(field('timestamp', /^[0-9]{1,12}$/)),
    serial: field('serial_no', /^[0-9A-Za-z_]{1,64}$/),
    signature: fromBase64(field('signature', /^[0-9A-Za-z+/]{1,1024}={0,2}$/)),
  }
}

/** Verifies a merchant's request, as the platform does. Answers the merchant, or throws a coded error. */
export async function verifyRequest(
  { method, url, headers: all, body }: { method: string; url: string; headers: Headers; body: Uint8Array },
  {
    findKey,
    clock,
  }: { findKey: (merchant: { merchantId: string; serial: string }) => PublicKey | undefined; clock: Clock },
): Promise<{ merchantId: string }> {
  const { merchantId, nonce, timestamp, serial, signature } = parseAuthorization(all.get('authorization'))
  const publicKey = findKey({ merchantId, serial })
  if (!publicKey) throw wechatError('ERR_WECHAT_SERIAL_UNKNOWN', 'The merchant has no certificate of this serial.')
  checkWindow(timestamp, clock)
  const { pathname, search } = new URL(url)
  const message = formatRequestToSign({ method, path: pathname + search, timestamp, nonce, body })
  if (!(await verifySignature({ algorithm: 'rsa-sha256', publicKey, message, signature }))) {
    throw wechatError('ERR_WECHAT_SIGNATURE', 'The signature of the request is wrong.')
  }
  return { merchantId }
}

function headers(what: string): Error {
  return wechatError('ERR_WECHAT_SIGNATURE_HEADERS', `The request cannot be verified: ${what}.`)
}
