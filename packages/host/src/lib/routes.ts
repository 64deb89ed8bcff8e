/** The operations a host answers, each bound to the desk that knows the answer. */
import { matchPath, type OperationInput, type OperationShape, readOperationRequest } from '@zhicheng/core'
import type { Session } from '@zhicheng/identity'
import { rateCase, readCase } from '@zhicheng/intake/wire'
import { readOrder, refreshOrder, startPayment } from '@zhicheng/pay/wire'
import { verifyDocument } from '@zhicheng/seal/wire'
import type { Access, CaseDesk, DocumentDesk, OrderDesk } from '../desks.ts'
import { hostError } from '../errors.ts'

/** One operation for logged-in users. */
export interface Route {
  readonly operation: OperationShape
  answer(request: Request, params: Record<string, string>, session: Session): Promise<unknown>
}

/** Routes of the desks that are there. */
export function createRoutes({
  orders,
  cases,
  documents,
}: {
  orders?: OrderDesk
  cases?: CaseDesk
  documents?: DocumentDesk
}): Route[] {
  return [
    ...(orders
      ? [
          route(
            readOrder,
            ({ params }) => [params.order, orders],
            ({ params }) => orders.read(params.order),
          ),
          route(
            startPayment,
            ({ params }) => [params.order, orders],
            ({ params, body }) => orders.start(params.order, body.channel),
          ),
          route(
            refreshOrder,
            ({ params }) => [params.order, orders],
            ({ params }) => orders.refresh(params.order),
          ),
        ]
      : []),
    ...(cases
      ? [
          route(
            readCase,
            ({ params }) => [params.case, cases],
            ({ params }) => cases.read(params.case),
          ),
          route(
            rateCase,
            ({ params }) => [params.case, cases],
            ({ params, body }) => cases.rate(params.case, body),
          ),
        ]
      : []),
    ...(documents
      ? [
          route(
            verifyDocument,
            ({ params }) => [params.document, documents],
            ({ params }) => documents.verify(params.document),
          ),
        ]
      : []),
  ]
}

/** The route of a request, if there is one. Throws `ERR_HOST_METHOD_NOT_ALLOWED` for a known path with another method. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  const matches = routes.flatMap((candidate) => {
    const params = matchPath(candidate.operation, path)
    return params ? [{ route: candidate, params }] : []
  })
  if (matches.length === 0) return undefined
  const found = matches.find((match) => match.route.operation.method === method)
  if (!found) throw hostError('ERR_HOST_METHOD_NOT_ALLOWED', `This address does not take ${method}.`, 405)
  return found
}

interface Guard {
  access(id: string, session: Session): Promise<Access>
}

function route<Shape extends OperationShape>(
  operation: Shape,
  guard: (input: OperationInput<Shape>) => readonly [id: string, desk: Guard],
  answer: (input: OperationInput<Shape>) => Promise<unknown>,
): Route {
  return {
    operation,
    async answer(request, params, session) {
      const input = await readOperationRequest(operation, request, params)
      const [id, desk] = guard(input)
      await assertAccess(desk, id, session)
      return answer(input)
    },
  }
}

/** Answers alike for what is not there and what belongs to somebody else. */
export async function assertAccess(desk: Guard, id: string, session: Session): Promise<void> {
  if ((await desk.access(id, session)) !== 'granted') {
    throw hostError('ERR_HOST_NOT_FOUND', 'There is no such thing, or it belongs to somebody else.', 404)
  }
}
