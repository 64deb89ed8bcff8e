/** A small world for login tests: both identity faces, a department's system, a network that carries everything. */
import { type Clock, type LogEntry, secret, systemClock } from '@zhicheng/core'
import {
  createIdentity,
  type Identity,
  type IdentityOptions,
  type IdentityProviderV1,
  type OidcOptions,
  oidc,
} from '@zhicheng/identity'
import { type ZhejiangOptions, zhejiang } from '@zhicheng/provider-zhejiang'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Face, FaceContext } from '../face.ts'
import { createOidcFace } from '../faces/oidc/index.ts'
import { createZhelibanFace, zhelibanAddresses } from '../faces/zheliban/index.ts'
import { type Browser, createBrowser } from '../testing.ts'

export const sandboxOrigin = 'http://127.0.0.1:4600'
export const departmentOrigin = 'http://127.0.0.1:4700'
export const oidcSecret = 'window-client-secret-not-real-0001'
export const irsSecret = 'test-secret-not-real-0003'
/** Key pair of the client that signs its requests for tokens. */
export const clientKey: { privateKey: JWK; publicKey: JWK } = await makeClientKey()
const sessionSecret = 'session-secret-not-real-0123456789abcdef'

/** What the tests hold. */
export interface World {
  identity: Identity
  /** Faults that are on. */
  chaos: Set<string>
  log: LogEntry[]
  /** Requests of the department's back end: method and address. */
  calls: string[]
  /** Answers of the platforms to the back end, whole. */
  answers: string[]
  browser(): Browser
}

/** Builds the faces once for a test file; keys take a moment. */
export async function createFaces(
  clock: Clock = systemClock,
): Promise<{ faces: Face[]; chaos: Set<string>; log: LogEntry[] }> {
  const chaos = new Set<string>()
  const log: LogEntry[] = []
  const context: FaceContext = {
    origin: sandboxOrigin,
    clock,
    fetch: async () => Response.error(),
    logger: (entry) => void log.push(entry),
    chaos: (name) => chaos.has(name),
  }
  const oidcFace = await createOidcFace(context, {
    clients: [
      {
        clientId: 'window',
        clientSecret: secret(oidcSecret),
        redirectUris: [`${departmentOrigin}/identity/callback/oidc`],
        postLogoutRedirectUris: [`${departmentOrigin}/`],
      },
      {
        clientId: 'window-post',
        clientSecret: secret(oidcSecret),
        clientAuthentication: 'client_secret_post',
        redirectUris: [`${departmentOrigin}/identity/callback/oidc`],
        idTokenAlgorithm: 'ES256',
      },
      {
        clientId: 'window-key',
        publicKey: clientKey.publicKey,
        redirectUris: [`${departmentOrigin}/identity/callback/oidc`],
      },
    ],
  })
  const zhelibanFace = createZhelibanFace(context, {
    apps: [
      {
        appId: '2001000001',
        accessKey: 'demo-ak',
        secretKey: secret(irsSecret),
        callbackUrl: `${departmentOrigin}/identity/callback/zhejiang`,
      },
    ],
  })
  return { faces: [oidcFace, zhelibanFace], chaos, log }
}

/** The OpenID provider of these tests. */
export function oidcProvider(more: Partial<OidcOptions> = {}): IdentityProviderV1 {
  return oidc({
    id: 'oidc',
    name: '统一身份认证',
    issuer: `${sandboxOrigin}/oidc`,
    clientId: 'window',
    ...(more.privateKey ? {} : { clientSecret: secret(oidcSecret) }),
    ...more,
  })
}

/** The 浙里办 provider of these tests. */
export function zhejiangProvider(more: Partial<ZhejiangOptions> = {}): IdentityProviderV1 {
  return zhejiang({
    appId: '2001000001',
    accessKey: 'demo-ak',
    secretKey: secret(irsSecret),
    ...zhelibanAddresses(sandboxOrigin),
    assurance: { personAttribute: 'authLevel', legalPersonAttribute: 'realLevel' },
    ...more,
  })
}

/** A department's system on the faces. */
export function createWorld(
  { faces, chaos, log }: Awaited<ReturnType<typeof createFaces>>,
  options: Partial<IdentityOptions> & Pick<IdentityOptions, 'providers'>,
): World {
  const calls: string[] = []
  const answers: string[] = []
  const toFace = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const face = faces.find(({ path }) => pathname.startsWith(`${path}/`))
    return face ? face.fetch(request) : new Response('not found', { status: 404 })
  }
  const identity = createIdentity({
    session: { secrets: [secret(sessionSecret)] },
    baseUrl: departmentOrigin,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      calls.push(`${request.method} ${request.url}`)
      const response = await toFace(request)
      answers.push(await response.clone().text())
      return response
    },
    logger: (entry) => void log.push(entry),
    ...options,
  })
  const network = async (request: Request): Promise<Response> => {
    if (!request.url.startsWith(departmentOrigin)) return toFace(request)
    return (
      (await identity.handle(request)) ??
      new Response('<h1>业务系统</h1>', { headers: { 'content-type': 'text/html' } })
    )
  }
  return { identity, chaos, log, calls, answers, browser: () => createBrowser(network) }
}

/** Logs in as a persona and returns the page the browser ends on. */
export async function logIn(
  browser: Browser,
  { provider, persona = 'citizen', returnTo = '/cases/1' }: { provider: string; persona?: string; returnTo?: string },
): ReturnType<Browser['open']> {
  const address = `${departmentOrigin}/identity/login/${provider}?returnTo=${encodeURIComponent(returnTo)}`
  const page = await browser.open(address)
  return page.url.origin === sandboxOrigin ? browser.submit(page, { persona }) : page
}

/** A request the browser would send to the department now, with its cookies. */
export function requestOf(browser: Browser, path = '/cases/1'): Request {
  const cookie = [...browser.cookies]
    .filter(([key]) => key.startsWith(new URL(departmentOrigin).host))
    .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
    .join('; ')
  return new Request(departmentOrigin + path, { headers: { cookie } })
}

async function makeClientKey(): Promise<{ privateKey: JWK; publicKey: JWK }> {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const more = { alg: 'ES256', kid: 'window-key-1' }
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), ...more },
    publicKey: { ...(await exportJWK(pair.publicKey)), ...more },
  }
}
