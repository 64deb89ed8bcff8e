/**
 * Zhejiang's public-data gateway (公共数据平台 interface gateway), both halves of its messages: secrets that rotate, the
 * MD5 signature, the purpose parameter `additional`, and the outer of the two answer layers.
 *
 * The signature covers key and time and not the content, so only TLS protects what is asked and answered.
 *
 * @unverified That `additional` is JSON text, and every answer code but `00`: seven public clients show the rest.
 */

import { md5 } from '@noble/hashes/legacy.js'
import { equalBytes, fromUtf8, type Secret, secret, toHex, utf8 } from '@zhicheng/core'
import * as v from 'valibot'

/** Paths of the two calls that fetch secrets. */
export const gatewayTokenPaths = {
  byKey: '/gateway/app/refreshTokenByKey.htm',
  bySecret: '/gateway/app/refreshTokenBySec.htm',
} as const

/** One shared interface of the gateway. */
export interface GatewayInterface {
  /** Identifier of the interface in the catalogue. */
  id: string
  /** `dataSharing` and `windowSystem` were seen. */
  segment: string
  code: string
}

/** Path of a business call. */
export function gatewayInterfacePath({ id, segment, code }: GatewayInterface): string {
  return `/gateway/api/${encodeURIComponent(id)}/${encodeURIComponent(segment)}/${encodeURIComponent(code)}.htm`
}

/** Signs a call: lower-case hex of MD5 over application key, the secret in use and the time. */
export function signGatewayCall(input: { appKey: string; secret: Secret; requestTime: number }): string {
  return toHex(md5(utf8(input.appKey + input.secret.reveal() + String(input.requestTime))))
}

/** Why a call is made, under the gateway's own names. */
export interface GatewayPurpose {
  /** Main item code. */
  powerMatters: string
  /** Sub-item code. */
  subPowerMatters: string
  /** Who asks; prefer the user name. */
  accesscardId: string
  /** Paper that the call replaces. */
  materialName?: string
  /** Applicant and the applicant's code. */
  sponsorName?: string
  sponsorCode?: string
  /** Case number. */
  projectId?: string
}

const word = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const purposeSchema: v.GenericSchema<unknown, GatewayPurpose> = v.object({
  powerMatters: word,
  subPowerMatters: word,
  accesscardId: word,
  materialName: v.exactOptional(word),
  sponsorName: v.exactOptional(word),
  sponsorCode: v.exactOptional(word),
  projectId: v.exactOptional(word),
})

/** The form that a call posts. `parameters` must not use the gateway's own names, which win. */
export function formatGatewayCall(input: {
  appKey: string
  secret: Secret
  requestTime: number
  parameters?: Readonly<Record<string, string>>
  purpose?: GatewayPurpose
}): Uint8Array<ArrayBuffer> {
  const form = new URLSearchParams({
    ...input.parameters,
    ...(input.purpose ? { additional: JSON.stringify(input.purpose) } : {}),
    appKey: input.appKey,
    requestTime: String(input.requestTime),
    sign: signGatewayCall(input),
  })
  return utf8(form.toString())
}

/** A call as the gateway reads it. */
export interface GatewayCall {
  appKey: string
  sign: string
  requestTime: number
  /** `undefined` if `additional` is missing or not usable. */
  purpose?: GatewayPurpose
  parameters: Readonly<Record<string, string>>
}

/** Reads a call, from the query or from a posted form; `undefined` if one of the three common parameters is missing. */
export function parseGatewayCall(form: URLSearchParams): GatewayCall | undefined {
  const { appKey, sign, requestTime, additional, ...parameters } = Object.fromEntries(form)
  if (!appKey || !sign || !requestTime || !/^\d{13}$/.test(requestTime)) return undefined
  const purpose = v.safeParse(purposeSchema, parseText(additional ?? ''))
  return {
    appKey,
    sign,
    requestTime: Number(requestTime),
    parameters,
    ...(purpose.success ? { purpose: purpose.output } : {}),
  }
}

/** True if a call was signed with this secret. */
export function verifyGatewayCall({ appKey, sign, requestTime }: GatewayCall, key: Secret): boolean {
  return equalBytes(utf8(signGatewayCall({ appKey, secret: key, requestTime })), utf8(sign))
}

/** The outer layer of an answer. `datas` is the payload, of which each interface has its own inner layer. */
export type GatewayAnswer =
  | { accepted: true; datas: unknown; requestId?: string }
  | { accepted: false; code: string; requestId?: string }

const answerSchema = v.object({
  code: v.union([v.string(), v.pipe(v.number(), v.integer())]),
  datas: v.exactOptional(v.unknown()),
  requestId: v.exactOptional(v.nullable(v.string())),
})

/**
 * Reads the outer layer. `datas` comes as JSON inside a text from many interfaces and as an object from others; both are
 * taken. The gateway's `msg` is not read, for it may quote what was sent. `undefined` for anything else.
 */
export function parseGatewayAnswer(body: Uint8Array): GatewayAnswer | undefined {
  let text: string
  try {
    text = fromUtf8(body)
  } catch {
    return undefined
  }
  const result = v.safeParse(answerSchema, parseText(text))
  if (!result.success) return undefined
  const { datas } = result.output
  const code = String(result.output.code)
  const requestId = result.output.requestId ? { requestId: result.output.requestId.slice(0, 128) } : {}
  if (code !== '00') return { accepted: false, code: /^[\w-]{1,32}$/.test(code) ? code : 'other', ...requestId }
  return { accepted: true, datas: typeof datas === 'string' ? (parseText(datas) ?? datas) : datas, ...requestId }
}

/** Writes the outer layer, with `datas` as most interfaces write it or as an object. */
export function formatGatewayAnswer(
  input: ({ datas: unknown } | { code: string; msg: string }) & { requestId: string },
  { datasAs = 'text' }: { datasAs?: 'text' | 'object' } = {},
): string {
  const { requestId } = input
  if ('code' in input) {
    return JSON.stringify({ code: input.code, msg: input.msg, data: '', datas: '', dataCount: 0, requestId })
  }
  const datas = datasAs === 'text' ? JSON.stringify(input.datas) : input.datas
  return JSON.stringify({ code: '00', msg: '成功', data: '', datas, dataCount: 1, requestId })
}

/** The two secrets, with their ends in milliseconds since the epoch. */
export interface GatewaySecrets {
  refreshSecret: Secret
  refreshSecretEndTime: number
  requestSecret: Secret
  requestSecretEndTime: number
}

const endTime = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.regex(/^\d{13}$/), v.transform(Number))]),
  v.minValue(1),
)
const secretsSchema = v.object({
  refreshSecret: word,
  refreshSecretEndTime: endTime,
  requestSecret: word,
  requestSecretEndTime: endTime,
})

/** Reads the payload of a token call; `undefined` if it is not one. */
export function parseGatewaySecrets(datas: unknown): GatewaySecrets | undefined {
  const result = v.safeParse(secretsSchema, datas)
  if (!result.success) return undefined
  const { refreshSecret, requestSecret, ...ends } = result.output
  return { ...ends, refreshSecret: secret(refreshSecret), requestSecret: secret(requestSecret) }
}

/** Writes the payload of a token call. */
export function formatGatewaySecrets({
  refreshSecret,
  requestSecret,
  ...ends
}: GatewaySecrets): Record<string, unknown> {
  return { ...ends, refreshSecret: refreshSecret.reveal(), requestSecret: requestSecret.reveal() }
}

/** JSON of a text, or `undefined`: text that is nested too deep for the engine counts as none. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
