/** Reads and writes cookies (RFC 6265bis) the strict way: a name that stands twice counts as absent. */

/** The cookies of a request. Two values under one name mean that somebody planted one, so neither is believed. */
export function readCookies(request: Request): Map<string, string> {
  const header = request.headers.get('cookie') ?? ''
  const cookies = new Map<string, string>()
  const ambiguous = new Set<string>()
  if (header.length > 32_768) return cookies
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at < 0) continue
    const name = part.slice(0, at).trim()
    if (cookies.has(name)) ambiguous.add(name)
    cookies.set(name, part.slice(at + 1).trim())
  }
  for (const name of ambiguous) cookies.delete(name)
  return cookies
}

/** One `Set-Cookie` value: HttpOnly, Lax, for the whole origin; without `maxAge` the browser drops it when it closes. */
export function formatCookie(
  name: string,
  value: string,
  { secure, maxAge }: { secure: boolean; maxAge?: number },
): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}`
}
