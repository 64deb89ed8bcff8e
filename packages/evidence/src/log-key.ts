/** The key of a log as JWK (RFC 7517): ES256 or Ed25519, and marked inside the key itself when it is only for tests. */
import { Secret, secret } from '@zhicheng/core'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { evidenceError } from './errors.ts'
import { testNotice } from './lib/test-notice.ts'
import { requireWebCrypto } from './lib/web-crypto.ts'

/** Signature algorithms of a log, by their JOSE names. */
export type LogAlgorithm = 'ES256' | 'Ed25519'

/** Public key of a log, as it lies in `trust/log.jwk`. */
export interface LogKey {
  kty: 'EC' | 'OKP'
  crv: 'P-256' | 'Ed25519'
  x: string
  y?: string
  alg: LogAlgorithm
  use: 'sig'
  /** Thumbprint of the key (RFC 7638). */
  kid: string
  /** Present on keys that are only for tests: what they sign must say so too. */
  test?: true
  notice?: typeof testNotice
}

/** A new pair; the private half prints as `[secret]`. */
export interface LogKeyPair {
  publicKey: LogKey
  privateKey: Secret<JWK>
}

/**
 * Makes a key pair for a log. `test` has to be said, so that nobody gets an unmarked key by forgetting an option.
 *
 * @example
 * ```ts
 * const { publicKey, privateKey } = await createLogKey({ test: true })
 * await writeFile('trust/log.jwk', JSON.stringify(publicKey))
 * ```
 */
export async function createLogKey({
  test,
  algorithm = 'ES256',
}: {
  test: boolean
  algorithm?: LogAlgorithm
}): Promise<LogKeyPair> {
  requireWebCrypto()
  const pair = await generateKeyPair(algorithm, { extractable: true })
  const mark = test ? { test: true, notice: testNotice } : {}
  const publicKey = await parseLogKey({ ...(await exportJWK(pair.publicKey)), ...mark })
  return { publicKey, privateKey: secret({ ...(await exportJWK(pair.privateKey)), ...mark }) }
}

/**
 * Checks a public key that came from a file or an answer, and fills in algorithm and thumbprint.
 * Throws `ERR_EVIDENCE_KEY` for anything but P-256 and Ed25519, and `ERR_EVIDENCE_KEY_PRIVATE` if the private half is in it.
 */
export async function parseLogKey(value: unknown): Promise<LogKey> {
  const jwk = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  if ('d' in jwk) {
    throw evidenceError(
      'ERR_EVIDENCE_KEY_PRIVATE',
      'This log key holds the private half: replace the key pair, and hand out the public half alone.',
    )
  }
  const algorithm = algorithmOf(jwk)
  const point =
    algorithm === 'ES256'
      ? { kty: 'EC' as const, crv: 'P-256' as const, x: coordinate(jwk['x']), y: coordinate(jwk['y']) }
      : { kty: 'OKP' as const, crv: 'Ed25519' as const, x: coordinate(jwk['x']) }
  const kid = await calculateJwkThumbprint(point)
  if (jwk['kid'] !== undefined && jwk['kid'] !== kid) throw invalidKey('its kid is not its thumbprint')
  const mark = jwk['test'] === true ? { test: true as const, notice: testNotice } : {}
  return { ...point, alg: algorithm, use: 'sig', kid, ...mark } as LogKey
}

/** The public half of a private JWK, with the mark of a test key. */
export async function publicLogKey(privateKey: JWK | Secret<JWK>): Promise<LogKey> {
  const { d: _, ...rest } = privateKey instanceof Secret ? privateKey.reveal() : privateKey
  return parseLogKey(rest)
}

function algorithmOf(jwk: Record<string, unknown>): LogAlgorithm {
  const { kty, crv, alg } = jwk
  const algorithm =
    kty === 'EC' && crv === 'P-256' ? 'ES256' : kty === 'OKP' && crv === 'Ed25519' ? 'Ed25519' : undefined
  if (algorithm === undefined) throw invalidKey('only EC P-256 and OKP Ed25519 are used')
  const names = algorithm === 'ES256' ? ['ES256'] : ['Ed25519', 'EdDSA']
  if (alg !== undefined && !names.includes(String(alg))) throw invalidKey('its alg does not fit its curve')
  return algorithm
}

function coordinate(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)) return value
  throw invalidKey('a coordinate is missing or not 32 bytes of Base64url')
}

function invalidKey(why: string): Error {
  return evidenceError('ERR_EVIDENCE_KEY', `This is not the public key of a log: ${why}.`)
}
