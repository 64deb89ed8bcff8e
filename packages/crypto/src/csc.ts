/**
 * Remote signing (远程签名) by the CSC API v2 of the Cloud Signature Consortium: the client's half. Each method is a
 * request and the reading of its answer; nothing here sends.
 *
 * @unverified Checked against the examples of EWC RFC-010, which quotes version 2.0.0.2; the consortium's text was not read.
 */
import {
  type DigestAlgorithm,
  type PlatformRequest,
  type PlatformResponse,
  type Secret,
  secret,
  toBase64,
  utf8,
} from '@zhicheng/core'
import { type Certificate, parseCertificate } from './certificate.ts'
import { digestOid } from './hash.ts'
import type { CscAlgorithmFields } from './lib/devices/csc-algorithms.ts'
import { type CscAccess, cscBase, cscRequest, readAnswer } from './lib/devices/csc-exchange.ts'
import {
  asFields,
  cscInvalid,
  fieldOf,
  type JsonFields,
  readByteTexts,
  readName,
  readNumber,
  readOptionalText,
  readText,
  readTexts,
} from './lib/devices/csc-json.ts'

export type { CscAlgorithmFields } from './lib/devices/csc-algorithms.ts'
export type { CscAccess } from './lib/devices/csc-exchange.ts'

/** What a service says about itself (method info). */
export interface CscInfo {
  /** Version of the API it speaks: `2.0.0.2`. */
  readonly specs: string
  readonly name: string
  readonly authTypes: readonly string[]
  readonly methods: readonly string[]
  /** Where OAuth 2.0 tokens are given. */
  readonly oauth2?: string
}

/**
 * Asks what the service is and does (method info). Throws `ERR_CSC_INVALID` for an address that is not https.
 *
 * @example
 * ```ts
 * const send = fetchTransport()
 * const { methods } = processCscInfo(await send(requestCscInfo({ baseUrl: 'https://rssp.example/csc/v2' })))
 * ```
 */
export function requestCscInfo(access: CscAccess): PlatformRequest {
  return cscRequest(access, 'info', {}, true)
}

/** Reads the answer. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`. */
export function processCscInfo(response: PlatformResponse): CscInfo {
  return readAnswer(response, 'The description of the service', (fields) => {
    const oauth2 = readOptionalText(fields, 'oauth2')
    return {
      specs: readText(fields, 'specs', 64),
      name: readText(fields, 'name'),
      authTypes: readTexts(fields, 'authType', 16),
      methods: readTexts(fields, 'methods', 64),
      ...(oauth2 === undefined ? {} : { oauth2 }),
    }
  })
}

/** Input of {@link requestCscToken}: RFC 6749 with the client's credentials, a code, or a refresh token. */
export interface CscTokenInput {
  baseUrl: string
  clientId: string
  clientSecret: Secret<string>
  grant:
    | { type: 'client_credentials' }
    | { type: 'authorization_code'; code: Secret<string>; redirectUri: string; codeVerifier?: Secret<string> }
    | { type: 'refresh_token'; refreshToken: Secret<string> }
  signal?: AbortSignal
}

/** A token of the service. */
export interface CscToken {
  readonly accessToken: Secret<string>
  readonly refreshToken?: Secret<string>
  /** Seconds it lasts. */
  readonly expiresIn: number
}

/**
 * Asks for an access token (method oauth2/token).
 *
 * @example
 * ```ts
 * const request = requestCscToken({ baseUrl, clientId, clientSecret, grant: { type: 'client_credentials' } })
 * const { accessToken, expiresIn } = processCscToken(await send(request))
 * ```
 */
export function requestCscToken({ baseUrl, clientId, clientSecret, grant, signal }: CscTokenInput): PlatformRequest {
  const form = new URLSearchParams({
    grant_type: grant.type,
    client_id: clientId,
    client_secret: clientSecret.reveal(),
  })
  if (grant.type === 'refresh_token') form.set('refresh_token', grant.refreshToken.reveal())
  if (grant.type === 'authorization_code') {
    form.set('code', grant.code.reveal())
    form.set('redirect_uri', grant.redirectUri)
    if (grant.codeVerifier) form.set('code_verifier', grant.codeVerifier.reveal())
  }
  return {
    operation: 'csc.oauth2/token',
    method: 'POST',
    url: `${cscBase(baseUrl)}/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: utf8(form.toString()),
    idempotent: false,
    ...(signal ? { signal } : {}),
  }
}

/** Reads the answer. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`. */
export function processCscToken(response: PlatformResponse): CscToken {
  return readAnswer(response, 'The token', (fields) => {
    if (readText(fields, 'token_type', 32).toLowerCase() !== 'bearer') throw cscInvalid('The token is no bearer token.')
    const refreshToken = readOptionalText(fields, 'refresh_token', 8192)
    return {
      accessToken: secret(readText(fields, 'access_token', 8192)),
      expiresIn: readNumber(fields, 'expires_in', 3600, [0, 31_536_000]),
      ...(refreshToken === undefined ? {} : { refreshToken: secret(refreshToken) }),
    }
  })
}

/** Asks for the identifiers of the credentials that the token may use (method credentials/list). */
export function requestCscCredentials(access: CscAccess): PlatformRequest {
  return cscRequest(access, 'credentials/list', {}, true)
}

/** Reads the answer. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`. */
export function processCscCredentials(response: PlatformResponse): string[] {
  return readAnswer(response, 'The list of credentials', (fields) => readTexts(fields, 'credentialIDs', 1000))
}

/** A key of the service with its certificates. */
export interface CscCredential {
  readonly keyStatus: 'enabled' | 'disabled'
  /** Object identifiers of the algorithms it signs with. */
  readonly algorithms: readonly string[]
  /** `valid`, `expired`, `revoked` or `suspended`, where the service says it. */
  readonly certificateStatus?: string
  /** The signing certificate first. */
  readonly certificates: readonly Certificate[]
  readonly auth: {
    /** `implicit`, `explicit`, or an OAuth flow. */
    readonly mode: string
    /** Identifiers of what must be handed in with `explicit`, such as PIN and OTP. */
    readonly objects: readonly string[]
  }
  /** How many signatures one authorisation may be for. */
  readonly multisign: number
}

/** Asks for a credential with its whole chain (method credentials/info). */
export function requestCscCredential(access: CscAccess, credentialId: string): PlatformRequest {
  const fields = { credentialID: credentialId, certificates: 'chain', certInfo: false, authInfo: true }
  return cscRequest(access, 'credentials/info', fields, true)
}

/** Reads the answer. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`. */
export function processCscCredential(response: PlatformResponse): CscCredential {
  return readAnswer(response, 'The credential', readCredential)
}

function readCredential(fields: JsonFields): CscCredential {
  const key = asFields(fieldOf(fields, 'key'), 'The key of the credential')
  const cert = asFields(fieldOf(fields, 'cert'), 'The certificate of the credential')
  const auth = asFields(fieldOf(fields, 'auth'), 'The authorisation of the credential')
  const keyStatus = readName(key, 'status')
  if (keyStatus !== 'enabled' && keyStatus !== 'disabled') throw cscInvalid('The key has a status that is not known.')
  const certificateStatus = fieldOf(cert, 'status') === undefined ? undefined : readName(cert, 'status')
  const certificates = readByteTexts(cert, 'certificates', 16, 350_000).map((bytes) => parseCertificate(bytes))
  return {
    keyStatus,
    algorithms: readTexts(key, 'algo', 64, 128),
    ...(certificateStatus === undefined ? {} : { certificateStatus }),
    certificates,
    auth: { mode: readName(auth, 'mode'), objects: readAuthObjects(auth) },
    multisign: readNumber(fields, 'multisign', 1, [1, 1_000_000]),
  }
}

function readAuthObjects(auth: JsonFields): string[] {
  const objects = fieldOf(auth, 'objects') ?? []
  if (!Array.isArray(objects) || objects.length > 16) throw cscInvalid('The field objects is not a short list.')
  return objects.map((object) => readName(asFields(object, 'What the credential asks for'), 'id'))
}

/** Input of {@link requestCscAuthorization}. */
export interface CscAuthorizationInput {
  credentialId: string
  /** The digests that will be signed, and no others. */
  hashes: readonly Uint8Array[]
  hashAlgorithm: DigestAlgorithm
  /** Values by the identifiers that the credential asks for. */
  authData?: Readonly<Record<string, Secret<string>>>
}

/** Leave to sign, once. */
export interface CscAuthorization {
  /** Signature activation data. */
  readonly sad: Secret<string>
  /** Seconds it lasts. */
  readonly expiresIn: number
}

/**
 * Asks for leave to sign digests (method credentials/authorize).
 *
 * @example
 * ```ts
 * const input = { credentialId, hashes: [digest.value], hashAlgorithm: digest.algorithm, authData: { PIN: pin } }
 * const { sad } = processCscAuthorization(await send(requestCscAuthorization({ baseUrl, accessToken }, input)))
 * ```
 */
export function requestCscAuthorization(access: CscAccess, input: CscAuthorizationInput): PlatformRequest {
  const { credentialId, hashes, hashAlgorithm, authData = {} } = input
  const values = Object.entries(authData).map(([id, value]) => ({ id, value: value.reveal() }))
  const fields = {
    credentialID: credentialId,
    numSignatures: hashes.length,
    hashes: hashes.map(toBase64),
    hashAlgorithmOID: digestOid(hashAlgorithm),
    ...(values.length > 0 ? { authData: values } : {}),
  }
  return cscRequest(access, 'credentials/authorize', fields, false)
}

/** Reads the answer. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`; leave that is given later is not understood. */
export function processCscAuthorization(response: PlatformResponse): CscAuthorization {
  return readAnswer(response, 'The authorisation', (fields) => ({
    sad: secret(readText(fields, 'SAD', 16_384)),
    expiresIn: readNumber(fields, 'expiresIn', 3600, [0, 31_536_000]),
  }))
}

/** Input of {@link requestCscSignatures}. */
export interface CscSignaturesInput extends CscAlgorithmFields {
  credentialId: string
  sad: Secret<string>
  hashes: readonly Uint8Array[]
}

/**
 * Asks for the signatures over digests (method signatures/signHash).
 *
 * @example
 * ```ts
 * const algorithm = { hashAlgorithmOID: '2.16.840.1.101.3.4.2.1', signAlgo: '1.2.840.10045.4.3.2' }
 * const input = { credentialId, sad, hashes: [digest.value], ...algorithm }
 * const [signature] = processCscSignatures(await send(requestCscSignatures({ baseUrl, accessToken }, input)), { count: 1 })
 * ```
 */
export function requestCscSignatures(access: CscAccess, input: CscSignaturesInput): PlatformRequest {
  const { credentialId, sad, hashes, hashAlgorithmOID, signAlgo, signAlgoParams } = input
  const fields = {
    credentialID: credentialId,
    SAD: sad.reveal(),
    hashes: hashes.map(toBase64),
    hashAlgorithmOID,
    signAlgo,
    ...(signAlgoParams === undefined ? {} : { signAlgoParams }),
  }
  return cscRequest(access, 'signatures/signHash', fields, false)
}

/** Reads exactly as many signatures as were asked for. Throws `ERR_CSC_REFUSED` or `ERR_CSC_INVALID`. Verify each of them. */
export function processCscSignatures(response: PlatformResponse, { count }: { count: number }): Uint8Array[] {
  return readAnswer(response, 'The answer with signatures', (fields) => {
    const signatures = readByteTexts(fields, 'signatures', Math.max(count, 1), 4096)
    if (signatures.length === count) return signatures
    throw cscInvalid(`It holds ${signatures.length} signatures where ${count} were asked for.`)
  })
}
