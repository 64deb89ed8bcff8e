/**
 * The signature of WeChat's answers and notifications, both halves. It is over the raw bytes: a body that a framework
 * parsed and wrote again does not verify. Source: wechatpay-apiv3/wechatpay-go 6dbd7ce, core/auth/validators.
 */
import { type Clock, concatBytes, fromBase64, toBase64, toHex, utf8 } from '@zhicheng/core'
import { createSignature, type PrivateKey, verifySignature } from '@zhicheng/crypto'
import { wechatError } from './errors.ts'
import type { PlatformKeys } from './keys.ts'

/** The only signature type this package speaks. */
export const signatureType = 'WECHATPAY2-SHA256-RSA2048'

const windowSeconds = 300

/** The bytes that are signed: three lines, the last one the body, each with its line feed. */
export function formatMessageToSign({
  timestamp,
  nonce,
  body,
}: {
  timestamp: number | string
  nonce: string
  body: Uint8Array
}): Uint8Array {
  return concatBytes(utf8(`${timestamp}\n${nonce}\n`), body, utf8('\n'))
}

/** Who signs as the platform: for the platform's half. */
export interface PlatformSigner {
  serial: string
  privateKey: PrivateKey
  clock: Clock
  random: (length: number) => Uint8Array
}

/** The signature headers of an answer or a notification, as the platform sends them. */
export async function signMessage(
  body: Uint8Array,
  { serial, privateKey, clock, random }: PlatformSigner,
): Promise<Record<string, string>> {
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  const nonce = toHex(random(16))
  const message = formatMessageToSign({ timestamp, nonce, body })
  const signature = await createSignature({ privateKey, message, algorithm: 'rsa-sha256' })
  return {
    'wechatpay-timestamp': `${timestamp}`,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': serial,
    'wechatpay-signature': toBase64(signature),
    'wechatpay-signature-type': signatureType,
  }
}

/**
 * Verifies an answer or a notification: headers, known serial, time window, signature, in this order. Throws
 * `ERR_WECHAT_SIGNATURE_HEADERS`, `ERR_WECHAT_SIGNATURE_TYPE`, `ERR_WECHAT_SERIAL_UNKNOWN`,
 * `ERR_WECHAT_CERTIFICATE_EXPIRED`, `ERR_WECHAT_TIMESTAMP` or `ERR_WECHAT_SIGNATURE`.
 *
 * Probes with a false signature (`WECHATPAY/SIGNTEST/…`) are wrong signatures like any other and fail.
 */
export async function verifyMessage(
  { headers, body }: { headers: Headers; body: Uint8Array },
  { platformKeys, clock }: { platformKeys: PlatformKeys; clock: Clock },
): Promise<void> {
  const type = headers.get('wechatpay-signature-type')
  if (type !== null && type !== signatureType) {
    throw wechatError('ERR_WECHAT_SIGNATURE_TYPE', `The message is not signed with ${signatureType}.`)
  }
  // A repeated header arrives joined by a comma, which none of these forms has.
  const timestamp = readHeader(headers, 'wechatpay-timestamp', /^[0-9]{1,12}$/)
  const nonce = readHeader(headers, 'wechatpay-nonce', /^[!-+\--~]{1,64}$/)
  const serial = readHeader(headers, 'wechatpay-serial', /^[0-9A-Za-z_]{1,64}$/)
  const signature = readHeader(headers, 'wechatpay-signature', /^[0-9A-Za-z+/]{1,1024}={0,2}$/)

  const key = platformKeys.get(serial.toUpperCase())
  if (!key) {
    throw wechatError(
      'ERR_WECHAT_SERIAL_UNKNOWN',
      'The message is signed with a platform key that is not configured.',
      {
        facts: { serial },
      },
    )
  }
  const now = clock.now()
  if ((key.notBefore && now < key.notBefore) || (key.notAfter && now > key.notAfter)) {
    throw wechatError('ERR_WECHAT_CERTIFICATE_EXPIRED', 'The platform certificate of the message is not valid now.', {
      facts: { serial },
    })
  }
  checkWindow(Number(timestamp), clock)
  const valid = await verifySignature({
    algorithm: 'rsa-sha256',
    publicKey: key.publicKey,
    message: formatMessageToSign({ timestamp, nonce, body }),
    signature: decodeSignature(signature),
  })
  if (!valid) throw wechatError('ERR_WECHAT_SIGNATURE', 'The signature of the message is wrong.', { facts: { serial } })
}

/** Refuses with `ERR_WECHAT_TIMESTAMP` a time that differs by more than 300 seconds in either direction; 300 is allowed. */
export function checkWindow(timestamp: number, clock: Clock): void {
  const seconds = Math.floor(clock.now().getTime() / 1000) - timestamp
  if (Math.abs(seconds) > windowSeconds) {
    throw wechatError(
      'ERR_WECHAT_TIMESTAMP',
      `The message is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'old' : 'ahead'}; ${windowSeconds} are allowed. Check the clock of this machine.`,
      { facts: { seconds } },
    )
  }
}

/** True if an answer claims to be signed. */
export function isSigned(headers: Headers): boolean {
  return headers.has('wechatpay-signature')
}

function readHeader(headers: Headers, name: string, form: RegExp): string {
  const value = headers.get(name)
  if (value === null || !form.test(value)) {
    throw wechatError('ERR_WECHAT_SIGNATURE_HEADERS', `The header ${name} is missing, repeated or malformed.`, {
      facts: { header: name },
    })
  }
  return value
}

function decodeSignature(text: string): Uint8Array {
  try {
    return fromBase64(text)
  } catch (cause) {
    throw wechatError('ERR_WECHAT_SIGNATURE_HEADERS', 'The header wechatpay-signature is not Base64.', { cause })
  }
}
