/** Private keys as DER: PKCS#8 (RFC 5208) for every kind, and the ECPrivateKey of SEC 1 (RFC 5915) for keys on a curve. */
import { der, parseDer, readOctetString } from './der.ts'
import { cryptoError } from './errors.ts'
import { curves } from './lib/keys/curves.ts'
import { parseEcPrivateKey } from './lib/keys/key-encoding.ts'
import { materialOf } from './lib/keys/key-material.ts'
import type { PrivateKey } from './private-key.ts'

/**
 * The key as PKCS#8, not encrypted: keep the bytes where only their owner reads them. As PEM: `formatPrivateKeyPem`.
 *
 * @example
 * ```ts
 * await writeFile('key.der', formatPrivateKeyPkcs8(privateKey), { mode: 0o600 })
 * ```
 */
export function formatPrivateKeyPkcs8(privateKey: PrivateKey): Uint8Array {
  return materialOf(privateKey).pkcs8.slice()
}

/**
 * The key as ECPrivateKey with its named curve and public point, not encrypted: what OpenSSL calls `EC PRIVATE KEY`.
 * Throws `ERR_CRYPTO_UNSUPPORTED` for RSA and Ed25519.
 *
 * @example
 * ```ts
 * const pem = formatPem('EC PRIVATE KEY', formatPrivateKeySec1(privateKey))
 * ```
 */
export function formatPrivateKeySec1(privateKey: PrivateKey): Uint8Array {
  const { kind, pkcs8 } = materialOf(privateKey)
  if (kind === 'rsa' || kind === 'ed25519') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `SEC 1 has no form for a key of the kind ${kind}: take PKCS#8.`)
  }
  const { scalar, point } = parseEcPrivateKey(readOctetString(parseDer(pkcs8).children[2], 'The private key'))
  return der.sequence(
    der.integer(1),
    der.octetString(scalar),
    der.explicit(0, der.oid(curves[kind].oid)),
    ...(point ? [der.explicit(1, der.bitString(point))] : []),
  )
}
