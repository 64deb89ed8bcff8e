/**
 * The login of a department's system: sends browsers to a platform, takes them back, and keeps an encrypted session.
 * Every browser-facing rule stands here once, so that a platform without state, nonce or issuer is no weaker.
 */
import {
  type Clock,
  isZhichengError,
  type Logger,
  silentLogger,
  systemClock,
  toBase64Url,
  utf8,
  type ZhichengError,
} from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import { type IdentityErrorCode, identityError } from './errors.ts'
import { createCookieSeal } from './lib/cookie-seal.ts'
import { formatCookie, readCookies } from './lib/cookies.ts'
import { createLoginCookies, loginSeconds } from './lib/login-cookies.ts'
import { redirectTo, refusal } from './lib/page.ts'
import { identityMessages } from './messages.zh-CN.ts'
import { memoryOnceStore, type OnceStore } from './once.ts'
import type { IdentityProviderV1, LoginEnvironment } from './provider.ts'
import { safeReturnPath } from './return-path.ts'
import { allowInsecureHttp, isLoopback, secureUrl } from './secure-url.ts'
import { createSessionCodec, type Session, type SessionOptions } from './session.ts'
import { viewSession } from './view.ts'
import type { SessionView } from './wire.ts'

/** Options of {@link createIdentity}. */
export interface IdentityOptions {
  providers: readonly IdentityProviderV1[]
  session: SessionOptions
  /** Address of the department's system as browsers see it, without a path: `https://window.example.gov.cn`. */
  baseUrl: string
  /** Where the routes stand. Default `/identity`. */
  basePath?: `/${string}`
  /** Paths a login may return to; an entry ending in `/` allows everything below. Default: every path of our own. */
  allowedReturnPaths?: readonly string[]
  /** Where a login returns to when no allowed path was given, and where a logout ends. Default `/`. */
  defaultReturnPath?: string
  /** Consumed states, spent tickets, ended sessions. Default: this process's memory. */
  once?: OnceStore
  clock?: Clock
  fetch?: typeof globalThis.fetch
  random?: (length: number) => Uint8Array
  logger?: Logger
  [allowInsecureHttp]?: true
}

/** Login and sessions of one system. */
export interface Identity {
  /**
   * Answers `GET {basePath}/login/{provider}?returnTo=…`, `GET {basePath}/callback/{provider}` and
   * `POST {basePath}/logout`; `undefined` for every other path. It never throws for what a browser or platform did.
   */
  handle(request: Request): Promise<Response | undefined>
  /** The live session of the browser that asks. */
  readSession(request: Request): Promise<Session | undefined>
  /** A `Set-Cookie` value that moves the idle limit on, or `undefined` while it need not move. */
  renewSession(session: Session): Promise<string | undefined>
  /** What a page may show: names masked, no number. */
  view(request: Request): Promise<SessionView>
  /** Ends the session: cookies to set, and the platform's logout address if it has one. */
  endSession(request: Request): Promise<{ cookies: string[]; redirectUrl?: string }>
}

/**
 * Makes the login of one system. Throws `ERR_IDENTITY_INSECURE_URL` when the address is plain http off loopback:
 * browsers drop `__Host-` cookies there, and a login would go round in circles.
 *
 * @example
 * ```ts
 * const identity = createIdentity({
 *   providers: [oidc({ … })], session: { secrets: [secret(process.env.SESSION_SECRET)] }, baseUrl: 'https://window.example.gov.cn',
 * })
 * const response = await identity.handle(request)
 * const session = await identity.readSession(request)
 * ```
 */
export function createIdentity(options: IdentityOptions): Identity {
  const {
    providers,
    basePath = '/identity',
    allowedReturnPaths,
    defaultReturnPath = '/',
    clock = systemClock,
    fetch = globalThis.fetch,
    random = (length) => crypto.getRandomValues(new Uint8Array(length)),
    logger = silentLogger,
    once = memoryOnceStore({ clock }),
  } = options
  const base = secureUrl(options.baseUrl, { what: 'baseUrl', insecure: options[allowInsecureHttp] === true })
  checkOptions(options, base, basePath)
  const secure = base.protocol === 'https:'
  if (!secure && !isLoopback(base))
    logger({ level: 'warning', event: 'identity.insecure_http', facts: { host: base.host } })
  const codec = createSessionCodec(options.session, clock)
  const cookieName = `${secure ? '__Host-' : ''}${options.session.cookieName ?? 'zc-session'}`
  const logins = createLoginCookies({
    seal: createCookieSeal(options.session.secrets, 'login'),
    name: `${cookieName}-login`,
    secure,
    clock,
  })
  const environment: LoginEnvironment = { clock, fetch, random }

  const until = (seconds: number): Date => new Date(clock.now().getTime() + seconds * 1000)
  const markOnce = async (kind: string, value: string, seconds: number): Promise<boolean> =>
    once.mark(`${kind}:${digest(value)}`, until(seconds))

  async function login(request: Request, provider: IdentityProviderV1, url: URL): Promise<Response> {
    const wanted = safeReturnPath(url.searchParams.get('returnTo'), {
      allowed: allowedReturnPaths,
      fallback: defaultReturnPath,
    })
    const returnTo = wanted.startsWith(`${basePath}/`) ? defaultReturnPath : wanted
    const state = toBase64Url(random(32))
    const { url: location, data } = await provider.start({
      ...environment,
      signal: request.signal,
      state,
      callbackUrl: callbackUrl(provider),
    })
    return redirectTo(location, [
      ...logins.clearOld(request),
      await logins.create({ state, provider: provider.id, returnTo, data, startedAt: clock.now().getTime() }),
    ])
  }

  async function callback(request: Request, provider: IdentityProviderV1, url: URL): Promise<Response> {
    const parameters = url.searchParams
    const twice = [...new Set(parameters.keys())].find((name) => parameters.getAll(name).length > 1)
    if (twice !== undefined) {
      throw identityError(
        'ERR_IDENTITY_PARAMETER_DUPLICATE',
        'A parameter stands twice in the callback (RFC 6749, 3.1); start the login again.',
      )
    }
    const state = parameters.get(provider.stateParameter)
    if (!state)
      throw identityError('ERR_IDENTITY_STATE_MISSING', 'The callback carries no state; start the login again.')
    const transaction = await logins.read(request, { state, provider: provider.id })
    if (!(await markOnce('state', state, loginSeconds))) {
      throw identityError('ERR_IDENTITY_STATE_CONSUMED', 'This login was completed or refused before; start it again.')
    }
    const { subject } = await provider.finish({
      ...environment,
      signal: request.signal,
      state,
      callbackUrl: callbackUrl(provider),
      parameters,
      data: transaction.data,
      useOnce: (value, seconds) => markOnce(`ticket:${provider.id}`, value, seconds),
    })
    const session = codec.create({ provider: provider.id, subject, random })
    const sealed = await codec.seal(session)
    // Whoever was logged in here before is not any more, on a copy of the old cookie neither.
    const previous = await readSession(request)
    if (previous) await markEnded(previous)
    logger({ level: 'info', event: 'identity.login', facts: { provider: provider.id, assurance: subject.assurance } })
    return redirectTo(transaction.returnTo, [formatCookie(cookieName, sealed, { secure }), logins.clear(state)])
  }

  async function logout(request: Request): Promise<Response> {
    const { cookies, redirectUrl } = await endSession(request)
    return redirectTo(redirectUrl ?? defaultReturnPath, cookies)
  }

  async function readSession(request: Request): Promise<Session | undefined> {
    const value = readCookies(request).get(cookieName)
    const session = value ? await codec.open(value) : undefined
    if (!session || !providers.some(({ id }) => id === session.provider)) return undefined
    return (await once.has(`session:${digest(session.id)}`)) ? undefined : session
  }

  async function markEnded(session: Session): Promise<void> {
    await markOnce('session', session.id, (options.session.absoluteMinutes ?? 480) * 60)
  }

  async function endSession(request: Request): Promise<{ cookies: string[]; redirectUrl?: string }> {
    const session = await readSession(request)
    const cookies = [formatCookie(cookieName, '', { secure, maxAge: 0 })]
    if (!session) return { cookies }
    await markEnded(session)
    logger({ level: 'info', event: 'identity.logout', facts: { provider: session.provider } })
    const provider = providers.find(({ id }) => id === session.provider)
    // Our own session is over whatever the platform says, so its failure is logged and not thrown.
    const redirectUrl = await provider
      ?.logoutUrl?.({ ...environment, returnUrl: new URL(defaultReturnPath, base).href })
      .catch((error: unknown) => {
        logger({
          level: 'warning',
          event: 'identity.logout_url_failed',
          facts: { provider: session.provider, code: codeOf(error) },
        })
        return undefined
      })
    return { cookies, ...(redirectUrl ? { redirectUrl } : {}) }
  }

  function callbackUrl(provider: IdentityProviderV1): string {
    return new URL(`${basePath}/callback/${provider.id}`, base).href
  }

  return {
    readSession,
    endSession,
    async handle(request) {
      const url = new URL(request.url)
      const route = url.pathname.startsWith(`${basePath}/`) ? url.pathname.slice(basePath.length + 1).split('/') : []
      const [step, providerId] = route
      const isLogout = step === 'logout' && route.length === 1
      if (!isLogout && !((step === 'login' || step === 'callback') && route.length === 2)) return undefined
      const wanted = isLogout ? 'POST' : 'GET'
      const provider = providers.find(({ id }) => id === providerId)
      try {
        if (request.method !== wanted) {
          throw identityError('ERR_IDENTITY_METHOD_NOT_ALLOWED', `This address takes ${wanted}.`, { facts: { wanted } })
        }
        if (isLogout) return await logout(request)
        if (!provider) throw identityError('ERR_IDENTITY_PROVIDER_UNKNOWN', 'No provider of this id is configured.')
        return step === 'login' ? await login(request, provider, url) : await callback(request, provider, url)
      } catch (error) {
        if (!isIdentityError(error)) throw error
        const facts = { ...error.facts, step, code: error.code, ...(provider ? { provider: provider.id } : {}) }
        logger({ level: 'warning', event: 'identity.refused', facts })
        const state = provider && step === 'callback' ? url.searchParams.get(provider.stateParameter) : undefined
        const retryUrl = provider && `${basePath}/login/${provider.id}`
        return refusal(request, withStepUp(error, retryUrl), {
          text: identityMessages[error.code],
          status: statusOf(error.code),
          ...(retryUrl ? { retryUrl } : {}),
          cookies: state ? [logins.clear(state)] : [],
        })
      }
    },
    async renewSession(session) {
      const next = codec.extend(session)
      return next && formatCookie(cookieName, await codec.seal(next), { secure })
    },
    async view(request) {
      return viewSession(await readSession(request), { providers, basePath })
    },
  }
}

function checkOptions({ providers, defaultReturnPath = '/' }: IdentityOptions, base: URL, basePath: string): void {
  const wrong = (message: string): never => {
    throw identityError('ERR_IDENTITY_CONFIGURATION', message)
  }
  if (base.pathname !== '/' || base.search !== '' || base.hash !== '') wrong('baseUrl wants no path; use basePath.')
  if (!/^(\/[A-Za-z0-9_-]+)+$/.test(basePath)) wrong('basePath wants the form /identity, without a slash at the end.')
  if (safeReturnPath(defaultReturnPath, { fallback: '' }) === '') wrong('defaultReturnPath wants a path of our own.')
  if (providers.length === 0) wrong('providers wants at least one provider.')
  const ids = providers.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) wrong('Two providers have the same id.')
  if (!ids.every((id) => /^[a-z0-9-]{1,32}$/.test(id)))
    wrong('A provider id wants lower-case letters, digits and hyphens.')
}

function statusOf(code: IdentityErrorCode): number {
  if (code === 'ERR_IDENTITY_METHOD_NOT_ALLOWED') return 405
  if (code === 'ERR_IDENTITY_PROVIDER_UNKNOWN') return 404
  if (code === 'ERR_IDENTITY_ASSURANCE_TOO_LOW') return 403
  if (code === 'ERR_IDENTITY_TOO_MANY_LOGINS') return 503
  return code === 'ERR_IDENTITY_PLATFORM_UNREACHABLE' || code === 'ERR_IDENTITY_DISCOVERY_FAILED' ? 502 : 400
}

/** A login with too low an assurance can be repeated at a higher one: the answer says where. */
function withStepUp(error: ZhichengError<IdentityErrorCode>, stepUpUrl: string | undefined): ZhichengError {
  if (error.code !== 'ERR_IDENTITY_ASSURANCE_TOO_LOW' || !stepUpUrl) return error
  return identityError(error.code, error.message, { facts: { ...error.facts, stepUpUrl } })
}

function isIdentityError(error: unknown): error is ZhichengError<IdentityErrorCode> {
  return isZhichengError(error) && error.code in identityMessages
}

function codeOf(error: unknown): string {
  return isZhichengError(error) ? error.code : 'unknown'
}

function digest(value: string): string {
  return toBase64Url(hash('sha256', utf8(value)))
}
