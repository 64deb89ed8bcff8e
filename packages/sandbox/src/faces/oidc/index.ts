/**
 * A standard OpenID Connect platform on oidc-provider, with personas to log in as and misbehaviour by name. Node only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { formatTime } from '@zhicheng/core'
import type { JWK } from 'jose'
import { type ClientMetadata, type Configuration, errors, Provider } from 'oidc-provider'
import type { Face, FaceContext } from '../../face.ts'
import { escapeHtml, formatLoginPage, formatPage, pageHeaders } from '../../lib/login-page.ts'
import { type BridgedRequest, bridgeToNode } from '../../lib/node-bridge.ts'
import { type Persona, personas as samplePersonas } from '../../personas.ts'
import { accountOf, claimsOf } from './claims.ts'
import { applyFaults, oidcFaults } from './faults.ts'
import { createOidcKeys } from './keys.ts'
import { createMemoryAdapter } from './memory-adapter.ts'
import type { OidcClient } from './oidc-client.ts'

/** Options of {@link createOidcFace}. */
export interface OidcFaceOptions {
  clients: readonly OidcClient[]
  personas?: readonly Persona[]
  /** Private signing keys with `alg` and `kid`, one RS256 and one ES256. Default: made anew at each start. */
  keys?: readonly JWK[]
}

const mountPath = '/oidc'
const platform = '统一身份认证平台（沙箱）'

/**
 * Makes the face. Tokens carry the machine's own time, for oidc-provider takes no clock.
 *
 * @example
 * ```ts
 * const face = await createOidcFace(context, {
 *   clients: [{ clientId: 'window', clientSecret: secret(key), redirectUris: ['http://127.0.0.1:4700/identity/callback/oidc'] }],
 * })
 * ```
 */
export async function createOidcFace(context: FaceContext, options: OidcFaceOptions): Promise<Face> {
  const { clients, personas = samplePersonas } = options
  const keys = await createOidcKeys(options.keys)
  const provider = new Provider(context.origin + mountPath, configure({ clients, personas, keys: keys.signing }))
  provider.proxy = false
  provider.on('server_error', (_context, error) => {
    context.logger({ level: 'error', event: 'sandbox.oidc.failed', facts: { name: error.name } })
  })
  const listener = provider.callback()

  async function interact(request: Request, incoming: BridgedRequest, outgoing: ServerResponse): Promise<void> {
    try {
      await provider.interactionDetails(incoming, outgoing)
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error
      sendPage(
        outgoing,
        400,
        formatPage({ title: '登录已失效', platform, body: '<h1>登录已失效</h1><p>请返回业务系统重新登录。</p>' }),
      )
      return
    }
    if (request.method !== 'POST') {
      sendPage(outgoing, 200, formatLoginPage({ platform, personas }))
      return
    }
    const form = new URLSearchParams(await readText(incoming))
    const persona = personas.find(({ id }) => id === form.get('persona'))
    if (form.has('cancel')) {
      await provider.interactionFinished(
        incoming,
        outgoing,
        { error: 'access_denied', error_description: '用户取消登录' },
        { mergeWithLastSubmission: false },
      )
    } else if (persona) {
      const login = { accountId: accountOf(persona), acr: acrOf(persona), amr: ['sample'], remember: false }
      await provider.interactionFinished(incoming, outgoing, { login }, { mergeWithLastSubmission: false })
    } else {
      sendPage(outgoing, 400, formatLoginPage({ platform, personas }))
    }
  }

  return {
    id: 'oidc',
    title: '统一身份认证（OpenID Connect）',
    path: mountPath,
    faults: Object.fromEntries(Object.entries(oidcFaults).map(([name, { what }]) => [name, what])),
    async fetch(request) {
      // Whatever name the server was reached by, the platform knows itself by its issuer.
      const url = new URL(request.url)
      const own = new Request(new URL(url.pathname + url.search, context.origin), request)
      const isInteraction = url.pathname.startsWith(`${mountPath}/interaction/`)
      const answer = await bridgeToNode(
        isInteraction ? (incoming, outgoing) => interact(request, incoming, outgoing) : listener,
        own,
        { mountPath },
      )
      const active = Object.keys(oidcFaults).filter((name) => context.chaos(name, request))
      if (active.length === 0) return answer
      context.logger({
        level: 'warning',
        event: 'sandbox.oidc.misbehaves',
        facts: { names: active, at: formatTime(context.clock.now()) },
      })
      return applyFaults(active, answer, { url, clients, keys, origin: context.origin })
    },
  }
}

function acrOf({ assurance }: Persona): string {
  return `urn:zhicheng:assurance:${assurance}`
}

function configure({
  clients,
  personas,
  keys,
}: {
  clients: readonly OidcClient[]
  personas: readonly Persona[]
  keys: readonly JWK[]
}): Configuration {
  const scope = 'openid profile phone'
  return {
    adapter: createMemoryAdapter(),
    clients: clients.map((client) => ({
      client_id: client.clientId,
      ...authenticationOf(client),
      redirect_uris: [...client.redirectUris],
      post_logout_redirect_uris: [...(client.postLogoutRedirectUris ?? [])],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      id_token_signed_response_alg: client.idTokenAlgorithm ?? 'RS256',
      require_auth_time: true,
    })),
    jwks: { keys: keys as never },
    cookies: {
      keys: [crypto.randomUUID()],
      names: { session: 'zc_sandbox_session', interaction: 'zc_sandbox_login', resume: 'zc_sandbox_resume' },
    },
    pkce: { required: () => true },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    acrValues: [1, 2, 3].map((level) => `urn:zhicheng:assurance:${level}`),
    claims: {
      openid: ['sub', 'acr'],
      profile: ['name', 'id_type', 'id_no', 'uscc', 'act'],
      phone: ['phone_number'],
    },
    scopes: scope.split(' '),
    findAccount(_context, accountId) {
      const persona = personas.find((one) => accountOf(one) === accountId)
      return persona && { accountId, claims: async () => claimsOf(persona) }
    },
    interactions: { url: (_context, interaction) => `${mountPath}/interaction/${interaction.uid}` },
    async loadExistingGrant({ oidc }) {
      const { client, session } = oidc
      if (!client || !session?.accountId) return undefined
      const grant = new oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope(scope)
      await grant.save()
      return grant
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          context.body = formatPage({
            title: '退出登录',
            platform,
            body: `<h1>退出登录</h1><p>是否同时退出统一身份认证平台？</p>${form}<p class="row"><button class="primary" form="op.logoutForm" name="logout" value="yes">退出</button><button form="op.logoutForm">留在平台</button></p>`,
          })
        },
        postLogoutSuccessSource(context) {
          context.body = formatPage({ title: '已退出', platform, body: '<h1>您已退出登录</h1>' })
        },
      },
    },
    renderError(context, { error }) {
      context.type = 'html'
      context.body = formatPage({
        title: '无法登录',
        platform,
        body: `<h1>无法登录</h1><p>错误代码：${escapeHtml(error)}</p>`,
      })
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Session: 3600, Grant: 3600, Interaction: 600 },
  }
}

function authenticationOf({
  clientId,
  clientSecret,
  publicKey,
  clientAuthentication,
}: OidcClient): Partial<ClientMetadata> {
  if (publicKey) {
    return {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: publicKey.alg as 'RS256' | 'ES256',
      jwks: { keys: [publicKey as never] },
    }
  }
  if (!clientSecret) throw new TypeError(`The client ${clientId} has neither clientSecret nor publicKey.`)
  return {
    token_endpoint_auth_method: clientAuthentication ?? 'client_secret_basic',
    client_secret: clientSecret.reveal(),
  }
}

function sendPage(outgoing: ServerResponse, status: number, page: string): void {
  outgoing.statusCode = status
  for (const [name, value] of Object.entries(pageHeaders)) outgoing.setHeader(name, value)
  outgoing.end(page)
}

async function readText(incoming: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of incoming) text += String(chunk)
  return text
}
