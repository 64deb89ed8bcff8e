/**
 * 浙里办 unified login (generation G2) as a login provider. The protocol has neither state nor nonce: the state travels
 * in `sp`, a ticket is taken once, and every exchange is between servers.
 */
import {
  type AssuranceLevel,
  composePolicies,
  fetchTransport,
  isZhichengError,
  type PlatformResponse,
  retryPolicy,
  type Secret,
  timeoutPolicy,
} from '@zhicheng/core'
import {
  allowInsecureHttp,
  type IdentityProviderV1,
  identityError,
  type LoginEnvironment,
  requireAssurance,
  secureUrl,
} from '@zhicheng/identity'
import { irsSigningPolicy } from './irs-hmac.ts'
import {
  formatTicketRequest,
  formatUserRequest,
  parseTicketAnswer,
  parseUserAnswer,
  type ZhelibanAnswer,
  zhelibanPaths,
} from './zheliban-messages.ts'
import { readZhelibanSubject, type ZhelibanAssurance } from './zheliban-subject.ts'

/** Options of {@link zhejiang}. */
export interface ZhejiangOptions {
  /** Default `zhejiang`. */
  id?: string
  /** Default `浙里办`. */
  name?: string
  /** The application's number at the unified login. Its callback address is registered there, not sent. */
  appId: string
  /** Access key (AK) of the IRS gateway. */
  accessKey: string
  /** Secret key (SK) of the IRS gateway. */
  secretKey: Secret
  /** The login portal. Default `https://portal.zjzwfw.gov.cn`. */
  portalUrl?: string
  /** The gateway. Default the Internet one, `https://ibcdsg.zj.gov.cn:8443/restapi/prod`. */
  gatewayUrl?: string
  /** Where this deployment's users carry their level. Without it every level is 0, unknown. */
  assurance?: ZhelibanAssurance
  /** Level below which a login is refused. Wants `assurance`. */
  requiredAssurance?: AssuranceLevel
  [allowInsecureHttp]?: true
}

/**
 * Makes the provider. Nothing is sent before the first login.
 *
 * @example
 * ```ts
 * const provider = zhejiang({ appId: '2001000001', accessKey: 'demo-ak', secretKey: secret(process.env.IRS_SECRET) })
 * ```
 */
export function zhejiang(options: ZhejiangOptions): IdentityProviderV1 {
  const { id = 'zhejiang', name = '浙里办', appId, accessKey, secretKey, assurance, requiredAssurance } = options
  const insecure = options[allowInsecureHttp] === true
  const portal = secureUrl(options.portalUrl ?? 'https://portal.zjzwfw.gov.cn', { what: 'portalUrl', insecure })
  const gateway = secureUrl(options.gatewayUrl ?? 'https://ibcdsg.zj.gov.cn:8443/restapi/prod', {
    what: 'gatewayUrl',
    insecure,
  })
  if (requiredAssurance !== undefined && !assurance) {
    throw identityError(
      'ERR_IDENTITY_CONFIGURATION',
      'requiredAssurance wants assurance, which names the attribute that holds the level: the protocol itself sends none.',
    )
  }
  const below = (base: URL, path: string): URL => new URL(base.href.replace(/\/$/, '') + path)

  // A policy learns how far the two clocks are apart, so there is one for the life of the provider.
  let signing: ReturnType<typeof irsSigningPolicy> | undefined

  async function ask(
    operation: string,
    { path, body, idempotent }: { path: string; body: Uint8Array<ArrayBuffer>; idempotent: boolean },
    { clock, fetch, signal }: Pick<LoginEnvironment, 'clock' | 'fetch' | 'signal'>,
  ): Promise<PlatformResponse> {
    signing ??= irsSigningPolicy({ accessKey, secretKey, clock })
    const policies = [retryPolicy({ attempts: 2, clock }), timeoutPolicy(10_000), signing]
    const send = composePolicies(policies, fetchTransport({ fetch, maxBytes: 524_288 }))
    try {
      return await send({
        operation,
        method: 'POST',
        url: below(gateway, path).href,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body,
        idempotent,
        ...(signal ? { signal } : {}),
      })
    } catch (cause) {
      throw identityError(
        'ERR_IDENTITY_PLATFORM_UNREACHABLE',
        `The gateway ${gateway.host} gave no usable answer to ${operation}; try again later.`,
        {
          cause,
          outcome: 'unknown',
          retryable: true,
          facts: { operation, code: isZhichengError(cause) ? cause.code : 'unknown' },
        },
      )
    }
  }

  return {
    specification: 'v1',
    id,
    name,
    stateParameter: 'sp',

    async start({ state }) {
      const url = below(portal, '/uc/sso/login')
      url.searchParams.set('appId', appId)
      url.searchParams.set('sp', state)
      return { url: url.href, data: {} }
    },

    async finish({ parameters, useOnce, ...environment }) {
      // `redirectUrl` also comes back, and is not read: whoever made the link chose it.
      const ticketId = parameters.get('ticketId') ?? ''
      if (ticketId === '' || ticketId.length > 256) {
        throw identityError('ERR_IDENTITY_TICKET_MISSING', 'The callback carries no ticket; start the login again.')
      }
      if (!(await useOnce(ticketId, 86_400))) {
        throw identityError('ERR_IDENTITY_TICKET_REUSED', 'The ticket was used before; start the login again.')
      }
      const { accessToken } = accepted(
        'zheliban.access_token',
        parseTicketAnswer,
        await ask(
          'zheliban.access_token',
          { path: zhelibanPaths.accessToken, body: formatTicketRequest({ ticketId, appId }), idempotent: false },
          environment,
        ),
      )
      const user = accepted(
        'zheliban.user_info',
        parseUserAnswer,
        await ask(
          'zheliban.user_info',
          { path: zhelibanPaths.userInfo, body: formatUserRequest({ token: accessToken }), idempotent: true },
          environment,
        ),
      )
      const subject = readZhelibanSubject(user, {
        issuer: id,
        at: environment.clock.now(),
        ...(assurance ? { assurance } : {}),
      })
      requireAssurance(subject.assurance, requiredAssurance)
      return { subject }
    },

    // The address takes no parameter that is publicly known, so the user stays at the platform's page.
    async logoutUrl() {
      return below(portal, '/uc/unifiedLogout').href
    },
  }
}

/** The data of an answer; a refusal keeps the platform's code, never its text, which may quote what was sent. */
function accepted<Data>(
  operation: string,
  parse: (body: Uint8Array) => ZhelibanAnswer<Data> | undefined,
  response: PlatformResponse,
): Data {
  const { status } = response
  if (status === 401 || status === 403) {
    throw identityError(
      'ERR_IDENTITY_PLATFORM_REFUSED',
      `The gateway refused ${operation} with status ${status}: check access key, secret key, the machine's clock and the interface's grant.`,
      { outcome: 'refused', facts: { operation, status } },
    )
  }
  const answer = parse(response.body)
  if (answer?.success === false) {
    throw identityError(
      'ERR_IDENTITY_PLATFORM_REFUSED',
      `The platform refused ${operation} with ${answer.errorCode}; start the login again.`,
      { outcome: 'refused', facts: { operation, status, platformCode: answer.errorCode } },
    )
  }
  if (status === 200 && answer) return answer.data
  throw identityError('ERR_IDENTITY_PLATFORM_ANSWER_INVALID', `The answer to ${operation} is not as agreed.`, {
    outcome: status >= 500 ? 'unknown' : 'refused',
    facts: { operation, status },
  })
}
