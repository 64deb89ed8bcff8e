/** The OCSP responders of the test authorities (RFC 6960, appendix A), with test keys. */
import { fromBase64, isZhichengError, readBody } from '@zhicheng/core'
import {
  answerCertificateStatusRequest,
  type CertificateStatusAnswerOptions,
  ocspMediaTypes as mediaTypes,
  parseCertificateStatusRequest,
  refuseCertificateStatusRequest,
  type Signer,
} from '@zhicheng/crypto'
import type { TestAuthority } from '@zhicheng/crypto/testing'
import type { Face, FaceContext } from '../../face.ts'
import { bytes, problem, refusing } from '../../lib/answers.ts'
import type { Authorities } from '../authority/index.ts'

const maxRequestBytes = 65_536
const validitySeconds = 3600

/** Makes the face: `/ocsp/ca` and `/ocsp/sm2-ca` answer from the revocations of the authority of that name. */
export function createOcspFace(context: FaceContext, { authorities }: { authorities: Authorities }): Face {
  const responders = new Map<TestAuthority, Promise<Signer>>()

  // Made when somebody asks: each start has responders of its own, which the authority certifies.
  function responderOf(authority: TestAuthority): Promise<Signer> {
    const known = responders.get(authority) ?? authority.createOcspResponder()
    responders.set(authority, known)
    return known
  }

  async function answer(query: Uint8Array, authority: TestAuthority, request: Request): Promise<Response> {
    if (context.chaos('ocsp-garbage', request)) return bytes('not a response', mediaTypes.response)
    if (context.chaos('ocsp-try-later', request)) {
      return bytes(refuseCertificateStatusRequest('tryLater'), mediaTypes.response)
    }
    const options: CertificateStatusAnswerOptions = {
      signer: await responderOf(authority),
      issuer: authority.certificate,
      clock: context.clock,
      validitySeconds,
      lookup: authority.lookup,
    }
    return bytes(await misbehave(query, options, request), mediaTypes.response)
  }

  async function misbehave(
    query: Uint8Array,
    options: CertificateStatusAnswerOptions,
    request: Request,
  ): Promise<Uint8Array> {
    const { signer } = options
    const { now } = context.clock
    const asked = context.chaos('ocsp-wrong-nonce', request) ? withOtherNonce(query) : query
    return answerCertificateStatusRequest(asked, {
      ...options,
      ...(context.chaos('ocsp-unknown', request) ? { lookup: () => ({ status: 'unknown' as const }) } : {}),
      // Half an hour lies within the validity of the responder's certificate, so that nothing but the age is wrong.
      ...(context.chaos('ocsp-stale', request)
        ? { clock: { now: () => new Date(now().getTime() - 1_800_000) }, validitySeconds: 60 }
        : {}),
      ...(context.chaos('ocsp-wrong-key', request)
        ? { signer: { ...signer, sign: async (message, signing) => spoil(await signer.sign(message, signing)) } }
        : {}),
    })
  }

  return {
    id: 'ocsp',
    title: '测试证书状态查询服务',
    path: '/ocsp',
    faults: {
      'ocsp-down': 'Answers with status 503.',
      'ocsp-garbage': 'Answers with bytes that are no OCSP response.',
      'ocsp-try-later': 'Answers that it can give no answer now, unsigned as the protocol has it.',
      'ocsp-stale': 'Answers with a response that was to be replaced half an hour ago.',
      'ocsp-unknown': 'Answers that it does not know the certificate.',
      'ocsp-wrong-nonce': 'Answers with another nonce than the one that was sent.',
      'ocsp-wrong-key': 'Answers with a signature that is not that of its key.',
    },
    async fetch(request) {
      const [, name, , encoded] = /^\/ocsp\/([a-z0-9-]+)(\/(.+))?$/.exec(new URL(request.url).pathname) ?? []
      const authority = name && Object.hasOwn(authorities, name) ? authorities[name as keyof Authorities] : undefined
      const isPost = request.method === 'POST' && encoded === undefined
      const isGet = request.method === 'GET' && encoded !== undefined
      if (!authority || (!isPost && !isGet)) {
        return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The responders take POST /ocsp/ca and GET /ocsp/ca/{base64}.')
      }
      if (isPost && !request.headers.get('content-type')?.startsWith(mediaTypes.request)) {
        return problem(415, 'ERR_SANDBOX_BODY', `The body of an OCSP request is ${mediaTypes.request}.`)
      }
      if (context.chaos('ocsp-down', request)) return problem(503, 'ERR_SANDBOX_CHAOS', 'The OCSP responder is down.')
      return refusing(async () => {
        const query = isPost ? await readBody(request, maxRequestBytes) : readPath(encoded!)
        return answer(query, authority, request)
      })
    },
  }
}

/** RFC 6960, appendix A.1: the request in Base64, escaped for an address. What is no such thing is a request that is malformed. */
function readPath(encoded: string): Uint8Array {
  try {
    return fromBase64(decodeURIComponent(encoded))
  } catch {
    return new Uint8Array()
  }
}

/** The same request with one bit of its nonce changed; where there is no nonce, there is nothing to change. */
function withOtherNonce(query: Uint8Array): Uint8Array {
  const changed = query.slice()
  try {
    const { nonce } = parseCertificateStatusRequest(changed)
    // The nonce is a part of the bytes that were parsed, so this changes them.
    if (nonce) nonce[0]! ^= 1
  } catch (error) {
    // What is no request is refused as such by whoever answers.
    if (!isZhichengError(error)) throw error
  }
  return changed
}

function spoil(signature: Uint8Array): Uint8Array {
  const spoiled = signature.slice()
  spoiled[spoiled.length - 1]! ^= 1
  return spoiled
}
