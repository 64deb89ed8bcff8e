/** The one handler a department mounts: login and logout, the operations the elements call, documents, notifications. */
import { type Logger, silentLogger, type ZhichengError } from '@zhicheng/core'
import type { Identity } from '@zhicheng/identity'
import { endSession, readSession } from '@zhicheng/identity/wire'
import type { CaseDesk, DocumentDesk, OrderDesk } from './desks.ts'
import { hostError } from './errors.ts'
import { isAnswer, jsonAnswer, problemAnswer } from './lib/answers.ts'
import { assertAccess, createRoutes, findRoute } from './lib/routes.ts'
import { assertSameOrigin } from './lib/same-origin.ts'

/** Options of {@link createHost}. */
export interface HostOptions {
  /** Address of the department's system as browsers see it: `https://window.example.gov.cn`. */
  baseUrl: string
  /** Where the handler is mounted. Default `/api`; the login routes stand under `{basePath}/identity`. */
  basePath?: `/${string}`
  identity: Identity
  orders?: OrderDesk
  cases?: CaseDesk
  documents?: DocumentDesk
  logger?: Logger
}

/** The handler. */
export interface Host {
  /** Answers what is under the base path; `undefined` for every other address, which is the department's own. */
  handle(request: Request): Promise<Response | undefined>
}

/**
 * Makes the handler.
 *
 * @example
 * ```ts
 * const host = createHost({ baseUrl, identity, orders, cases, documents })
 * export default { fetch: async (request: Request) => (await host.handle(request)) ?? new Response('', { status: 404 }) }
 * ```
 */
export function createHost(options: HostOptions): Host {
  const { basePath = '/api', identity, orders, documents, logger = silentLogger } = options
  if (!/^(\/[A-Za-z0-9_-]+)+$/.test(basePath)) {
    throw hostError('ERR_HOST_CONFIGURATION', 'basePath wants the form /api, without a slash at the end.', 500)
  }
  const { origin } = new URL(options.baseUrl)
  const routes = createRoutes(options)

  async function answer(request: Request, path: string): Promise<Response> {
    const notified = /^\/pay\/notifications\/([a-z0-9-]{1,32})$/.exec(path)?.[1]
    if (notified && orders) {
      // No session and no origin here: the channel's signature over the bytes is what counts.
      if (request.method !== 'POST') throw hostError('ERR_HOST_METHOD_NOT_ALLOWED', 'A notification is a POST.', 405)
      return orders.notify(notified, request)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') assertSameOrigin(request, origin)
    if (path === readSession.path && request.method === 'GET') return jsonAnswer(await identity.view(request))
    if (path === endSession.path && request.method === 'POST') {
      const { cookies, redirectUrl } = await identity.endSession(request)
      return jsonAnswer(redirectUrl ? { redirectUrl } : {}, { cookies })
    }
    const session = await identity.readSession(request)
    const document = /^\/documents\/([A-Za-z0-9._-]{1,80})$/.exec(path)?.[1]
    const found = document ? undefined : findRoute(routes, request.method, path)
    if (!found && !(document && documents)) throw hostError('ERR_HOST_NOT_FOUND', 'There is no such address.', 404)
    if (!session) throw hostError('ERR_HOST_LOGIN_REQUIRED', 'This needs a login.', 401)
    const renewed = await identity.renewSession(session)
    const cookies = renewed ? [renewed] : []
    if (found) return jsonAnswer(await found.route.answer(request, found.params, session), { cookies })
    await assertAccess(documents!, document!, session)
    return download(await documents!.read(document!))
  }

  return {
    async handle(request) {
      const { pathname } = new URL(request.url)
      if (pathname !== basePath && !pathname.startsWith(`${basePath}/`)) return undefined
      try {
        return (await identity.handle(request)) ?? (await answer(request, pathname.slice(basePath.length)))
      } catch (error) {
        return refuse(error, logger)
      }
    },
  }
}

function refuse(error: unknown, logger: Logger): Response {
  if (isAnswer(error)) {
    logger({ level: 'info', event: 'host.refused', facts: { code: error.code } })
    return problemAnswer(error)
  }
  // The name of the class is all that is safe to log of an error nobody planned.
  logger({ level: 'error', event: 'host.failed', facts: { name: error instanceof Error ? error.name : typeof error } })
  const internal: ZhichengError = hostError(
    'ERR_HOST_INTERNAL',
    'Something went wrong on our side; try again later.',
    500,
  )
  return problemAnswer(internal)
}

function download({ name, mediaType, content }: { name: string; mediaType: string; content: Uint8Array }): Response {
  return new Response(content as BodyInit, {
    headers: {
      'content-type': mediaType,
      // Shown as a file, never as a page of our own origin.
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    },
  })
}
