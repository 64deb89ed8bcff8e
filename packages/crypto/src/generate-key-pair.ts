/** New key pairs: RSA 2048, P-256 or SM2. */
import { engine } from '#engine'
import { cryptoError } from './errors.ts'
import type { GeneratedKeyKind } from './lib/engines/engine.ts'
import { formatPrivateKeyPem, parsePrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'

export type { GeneratedKeyKind } from './lib/engines/engine.ts'

/** A new key pair. */
export interface GeneratedKeyPair {
  /** PKCS#8, not encrypted. */
  readonly privateKeyPem: string
  readonly publicKey: PublicKey
}

/**
 * Generates a key pair with the runtime's own randomness.
 *
 * @example
 * ```ts
 * const { privateKeyPem, publicKey } = await generateKeyPair('sm2')
 * ```
 */
export async function generateKeyPair(kind: GeneratedKeyKind): Promise<GeneratedKeyPair> {
  const privateKey = parsePrivateKey(await engine.generate(kind))
  const { publicKey } = privateKey
  if (publicKey === undefined) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'This runtime exports new keys without their public half.')
  }
  return { privateKeyPem: formatPrivateKeyPem(privateKey), publicKey }
}
