/** Where a login may return to: a path of our own origin, and nothing that a browser could read as another place. */

/**
 * True for an absolute path that cannot leave the origin: no `//`, backslash, control character or encoded form of
 * them, and no dot segments. `allowed` narrows it further: an entry ending in `/` allows everything below, any other exactly itself.
 */
export function isReturnPath(path: string, allowed?: readonly string[]): boolean {
  if (path.length > 1024 || !path.startsWith('/') || path.startsWith('//')) return false
  const [pathname = ''] = path.split(/[?#]/, 1)
  if (/[^\x21-\x7e]|\\/.test(path) || pathname.includes('//') || /%(2f|5c|0[0-9a-f]|1[0-9a-f]|25|7f)/i.test(pathname))
    return false
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(pathname)) return false
  // The last word is the browser's own parser: what it resolves must be the very same path on the same origin.
  if (!URL.canParse(path, 'https://origin.invalid')) return false
  const resolved = new URL(path, 'https://origin.invalid')
  if (resolved.origin !== 'https://origin.invalid' || resolved.pathname !== pathname) return false
  return (
    allowed === undefined ||
    allowed.some((entry) => (entry.endsWith('/') ? pathname.startsWith(entry) : pathname === entry))
  )
}

/**
 * The path if it is allowed, and otherwise the fallback: an attempt to send the user elsewhere ends on our own page.
 *
 * @example
 * ```ts
 * safeReturnPath('/cases/1', {})           // '/cases/1'
 * safeReturnPath('//evil.example', {})     // '/'
 * ```
 */
export function safeReturnPath(
  path: string | null | undefined,
  { allowed, fallback = '/' }: { allowed?: readonly string[] | undefined; fallback?: string },
): string {
  return typeof path === 'string' && isReturnPath(path, allowed) ? path : fallback
}
