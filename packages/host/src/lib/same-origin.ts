/** Refuses writes that another site's page sends with this browser's cookies (cross-site request forgery). */
import { hostError } from '../errors.ts'

/**
 * Throws `ERR_HOST_FOREIGN_ORIGIN` unless a browser says that the request comes from our own pages. Browsers set
 * `Sec-Fetch-Site` and `Origin` themselves, and a page cannot change them; the session cookie is SameSite besides.
 */
export function assertSameOrigin(request: Request, origin: string): void {
  const site = request.headers.get('sec-fetch-site')
  const sender = request.headers.get('origin')
  if ((site === null || site === 'same-origin' || site === 'none') && (sender === null || sender === origin)) return
  throw hostError('ERR_HOST_FOREIGN_ORIGIN', 'The request comes from a page of another site.', 403)
}
