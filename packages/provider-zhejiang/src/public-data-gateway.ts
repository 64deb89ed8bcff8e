/** Calls Zhejiang's public-data gateway (公共数据平台): fetches and rotates its secrets, signs each try, reads the outer layer. */
import {
  composePolicies,
  fetchTransport,
  isZhichengError,
  type Policy,
  type RetryOptions,
  retryPolicy,
  type Secret,
  timeoutPolicy,
} from '@zhicheng/core'
import { type CreditEnvironment, creditError } from '@zhicheng/credit'
import { allowInsecureHttp } from '@zhicheng/identity'
import {
  formatGatewayCall,
  type GatewayAnswer,
  type GatewayInterface,
  type GatewayPurpose,
  type GatewaySecrets,
  gatewayInterfacePath,
  gatewayTokenPaths,
  parseGatewayAnswer,
  parseGatewaySecrets,
} from './public-data-gateway-messages.ts'

/** Options of {@link createPublicDataGateway}. */
export interface PublicDataGatewayOptions {
  /** Address before `/gateway/…`. */
  gatewayUrl: string
  appKey: string
  appSecret: Secret
  /** Limit of one try; 8 seconds unless told. */
  timeoutMilliseconds?: number
  /** Tries of one call; 2 unless told. */
  retry?: RetryOptions
  [allowInsecureHttp]?: true
}

/** One call of a shared interface. */
export interface GatewayRequest {
  /** For errors: `credit.query`. */
  operation: string
  target: GatewayInterface
  parameters: Readonly<Record<string, string>>
  purpose: GatewayPurpose
  /** True if the platform counts it once however often it is sent. */
  idempotent: boolean
}

/** A gateway that can be called. */
export interface PublicDataGateway {
  /**
   * Answers the payload (`datas`), which has an inner layer of its own. Throws `ERR_CREDIT_PLATFORM_UNREACHABLE`,
   * `ERR_CREDIT_PLATFORM_REFUSED` and `ERR_CREDIT_PLATFORM_ANSWER_INVALID`.
   */
  call(request: GatewayRequest, environment: CreditEnvironment): Promise<{ datas: unknown; requestId?: string }>
}

/** A secret is renewed this long before it ends, so that no call leaves with one that ends on the way. */
const marginMilliseconds = 60_000

/**
 * Makes the client. Nothing is sent before the first call. Secrets live in memory; calls at the same time share one renewal.
 *
 * @example
 * ```ts
 * const gateway = createPublicDataGateway({ gatewayUrl, appKey, appSecret: secret(process.env.GATEWAY_SECRET) })
 * const { datas } = await gateway.call({ operation, target, parameters, purpose, idempotent: true }, { clock, fetch, signal })
 * ```
 */
export function createPublicDataGateway(options: PublicDataGatewayOptions): PublicDataGateway {
  const { appKey, appSecret, timeoutMilliseconds = 8000, retry = {} } = options
  const base = readAddress(options.gatewayUrl, options[allowInsecureHttp] === true)
  let held: GatewaySecrets | undefined
  let renewal: Promise<GatewaySecrets> | undefined

  async function post(
    { operation, path, idempotent }: { operation: string; path: string; idempotent: boolean },
    form: (requestTime: number) => Uint8Array<ArrayBuffer>,
    { clock, fetch, signal }: CreditEnvironment,
  ): Promise<GatewayAnswer> {
    // Signing stands inside retry: each try carries its own time.
    const sign: Policy = {
      name: 'gateway-signing',
      handle: (request, next) => next({ ...request, body: form(clock.now().getTime()) }),
    }
    const policies = [retryPolicy({ attempts: 2, clock, ...retry }), timeoutPolicy(timeoutMilliseconds), sign]
    const send = composePolicies(policies, fetchTransport({ fetch, maxBytes: 4_194_304 }))
    const response = await send({
      operation,
      method: 'POST',
      url: base + path,
      // Posted, so that neither signature nor subject stands in an address that servers on the way log.
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      idempotent,
      signal,
    }).catch((cause: unknown) => {
      throw creditError(
        'ERR_CREDIT_PLATFORM_UNREACHABLE',
        `The gateway gave no answer to ${operation}; try again later.`,
        {
          cause,
          outcome: 'unknown',
          retryable: true,
          facts: { operation, code: isZhichengError(cause) ? cause.code : 'unknown' },
        },
      )
    })
    const { status } = response
    if (status === 401 || status === 403) return { accepted: false, code: `http-${status}` }
    const answer = status === 200 ? parseGatewayAnswer(response.body) : undefined
    if (answer) return answer
    throw creditError(
      status >= 500 ? 'ERR_CREDIT_PLATFORM_UNREACHABLE' : 'ERR_CREDIT_PLATFORM_ANSWER_INVALID',
      `The gateway's answer to ${operation} (status ${status}) is not as agreed.`,
      { outcome: 'unknown', retryable: status >= 500, facts: { operation, status } },
    )
  }

  async function renew(environment: CreditEnvironment): Promise<GatewaySecrets> {
    const now = environment.clock.now().getTime()
    const old = held
    if (old && old.refreshSecretEndTime - marginMilliseconds > now) {
      const secrets = await fetchSecrets('bySecret', old.refreshSecret, environment)
      if (secrets) return secrets
    }
    const secrets = await fetchSecrets('byKey', appSecret, environment)
    if (secrets) return secrets
    throw creditError(
      'ERR_CREDIT_PLATFORM_REFUSED',
      'The gateway refused to issue secrets: check application key, application secret and the clock of this machine.',
      { outcome: 'refused', facts: { operation: 'gateway.refresh' } },
    )
  }

  /** `undefined` when the gateway refuses the secret it was asked with. */
  async function fetchSecrets(
    way: keyof typeof gatewayTokenPaths,
    secret: Secret,
    environment: CreditEnvironment,
  ): Promise<GatewaySecrets | undefined> {
    const operation = `gateway.refresh.${way}`
    const answer = await post(
      { operation, path: gatewayTokenPaths[way], idempotent: true },
      (requestTime) => formatGatewayCall({ appKey, secret, requestTime }),
      environment,
    )
    if (!answer.accepted) return undefined
    const secrets = parseGatewaySecrets(answer.datas)
    if (secrets) return secrets
    throw creditError('ERR_CREDIT_PLATFORM_ANSWER_INVALID', 'The gateway answered a token call without secrets.', {
      outcome: 'unknown',
      facts: { operation },
    })
  }

  async function currentSecrets(environment: CreditEnvironment): Promise<GatewaySecrets> {
    if (held && held.requestSecretEndTime - marginMilliseconds > environment.clock.now().getTime()) return held
    renewal ??= renew(environment).finally(() => {
      renewal = undefined
    })
    held = await renewal
    return held
  }

  return {
    async call({ operation, target, parameters, purpose, idempotent }, environment) {
      for (let round = 1; ; round += 1) {
        const secrets = await currentSecrets(environment)
        const answer = await post(
          { operation, path: gatewayInterfacePath(target), idempotent },
          (requestTime) =>
            formatGatewayCall({ appKey, secret: secrets.requestSecret, requestTime, parameters, purpose }),
          environment,
        )
        if (answer.accepted) return answer
        // Which code says that a secret is over is not known. The call was refused, so once more with new ones is safe.
        if (held === secrets) held = undefined
        if (round >= 2) throw refused(operation, answer)
      }
    },
  }
}

function refused(operation: string, { code, requestId }: Extract<GatewayAnswer, { accepted: false }>): Error {
  return creditError(
    'ERR_CREDIT_PLATFORM_REFUSED',
    `The gateway refused ${operation} with ${code}: check the grant of the interface, the purpose and the keys.`,
    { outcome: 'refused', facts: { operation, platformCode: code, ...(requestId ? { requestId } : {}) } },
  )
}

function readAddress(address: string, insecure: boolean): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const loopback = url !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)
  const encrypted = url?.protocol === 'https:' || (url?.protocol === 'http:' && (insecure || loopback))
  if (url && encrypted && url.username === '' && url.password === '' && url.search === '') {
    return url.origin + url.pathname.replace(/\/$/, '')
  }
  throw creditError(
    'ERR_CREDIT_CONFIGURATION',
    'gatewayUrl must be an https address without user name and query: nothing but TLS protects what this gateway carries.',
    { facts: { option: 'gatewayUrl' } },
  )
}
