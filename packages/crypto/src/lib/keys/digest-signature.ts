/**
 * Signing a digest with a test key, in JavaScript: what devices and remote services do inside, and what neither Node nor
 * WebCrypto offers for every algorithm. BigInt arithmetic is not constant-time, so this is for test keys alone.
 */
import { pow } from '@noble/curves/abstract/modular.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { concatBytes, type DigestAlgorithm, fromHex } from '@zhicheng/core'
import { derTag, expectUniversal, parseDer, readInteger, readOctetString } from '../../der.ts'
import { digestToSign } from '../../digest-to-sign.ts'
import { cryptoError } from '../../errors.ts'
import { digestLengths, hash } from '../../hash.ts'
import { parsePem } from '../../pem.ts'
import { parsePrivateKey } from '../../private-key.ts'
import { isAlgorithmOf, type PublicKey } from '../../public-key.ts'
import type { SignatureAlgorithm } from '../../signature-algorithm.ts'
import { digestOfSignature, expectDigest } from '../cms/cms-algorithms.ts'
import { formatSm2Signature, sm2SignDigest, toNumber } from '../sm2/sm2.ts'
import { parseEcPrivateKey } from './key-encoding.ts'

/** Signs a digest: of SM2 it is SM3(Z ‖ M). PKCS#1 for RSA, DER for ECDSA and SM2. */
export type DigestSigner = (algorithm: SignatureAlgorithm, digest: Uint8Array) => Uint8Array

/**
 * Makes a function that signs digests with a test key in unencrypted PKCS#8. It throws `ERR_CRYPTO_UNSUPPORTED` for an
 * algorithm of another kind of key, and `ERR_CMS_DIGEST_MISMATCH` for a digest of the wrong length.
 *
 * @example
 * ```ts
 * const sign = createTestDigestSigner(privateKeyPem)
 * const signature = sign('sm2-sm3', digestToSign({ algorithm: 'sm2-sm3', publicKey, message }).value)
 * ```
 */
export function createTestDigestSigner(privateKeyPem: string): DigestSigner {
  const { kind, publicKey } = parsePrivateKey(privateKeyPem)
  const pkcs8 = parsePem(privateKeyPem).find(({ label }) => label === 'PRIVATE KEY')
  if (!pkcs8) throw cryptoError('ERR_PEM_INVALID', 'The test key is not PKCS#8 without a password.')
  const inner = readOctetString(parseDer(pkcs8.bytes).children[2], 'The private key')
  return (algorithm, digest) => {
    if (!isAlgorithmOf(algorithm, kind) || algorithm === 'ed25519') {
      throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `A key of the kind ${kind} cannot sign a digest with ${algorithm}.`)
    }
    expectDigest(digestOfSignature(algorithm)!, digest)
    if (kind === 'rsa') return signRsa(algorithm, digest, publicKey!, inner)
    const { scalar } = parseEcPrivateKey(inner)
    if (kind === 'sm2') return formatSm2Signature(sm2SignDigest(toNumber(scalar), digest))
    const curve = { 'ec-p256': p256, 'ec-p384': p384, 'ec-p521': p521, ed25519: undefined }[kind]!
    return curve.sign(digest, scalar, { prehash: false, format: 'der', lowS: false })
  }
}

function signRsa(
  algorithm: SignatureAlgorithm,
  messageDigest: Uint8Array,
  publicKey: PublicKey,
  pkcs1: Uint8Array,
): Uint8Array {
  const numbers = expectUniversal(parseDer(pkcs1), derTag.sequence, 'The RSA key').children
  const [modulus, exponent] = [readInteger(numbers[1]), readInteger(numbers[3])]
  const bits = publicKey.rsaBits!
  const { digestInfo, value, algorithm: digest } = digestToSign({ algorithm, publicKey, messageDigest })
  const encoded = digestInfo ? encodePkcs1(digestInfo, bits) : encodePss(digest, value, bits)
  const signature = pow(toNumber(encoded), exponent, modulus).toString(16)
  return fromHex(signature.padStart(Math.ceil(bits / 8) * 2, '0'))
}

// EMSA-PKCS1-v1_5 (RFC 8017, 9.2).
function encodePkcs1(digestInfo: Uint8Array, bits: number): Uint8Array {
  const padding = new Uint8Array(Math.ceil(bits / 8) - digestInfo.length - 3).fill(0xff)
  return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), digestInfo)
}

// EMSA-PSS with one digest throughout and a salt as long as that (RFC 8017, 9.1.1).
function encodePss(algorithm: DigestAlgorithm, digest: Uint8Array, bits: number): Uint8Array {
  const length = Math.ceil((bits - 1) / 8)
  const salt = globalThis.crypto.getRandomValues(new Uint8Array(digest.length))
  const h = hash(algorithm, new Uint8Array(8), digest, salt)
  const block = concatBytes(new Uint8Array(length - 2 * digest.length - 2), Uint8Array.of(1), salt)
  const mask = maskOf(algorithm, h, block.length)
  const masked = block.map((byte, index) => byte ^ mask[index]!)
  masked[0]! &= 0xff >> (8 * length - (bits - 1))
  return concatBytes(masked, h, Uint8Array.of(0xbc))
}

// MGF1 (RFC 8017, B.2.1).
function maskOf(algorithm: DigestAlgorithm, seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / digestLengths[algorithm]) }, (_, counter) =>
    hash(algorithm, seed, Uint8Array.of(0, 0, counter >> 8, counter & 0xff)),
  )
  return concatBytes(...blocks).subarray(0, length)
}
