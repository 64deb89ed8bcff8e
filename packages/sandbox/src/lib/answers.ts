/** Answers every face gives the same way: JSON, coded problems, bytes. */
import { isZhichengError, readBody } from '@zhicheng/core'
import { type JsonValue, parseJson } from '@zhicheng/formats'

/** JSON with `no-store`, for nothing the platform says may be cached. */
export function json(value: unknown, status = 200): Response {
  return Response.json(value, { status, headers: { 'cache-control': 'no-store' } })
}

/** A coded refusal: `{ error: { code, message } }`. */
export function problem(status: number, code: string, message: string): Response {
  return json({ error: { code, message } }, status)
}

/** Bytes with their media type. */
export function bytes(content: Uint8Array | string, mediaType: string): Response {
  return new Response(content as BodyInit, { headers: { 'content-type': mediaType, 'cache-control': 'no-store' } })
}

/** The JSON of a request. Throws coded errors for what is too large, too deep, or none; {@link refusing} answers them. */
export async function readJson(request: Request, maxBytes: number): Promise<JsonValue> {
  return parseJson(await readBody(request, maxBytes), { maxBytes, maxDepth: 8 })
}

/** Runs a handler; a coded error becomes a 400, or a 413 where a body was too large, so that a bad request never looks like a broken platform. */
export async function refusing(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (isZhichengError(error)) {
      return problem(error.code === 'ERR_BODY_TOO_LARGE' ? 413 : 400, error.code, error.message)
    }
    throw error
  }
}
