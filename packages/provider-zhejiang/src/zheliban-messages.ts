/**
 * Messages of 浙里办 unified login, generation G2 (uc, 2022): both halves of ticket -> access token -> user info.
 *
 * Field names and spellings are the platform's. Schemas are tolerant: the platform adds fields and sends nulls.
 */
import { fromUtf8, type Schema, utf8 } from '@zhicheng/core'
import * as v from 'valibot'

/** Paths below the gateway address; the first segment is the interface's number in the province's catalogue. */
export const zhelibanPaths = {
  accessToken: '/IC33000020220329000007/uc/sso/access_token',
  userInfo: '/IC33000020220329000008/uc/sso/getUserInfo',
} as const

/** The platform's error codes. */
export type ZhelibanErrorCode = 'C-USER-SSO-TICKET-INVALID' | 'C-USER-SSO-TOKEN-INVALID' | 'C-USER-SSO-USER-EMPTY'

/** The envelope around each answer. */
export type ZhelibanAnswer<Data> =
  | { success: true; data: Data }
  | { success: false; errorCode: string; errorMsg: string }

/** A person (个人用户). */
export interface ZhelibanPerson {
  userId: string
  userName: string
  idType?: string | null | undefined
  idNo?: string | null | undefined
  phone?: string | null | undefined
  attributes?: Record<string, unknown> | null | undefined
}

/** A company or other organisation (法人用户) with the operator (经办人, `attn…`) who logged in. */
export interface ZhelibanLegalPerson {
  corpId: string
  name: string
  unifiedSocialId: string
  attnName?: string | null | undefined
  attnPhone?: string | null | undefined
  attnIdType?: string | null | undefined
  attnIdNo?: string | null | undefined
  /** Document of the legal representative (法定代表人). */
  idNo?: string | null | undefined
  attributes?: Record<string, unknown> | null | undefined
}

/** Who logged in, as the platform says it. */
export interface ZhelibanUser {
  userType: 'PERSON' | 'LEGAL_PERSON'
  personInfo?: ZhelibanPerson | null | undefined
  legalPersonInfo?: ZhelibanLegalPerson | null | undefined
}

const text = v.nullish(v.pipe(v.string(), v.maxLength(256)))
const identifier = v.pipe(v.string(), v.minLength(1), v.maxLength(256))
const attributes = v.nullish(v.record(v.string(), v.unknown()))

const tokenData: Schema<{ accessToken: string }> = v.object({ accessToken: identifier })
const userData: Schema<ZhelibanUser> = v.object({
  userType: v.picklist(['PERSON', 'LEGAL_PERSON']),
  personInfo: v.nullish(
    v.object({ userId: identifier, userName: identifier, idType: text, idNo: text, phone: text, attributes }),
  ),
  legalPersonInfo: v.nullish(
    v.object({
      corpId: identifier,
      name: identifier,
      unifiedSocialId: identifier,
      attnName: text,
      attnPhone: text,
      attnIdType: text,
      attnIdNo: text,
      idNo: text,
      attributes,
    }),
  ),
})

const ticketRequest: Schema<{ ticketId: string; appId: string }> = v.object({ ticketId: identifier, appId: identifier })
const userRequest: Schema<{ token: string }> = v.object({ token: identifier })

/** Body of the ticket's exchange. */
export function formatTicketRequest(request: { ticketId: string; appId: string }): Uint8Array<ArrayBuffer> {
  return formatJson(request)
}

/** The platform's half: `undefined` for what is not such a request. */
export function parseTicketRequest(body: Uint8Array): { ticketId: string; appId: string } | undefined {
  return parseAs(ticketRequest, body)
}

/** Body of the question who it is. */
export function formatUserRequest(request: { token: string }): Uint8Array<ArrayBuffer> {
  return formatJson(request)
}

/** The platform's half: `undefined` for what is not such a request. */
export function parseUserRequest(body: Uint8Array): { token: string } | undefined {
  return parseAs(userRequest, body)
}

/** The platform's half: an answer in its envelope. */
export function formatAnswer<Data>(answer: ZhelibanAnswer<Data>): Uint8Array<ArrayBuffer> {
  return formatJson(
    answer.success ? { success: true, errorCode: null, errorMsg: null, data: answer.data } : { ...answer, data: null },
  )
}

/** Reads the answer to a ticket; `undefined` for what is not such an answer. */
export function parseTicketAnswer(body: Uint8Array): ZhelibanAnswer<{ accessToken: string }> | undefined {
  return parseAnswer(tokenData, body)
}

/** Reads the answer about a user; `undefined` for what is not such an answer. */
export function parseUserAnswer(body: Uint8Array): ZhelibanAnswer<ZhelibanUser> | undefined {
  return parseAnswer(userData, body)
}

const refusal = v.object({
  success: v.literal(false),
  errorCode: v.nullish(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.-]{1,64}$/)), 'unknown'),
  errorMsg: v.nullish(v.string(), ''),
})

function parseAnswer<Data>(data: Schema<Data>, body: Uint8Array): ZhelibanAnswer<Data> | undefined {
  const whole: Schema<ZhelibanAnswer<Data>> = v.variant('success', [
    v.object({ success: v.literal(true), data }),
    refusal,
  ]) as Schema<ZhelibanAnswer<Data>>
  return parseAs(whole, body)
}

function parseAs<Value>(schema: Schema<Value>, body: Uint8Array): Value | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(fromUtf8(body)))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

function formatJson(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify(value))
}
