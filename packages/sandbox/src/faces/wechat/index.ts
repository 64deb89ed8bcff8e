/**
 * WeChat Pay APIv3 as the sandbox speaks it: the merchant's calls under their real signatures, signed answers, a page for the
 * payer at the `code_url`, and real notifications. The merchant's half is `wechatPay` of `@zhicheng/provider-wechat` with
 * another address and test keys.
 */
import { isZhichengError, readBody, utf8 } from '@zhicheng/core'
import { parseCertificate, parsePrivateKey } from '@zhicheng/crypto'
import {
  encryptResource,
  type PlatformSigner,
  parseApiKey,
  parsePrepayRequest,
  signMessage,
  verifyRequest,
  type WechatPayOptions,
} from '@zhicheng/provider-wechat'
import type { Face, FaceContext } from '../../face.ts'
import { json, refusing } from '../../lib/answers.ts'
import { pageHeaders } from '../../lib/login-page.ts'
import { createWechatTestKeys, type WechatTestKeys } from './keys.ts'
import { createNotifier, defaultRetryDelays, type NotificationFault, notificationFaults } from './notifier.ts'
import { createWechatOrders, formatTransaction, isRefusal, type WechatOrder, type WechatRefusal } from './orders.ts'
import { formatPaymentPage, formatUnknownPage } from './page.ts'

export { createWechatTestKeys, type WechatTestKeys } from './keys.ts'

/** Options of {@link createWechatFace}. */
export interface WechatFaceOptions {
  /** Keys of a run before; new ones are made without them. */
  keys?: WechatTestKeys
  /** Pauses between the tries of a notification, in milliseconds. */
  retryDelays?: readonly number[]
  /** How late a late notification is, in milliseconds; 20 seconds unless told. */
  lateMilliseconds?: number
}

/** What a department configures to use the sandbox: the options of `wechatPay`, but for the address of its notifications. */
export type WechatAccount = Omit<WechatPayOptions, 'notifyUrl' | 'clock' | 'random'> & { apiV3Key: string }

/** The face, and the account of its one merchant; `GET /wechat/sandbox/account` answers the same account. */
export interface WechatFace extends Face {
  readonly account: WechatAccount
  readonly keys: WechatTestKeys
}

const mountPath = '/wechat'
const maxBytes = 65_536

const answerFaults = {
  'answer-bad-signature': 'The signature of the answer is over other bytes.',
  'answer-500': 'The call is carried out, but the answer is 500 SYSTEM_ERROR.',
} as const

/**
 * Makes the face.
 *
 * @example
 * ```ts
 * const face = await createWechatFace(context)
 * const provider = wechatPay({ ...face.account, notifyUrl: 'http://127.0.0.1:4700/pay/notifications/wechat' })
 * ```
 */
export async function createWechatFace(context: FaceContext, options: WechatFaceOptions = {}): Promise<WechatFace> {
  const { clock, origin } = context
  const {
    keys = await createWechatTestKeys(clock),
    retryDelays = defaultRetryDelays,
    lateMilliseconds = 20_000,
  } = options
  const { merchant, platform } = keys
  const apiKey = parseApiKey(merchant.apiV3Key)
  const merchantKey = parseCertificate(merchant.certificatePem).publicKey
  const signer: PlatformSigner = {
    serial: platform.publicKeyId,
    privateKey: parsePrivateKey(platform.privateKeyPem),
    clock,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  }
  const orders = createWechatOrders(clock)
  const notifier = createNotifier({
    fetch: context.fetch,
    apiKey,
    signer,
    logger: context.logger,
    retryDelays,
    lateMilliseconds,
  })

  async function answer(
    request: Request,
    value: unknown,
    { status = 200, serial = signer.serial } = {},
  ): Promise<Response> {
    const failing = context.chaos('answer-500', request)
    const sent = failing ? { code: 'SYSTEM_ERROR', message: '系统异常，请稍后重试' } : value
    const body = sent === undefined ? new Uint8Array() : utf8(JSON.stringify(sent))
    const signed = context.chaos('answer-bad-signature', request) ? new Uint8Array(1) : body
    const headers = { 'content-type': 'application/json', ...(await signMessage(signed, { ...signer, serial })) }
    return new Response(body.length === 0 ? null : body, { status: failing ? 500 : status, headers })
  }

  const refuse = (
    request: Request,
    { status, code, message }: WechatRefusal | { status: number; code: string; message: string },
  ) => answer(request, { code, message }, { status })

  async function callApi(request: Request, url: URL): Promise<Response> {
    const body = await readBody(request, maxBytes)
    try {
      const findKey = ({ merchantId, serial }: { merchantId: string; serial: string }) =>
        merchantId === merchant.merchantId && serial.toUpperCase() === merchant.serial ? merchantKey : undefined
      await verifyRequest(
        { method: request.method, url: request.url, headers: request.headers, body },
        { findKey, clock },
      )
    } catch (error) {
      if (!isZhichengError(error)) throw error
      // The one kind of answer that the platform does not sign. @unverified
      return json({ code: 'SIGN_ERROR', message: '签名错误', detail: { reason: error.code } }, 401)
    }
    const call = `${request.method} ${url.pathname.slice(mountPath.length)}`
    if (call === 'POST /v3/pay/transactions/native') return prepay(request, body)
    if (call === 'GET /v3/certificates') return certificates(request)
    const [, outTradeNo, close] =
      /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(url.pathname.slice(mountPath.length)) ?? []
    const number = outTradeNo && decode(outTradeNo)
    if (number && !close && request.method === 'GET') return query(request, number, url.searchParams.get('mchid'))
    if (number && close && request.method === 'POST') return closeOrder(request, number, body)
    return refuse(request, { status: 404, code: 'RESOURCE_NOT_EXISTS', message: '没有这个接口' })
  }

  function prepay(request: Request, body: Uint8Array): Promise<Response> {
    let input: ReturnType<typeof parsePrepayRequest>
    try {
      input = parsePrepayRequest(body)
    } catch (error) {
      if (!isZhichengError(error)) throw error
      return refuse(request, { status: 400, code: 'PARAM_ERROR', message: error.message })
    }
    if (input.mchid !== merchant.merchantId || input.appid !== merchant.appId) {
      return refuse(request, { status: 400, code: 'APPID_MCHID_NOT_MATCH', message: 'AppID和商户号不匹配' })
    }
    if (!/^https?:/.test(input.notify_url)) {
      return refuse(request, { status: 400, code: 'PARAM_ERROR', message: 'notify_url 不是网址' })
    }
    const order = orders.prepay(input)
    if (isRefusal(order)) return refuse(request, order)
    return answer(request, { code_url: `${origin}${mountPath}/pay/${order.token}` })
  }

  function query(request: Request, outTradeNo: string, mchid: string | null): Promise<Response> {
    if (mchid !== merchant.merchantId) return refuse(request, foreignMerchant)
    const order = orders.find(outTradeNo)
    return isRefusal(order) ? refuse(request, order) : answer(request, formatTransaction(order))
  }

  function closeOrder(request: Request, outTradeNo: string, body: Uint8Array): Promise<Response> {
    if (readMerchant(body) !== merchant.merchantId) return refuse(request, foreignMerchant)
    const order = orders.close(outTradeNo)
    return isRefusal(order) ? refuse(request, order) : answer(request, undefined, { status: 204 })
  }

  async function certificates(request: Request): Promise<Response> {
    const { notBefore, notAfter } = parseCertificate(platform.certificatePem)
    const encrypt_certificate = await encryptResource(utf8(platform.certificatePem), {
      key: apiKey,
      nonce: crypto.randomUUID().slice(0, 12),
      associatedData: 'certificate',
    })
    const data = [
      {
        serial_no: platform.serial,
        effective_time: notBefore.toISOString(),
        expire_time: notAfter.toISOString(),
        encrypt_certificate,
      },
    ]
    // Whoever asks for certificates has no other key to verify this answer with.
    return answer(request, { data }, { serial: platform.serial })
  }

  function showPage(request: Request, order: WechatOrder | undefined): Response {
    const headers = pageHeaders
    if (!order) return new Response(formatUnknownPage(), { status: 404, headers })
    if (request.method === 'GET') return new Response(formatPaymentPage(order), { headers })
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'GET, POST' } })
    if (orders.pay(order)) {
      const faults = Object.keys(notificationFaults).filter((name) =>
        context.chaos(name, request),
      ) as NotificationFault[]
      const { notify_url: url } = order.request
      notifier.notify({ id: crypto.randomUUID(), url, transaction: formatTransaction(order) }, new Set(faults))
    }
    return new Response(null, { status: 303, headers: { location: new URL(request.url).pathname } })
  }

  const account: WechatAccount = {
    merchantId: merchant.merchantId,
    appId: merchant.appId,
    apiV3Key: merchant.apiV3Key,
    merchantKey: { pem: merchant.privateKeyPem, serial: merchant.serial },
    platformKeys: { [platform.publicKeyId]: platform.publicKeyPem, [platform.serial]: platform.certificatePem },
    baseUrl: `${origin}${mountPath}`,
  }

  return {
    id: 'wechat',
    title: '微信支付',
    path: mountPath,
    faults: { ...notificationFaults, ...answerFaults },
    account,
    keys,
    async fetch(request) {
      const url = new URL(request.url)
      const [, token] = /^\/wechat\/pay\/([0-9a-f]{16})$/.exec(url.pathname) ?? []
      if (token) return showPage(request, orders.byToken(token))
      if (url.pathname.startsWith(`${mountPath}/v3/`)) return refusing(() => callApi(request, url))
      if (url.pathname === `${mountPath}/sandbox/account` && request.method === 'GET') return json(account)
      return json({ code: 'RESOURCE_NOT_EXISTS', message: '没有这个接口' }, 404)
    },
    close: () => notifier.close(),
  }
}

const foreignMerchant = { status: 400, code: 'MCH_NOT_EXISTS', message: '商户号不存在' }

function readMerchant(body: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(body)) as { mchid?: unknown } | null)?.mchid
  } catch {
    return undefined
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
