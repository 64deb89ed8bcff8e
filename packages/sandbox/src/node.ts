/** The sandbox on Node: a server on loopback, with the faces that need Node, and its keys kept in a folder if one is given. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { secret } from '@zhicheng/core'
import { createSandbox, type Sandbox, type SandboxOptions } from './create-sandbox.ts'
import { createArchiveFace } from './faces/archive/index.ts'
import { fileDepositStorage, fileLogStorage } from './faces/archive/node-storage.ts'
import { createOidcFace } from './faces/oidc/index.ts'
import { archiveOptions, type FaceMakers } from './lib/create-faces.ts'
import { keyFile } from './lib/key-file.ts'

/** Options of {@link startSandbox}. */
export interface StartSandboxOptions extends Omit<SandboxOptions, 'origin' | 'keys'> {
  /** Default 4600; 0 takes any free port. */
  port?: number
  /** Where keys are kept between runs. Without it they are made anew. */
  folder?: string
}

/** A sandbox that listens. */
export interface RunningSandbox extends Sandbox {
  /** Ends the server and everything it holds. */
  close(): Promise<void>
}

/** The faces that need Node, for `createSandbox({ faces: nodeFaces })`. */
export const nodeFaces: FaceMakers = {
  '/oidc': (context, { registration: { oidc, department } }) =>
    createOidcFace(context, {
      clients: [
        {
          clientId: oidc.clientId,
          clientSecret: secret(oidc.clientSecret),
          redirectUris: [oidc.redirectUri],
          postLogoutRedirectUris: [`${department.origin}/`],
        },
      ],
    }),
}

/** The faces whose state lies in `folder` and survives the process. */
function keptFaces(folder: string): FaceMakers {
  return {
    '/archive': async (context, parts) =>
      createArchiveFace(context, {
        ...archiveOptions(context, parts),
        storage: await fileDepositStorage(join(folder, 'deposits')),
        logStorage: await fileLogStorage(join(folder, 'evidence.log')),
      }),
  }
}

/**
 * Starts the platform on loopback and resolves once every face answers.
 *
 * @example
 * ```ts
 * const sandbox = await startSandbox({ port: 0, department: { origin: 'http://127.0.0.1:4700' } })
 * const papers = await sandbox.registration()
 * await sandbox.close()
 * ```
 */
export async function startSandbox({
  port = 4600,
  folder,
  faces,
  ...options
}: StartSandboxOptions = {}): Promise<RunningSandbox> {
  let sandbox: Sandbox | undefined
  const server = createServer(
    getRequestListener(async (request) => sandbox?.fetch(request) ?? new Response('', { status: 503 })),
  )
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    // Loopback only: everything here is a test key, and nobody else shall reach it.
    server.listen(port, '127.0.0.1', done)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise<void>((done) => server.close(() => done()))
    await sandbox?.close()
  }
  try {
    sandbox = createSandbox({
      ...options,
      origin,
      faces: { ...nodeFaces, ...(folder ? keptFaces(folder) : {}), ...faces },
      ...(folder ? { keys: keyFile(folder) } : {}),
    })
    await sandbox.faces()
  } catch (error) {
    await close()
    throw error
  }
  return { ...sandbox, close }
}
