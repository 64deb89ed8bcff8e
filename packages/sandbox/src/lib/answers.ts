/** Answers every face gives the same way: JSON, coded problems, bytes. */
import { isZhichengError } from '@zhicheng/core'

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

/** Runs a handler; a coded error becomes a 400, so that a bad request never looks like a broken platform. */
export async function refusing(work: () => Promise<Response>): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (isZhichengError(error)) return problem(400, error.code, error.message)
    throw error
  }
}
