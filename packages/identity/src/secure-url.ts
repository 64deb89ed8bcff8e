/** Which addresses may carry a login: https, or http on this machine itself. */
import { identityError } from './errors.ts'

/**
 * Unsafe: lets a login run over plain http off this machine. Everybody on the way can then read and alter it. It is a
 * symbol so that no configuration file can set it by accident.
 */
export const allowInsecureHttp: unique symbol = Symbol('allowInsecureHttp')

/** True for `localhost`, `*.localhost`, `127.0.0.0/8` and `[::1]`, which never leave the machine (RFC 8252, 7.3). */
export function isLoopback(url: URL): boolean {
  const { hostname } = url
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  )
}

/**
 * Parses an address and throws `ERR_IDENTITY_INSECURE_URL` unless it is https, http on loopback, or the switch is on.
 * User names in addresses are refused too.
 *
 * @example
 * ```ts
 * secureUrl('https://id.example.gov.cn', { what: 'issuer' })
 * ```
 */
export function secureUrl(address: string, { what, insecure = false }: { what: string; insecure?: boolean }): URL {
  if (!URL.canParse(address)) {
    throw identityError('ERR_IDENTITY_CONFIGURATION', `The ${what} is not an absolute address.`, { facts: { what } })
  }
  const url = new URL(address)
  if (url.username !== '' || url.password !== '') {
    throw identityError('ERR_IDENTITY_CONFIGURATION', `The ${what} holds a user name or password; take it out.`, {
      facts: { what },
    })
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && (insecure || isLoopback(url)))) return url
  throw identityError(
    'ERR_IDENTITY_INSECURE_URL',
    `The ${what} at ${url.host} does not use https. Put it behind https, or set [allowInsecureHttp]: true and accept that logins can be read and altered on the way.`,
    { facts: { what, host: url.host } },
  )
}
