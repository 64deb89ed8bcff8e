/**
 * Signs and checks requests of the IRS gateway (一体化数字资源系统): the `X-BG-HMAC-*` headers.
 *
 * The rule is that of Apache APISIX 2.15's `hmac-auth` with renamed headers, which all known vectors follow.
 */
import { type Clock, equalBytes, fromBase64, type Policy, type Secret, toBase64, toHex, utf8 } from '@zhicheng/core'
import { hmac } from '@zhicheng/crypto'

/** The headers of a signed request, in lower case. */
export const irsHeaders = {
  accessKey: 'x-bg-hmac-access-key',
  algorithm: 'x-bg-hmac-algorithm',
  date: 'x-bg-date-time',
  signature: 'x-bg-hmac-signature',
} as const

/** What is signed: the method, the address as it is sent, the key's name and the time. The body is not signed. */
export interface IrsSigningInput {
  method: string
  url: string
  accessKey: string
  secretKey: Secret
  /** RFC 1123 with the literal `GMT`, as `Date.prototype.toUTCString` writes it. */
  date: string
}

/**
 * The query in canonical form: decoded, `+` read as a space, sorted by name and, for a repeated name, by value, then
 * percent-encoded with everything but letters, digits and `-._~` escaped.
 *
 * @unverified `+` as space and the escaping of `!'()*` follow the gateway's Lua library from memory; no vector has them.
 */
export function canonicalIrsQuery(search: string): string {
  return [...new URLSearchParams(search)]
    .sort(([name, value], [otherName, otherValue]) => compareBytes(name, otherName) || compareBytes(value, otherValue))
    .map(([name, value]) => `${escapeUri(name)}=${escapeUri(value)}`)
    .join('&')
}

/** The text that is signed; every line ends with a line feed, the last one too. */
export function irsSigningText({ method, url, accessKey, date }: Omit<IrsSigningInput, 'secretKey'>): string {
  const { pathname, search } = new URL(url)
  return `${method.toUpperCase()}\n${pathname}\n${canonicalIrsQuery(search)}\n${accessKey}\n${date}\n`
}

/**
 * The four headers that sign a request.
 *
 * @example
 * ```ts
 * const headers = signIrsRequest({ method: 'POST', url, accessKey: 'demo-ak', secretKey: secret(sk), date: new Date().toUTCString() })
 * ```
 */
export function signIrsRequest(input: IrsSigningInput): Record<string, string> {
  return {
    [irsHeaders.accessKey]: input.accessKey,
    [irsHeaders.algorithm]: 'hmac-sha256',
    [irsHeaders.date]: input.date,
    [irsHeaders.signature]: toBase64(signature(input)),
  }
}

/** The gateway's own texts, in the order in which it checks. */
export type IrsRefusal =
  | 'access key or signature missing'
  | 'algorithm missing'
  | 'Invalid access key'
  | 'Algorithm is not supported'
  | 'Invalid GMT format time'
  | 'Clock skew exceeded'
  | 'Invalid signature'

/** What the gateway says to a request. */
export type IrsVerification = { status: 'accepted'; accessKey: string } | { status: 'refused'; message: IrsRefusal }

/** Options of {@link verifyIrsRequest}. */
export interface IrsVerificationOptions {
  /** The secret of an access key, if it is known. */
  secretOf: (accessKey: string) => Secret | undefined
  clock: Clock
  /** Seconds a request may be older or newer than now. */
  windowSeconds?: number
}

/**
 * The gateway's half: checks a request in the gateway's order. Within the window a request can be sent again and is
 * accepted again; the protocol has no nonce.
 *
 * @example
 * ```ts
 * const { status } = verifyIrsRequest(request, { secretOf: (key) => secrets.get(key), clock: systemClock })
 * ```
 *
 * @unverified The text for an algorithm other than the registered one.
 */
export function verifyIrsRequest(
  request: Pick<Request, 'method' | 'url' | 'headers'>,
  { secretOf, clock, windowSeconds = 90 }: IrsVerificationOptions,
): IrsVerification {
  const refused = (message: IrsRefusal): IrsVerification => ({ status: 'refused', message })
  const accessKey = request.headers.get(irsHeaders.accessKey)
  const given = request.headers.get(irsHeaders.signature)
  const algorithm = request.headers.get(irsHeaders.algorithm)
  const date = request.headers.get(irsHeaders.date) ?? ''
  if (!accessKey || !given) return refused('access key or signature missing')
  if (!algorithm) return refused('algorithm missing')
  const secretKey = secretOf(accessKey)
  if (!secretKey) return refused('Invalid access key')
  if (algorithm !== 'hmac-sha256') return refused('Algorithm is not supported')
  const time = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date)
    ? Date.parse(date)
    : Number.NaN
  if (Number.isNaN(time)) return refused('Invalid GMT format time')
  if (Math.abs(clock.now().getTime() - time) > windowSeconds * 1000) return refused('Clock skew exceeded')
  const expected = signature({ method: request.method, url: request.url, accessKey, secretKey, date })
  return equalBytes(expected, decode(given)) ? { status: 'accepted', accessKey } : refused('Invalid signature')
}

/** Options of {@link irsSigningPolicy}. */
export interface IrsSigningOptions {
  accessKey: string
  secretKey: Secret
  clock: Clock
}

/**
 * Signs each try of a request. When the gateway answers that our clock is off, the request is signed once more by the
 * gateway's own clock, which its answer's `Date` tells: such a request was refused, so sending it again does no harm.
 */
export function irsSigningPolicy({ accessKey, secretKey, clock }: IrsSigningOptions): Policy {
  let skew = 0
  return {
    name: 'irs-signing',
    async handle(request, next) {
      const send = () => {
        const date = new Date(clock.now().getTime() + skew).toUTCString()
        const { method, url } = request
        const signed = signIrsRequest({ method, url, accessKey, secretKey, date })
        return next({ ...request, headers: { ...request.headers, ...signed } })
      }
      const response = await send()
      const theirs = Date.parse(response.headers.get('date') ?? '')
      if (response.status !== 401 || Number.isNaN(theirs)) return response
      const drift = theirs - clock.now().getTime()
      if (Math.abs(drift - skew) < 45_000) return response
      skew = drift
      return send()
    },
  }
}

function signature(input: IrsSigningInput): Uint8Array {
  return hmac('sha256', utf8(input.secretKey.reveal()), utf8(irsSigningText(input)))
}

function decode(text: string): Uint8Array {
  try {
    return fromBase64(text)
  } catch {
    return new Uint8Array()
  }
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function compareBytes(left: string, right: string): number {
  const [a, b] = [toHex(utf8(left)), toHex(utf8(right))]
  return a < b ? -1 : a > b ? 1 : 0
}
