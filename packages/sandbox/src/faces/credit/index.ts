/**
 * The province's credit platform: the public-data gateway with rotating secrets, credit queries and feedback behind it,
 * and the place where publication records are handed in.
 */
import { fromUtf8, isZhichengError, readBody, readOperationRequest } from '@zhicheng/core'
import { checkLicencePublication, type LicencePublication } from '@zhicheng/credit'
import { submitPublication } from '@zhicheng/credit/wire'
import {
  formatCreditPayload,
  formatFeedbackPayload,
  formatGatewayAnswer,
  formatGatewaySecrets,
  type GatewayCall,
  type GatewayPurpose,
  gatewayInterfacePath,
  gatewayTokenPaths,
  parseFeedbackParameters,
  parseGatewayCall,
  sampleCreditProfile as profile,
  type ReceivedFeedback,
  sampleCreditInterfaces,
} from '@zhicheng/provider-zhejiang'
import type { Face, FaceContext } from '../../face.ts'
import { json, problem } from '../../lib/answers.ts'
import { silence } from '../../lib/silence.ts'
import { type SampleCompany, sampleCompanies } from './companies.ts'
import { type CreditApp, createSecretKeeper, type GateResult } from './secrets.ts'

export type { SampleCompany } from './companies.ts'
export type { CreditApp } from './secrets.ts'

/** Options of {@link createCreditFace}. */
export interface CreditFaceOptions {
  apps: readonly CreditApp[]
  companies?: readonly SampleCompany[]
}

const mountPath = '/credit'

const faults = {
  'credit-timeout': 'The gateway takes the call and does not answer.',
  'credit-stale': 'The data are two years old and past their validity.',
  'credit-missing-field': 'The report comes without its list of records.',
  'credit-secret-expired': 'The gateway says that every request secret is over.',
  'credit-answer-500': 'The platform does what was asked, and the answer is lost: 500.',
  'credit-datas-object': 'The payload comes as an object instead of JSON in a text, as some interfaces send it.',
} as const

type Fault = keyof typeof faults

/** Codes of our own: of the real gateway's only `00` is known. */
const refusals: Readonly<Record<Exclude<GateResult, 'open'> | 'form' | 'purpose' | 'parameters', [string, string]>> = {
  form: ['01', '公共参数缺失'],
  'unknown-app': ['02', '应用未登记'],
  time: ['03', '请求时间超出范围'],
  sign: ['04', '签名错误'],
  expired: ['05', '请求密钥已过期'],
  purpose: ['06', '缺少用途参数additional'],
  parameters: ['07', '业务参数缺失'],
}

/**
 * Makes the face. The gateway's address for the provider is `{origin}/credit`.
 *
 * @example
 * ```ts
 * const face = createCreditFace(context, { apps: [{ appKey: 'sandbox-window', appSecret: secret('…') }] })
 * ```
 */
export function createCreditFace(context: FaceContext, { apps, companies = sampleCompanies }: CreditFaceOptions): Face {
  const { clock } = context
  const keeper = createSecretKeeper(clock, apps)
  const queries: { purpose: GatewayPurpose; uscc: string }[] = []
  const feedback = new Map<string, ReceivedFeedback & { purpose: GatewayPurpose; receipt: string }>()
  const publications = new Map<string, { key: string; record: LicencePublication; receipt: string }>()
  let requests = 0

  async function gateway(request: Request, path: string): Promise<Response> {
    const misbehaves = (name: Fault): boolean => context.chaos(name, request)
    requests += 1
    const requestId = `R${String(requests).padStart(8, '0')}`
    const refuse = (why: keyof typeof refusals): Response => {
      const [code, msg] = refusals[why]
      return answer(formatGatewayAnswer({ code, msg, requestId }))
    }
    const accept = (datas: unknown): Response =>
      answer(
        formatGatewayAnswer({ datas, requestId }, { datasAs: misbehaves('credit-datas-object') ? 'object' : 'text' }),
      )

    const call = parseGatewayCall(await readForm(request))
    if (!call) return refuse('form')
    if (path === gatewayTokenPaths.byKey || path === gatewayTokenPaths.bySecret) {
      const issued = keeper.issue(call, path === gatewayTokenPaths.byKey ? 'key' : 'secret')
      return typeof issued === 'string' ? refuse(issued) : accept(formatGatewaySecrets(issued))
    }
    const serve = { [queryPath]: query, [feedbackPath]: takeFeedback }[path]
    if (!serve) return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'No interface of this name is shared here.')
    const gate = misbehaves('credit-secret-expired') ? 'expired' : keeper.check(call)
    if (gate !== 'open') return refuse(gate)
    if (!call.purpose) return refuse('purpose')
    const datas = serve(call, call.purpose, misbehaves)
    return datas ? accept(datas) : refuse('parameters')
  }

  function query(
    { parameters }: GatewayCall,
    purpose: GatewayPurpose,
    misbehaves: (name: Fault) => boolean,
  ): Record<string, unknown> | undefined {
    const uscc = parameters[profile.query.uscc]
    if (!uscc) return undefined
    queries.push({ purpose, uscc })
    const company = companies.find((one) => one.uscc === uscc)
    if (!company) return formatCreditPayload({ found: false }, profile)
    const now = clock.now().getTime()
    const shift = misbehaves('credit-stale') ? -730 * 86_400_000 : 0
    const { level, records } = company
    return formatCreditPayload(
      {
        found: true,
        queryId: `CX${String(queries.length).padStart(8, '0')}`,
        subjectCode: uscc,
        level,
        ...(misbehaves('credit-missing-field') ? {} : { records: [...records] }),
        asOf: new Date(now - 3_600_000 + shift),
        validUntil: new Date(now + 86_400_000 + shift),
      },
      profile,
    )
  }

  function takeFeedback({ parameters }: GatewayCall, purpose: GatewayPurpose): Record<string, unknown> | undefined {
    const received = parseFeedbackParameters(parameters, profile)
    if (!received) return undefined
    const known = feedback.get(received.key)
    const receipt = known?.receipt ?? `FK${String(feedback.size + 1).padStart(8, '0')}`
    if (!known) feedback.set(received.key, { ...received, purpose, receipt })
    return formatFeedbackPayload(receipt, profile)
  }

  async function takePublication(request: Request): Promise<Response> {
    try {
      const { body } = await readOperationRequest(submitPublication, request, {}, { maxBodyBytes: 65_536 })
      checkLicencePublication(body.record)
      const known = publications.get(body.key)
      if (known && JSON.stringify(known.record) !== JSON.stringify(body.record)) {
        return problem(409, 'ERR_CREDIT_PUBLICATION_CONFLICT', 'Another record was handed in under this key.')
      }
      const receipt = known?.receipt ?? `GS${String(publications.size + 1).padStart(8, '0')}`
      publications.set(body.key, { ...body, receipt })
      return json({ receipt })
    } catch (error) {
      if (isZhichengError(error)) return problem(400, error.code, error.message)
      throw error
    }
  }

  async function route(request: Request, url: URL): Promise<Response> {
    const path = url.pathname.slice(mountPath.length)
    if (path.startsWith('/gateway/')) return gateway(request, path)
    if (url.pathname === submitPublication.path && request.method === 'POST') return takePublication(request)
    // What was handed in, for tests and demonstrations; a real platform has no such list.
    if (request.method === 'GET') {
      const lists = { '/queries': queries, '/feedback': feedback.values(), '/publications': publications.values() }
      const list = Object.entries(lists).find(([name]) => name === path)?.[1]
      if (list) return json({ items: [...list] })
    }
    return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The credit platform has nothing here.')
  }

  return {
    id: 'credit',
    title: '公共信用平台',
    path: mountPath,
    faults,
    async fetch(request) {
      const url = new URL(request.url)
      const isList = request.method === 'GET' && !url.pathname.startsWith(`${mountPath}/gateway/`)
      if (!isList && context.chaos('credit-timeout', request)) await silence(request.signal)
      try {
        const response = await route(request, url)
        const lost = !isList && context.chaos('credit-answer-500', request)
        return lost ? problem(500, 'ERR_SANDBOX_FAILED', 'The answer was lost.') : response
      } catch (error) {
        if (isZhichengError(error) && error.code === 'ERR_BODY_TOO_LARGE')
          return problem(413, error.code, error.message)
        throw error
      }
    },
  }
}

const queryPath = gatewayInterfacePath(sampleCreditInterfaces.query)
const feedbackPath = gatewayInterfacePath(sampleCreditInterfaces.feedback)

/** Parameters come in the query or in a posted form. */
async function readForm(request: Request): Promise<URLSearchParams> {
  if (request.method === 'GET') return new URL(request.url).searchParams
  const body = await readBody(request, 65_536)
  try {
    return new URLSearchParams(fromUtf8(body))
  } catch {
    return new URLSearchParams()
  }
}

function answer(body: string): Response {
  return new Response(body, { headers: { 'content-type': 'application/json;charset=UTF-8' } })
}
