/**
 * Runs a Node request listener on a web `Request`, without a socket: for servers, such as oidc-provider, that are
 * written for `node:http` only.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { readBody } from '@zhicheng/core'

/** A request as Node's listeners see it, with the address before the mount path was taken off. */
export type BridgedRequest = IncomingMessage & { originalUrl: string }

/** Options of {@link bridgeToNode}. */
export interface BridgeOptions {
  /** The path the listener is mounted under, which it does not see in `request.url`. */
  mountPath: string
  /** Larger bodies are refused with `ERR_BODY_TOO_LARGE`. */
  maxBodyBytes?: number
}

/**
 * Passes a request to a listener and collects its answer.
 *
 * @example
 * ```ts
 * const response = await bridgeToNode(provider.callback(), request, { mountPath: '/oidc' })
 * ```
 */
export async function bridgeToNode(
  listener: (request: BridgedRequest, response: ServerResponse) => unknown,
  request: Request,
  { mountPath, maxBodyBytes = 262_144 }: BridgeOptions,
): Promise<Response> {
  const body = await readBody(request, maxBodyBytes)
  const incoming = createIncoming(request, { mountPath, body })
  const outgoing = new ServerResponse(incoming)
  const answer = collect(outgoing)
  // A listener that fails before it answers would otherwise leave its caller waiting for ever.
  const failed = Promise.resolve(listener(incoming, outgoing)).then(() => new Promise<never>(() => {}))
  try {
    return await Promise.race([answer, failed])
  } finally {
    incoming.socket.destroy()
  }
}

function createIncoming(
  request: Request,
  { mountPath, body }: { mountPath: string; body: Uint8Array },
): BridgedRequest {
  const url = new URL(request.url)
  // Listeners ask a socket who calls and whether the line is encrypted; nothing is ever written to this one.
  const socket = Object.assign(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }), {
    encrypted: url.protocol === 'https:',
    remoteAddress: '127.0.0.1',
    setTimeout() {},
  })
  const incoming = new IncomingMessage(socket as never) as BridgedRequest
  incoming.method = request.method
  incoming.originalUrl = url.pathname + url.search
  incoming.url = incoming.originalUrl.slice(mountPath.length) || '/'
  incoming.httpVersion = '1.1'
  incoming.httpVersionMajor = 1
  incoming.httpVersionMinor = 1
  incoming.headers = { ...Object.fromEntries(request.headers), host: url.host }
  delete incoming.headers['transfer-encoding']
  if (body.length > 0) incoming.headers['content-length'] = String(body.length)
  incoming.rawHeaders = Object.entries(incoming.headers).flatMap(([name, value]) => [name, String(value)])
  incoming.push(body.length > 0 ? body : null)
  if (body.length > 0) incoming.push(null)
  incoming.complete = true
  return incoming
}

function collect(outgoing: ServerResponse): Promise<Response> {
  const chunks: Uint8Array[] = []
  const keep = (chunk: unknown, encoding?: unknown): void => {
    if (typeof chunk === 'string')
      chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
    else if (chunk instanceof Uint8Array) chunks.push(Uint8Array.from(chunk))
  }
  return new Promise((resolve) => {
    outgoing.write = ((chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
      keep(chunk, encoding)
      for (const callback of [encoding, done]) if (typeof callback === 'function') callback()
      return true
    }) as ServerResponse['write']
    outgoing.end = ((chunk?: unknown, encoding?: unknown, done?: unknown): ServerResponse => {
      keep(chunk, encoding)
      const headers = new Headers()
      for (const [name, value] of Object.entries(outgoing.getHeaders())) {
        for (const one of [value].flat()) if (one !== undefined) headers.append(name, String(one))
      }
      const { statusCode: status } = outgoing
      const bodiless = status === 204 || status === 205 || status === 304 || outgoing.req.method === 'HEAD'
      resolve(new Response(bodiless ? null : Buffer.concat(chunks), { status, headers }))
      Object.defineProperty(outgoing, 'writableEnded', { value: true, configurable: true })
      outgoing.emit('finish')
      for (const callback of [chunk, encoding, done]) if (typeof callback === 'function') callback()
      return outgoing
    }) as ServerResponse['end']
    outgoing.writeHead = ((status: number, ...rest: unknown[]): ServerResponse => {
      outgoing.statusCode = status
      const headers = rest.find(
        (part): part is Record<string, string> => typeof part === 'object' && part !== null && !Array.isArray(part),
      )
      for (const [name, value] of Object.entries(headers ?? {})) outgoing.setHeader(name, value)
      return outgoing
    }) as ServerResponse['writeHead']
    outgoing.flushHeaders = () => {}
  })
}
