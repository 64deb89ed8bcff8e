/**
 * Case return (办件归集) at the province: numbers cases, takes the steps that follow, each once by project number, step and
 * data version, and refuses what breaks the contract.
 *
 * @unverified The steps are those of public integrations; the answers' codes beyond `00` are ours.
 */
import { formatDay, isZhichengError } from '@zhicheng/core'
import { parseJson } from '@zhicheng/formats'
import {
  type CaseReturnMessage,
  type CaseReturnStep,
  caseReturnSteps,
  dataVersionOf,
  formatCaseReturnAnswer,
  parseCaseReturnRequest,
  readCaseReturnBody,
} from '@zhicheng/intake'
import type { Face, FaceContext } from '../../face.ts'
import { json } from '../../lib/answers.ts'

const mountPath = '/intake'

const faults = {
  'intake-lose-answer': 'The platform takes the message, and its answer is lost on the way.',
  'intake-answer-500': 'The platform breaks and takes nothing.',
} as const

/** One message as it was taken. */
interface TakenStep {
  step: CaseReturnStep
  name: string
  dataVersion: number
  /** How often it came; only the first time counted. */
  received: number
  parameters: Readonly<Record<string, string>>
}

/** One case as the province knows it. */
export interface TakenCase {
  projectNumber: string
  /** The department's own number. */
  caseNumber: string
  steps: TakenStep[]
}

type Verdict = { code: '00'; msg: string; data?: string } | { code: '01' | '02' | '03' | '04'; msg: string }

/** What must have come before a step; the closing steps need a decision or a refusal to accept. */
const needs: Partial<Record<CaseReturnStep, readonly CaseReturnStep[]>> = {
  2: [1],
  3: [1],
  4: [2, 3],
  5: [4],
  6: [3],
  7: [4, 6],
  8: [2],
}

/**
 * Makes the face. Messages go to `/intake/steps/<n>`; `GET /intake/cases` lists what was taken.
 *
 * @example
 * ```ts
 * const face = createIntakeFace(context)
 * const sink = httpCaseReturnSink({ url: 'http://127.0.0.1:4600/intake', fetch: (url, init) => face.fetch(new Request(url, init)) })
 * ```
 */
export function createIntakeFace(context: FaceContext): Face {
  const cases = new Map<string, TakenCase>()
  const byCaseNumber = new Map<string, TakenCase>()

  function issueNumber({ parameters }: CaseReturnMessage): Verdict {
    const param = readParam(parameters['param']!)
    if (!param) return { code: '01', msg: 'param 不符合约定' }
    const before = byCaseNumber.get(param.caseNumber)
    if (before) return { code: '00', msg: '成功', data: before.projectNumber }
    const date = formatDay(context.clock.now()).replaceAll('-', '').slice(2)
    const projectNumber = `${param.areaCode}00${date}${String(cases.size + 1).padStart(7, '0')}`
    const taken: TakenCase = { projectNumber, caseNumber: param.caseNumber, steps: [] }
    cases.set(projectNumber, taken)
    byCaseNumber.set(param.caseNumber, taken)
    return { code: '00', msg: '成功', data: projectNumber }
  }

  function take(message: CaseReturnMessage): Verdict {
    const { step, parameters } = message
    const known = cases.get(parameters['PROJID']!)
    if (!known) return { code: '02', msg: 'PROJID 不存在' }
    const dataVersion = dataVersionOf(message)
    const before = known.steps.find((one) => one.step === step && one.dataVersion === dataVersion)
    if (before) {
      if (!sameParameters(before.parameters, parameters)) return { code: '03', msg: '同一版本的内容不一致' }
      before.received += 1
      return { code: '00', msg: '重复报送' }
    }
    const missing = needs[step]?.find((needed) => !known.steps.some((one) => one.step === needed))
    if (missing !== undefined) return { code: '04', msg: `缺少第 ${missing} 步` }
    known.steps.push({ step, name: caseReturnSteps[step].name, dataVersion, received: 1, parameters })
    return { code: '00', msg: '成功' }
  }

  async function receive(request: Request, path: string): Promise<Verdict> {
    let message: CaseReturnMessage
    try {
      message = parseCaseReturnRequest({ path, body: await readCaseReturnBody(request) })
    } catch (error) {
      if (isZhichengError(error)) return { code: '01', msg: error.message }
      throw error
    }
    return message.step === 0 ? issueNumber(message) : take(message)
  }

  return {
    id: 'intake',
    title: '统一受理平台（办件归集）',
    path: mountPath,
    faults,
    async fetch(request) {
      const path = new URL(request.url).pathname.slice(mountPath.length)
      if (path === '/cases' && request.method === 'GET') return json({ cases: [...cases.values()] })
      if (!path.startsWith('/steps/')) return json({ code: '404', msg: '接口不存在' }, 404)
      if (request.method !== 'POST') return json({ code: '405', msg: '请求方式不支持' }, 405)
      if (context.chaos('intake-answer-500', request)) return json({ code: '500', msg: '系统繁忙' }, 500)
      const verdict = await receive(request, path)
      // The caller sees a gateway that gave up waiting; what was taken stays taken.
      if (context.chaos('intake-lose-answer', request)) return new Response(null, { status: 504 })
      return new Response(formatCaseReturnAnswer(verdict), {
        headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store' },
      })
    },
  }
}

function readParam(text: string): { areaCode: string; caseNumber: string } | undefined {
  let value: unknown
  try {
    value = parseJson(text, { maxBytes: 4096, maxDepth: 2 })
  } catch {
    return undefined
  }
  const { AREACODE, OutSystemID } = (value ?? {}) as Record<string, unknown>
  if (typeof AREACODE !== 'string' || !/^[1-9]\d{5}$/.test(AREACODE)) return undefined
  if (typeof OutSystemID !== 'string' || OutSystemID === '' || OutSystemID.length > 64) return undefined
  return { areaCode: AREACODE, caseNumber: OutSystemID }
}

function sameParameters(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
