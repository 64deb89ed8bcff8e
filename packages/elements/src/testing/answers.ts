/** Stands in for the department's back end in stories and browser tests: answers operations with given views. */
import { matchPath, type OperationShape } from '@zhicheng/core'

/** One operation and what it answers; a function sees how often it was called. */
export interface Answer {
  operation: OperationShape
  answer: unknown | ((count: number, request: Request) => unknown)
}

/** A `fetch` that answers only these operations, under `/api`; everything else gets status 404. */
export function answering(...answers: readonly Answer[]): typeof globalThis.fetch {
  const counts = new Map<OperationShape, number>()
  return async (input, init) => {
    const request = new Request(new URL(String(input), 'http://localhost'), init)
    const path = new URL(request.url).pathname.replace(/^\/api/, '')
    const found = answers.find(({ operation }) => operation.method === request.method && matchPath(operation, path))
    if (!found)
      return Response.json(
        { error: { code: 'ERR_NOT_FOUND', message: 'There is no such operation.' } },
        { status: 404 },
      )
    const count = (counts.get(found.operation) ?? 0) + 1
    counts.set(found.operation, count)
    return Response.json(await (typeof found.answer === 'function' ? found.answer(count, request) : found.answer))
  }
}
