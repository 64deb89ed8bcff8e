/** The department's HTTP server, on loopback. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeListener } from '@zhicheng/sdk'
import { StartError } from './output.ts'

/** A handler of requests; `undefined` hands on to the next. */
type Handler = (request: Request) => Promise<Response | undefined>

/** A server whose handlers come after its address is known: the platforms must be told the address first. */
export interface DepartmentServer {
  readonly origin: string
  serve(...handlers: readonly Handler[]): void
  close(): Promise<void>
}

/** Listens. A port that is taken ends the program with one line. */
export async function listen(port: number): Promise<DepartmentServer> {
  let handlers: readonly Handler[] = []
  const server: Server = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new StartError(`Port ${port} is in use: choose another with --port, or stop what listens there.`)
          : cause,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const listener = toNodeListener(
    async (request) => {
      for (const handle of handlers) {
        const response = await handle(request)
        if (response) return response
      }
      return new Response('Not found', { status: 404 })
    },
    { baseUrl: origin },
  )
  return {
    origin,
    serve(...given) {
      handlers = given
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
