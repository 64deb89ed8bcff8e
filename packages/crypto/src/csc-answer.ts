/** Remote signing by the CSC API v2: the service's half, which reads requests and writes answers. */
import { type DigestAlgorithm, fromUtf8, type Secret, secret, toBase64 } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import { digestLengths } from './hash.ts'
import { cscAlgorithm, cscDigest, cscOffer } from './lib/devices/csc-algorithms.ts'
import {
  asFields,
  cscInvalid,
  fieldOf,
  type JsonFields,
  maxCscBytes,
  readByteTexts,
  readFields,
  readNumber,
  readOptionalText,
  readText,
} from './lib/devices/csc-json.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

const maxHashes = 1000

/** A request for a token, as far as it goes by client or by refresh token. */
export interface CscTokenRequest {
  readonly grantType: string
  readonly clientId: string
  readonly clientSecret: Secret<string>
  readonly refreshToken?: Secret<string>
}

/** Reads the form of oauth2/token. Throws `ERR_CSC_INVALID`. */
export function parseCscTokenRequest(body: Uint8Array): CscTokenRequest {
  if (body.length > maxCscBytes) throw cscInvalid('The request is too large.')
  let form: URLSearchParams
  try {
    form = new URLSearchParams(fromUtf8(body))
  } catch {
    throw cscInvalid('The request is no form.')
  }
  const fields = Object.fromEntries(form)
  const refreshToken = readOptionalText(fields, 'refresh_token', 8192)
  return {
    grantType: readText(fields, 'grant_type', 64),
    clientId: readText(fields, 'client_id'),
    clientSecret: secret(readText(fields, 'client_secret')),
    ...(refreshToken === undefined ? {} : { refreshToken: secret(refreshToken) }),
  }
}

/** Reads the body of credentials/info: which credential. Throws `ERR_CSC_INVALID`. */
export function parseCscCredentialRequest(body: Uint8Array): { credentialId: string; withChain: boolean } {
  const fields = readFields(body, 'The request')
  return {
    credentialId: readText(fields, 'credentialID'),
    withChain: readOptionalText(fields, 'certificates', 16) === 'chain',
  }
}

/** A request for leave to sign. */
export interface CscAuthorizationRequest {
  readonly credentialId: string
  readonly numSignatures: number
  readonly hashAlgorithm: DigestAlgorithm
  readonly hashes: readonly Uint8Array[]
  readonly authData: ReadonlyMap<string, Secret<string>>
}

/** Reads the body of credentials/authorize. Throws `ERR_CSC_INVALID`. */
export function parseCscAuthorizationRequest(body: Uint8Array): CscAuthorizationRequest {
  const fields = readFields(body, 'The request')
  const hashAlgorithm = cscDigest(readText(fields, 'hashAlgorithmOID', 128))
  const hashes = readHashes(fields, hashAlgorithm)
  const numSignatures = readNumber(fields, 'numSignatures', 0, [1, maxHashes])
  if (numSignatures !== hashes.length) throw cscInvalid('There are not as many hashes as signatures.')
  return {
    credentialId: readText(fields, 'credentialID'),
    numSignatures,
    hashAlgorithm,
    hashes,
    authData: readAuthData(fields),
  }
}

function readAuthData(fields: JsonFields): Map<string, Secret<string>> {
  const list = fieldOf(fields, 'authData') ?? []
  if (!Array.isArray(list) || list.length > 16) throw cscInvalid('The field authData is not a short list.')
  const entries = list.map((entry) => {
    const given = asFields(entry, 'An entry of authData')
    return [readText(given, 'id', 64), secret(readText(given, 'value', 256))] as const
  })
  const data = new Map(entries)
  if (data.size === entries.length) return data
  throw cscInvalid('The field authData has an identifier twice.')
}

/** A request for signatures. */
export interface CscSignaturesRequest {
  readonly credentialId: string
  readonly sad: Secret<string>
  readonly algorithm: SignatureAlgorithm
  readonly hashAlgorithm: DigestAlgorithm
  readonly hashes: readonly Uint8Array[]
}

/**
 * Reads the body of signatures/signHash. Throws `ERR_CSC_INVALID`; signing later is not offered.
 *
 * @example
 * ```ts
 * const { credentialId, sad, algorithm, hashes } = parseCscSignaturesRequest(body)
 * return Response.json(formatCscSignatures(hashes.map((hash) => device.sign(algorithm, hash))))
 * ```
 */
export function parseCscSignaturesRequest(body: Uint8Array): CscSignaturesRequest {
  const fields = readFields(body, 'The request')
  if ((readOptionalText(fields, 'operationMode', 8) ?? 'S') !== 'S')
    throw cscInvalid('Only operation mode S is offered.')
  const algorithm = cscAlgorithm({
    signAlgo: readText(fields, 'signAlgo', 128),
    hashAlgorithmOID: readOptionalText(fields, 'hashAlgorithmOID', 128),
    signAlgoParams: readOptionalText(fields, 'signAlgoParams', 512),
  })
  const hashAlgorithm = algorithm.split('-').at(-1) as DigestAlgorithm
  return {
    credentialId: readText(fields, 'credentialID'),
    sad: secret(readText(fields, 'SAD', 16_384)),
    algorithm,
    hashAlgorithm,
    hashes: readHashes(fields, hashAlgorithm),
  }
}

function readHashes(fields: JsonFields, algorithm: DigestAlgorithm): Uint8Array[] {
  const hashes = readByteTexts(fields, 'hashes', maxHashes, 128)
  if (hashes.length > 0 && hashes.every((hash) => hash.length === digestLengths[algorithm])) return hashes
  throw cscInvalid(`The field hashes does not hold ${algorithm} digests.`)
}

/** A credential to be shown. */
export interface CscCredentialAnswer {
  keyStatus: 'enabled' | 'disabled'
  algorithms: readonly SignatureAlgorithm[]
  /** Bits of the key. */
  keyLength: number
  certificateStatus: 'valid' | 'expired' | 'revoked' | 'suspended'
  certificates: readonly Certificate[]
  auth: { mode: 'implicit' | 'explicit'; objects: readonly string[] }
  multisign: number
}

/** The answer to credentials/info, as JSON. */
export function formatCscCredential(credential: CscCredentialAnswer): JsonFields {
  const { auth, certificates, multisign } = credential
  const objects = auth.objects.map((id) => ({ type: 'Password', id, format: 'A', label: id }))
  return {
    key: {
      status: credential.keyStatus,
      algo: [...new Set(credential.algorithms.map(cscOffer))],
      len: credential.keyLength,
    },
    cert: { status: credential.certificateStatus, certificates: certificates.map(({ der }) => toBase64(der)) },
    auth: { mode: auth.mode, ...(objects.length > 0 ? { objects } : {}) },
    SCAL: '2',
    multisign,
  }
}

/** The answer to credentials/authorize, as JSON. */
export function formatCscAuthorization({ sad, expiresIn }: { sad: Secret<string>; expiresIn: number }): JsonFields {
  return { SAD: sad.reveal(), expiresIn }
}

/** The answer to signatures/signHash, as JSON. */
export function formatCscSignatures(signatures: readonly Uint8Array[]): JsonFields {
  return { signatures: signatures.map(toBase64) }
}

/** A refusal, as JSON. */
export function formatCscError(error: string, description: string): JsonFields {
  return { error, error_description: description }
}
