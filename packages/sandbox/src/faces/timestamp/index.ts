/** The timestamp service (RFC 3161 over HTTP), with a test key. */
import { readBody } from '@zhicheng/core'
import { answerTimestampRequest, timestampMediaTypes as mediaTypes, type Signer } from '@zhicheng/crypto'
import type { Face, FaceContext } from '../../face.ts'
import { bytes, problem, refusing } from '../../lib/answers.ts'

// An arc for examples (ITU-T X.660): no real policy can be meant by it.
const policy = '2.999.1'

/** Makes the face; `signer` holds a certificate for timestamping alone. */
export function createTimestampFace(context: FaceContext, { signer }: { signer: Signer }): Face {
  let serial = 0n
  return {
    id: 'tsa',
    title: '测试时间戳服务',
    path: '/tsa',
    faults: {
      'tsa-down': 'Answers with status 503.',
      'tsa-garbage': 'Answers with bytes that are no timestamp response.',
      'tsa-wrong-time': 'Puts a time into the token that lies a year back.',
    },
    async fetch(request) {
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/tsa') {
        return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The timestamp service takes POST /tsa.')
      }
      if (!request.headers.get('content-type')?.startsWith(mediaTypes.request)) {
        return problem(415, 'ERR_SANDBOX_BODY', `The body of a timestamp request is ${mediaTypes.request}.`)
      }
      if (context.chaos('tsa-down', request)) return problem(503, 'ERR_SANDBOX_CHAOS', 'The timestamp service is down.')
      return refusing(async () => {
        const query = await readBody(request, 65_536)
        if (context.chaos('tsa-garbage', request)) return bytes('not a timestamp', mediaTypes.response)
        const clock = context.chaos('tsa-wrong-time', request)
          ? { now: () => new Date(context.clock.now().getTime() - 365 * 86_400_000) }
          : context.clock
        serial += 1n
        return bytes(await answerTimestampRequest(query, { signer, policy, clock, serial }), mediaTypes.response)
      })
    },
  }
}
