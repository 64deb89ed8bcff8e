/** The signing keys of the OpenID face, and a stranger's key for misbehaviour. */
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'

/** Keys a face signs with, and one it never published. */
export interface OidcKeys {
  readonly signing: readonly JWK[]
  /** The private key of an algorithm. */
  of(alg: 'RS256' | 'ES256'): Promise<{ key: CryptoKey; kid: string; publicJwk: JWK }>
  /** A key pair nobody knows, made when first asked for. */
  stranger(): Promise<{ privateKey: CryptoKey; publicJwk: JWK }>
}

/** Uses the given keys, or makes one RS256 and one ES256 key. */
export async function createOidcKeys(given?: readonly JWK[]): Promise<OidcKeys> {
  const signing = given ?? (await Promise.all([makeKey('RS256', 'sandbox-rs256'), makeKey('ES256', 'sandbox-es256')]))
  let strange: Promise<{ privateKey: CryptoKey; publicJwk: JWK }> | undefined
  return {
    signing,
    async of(alg) {
      const jwk = signing.find((one) => one.alg === alg)
      if (!jwk) throw new TypeError(`The face was given no ${alg} key.`)
      return { key: (await importJWK(jwk, alg)) as CryptoKey, kid: jwk.kid ?? '', publicJwk: publicPart(jwk) }
    },
    stranger() {
      strange ??= makeStranger()
      return strange
    },
  }
}

async function makeKey(alg: string, kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, kid, use: 'sig' }
}

async function makeStranger(): Promise<{ privateKey: CryptoKey; publicJwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig' } }
}

function publicPart(jwk: JWK): JWK {
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...rest } = jwk
  return rest
}
