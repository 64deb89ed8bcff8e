/** Verifies a JWS with detached content against one key, one kind and the canonical form of a JSON value. */
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import { compactVerify, importJWK } from 'jose'
import { evidenceError } from '../errors.ts'
import type { LogKey } from '../log-key.ts'
import type { SignedKind } from '../log-signer.ts'
import { requireWebCrypto } from './web-crypto.ts'

/** Resolves only if `signature` is by `key` over `payload` as a statement of this kind; throws a coded error otherwise. */
export async function verifyDetached(
  payload: JsonValue,
  { signature, key, kind }: { signature: string; key: LogKey; kind: SignedKind },
): Promise<void> {
  requireWebCrypto()
  const [header = '', , value = ''] = signature.split('.')
  const { kid, typ } = readHeader(header)
  if (typ !== kind) throw invalid(`it is not over a ${kind}`)
  if (kid !== key.kid) {
    throw evidenceError(
      'ERR_EVIDENCE_KEY_MISMATCH',
      'The signature names another key than the one given: use the public key of the log that issued it.',
      { facts: { kid: typeof kid === 'string' ? kid.slice(0, 64) : null, expected: key.kid } },
    )
  }
  const { kty, crv, x, y, alg } = key
  const imported = await importJWK({ kty, crv, x, ...(y === undefined ? {} : { y }) }, alg)
  const algorithms = alg === 'Ed25519' ? ['Ed25519', 'EdDSA'] : [alg]
  try {
    await compactVerify(`${header}.${toBase64Url(utf8(canonicalJson(payload)))}.${value}`, imported, { algorithms })
  } catch (cause) {
    throw invalid('it does not fit the content and the key', cause)
  }
}

function readHeader(header: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(fromUtf8(fromBase64Url(header)))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw invalid('its header cannot be read', cause)
  }
  throw invalid('its header cannot be read')
}

function invalid(why: string, cause?: unknown): Error {
  return evidenceError('ERR_EVIDENCE_SIGNATURE', `The signature does not hold: ${why}. Do not rely on the content.`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
