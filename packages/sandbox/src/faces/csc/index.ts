/** The remote signing service (远程签名服务, CSC API v2): keys that never leave it, authorised signature by signature, with test keys. */
import { equalBytes, isZhichengError, readBody, type Secret, utf8 } from '@zhicheng/core'
import {
  defaultAlgorithm,
  formatCscAuthorization,
  formatCscCredential,
  formatCscError,
  formatCscSignatures,
  parseCscAuthorizationRequest,
  parseCscCredentialRequest,
  parseCscSignaturesRequest,
  parseCscTokenRequest,
  type SignatureAlgorithm,
  type Signer,
} from '@zhicheng/crypto'
import { createTestDigestSigner, type DigestSigner } from '@zhicheng/crypto/testing'
import type { Face, FaceContext } from '../../face.ts'
import { json, problem } from '../../lib/answers.ts'
import { silence } from '../../lib/silence.ts'
import { createLeaveKeeper, type Leave, lifetimes } from './leave.ts'

/** A key that the service keeps. */
export interface CscFaceCredential {
  id: string
  /** Its certificates; the signer itself is not asked to sign. */
  signer: Signer
  privateKeyPem: string
}

/** Options of {@link createCscFace}. */
export interface CscFaceOptions {
  clientId: string
  clientSecret: Secret
  /** Asked for at each authorisation. */
  pin: Secret
  credentials: readonly CscFaceCredential[]
}

const mountPath = '/csc'
const multisign = 10

const faults = {
  'csc-token-expired': 'The access token is said to be over.',
  'csc-disabled': 'The credential is disabled.',
  'csc-sad-expired': 'The leave to sign is said to be over.',
  'csc-wrong-signature': 'Signs another digest than the one that was sent.',
  'csc-few-signatures': 'Gives one signature fewer than was asked for.',
  'csc-garbage': 'Answers with a page in place of JSON.',
  'csc-answer-500': 'The service does what was asked, and the answer is lost: 500.',
  'csc-slow': 'The service does what was asked, and does not answer.',
} as const

class Refusal {
  readonly status: number
  readonly error: string
  readonly description: string

  constructor(status: number, error: string, description: string) {
    this.status = status
    this.error = error
    this.description = description
  }
}

interface Key extends CscFaceCredential {
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly sign: DigestSigner
}

/**
 * Makes the face. The service's address for a signer is `{origin}/csc`.
 *
 * @example
 * ```ts
 * const face = createCscFace(context, { clientId: 'window', clientSecret, pin, credentials: [{ id: 'seal', signer, privateKeyPem }] })
 * ```
 */
export function createCscFace(context: FaceContext, options: CscFaceOptions): Face {
  const keeper = createLeaveKeeper(context.clock)
  const keys = new Map<string, Key>(options.credentials.map((credential) => [credential.id, keyOf(credential)]))

  function find(id: string): Key {
    const key = keys.get(id)
    if (key) return key
    throw new Refusal(400, 'invalid_request', 'Invalid parameter credentialID')
  }

  function token(body: Uint8Array): object {
    const { grantType, clientId, clientSecret, refreshToken } = parseCscTokenRequest(body)
    if (clientId !== options.clientId || !same(clientSecret, options.clientSecret)) {
      throw new Refusal(401, 'invalid_client', 'The client is not known, or its secret is wrong')
    }
    if (grantType === 'refresh_token') {
      if (!refreshToken || !keeper.takeRefresh(refreshToken.reveal())) {
        throw new Refusal(400, 'invalid_grant', 'The refresh token is not valid')
      }
    } else if (grantType !== 'client_credentials') {
      throw new Refusal(400, 'unsupported_grant_type', 'Give client_credentials or refresh_token')
    }
    const { accessToken, refreshToken: next } = keeper.issueToken()
    return {
      access_token: accessToken.reveal(),
      refresh_token: next.reveal(),
      token_type: 'Bearer',
      expires_in: lifetimes.token,
    }
  }

  function credential(body: Uint8Array, request: Request): object {
    const { credentialId, withChain } = parseCscCredentialRequest(body)
    const { signer, algorithms } = find(credentialId)
    const [{ publicKey }] = signer.certificateChain
    return formatCscCredential({
      keyStatus: context.chaos('csc-disabled', request) ? 'disabled' : 'enabled',
      algorithms,
      keyLength: publicKey.rsaBits ?? 256,
      certificateStatus: 'valid',
      certificates: withChain ? signer.certificateChain : signer.certificateChain.slice(0, 1),
      auth: { mode: 'explicit', objects: ['PIN'] },
      multisign,
    })
  }

  function authorize(body: Uint8Array): object {
    const { credentialId, hashes, authData } = parseCscAuthorizationRequest(body)
    find(credentialId)
    if (hashes.length > multisign) throw new Refusal(400, 'invalid_request', 'Invalid parameter numSignatures')
    const pin = authData.get('PIN')
    if (!pin || !same(pin, options.pin)) throw new Refusal(400, 'invalid_pin', 'The PIN is wrong')
    return formatCscAuthorization({ sad: keeper.issueLeave({ credentialId, hashes }), expiresIn: lifetimes.leave })
  }

  function sign(body: Uint8Array, request: Request): object {
    const { credentialId, sad, algorithm, hashes } = parseCscSignaturesRequest(body)
    const key = find(credentialId)
    const leave: Leave = { credentialId, hashes }
    // Taken in any case: what was tried once with a leave uses it up.
    const good = keeper.takeLeave(sad.reveal(), leave) && !context.chaos('csc-sad-expired', request)
    if (!good) throw new Refusal(400, 'invalid_request', 'Invalid parameter SAD')
    if (!key.algorithms.includes(algorithm)) throw new Refusal(400, 'invalid_request', 'Invalid parameter signAlgo')
    const wrong = context.chaos('csc-wrong-signature', request)
    const signatures = hashes.map((hash) => key.sign(algorithm, wrong ? hash.map((byte) => byte ^ 1) : hash))
    return formatCscSignatures(context.chaos('csc-few-signatures', request) ? signatures.slice(1) : signatures)
  }

  const methods: Readonly<Record<string, (body: Uint8Array, request: Request) => object>> = {
    'credentials/list': () => ({ credentialIDs: [...keys.keys()] }),
    'credentials/info': credential,
    'credentials/authorize': authorize,
    'signatures/signHash': sign,
  }

  function serve(method: string, body: Uint8Array, request: Request): object | undefined {
    if (method === 'info') return describe(context.origin, Object.keys(methods))
    if (method === 'oauth2/token') return token(body)
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (!run) return undefined
    const [, bearer = ''] = /^Bearer ([A-Za-z0-9_-]{1,256})$/.exec(request.headers.get('authorization') ?? '') ?? []
    if (!keeper.isToken(bearer) || context.chaos('csc-token-expired', request)) {
      throw new Refusal(401, 'invalid_token', 'The access token is missing, not known, or over')
    }
    return run(body, request)
  }

  return {
    id: 'csc',
    title: '测试远程签名服务',
    path: mountPath,
    faults,
    async fetch(request) {
      const method = new URL(request.url).pathname.slice(mountPath.length + 1)
      if (request.method !== 'POST') return nothingHere()
      try {
        const answer = serve(method, await readBody(request, 1_048_576), request)
        if (!answer) return nothingHere()
        if (context.chaos('csc-slow', request)) await silence(request.signal)
        if (context.chaos('csc-answer-500', request)) return problem(500, 'ERR_SANDBOX_FAILED', 'The answer was lost.')
        if (context.chaos('csc-garbage', request)) return new Response('<html>维护中</html>')
        return json(answer)
      } catch (error) {
        if (error instanceof Refusal) return json(formatCscError(error.error, error.description), error.status)
        if (!isZhichengError(error)) throw error
        const status = error.code === 'ERR_BODY_TOO_LARGE' ? 413 : 400
        return json(formatCscError('invalid_request', error.message), status)
      }
    },
  }
}

function keyOf(credential: CscFaceCredential): Key {
  const { kind } = credential.signer.certificateChain[0].publicKey
  if (kind === 'other' || kind === 'dsa') throw new TypeError('The service keeps only keys it can sign with.')
  const algorithms: SignatureAlgorithm[] =
    kind === 'rsa' ? ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256'] : [defaultAlgorithm(kind)]
  return { ...credential, algorithms, sign: createTestDigestSigner(credential.privateKeyPem) }
}

function describe(origin: string, methods: readonly string[]): object {
  return {
    specs: '2.0.0.2',
    name: '样例远程签名服务（测试专用）',
    logo: `${origin}/`,
    region: 'CN',
    lang: 'zh-CN',
    description: '测试专用 TEST ONLY',
    authType: ['oauth2client'],
    oauth2: `${origin}${mountPath}`,
    methods: ['oauth2/token', ...methods],
  }
}

function same(given: Secret, expected: Secret): boolean {
  return equalBytes(utf8(given.reveal()), utf8(expected.reveal()))
}

function nothingHere(): Response {
  return problem(404, 'ERR_SANDBOX_NOT_FOUND', 'The signing service takes POST /csc and the name of a method.')
}
