/** Signs what a log says: a JWS (RFC 7515) whose payload stays outside, readable, in its canonical form (RFC 8785). */
import { Secret, utf8 } from '@zhicheng/core'
import { canonicalJson, type JsonValue } from '@zhicheng/formats'
import { CompactSign, importJWK, type JWK } from 'jose'
import { requireWebCrypto } from './lib/web-crypto.ts'
import { type LogKey, publicLogKey } from './log-key.ts'

/** What a signed statement is; it stands in the signed header, so that a tree head never passes for a receipt. */
export type SignedKind = 'zhicheng-receipt' | 'zhicheng-tree-head'

/** Signs for one log. */
export interface LogSigner {
  readonly publicKey: LogKey
  /** A JWS with detached content (RFC 7515, appendix F) over the canonical form of `payload`. */
  sign(payload: JsonValue, kind: SignedKind): Promise<string>
}

/**
 * A signer from a private JWK. A key that carries the test mark makes everything it signs carry it too.
 * Throws `ERR_EVIDENCE_KEY` for a key that is none.
 */
export async function createLogSigner(privateKey: JWK | Secret<JWK>): Promise<LogSigner> {
  requireWebCrypto()
  const jwk = privateKey instanceof Secret ? privateKey.reveal() : privateKey
  const publicKey = await publicLogKey(jwk)
  const { kty, crv, x, y, d } = jwk
  const key = await importJWK({ kty, crv, x, d, ...(y === undefined ? {} : { y }) } as JWK, publicKey.alg)
  return {
    publicKey,
    async sign(payload, kind) {
      const [header, , signature] = (
        await new CompactSign(utf8(canonicalJson(payload)))
          .setProtectedHeader({ alg: publicKey.alg, kid: publicKey.kid, typ: kind })
          .sign(key)
      ).split('.')
      return `${header}..${signature}`
    },
  }
}
