/** The handler on Node's own HTTP server, and on anything that takes `(request, response, next)`, such as Express. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A web-standard handler; `undefined` hands on to whoever comes next. */
export type WebHandler = (request: Request) => Promise<Response | undefined>

/** Listener of `node:http`, and middleware of frameworks that pass `next`. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void

/**
 * Turns a handler into a Node listener. The request's address is taken from `baseUrl`, never from the `Host` header,
 * which anybody can write.
 *
 * @example
 * ```ts
 * createServer(toNodeListener(host.handle, { baseUrl: 'http://127.0.0.1:4700' })).listen(4700, '127.0.0.1')
 * ```
 */
export function toNodeListener(handler: WebHandler, { baseUrl }: { baseUrl: string }): NodeListener {
  return (incoming, outgoing, next) => {
    const abort = new AbortController()
    outgoing.once('close', () => abort.abort())
    answer(handler, toWebRequest(incoming, { baseUrl, signal: abort.signal }), outgoing, next).catch(
      (error: unknown) => {
        if (next) next(error)
        else if (outgoing.headersSent) outgoing.destroy()
        else outgoing.writeHead(500).end()
      },
    )
  }
}

async function answer(
  handler: WebHandler,
  request: Request,
  outgoing: ServerResponse,
  next: ((error?: unknown) => void) | undefined,
): Promise<void> {
  const response = await handler(request)
  if (!response) {
    if (next) next()
    else outgoing.writeHead(404).end()
    return
  }
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  outgoing.writeHead(response.status, headers)
  if (response.body)
    await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), outgoing)
  else outgoing.end()
}

/** The web-standard form of a Node request. */
export function toWebRequest(
  incoming: IncomingMessage,
  { baseUrl, signal }: { baseUrl: string; signal?: AbortSignal },
): Request {
  const headers = new Headers()
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index]!, incoming.rawHeaders[index + 1]!)
  }
  const method = incoming.method ?? 'GET'
  const body = method === 'GET' || method === 'HEAD' ? undefined : (Readable.toWeb(incoming) as ReadableStream)
  // A target such as `//elsewhere/path` would otherwise name another host.
  const target = `/${(incoming.url ?? '/').replace(/^\/+/, '')}`
  return new Request(new URL(target, baseUrl), {
    method,
    headers,
    ...(body ? { body, duplex: 'half' } : {}),
    ...(signal ? { signal } : {}),
  } as RequestInit)
}
