/**
 * One contract, four uses: an operation describes one HTTP call once, and the server's checks, the typed client, the
 * MSW handlers and the OpenAPI document all come from it.
 */
import * as v from 'valibot'
import { ZhichengError } from './errors.ts'

/** A check of something that came from outside: any valibot schema whose output is `Value`. */
export type Schema<Value = unknown> = v.GenericSchema<unknown, Value>

/** The types of an operation's parts. `params`, `query` and `body` stand only where the operation has them. */
export interface Contract {
  params?: Record<string, string>
  query?: Record<string, unknown>
  body?: unknown
  response: unknown
}

/** What is the same for every operation. */
export interface OperationShape {
  /** Unique, dotted: `pay.order.read`. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path with `{name}` placeholders, each of which is a field of `params`. */
  readonly path: `/${string}`
  /** One sentence for people who read the API document. */
  readonly summary: string
  readonly params?: Schema
  readonly query?: Schema
  readonly body?: Schema
  readonly response: Schema
}

/** An operation with the schemas that its {@link Contract} asks for. */
export type Operation<C extends Contract> = OperationShape & { readonly response: Schema<C['response']> } & (C extends {
    params: infer Params
  }
    ? { readonly params: Schema<Params> }
    : unknown) &
  (C extends { query: infer Query } ? { readonly query: Schema<Query> } : unknown) &
  (C extends { body: infer Body } ? { readonly body: Schema<Body> } : unknown)

/** The value that a part of an operation has after its check. */
export type PartOf<Shape, Key extends ContractPart> = Shape extends { readonly [K in Key]: Schema<infer Value> }
  ? Value
  : never

/** What a caller passes: only the parts that the operation declares. */
export type OperationInput<Shape extends OperationShape> = (Shape extends { readonly params: Schema }
  ? { params: PartOf<Shape, 'params'> }
  : unknown) &
  (Shape extends { readonly query: Schema } ? { query: PartOf<Shape, 'query'> } : unknown) &
  (Shape extends { readonly body: Schema } ? { body: PartOf<Shape, 'body'> } : unknown)

/**
 * Describes an operation. Nothing happens here: the contract fixes the types, the schemas do the checks.
 *
 * @example
 * ```ts
 * export const readOrder: Operation<{ params: { order: string }; response: OrderView }> = operation({
 *   id: 'pay.order.read', method: 'GET', path: '/pay/orders/{order}', summary: 'Reads a payment order.',
 *   params: v.object({ order: v.string() }), response: orderView,
 * })
 * ```
 */
export function operation<C extends Contract>(shape: Operation<C>): Operation<C> {
  return shape
}

/** The part of an exchange that did not have the agreed form. */
export type ContractPart = 'params' | 'query' | 'body' | 'response'

/**
 * Checks one part of an exchange. Throws `ERR_CONTRACT_MISMATCH` whose facts say which part and which fields; the
 * values themselves are left out, for they may be personal.
 */
export function checkPart<Value>(
  shape: OperationShape,
  part: ContractPart,
  schema: Schema<Value>,
  value: unknown,
): Value {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const issues = result.issues
    .slice(0, 8)
    .map((issue) => ({ path: v.getDotPath(issue) ?? '', expected: issue.expected ?? issue.type }))
  throw new ZhichengError(
    'ERR_CONTRACT_MISMATCH',
    `The ${part} of ${shape.id} does not have the agreed form: ${issues.map(({ path, expected }) => `${path || '(whole)'} wants ${expected}`).join('; ')}.`,
    { facts: { operation: shape.id, part, issues } },
  )
}

/** Options of {@link callOperation}. */
export interface CallOptions {
  /** Where the operations are mounted, such as `https://unit.example/api`. */
  baseUrl: string
  fetch?: typeof globalThis.fetch
  headers?: Record<string, string>
  signal?: AbortSignal
}

/**
 * Calls an operation and checks the answer. A problem answer `{ error: { code, message } }` becomes a coded error.
 *
 * @example
 * ```ts
 * const order = await callOperation(readOrder, { params: { order: 'o-1' } }, { baseUrl: '/api' })
 * ```
 */
export async function callOperation<Shape extends OperationShape>(
  shape: Shape,
  input: OperationInput<Shape>,
  { baseUrl, fetch = globalThis.fetch, headers = {}, signal }: CallOptions,
): Promise<PartOf<Shape, 'response'>> {
  const { params, query, body } = input as {
    params?: Record<string, string>
    query?: Record<string, unknown>
    body?: unknown
  }
  const url = baseUrl.replace(/\/$/, '') + fillPath(shape, params) + formatQuery(query)
  let response: Response
  try {
    response = await fetch(url, {
      method: shape.method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (cause) {
    throw new ZhichengError('ERR_NETWORK', `The request ${shape.id} got no answer.`, {
      cause,
      outcome: 'unknown',
      retryable: shape.method === 'GET',
      facts: { operation: shape.id },
    })
  }
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw refused(shape, response.status, answer)
  return checkPart(shape, 'response', shape.response, answer) as PartOf<Shape, 'response'>
}

/** The parts of a request that reached a server, checked. `params` come from the path that was matched. */
export async function readOperationRequest<Shape extends OperationShape>(
  shape: Shape,
  request: Request,
  params: Record<string, string>,
  { maxBodyBytes = 1_048_576 }: { maxBodyBytes?: number } = {},
): Promise<OperationInput<Shape>> {
  const input: Record<string, unknown> = {}
  if (shape.params) input['params'] = checkPart(shape, 'params', shape.params, params)
  if (shape.query)
    input['query'] = checkPart(shape, 'query', shape.query, Object.fromEntries(new URL(request.url).searchParams))
  if (shape.body) {
    const bytes = await readBody(request, maxBodyBytes)
    let value: unknown
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (cause) {
      throw new ZhichengError('ERR_CONTRACT_MISMATCH', `The body of ${shape.id} is not JSON.`, {
        cause,
        facts: { operation: shape.id, part: 'body' },
      })
    }
    input['body'] = checkPart(shape, 'body', shape.body, value)
  }
  return input as OperationInput<Shape>
}

/** Reads a request's or an answer's body, refusing with `ERR_BODY_TOO_LARGE` as soon as it passes the limit. */
export async function readBody(message: Request | Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  if (!message.body) return new Uint8Array()
  const reader = message.body.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) {
      await reader.cancel()
      throw new ZhichengError('ERR_BODY_TOO_LARGE', `The body is larger than the ${maxBytes} bytes allowed.`, {
        facts: { maxBytes },
      })
    }
    parts.push(value)
  }
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** Matches a path against an operation: the placeholders' values, or `undefined`. */
export function matchPath(shape: Pick<OperationShape, 'path'>, pathname: string): Record<string, string> | undefined {
  const wanted = shape.path.split('/')
  const given = pathname.split('/')
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of wanted.entries()) {
    const value = given[index]!
    if (segment.startsWith('{') && segment.endsWith('}')) {
      if (value === '') return undefined
      try {
        params[segment.slice(1, -1)] = decodeURIComponent(value)
      } catch {
        return undefined
      }
    } else if (segment !== value) return undefined
  }
  return params
}

function fillPath(shape: OperationShape, params: Record<string, string> = {}): string {
  return shape.path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) {
      throw new ZhichengError('ERR_CONTRACT_MISMATCH', `The call of ${shape.id} lacks the path value "${name}".`, {
        outcome: 'not_sent',
        facts: { operation: shape.id, part: 'params' },
      })
    }
    return encodeURIComponent(value)
  })
}

function formatQuery(query: Record<string, unknown> | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
}

function refused(shape: OperationShape, status: number, answer: unknown): ZhichengError {
  const problem = v.safeParse(v.object({ error: v.object({ code: v.string(), message: v.string() }) }), answer)
  const facts = { operation: shape.id, status }
  const outcome = status >= 500 ? 'unknown' : 'refused'
  const retryable = status === 408 || status === 409 || status === 429 || status >= 500
  return problem.success
    ? new ZhichengError(problem.output.error.code, problem.output.error.message, { outcome, retryable, facts })
    : new ZhichengError('ERR_HTTP_STATUS', `The request ${shape.id} was answered with status ${status}.`, {
        outcome,
        retryable,
        facts,
      })
}
