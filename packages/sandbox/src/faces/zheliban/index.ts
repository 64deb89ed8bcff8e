/**
 * 浙里办 unified login (generation G2) with personas: the login page, tickets that work once, and the two gateway calls
 * under `X-BG-HMAC-*` signatures, with the platform's own codes.
 */
import { isZhichengError, readBody, type Secret } from '@zhicheng/core'
import {
  formatAnswer,
  type IrsRefusal,
  parseTicketRequest,
  parseUserRequest,
  verifyIrsRequest,
  type ZhelibanAnswer,
  type ZhelibanErrorCode,
  zhelibanPaths,
} from '@zhicheng/provider-zhejiang'
import type { Face, FaceContext } from '../../face.ts'
import { formatLoginPage, formatPage, pageHeaders } from '../../lib/login-page.ts'
import { type Persona, personas as samplePersonas } from '../../personas.ts'
import { createGrants } from './grants.ts'
import { isZhelibanPersona, userOf } from './user.ts'

/** An application registered at the platform. */
export interface ZhelibanApp {
  appId: string
  accessKey: string
  secretKey: Secret
  /** Where tickets are sent; the platform takes it from its register, never from the browser. */
  callbackUrl: string
}

/** Options of {@link createZhelibanFace}. */
export interface ZhelibanFaceOptions {
  apps: readonly ZhelibanApp[]
  personas?: readonly Persona[]
}

const mountPath = '/zheliban'
const platform = '浙里办（沙箱）'
const gatewayPath = `${mountPath}/restapi/prod`

/** The addresses a department configures: the portal, and the gateway. */
export function zhelibanAddresses(origin: string): { portalUrl: string; gatewayUrl: string } {
  return { portalUrl: origin + mountPath, gatewayUrl: origin + gatewayPath }
}

const faults = {
  'zheliban-ticket-reused': 'The platform says that the ticket was used before.',
  'zheliban-ticket-expired': 'The platform says that the ticket has expired.',
  'zheliban-ticket-foreign': 'The ticket sent to the browser belongs to another application.',
  'zheliban-token-invalid': 'The platform does not know the access token it issued.',
  'zheliban-user-empty': 'The platform finds no user behind the token.',
  'zheliban-wrong-signature': 'The gateway finds every signature wrong.',
  'zheliban-clock-skew': 'The clock of the gateway is ten minutes ahead.',
  'zheliban-forbidden': 'The gateway says that the application may not use the interface.',
  'zheliban-sp-changed': 'The callback carries another sp than the login was started with.',
  'zheliban-sp-missing': 'The callback carries no sp.',
  'zheliban-callback-post': 'The platform calls back by POST.',
  'zheliban-not-json': 'The gateway answers a page.',
} as const

type Fault = keyof typeof faults

/**
 * Makes the face. Its addresses for the provider are those of {@link zhelibanAddresses}.
 *
 * @example
 * ```ts
 * const face = createZhelibanFace(context, {
 *   apps: [{ appId: '2001000001', accessKey: 'demo-ak', secretKey: secret(sk), callbackUrl: 'http://127.0.0.1:4700/identity/callback/zhejiang' }],
 * })
 * ```
 */
export function createZhelibanFace(
  context: FaceContext,
  { apps, personas = samplePersonas }: ZhelibanFaceOptions,
): Face {
  const available = personas.filter(isZhelibanPersona)
  const grants = createGrants(context.clock)

  async function login(request: Request, url: URL): Promise<Response> {
    const app = apps.find(({ appId }) => appId === url.searchParams.get('appId'))
    if (!app) return page(400, '无法登录', '<h1>无法登录</h1><p>应用未登记（appId 不存在）。</p>')
    if (request.method !== 'POST') {
      return new Response(formatLoginPage({ platform, personas: available }), { headers: pageHeaders })
    }
    const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, 16_384)))
    if (form.has('cancel')) return page(200, '已取消', '<h1>已取消登录</h1><p>请返回业务系统。</p>')
    const persona = available.find(({ id }) => id === form.get('persona'))
    if (!persona)
      return new Response(formatLoginPage({ platform, personas: available }), { status: 400, headers: pageHeaders })
    const misbehaves = (name: Fault): boolean => context.chaos(name, request)
    const callback = new URL(app.callbackUrl)
    const appId = misbehaves('zheliban-ticket-foreign') ? 'another-app' : app.appId
    callback.searchParams.set('ticketId', grants.issueTicket({ appId, persona }))
    const sp = url.searchParams.get('sp')
    if (sp !== null && !misbehaves('zheliban-sp-missing')) {
      callback.searchParams.set('sp', misbehaves('zheliban-sp-changed') ? `${sp.slice(1)}x` : sp)
    }
    // 307 keeps the method, which is how a browser comes to call back by POST.
    const status = misbehaves('zheliban-callback-post') ? 307 : 302
    return new Response(null, { status, headers: { location: callback.href, 'cache-control': 'no-store' } })
  }

  async function gateway(request: Request, path: string): Promise<Response> {
    const misbehaves = (name: Fault): boolean => context.chaos(name, request)
    const ahead = misbehaves('zheliban-clock-skew') ? 600_000 : 0
    const gatewayClock = { now: () => new Date(context.clock.now().getTime() + ahead) }
    const date = gatewayClock.now().toUTCString()
    const verification = verifyIrsRequest(request, {
      clock: gatewayClock,
      secretOf: (accessKey) => apps.find((app) => app.accessKey === accessKey)?.secretKey,
    })
    const refusal: IrsRefusal | undefined = misbehaves('zheliban-wrong-signature')
      ? 'Invalid signature'
      : verification.status === 'refused'
        ? verification.message
        : undefined
    if (refusal) return json(401, { message: refusal }, date)
    if (misbehaves('zheliban-forbidden')) return json(401, { message: 'The route_id is forbidden.' }, date)
    if (misbehaves('zheliban-not-json')) return page(200, '维护中', '<h1>系统维护中</h1>')
    const accessKey = verification.status === 'accepted' ? verification.accessKey : ''
    const body = await readBody(request, 16_384)
    return path === zhelibanPaths.accessToken ? exchange(body, accessKey, misbehaves) : describe(body, misbehaves)
  }

  function exchange(body: Uint8Array, accessKey: string, misbehaves: (name: Fault) => boolean): Response {
    const wanted = parseTicketRequest(body)
    const app = apps.find((one) => one.appId === wanted?.appId && one.accessKey === accessKey)
    const persona = wanted && app ? grants.spendTicket({ ticketId: wanted.ticketId, appId: app.appId }) : undefined
    if (!persona || misbehaves('zheliban-ticket-reused') || misbehaves('zheliban-ticket-expired')) {
      return answer(failure('C-USER-SSO-TICKET-INVALID', '票据无效'))
    }
    return answer({ success: true, data: { accessToken: grants.issueToken({ persona }) } })
  }

  function describe(body: Uint8Array, misbehaves: (name: Fault) => boolean): Response {
    const persona = grants.readToken(parseUserRequest(body)?.token ?? '')
    if (!persona || misbehaves('zheliban-token-invalid')) return answer(failure('C-USER-SSO-TOKEN-INVALID', '令牌无效'))
    if (misbehaves('zheliban-user-empty')) return answer(failure('C-USER-SSO-USER-EMPTY', '用户不存在'))
    return answer({ success: true, data: userOf(persona) })
  }

  return {
    id: 'zheliban',
    title: '浙里办统一身份认证',
    path: mountPath,
    faults,
    async fetch(request) {
      const url = new URL(request.url)
      const path = url.pathname.slice(mountPath.length)
      const interfacePath = url.pathname.slice(gatewayPath.length)
      try {
        if (path === '/uc/sso/login') return await login(request, url)
        if (path === '/uc/unifiedLogout') return page(200, '已退出', '<h1>您已退出浙里办</h1>')
        if (interfacePath === zhelibanPaths.accessToken || interfacePath === zhelibanPaths.userInfo) {
          return request.method === 'POST'
            ? await gateway(request, interfacePath)
            : json(405, { message: 'Method Not Allowed' })
        }
      } catch (error) {
        if (isZhichengError(error) && error.code === 'ERR_BODY_TOO_LARGE')
          return json(413, { message: 'Request Entity Too Large' })
        throw error
      }
      return json(404, { error_msg: '404 Route Not Found' })
    },
  }
}

function failure(errorCode: ZhelibanErrorCode, errorMsg: string): ZhelibanAnswer<never> {
  return { success: false, errorCode, errorMsg }
}

function answer<Data>(envelope: ZhelibanAnswer<Data>): Response {
  return new Response(formatAnswer(envelope), { headers: { 'content-type': 'application/json;charset=UTF-8' } })
}

function json(status: number, body: unknown, date?: string): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...(date ? { date } : {}) },
  })
}

function page(status: number, title: string, body: string): Response {
  return new Response(formatPage({ title, platform, body }), { status, headers: pageHeaders })
}
