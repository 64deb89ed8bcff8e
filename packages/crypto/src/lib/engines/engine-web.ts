/**
 * The engine of every other runtime: JavaScript for digests and SM2, WebCrypto for the rest.
 *
 * WebCrypto is missing on pages that came over plain http; what needs it then says `ERR_CRYPTO_UNSUPPORTED`, so that a
 * verifier reports "not checked" instead of a guess.
 */
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import type { DigestAlgorithm } from '@zhicheng/core'
import { der } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import type { Hash } from '../../hash.ts'
import type { PublicKey } from '../../public-key.ts'
import { type CurveKind, curves } from '../keys/curves.ts'
import { ecdsaSignatureToDer, ecdsaSignatureToRaw } from '../keys/ecdsa-signature.ts'
import { ecPkcs8, ecSpki, sm2Scalar } from '../keys/key-encoding.ts'
import {
  formatSm2Signature,
  parseSm2Signature,
  sm2PublicPoint,
  sm2RandomScalar,
  sm2SignDigest,
  sm2VerifyDigest,
  toBytes32,
} from '../sm2/sm2.ts'
import { createSm3 } from '../sm3/sm3.ts'
import { javaScriptSm4 } from '../sm4/sm4-javascript.ts'
import { digestLengths } from './digest-lengths.ts'
import type { ClassicAlgorithm, Engine, EngineKey } from './engine.ts'
import { hashFinished } from './hash-finished.ts'

type NobleHash = ReturnType<typeof sha1.create> | ReturnType<typeof sha256.create> | ReturnType<typeof sha512.create>

const creators: Readonly<Record<DigestAlgorithm, () => Hash>> = {
  sha1: () => new JavaScriptHash(sha1.create()),
  sha256: () => new JavaScriptHash(sha256.create()),
  sha384: () => new JavaScriptHash(sha384.create()),
  sha512: () => new JavaScriptHash(sha512.create()),
  sm3: createSm3,
}

class JavaScriptHash implements Hash {
  #hash: NobleHash | undefined

  constructor(hash: NobleHash) {
    this.#hash = hash
  }

  update(bytes: Uint8Array): this {
    this.#live().update(bytes)
    return this
  }

  digest(): Uint8Array {
    const digest = this.#live().digest()
    this.#hash = undefined
    return digest
  }

  copy(): Hash {
    return new JavaScriptHash(this.#live().clone() as NobleHash)
  }

  #live(): NobleHash {
    if (this.#hash === undefined) throw hashFinished()
    return this.#hash
  }
}

const digestNames: Readonly<Record<string, string>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
}

const curveNames: Readonly<Partial<Record<PublicKey['kind'], string>>> = {
  'ec-p256': 'P-256',
  'ec-p384': 'P-384',
  'ec-p521': 'P-521',
}

interface WebAlgorithm {
  key: { name: string; hash?: string; namedCurve?: string }
  operation: { name: string; hash?: string; saltLength?: number }
}

function webAlgorithm(algorithm: ClassicAlgorithm, kind: PublicKey['kind'], saltLength?: number): WebAlgorithm {
  if (algorithm.startsWith('dsa-')) throw unsupported()
  if (algorithm === 'ed25519') return { key: { name: 'Ed25519' }, operation: { name: 'Ed25519' } }
  const digest = algorithm.slice(algorithm.lastIndexOf('-') + 1) as DigestAlgorithm
  const hash = digestNames[digest]!
  if (algorithm.startsWith('ecdsa-')) {
    return { key: { name: 'ECDSA', namedCurve: curveNames[kind]! }, operation: { name: 'ECDSA', hash } }
  }
  if (algorithm.startsWith('rsa-pss-')) {
    const length = saltLength ?? digestLengths[digest]
    return { key: { name: 'RSA-PSS', hash }, operation: { name: 'RSA-PSS', saltLength: length } }
  }
  return { key: { name: 'RSASSA-PKCS1-v1_5', hash }, operation: { name: 'RSASSA-PKCS1-v1_5' } }
}

function subtle(): SubtleCrypto {
  const available = globalThis.crypto?.subtle
  if (!available) {
    throw cryptoError(
      'ERR_CRYPTO_UNSUPPORTED',
      'WebCrypto is not available here: serve the page over https, or verify on the server.',
    )
  }
  return available
}

const imported = new WeakMap<object, Map<string, Promise<CryptoKey>>>()

// WebCrypto ties a key to a padding and a digest at import, so one key may be imported more than once.
function importOnce(key: object, algorithm: WebAlgorithm, load: () => Promise<CryptoKey>): Promise<CryptoKey> {
  const name = JSON.stringify(algorithm.key)
  const byName = imported.get(key) ?? new Map<string, Promise<CryptoKey>>()
  imported.set(key, byName)
  const known = byName.get(name)
  if (known) return known
  const loading = load().catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'NotSupportedError') throw unsupported(cause)
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'WebCrypto does not accept the key.', { cause })
  })
  byName.set(name, loading)
  return loading
}

function unsupported(cause?: unknown): Error {
  return cryptoError('ERR_CRYPTO_UNSUPPORTED', 'This runtime lacks the algorithm: verify on the server.', { cause })
}

const scalars = new WeakMap<EngineKey, bigint>()

function scalarOnce(key: EngineKey): bigint {
  const scalar = scalars.get(key) ?? sm2Scalar(key)
  scalars.set(key, scalar)
  return scalar
}

/** JavaScript and WebCrypto. */
export const engine: Engine = {
  createHash: (algorithm) => creators[algorithm](),

  async verify(algorithm, key, message, signature, saltLength) {
    const web = webAlgorithm(algorithm, key.kind, saltLength)
    const ecdsa = algorithm.startsWith('ecdsa-')
    const raw = ecdsa ? ecdsaSignatureToRaw(signature, curves[key.kind as CurveKind].size) : signature
    if (raw === undefined) return false
    const native = await importOnce(key, web, () =>
      subtle().importKey('spki', owned(plainSpki(key)), web.key, false, ['verify']),
    )
    try {
      return await subtle().verify(web.operation, native, owned(raw), owned(message))
    } catch (cause) {
      throw unsupported(cause)
    }
  },

  async sign(algorithm, key, message) {
    const web = webAlgorithm(algorithm, key.kind)
    const native = await importOnce(key, web, () =>
      subtle().importKey('pkcs8', owned(key.pkcs8), web.key, false, ['sign']),
    )
    const signature = new Uint8Array(await subtle().sign(web.operation, native, owned(message)))
    return algorithm.startsWith('ecdsa-') ? ecdsaSignatureToDer(signature) : signature
  },

  sm2Verify(key, z, message, signature) {
    const values = parseSm2Signature(signature)
    const digest = createSm3().update(z).update(message).digest()
    return values !== undefined && sm2VerifyDigest(key.keyBytes, digest, values)
  },

  sm2Sign: (key, z, message) =>
    formatSm2Signature(sm2SignDigest(scalarOnce(key), createSm3().update(z).update(message).digest())),

  sm4: () => javaScriptSm4,

  publicKeyOf(key) {
    return key.kind === 'sm2' ? ecSpki('sm2', sm2PublicPoint(sm2Scalar(key))) : undefined
  },

  async generate(kind) {
    if (kind === 'sm2') {
      const scalar = sm2RandomScalar()
      return ecPkcs8('sm2', toBytes32(scalar), sm2PublicPoint(scalar))
    }
    const parameters =
      kind === 'rsa-2048'
        ? {
            name: 'RSASSA-PKCS1-v1_5',
            hash: 'SHA-256',
            modulusLength: 2048,
            publicExponent: Uint8Array.of(1, 0, 1),
          }
        : { name: 'ECDSA', namedCurve: 'P-256' }
    const pair = (await subtle().generateKey(parameters, true, ['sign', 'verify'])) as CryptoKeyPair
    return new Uint8Array(await subtle().exportKey('pkcs8', pair.privateKey))
  },

  decryptKey() {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'Encrypted keys open in Node only: decrypt the key first.')
  },
}

// Browsers know RSA keys only under rsaEncryption; what a key restricted to PSS allows was checked before.
function plainSpki({ pss, spki, keyBytes }: PublicKey): Uint8Array {
  if (!pss) return spki
  return der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null()), der.bitString(keyBytes))
}

// WebCrypto takes views of ArrayBuffer alone, not of shared memory.
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes)
}
