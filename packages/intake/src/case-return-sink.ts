/**
 * How messages get to the province: a form that is posted, and an answer in the envelope of the public-data gateway.
 *
 * @unverified The parameters are those of public integrations; the address `steps/<n>` and the pairing with this envelope
 * are ours. A province with another transport has another {@link CaseReturnSink}.
 */
import { fromUtf8, readBody, ZhichengError } from '@zhicheng/core'
import { parseJson } from '@zhicheng/formats'
import { isProjectNumber } from './case-number.ts'
import { type CaseReturnMessage, type CaseReturnStep, checkCaseReturn } from './case-return.ts'
import { intakeError } from './errors.ts'

/** Takes messages. Throws for everything but a clear yes; a message may come again and must then change nothing. */
export interface CaseReturnSink {
  /** `projectNumber` is the answer of step 0. */
  send(message: CaseReturnMessage, options?: { signal?: AbortSignal }): Promise<{ projectNumber?: string }>
}

/** The province's answer; `code` `00` is a yes. */
export interface CaseReturnAnswer {
  code: string
  msg: string
  data?: string
}

const maxAnswerBytes = 65_536

/** The request of a message: path below the platform's address, and the body. */
export function formatCaseReturnRequest(message: CaseReturnMessage): { path: string; body: string } {
  checkCaseReturn(message)
  return { path: `/steps/${message.step}`, body: new URLSearchParams({ ...message.parameters }).toString() }
}

/** The message of a request; throws `ERR_INTAKE_RETURN_MALFORMED`. */
export function parseCaseReturnRequest({ path, body }: { path: string; body: string }): CaseReturnMessage {
  const step = /^\/steps\/([0-8])$/.exec(path)?.[1]
  if (step === undefined)
    throw intakeError('ERR_INTAKE_RETURN_MALFORMED', 'The address names no step of the case return.')
  const parameters = Object.create(null) as Record<string, string>
  for (const [name, value] of new URLSearchParams(body)) {
    if (Object.hasOwn(parameters, name)) {
      throw intakeError('ERR_INTAKE_RETURN_MALFORMED', 'A parameter of the case return stands twice.')
    }
    parameters[name] = value
  }
  const message = { step: Number(step) as CaseReturnStep, parameters }
  checkCaseReturn(message)
  return message
}

/** Writes an answer. */
export function formatCaseReturnAnswer(answer: CaseReturnAnswer): string {
  return JSON.stringify(answer)
}

/** Reads an answer to a step; throws `ERR_INTAKE_RETURN_REFUSED` for a no and `ERR_INTAKE_RETURN_FAILED` for anything unclear. */
export function parseCaseReturnAnswer(body: Uint8Array, step: CaseReturnStep): { projectNumber?: string } {
  let answer: Partial<CaseReturnAnswer>
  try {
    answer = parseJson(body, { maxBytes: maxAnswerBytes, maxDepth: 8 }) as Partial<CaseReturnAnswer>
  } catch (cause) {
    throw failed(step, { cause })
  }
  if (typeof answer !== 'object' || answer === null || typeof answer.code !== 'string') throw failed(step)
  if (answer.code !== '00') {
    throw intakeError('ERR_INTAKE_RETURN_REFUSED', `The province refused step ${step} of the case return.`, {
      outcome: 'refused',
      // Only a code is repeated; the platform's sentence may quote what was sent.
      facts: { step, code: /^[\w-]{1,32}$/.test(answer.code) ? answer.code : 'unreadable' },
    })
  }
  if (step !== 0) return {}
  if (typeof answer.data !== 'string' || !isProjectNumber(answer.data)) throw failed(step)
  return { projectNumber: answer.data }
}

/**
 * Makes a sink that posts to a platform.
 *
 * @example
 * ```ts
 * const sink = httpCaseReturnSink({ url: 'http://127.0.0.1:4600/intake' })
 * ```
 */
export function httpCaseReturnSink({
  url,
  fetch = globalThis.fetch,
  timeoutMilliseconds = 20_000,
}: {
  /** The platform's address without a trailing slash. */
  url: string
  fetch?: typeof globalThis.fetch
  timeoutMilliseconds?: number
}): CaseReturnSink {
  return {
    async send(message, { signal } = {}) {
      const { path, body } = formatCaseReturnRequest(message)
      const limit = AbortSignal.timeout(timeoutMilliseconds)
      let answer: Uint8Array
      try {
        const response = await fetch(url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
          body,
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        })
        answer = await readBody(response, maxAnswerBytes)
        if (response.status !== 200) throw failed(message.step, { status: response.status })
      } catch (error) {
        if (error instanceof ZhichengError && error.code === 'ERR_INTAKE_RETURN_FAILED') throw error
        throw failed(message.step, { cause: error })
      }
      return parseCaseReturnAnswer(answer, message.step)
    },
  }
}

/** Text of a request's body, bounded. */
export async function readCaseReturnBody(request: Request, maxBytes = 8_388_608): Promise<string> {
  return fromUtf8(await readBody(request, maxBytes))
}

function failed(step: CaseReturnStep, { cause, status }: { cause?: unknown; status?: number } = {}): Error {
  return intakeError('ERR_INTAKE_RETURN_FAILED', `Step ${step} of the case return got no answer that says yes or no.`, {
    outcome: 'unknown',
    retryable: true,
    facts: { step, ...(status === undefined ? {} : { status }) },
    ...(cause === undefined ? {} : { cause }),
  })
}
