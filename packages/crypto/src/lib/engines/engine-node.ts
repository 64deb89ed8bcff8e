/**
 * The engine of Node: OpenSSL through node:crypto.
 *
 * SM2 works there only in one way: with a key that was imported (a freshly generated one signs ECDSA over the SM2
 * curve) and with Z put before the message by hand (`crypto.sign` would take an empty user identifier). Because that
 * rests on how Node calls OpenSSL, the standard's example is verified before first use; if it fails, JavaScript does it.
 */
import * as crypto from 'node:crypto'
import { promisify } from 'node:util'
import { type DigestAlgorithm, fromHex, utf8 } from '@zhicheng/core'
import { cryptoError } from '../../errors.ts'
import type { Hash } from '../../hash.ts'
import type { PublicKey } from '../../public-key.ts'
import { ecPkcs8, sm2Scalar } from '../keys/key-encoding.ts'
import {
  formatSm2Signature,
  isSm2Signature,
  parseSm2Signature,
  sm2SignDigest,
  sm2VerifyDigest,
  toBytes32,
} from '../sm2/sm2.ts'
import { createSm3 } from '../sm3/sm3.ts'
import { nodeSm4 } from '../sm4/sm4-native.ts'
import type { ClassicAlgorithm, Engine, EngineKey, GeneratedKeyKind } from './engine.ts'
import { hashFinished } from './hash-finished.ts'

class NativeHash implements Hash {
  #hash: crypto.Hash | undefined

  constructor(hash: crypto.Hash) {
    this.#hash = hash
  }

  update(bytes: Uint8Array): this {
    this.#live().update(bytes)
    return this
  }

  digest(): Uint8Array {
    const digest = new Uint8Array(this.#live().digest())
    this.#hash = undefined
    return digest
  }

  copy(): Hash {
    return new NativeHash(this.#live().copy())
  }

  #live(): crypto.Hash {
    if (this.#hash === undefined) throw hashFinished()
    return this.#hash
  }
}

let nativeSm3: boolean | undefined

function createHash(algorithm: DigestAlgorithm): Hash {
  if (algorithm === 'sm3') {
    nativeSm3 ??= crypto.getHashes().includes('sm3')
    if (!nativeSm3) return createSm3()
  }
  return new NativeHash(crypto.createHash(algorithm))
}

const imported = new WeakMap<object, crypto.KeyObject>()

function publicKeyObject(key: PublicKey): crypto.KeyObject {
  // RSA goes without its wrapping: OpenSSL 3 takes up to thirty times longer to find out what kind of key an SPKI holds.
  const bare = key.kind === 'rsa' && !key.pss
  return remember(key, () =>
    crypto.createPublicKey({
      key: viewOf(bare ? key.keyBytes : key.spki),
      format: 'der',
      type: bare ? 'pkcs1' : 'spki',
    }),
  )
}

function privateKeyObject(key: EngineKey): crypto.KeyObject {
  return remember(key, () => crypto.createPrivateKey({ key: viewOf(key.pkcs8), format: 'der', type: 'pkcs8' }))
}

/** The same bytes as node:crypto takes them, not copied. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function remember(key: object, load: () => crypto.KeyObject): crypto.KeyObject {
  const known = imported.get(key)
  if (known) return known
  try {
    const loaded = load()
    imported.set(key, loaded)
    return loaded
  } catch (cause) {
    throw cryptoError('ERR_CRYPTO_KEY_INVALID', 'OpenSSL does not accept the key.', { cause })
  }
}

function nativeAlgorithm(
  algorithm: ClassicAlgorithm,
  saltLength?: number,
): { digest: string | null; options?: { padding: number; saltLength: number } } {
  if (algorithm === 'ed25519') return { digest: null }
  const digest = algorithm.slice(algorithm.lastIndexOf('-') + 1)
  if (!algorithm.startsWith('rsa-pss-')) return { digest }
  const length = saltLength ?? crypto.constants.RSA_PSS_SALTLEN_DIGEST
  return { digest, options: { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: length } }
}

// GB/T 32918.5-2017, A.2: key, Z, message "message digest" and signature.
const example = {
  point:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  z: 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3',
  r: 0xf5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3n,
  s: 0xb1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aan,
  d: 0x3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8n,
}

let nativeSm2: boolean | undefined

/** True if this Node's OpenSSL does SM2 right; found out once. */
export function hasNativeSm2(): boolean {
  nativeSm2 ??= testNativeSm2()
  return nativeSm2
}

function testNativeSm2(): boolean {
  try {
    const privateKey = crypto.createPrivateKey({
      key: Buffer.from(ecPkcs8('sm2', toBytes32(example.d), fromHex(example.point))),
      format: 'der',
      type: 'pkcs8',
    })
    const publicKey = crypto.createPublicKey(privateKey)
    const z = fromHex(example.z)
    const message = utf8('message digest')
    const verify = (signature: Uint8Array) =>
      crypto.createVerify('sm3').update(z).update(message).verify(publicKey, signature)
    const wrong = formatSm2Signature({ r: example.r, s: example.s - 1n })
    return (
      verify(formatSm2Signature(example)) &&
      !verify(wrong) &&
      verify(crypto.createSign('sm3').update(z).update(message).sign(privateKey))
    )
  } catch {
    return false
  }
}

/** OpenSSL, with JavaScript where this build lacks SM2, SM3 or SM4. */
export const engine: Engine = {
  createHash,

  async verify(algorithm, key, message, signature, saltLength) {
    const { digest, options } = nativeAlgorithm(algorithm, saltLength)
    const native = publicKeyObject(key)
    if (digest === null) return crypto.verify(digest, message, native, signature)
    // The one-shot functions take half as long again with a key that is new, and with a key inside an object.
    return crypto
      .createVerify(digest)
      .update(message)
      .verify(options ? { key: native, ...options } : native, signature)
  },

  async sign(algorithm, key, message) {
    const { digest, options } = nativeAlgorithm(algorithm)
    const native = privateKeyObject(key)
    if (digest === null) return new Uint8Array(crypto.sign(digest, message, native))
    return new Uint8Array(
      crypto
        .createSign(digest)
        .update(message)
        .sign(options ? { key: native, ...options } : native),
    )
  },

  sm2Verify(key, z, message, signature) {
    if (!hasNativeSm2()) {
      const values = parseSm2Signature(signature)
      const digest = createHash('sm3').update(z).update(message).digest()
      return values !== undefined && sm2VerifyDigest(key.keyBytes, digest, values)
    }
    return (
      isSm2Signature(signature) &&
      crypto.createVerify('sm3').update(z).update(message).verify(publicKeyObject(key), signature)
    )
  },

  sm2Sign(key, z, message) {
    if (!hasNativeSm2()) {
      return formatSm2Signature(sm2SignDigest(sm2Scalar(key), createHash('sm3').update(z).update(message).digest()))
    }
    return new Uint8Array(crypto.createSign('sm3').update(z).update(message).sign(privateKeyObject(key)))
  },

  sm4: nodeSm4,

  publicKeyOf(key) {
    return new Uint8Array(crypto.createPublicKey(privateKeyObject(key)).export({ format: 'der', type: 'spki' }))
  },

  generate,

  decryptKey(encrypted, password) {
    const input: crypto.PrivateKeyInput =
      typeof encrypted === 'string'
        ? { key: encrypted, format: 'pem', passphrase: password }
        : { key: Buffer.from(encrypted), format: 'der', type: 'pkcs8', passphrase: password }
    try {
      return new Uint8Array(crypto.createPrivateKey(input).export({ format: 'der', type: 'pkcs8' }))
    } catch (cause) {
      throw cryptoError(
        'ERR_CRYPTO_PASSWORD_WRONG',
        'The private key does not open: the password is wrong or the file is damaged.',
        { cause },
      )
    }
  },
}

async function generate(kind: GeneratedKeyKind): Promise<Uint8Array> {
  if (kind === 'sm2') {
    const scalar = crypto.createECDH('SM2')
    scalar.generateKeys()
    return ecPkcs8('sm2', toBytes32(BigInt(`0x${scalar.getPrivateKey('hex')}`)), scalar.getPublicKey())
  }
  const { privateKey } =
    kind === 'rsa-2048'
      ? await promisify(crypto.generateKeyPair)('rsa', { modulusLength: 2048 })
      : await promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' })
  return new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' }))
}
