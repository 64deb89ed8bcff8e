/** A signer over a WebCrypto key, unextractable ones included: a key that a browser keeps and never shows. */
import type { Certificate } from './certificate.ts'
import { cryptoError } from './errors.ts'
import { digestLengths } from './hash.ts'
import { readChain } from './lib/certificates/certificate-chain.ts'
import { digestOfSignature } from './lib/cms/cms-algorithms.ts'
import { callForeign, chooseAlgorithm, createExternalSigner } from './lib/devices/external-signer.ts'
import type { PublicKeyKind } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'

/** Options of {@link webCryptoSigner}. */
export interface WebCryptoSignerOptions {
  /** Its algorithm decides with what is signed; it needs the usage `sign`. */
  privateKey: CryptoKey
  /** The signing certificate first, then its issuers in any order. */
  certificateChain: string | Uint8Array | readonly Certificate[]
}

interface Fit {
  readonly algorithm: SignatureAlgorithm
  readonly kind: PublicKeyKind
  readonly operation: { name: string; hash?: string; saltLength?: number }
}

/**
 * Makes a signer for RSA PKCS#1 v1.5, RSA-PSS (with a salt as long as the digest), ECDSA and Ed25519. Every signature is verified
 * with the certificate before it leaves. Throws `ERR_CRYPTO_UNSUPPORTED` for other keys,
 * `ERR_CRYPTO_KEY_MISMATCH` for a certificate of another kind of key; signing throws `ERR_SIGNER_FAILED`, and
 * `ERR_CRYPTO_SIGNATURE_INVALID` when the key is of another pair.
 *
 * @example
 * ```ts
 * const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
 * const signer = webCryptoSigner({ privateKey, certificateChain: issuedPem })
 * ```
 */
export function webCryptoSigner({ privateKey, certificateChain: chain }: WebCryptoSignerOptions): Signer {
  const fit = fitOf(privateKey)
  const certificateChain = readChain(chain)
  const [{ publicKey }] = certificateChain
  if (publicKey.kind !== fit.kind) {
    throw cryptoError(
      'ERR_CRYPTO_KEY_MISMATCH',
      `The private key is of the kind ${fit.kind}, and the first certificate of the chain of the kind ${publicKey.kind}.`,
    )
  }
  return createExternalSigner({
    algorithm: chooseAlgorithm(certificateChain, fit.algorithm),
    certificateChain,
    format: 'raw',
    produce: (message, { signal }) =>
      callForeign('WebCrypto', signal, async () => {
        const input = message as Uint8Array<ArrayBuffer>
        return new Uint8Array(await globalThis.crypto.subtle.sign(fit.operation, privateKey, input))
      }),
  })
}

const curveKinds: Readonly<Record<string, { kind: PublicKeyKind; algorithm: SignatureAlgorithm; hash: string }>> = {
  'P-256': { kind: 'ec-p256', algorithm: 'ecdsa-p256-sha256', hash: 'SHA-256' },
  'P-384': { kind: 'ec-p384', algorithm: 'ecdsa-p384-sha384', hash: 'SHA-384' },
  'P-521': { kind: 'ec-p521', algorithm: 'ecdsa-p521-sha512', hash: 'SHA-512' },
}

const rsaAlgorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  'RSASSA-PKCS1-v1_5 SHA-256': 'rsa-sha256',
  'RSASSA-PKCS1-v1_5 SHA-384': 'rsa-sha384',
  'RSASSA-PKCS1-v1_5 SHA-512': 'rsa-sha512',
  'RSA-PSS SHA-256': 'rsa-pss-sha256',
  'RSA-PSS SHA-384': 'rsa-pss-sha384',
  'RSA-PSS SHA-512': 'rsa-pss-sha512',
}

function fitOf({ type, usages, algorithm: given }: CryptoKey): Fit {
  if (type !== 'private' || !usages.includes('sign')) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The WebCrypto key is not a private key with the usage "sign".')
  }
  const { name } = given
  if (name === 'Ed25519') return { algorithm: 'ed25519', kind: 'ed25519', operation: { name } }
  const curve = name === 'ECDSA' ? curveKinds[(given as EcKeyAlgorithm).namedCurve] : undefined
  if (curve) return { algorithm: curve.algorithm, kind: curve.kind, operation: { name, hash: curve.hash } }
  const digest = (given as RsaHashedKeyAlgorithm).hash?.name
  const algorithm = rsaAlgorithms[`${name} ${digest}`]
  if (algorithm) {
    const saltLength = digestLengths[digestOfSignature(algorithm)!]
    return { algorithm, kind: 'rsa', operation: name === 'RSA-PSS' ? { name, saltLength } : { name } }
  }
  throw cryptoError(
    'ERR_CRYPTO_UNSUPPORTED',
    'The WebCrypto key signs with an algorithm that is not used here: make it for RSASSA-PKCS1-v1_5 or RSA-PSS with SHA-2, ECDSA, or Ed25519.',
    { facts: { name, digest } },
  )
}
