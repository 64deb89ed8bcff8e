/** Keys and signers that are the same on every run, so that a seed number is enough to make an input again. */
import { createHash } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'
import { concatBytes, fromHex, utf8 } from '@zhicheng/core'
import type { Certificate } from '../src/certificate.ts'
import { der } from '../src/der.ts'
import { hash } from '../src/hash.ts'
import { ecPkcs8 } from '../src/lib/keys/key-encoding.ts'
import { formatSm2Signature, sm2SignDigest } from '../src/lib/sm2/sm2.ts'
import { createSignature, type PrivateKey, parsePrivateKey } from '../src/private-key.ts'
import { defaultAlgorithm, type PublicKey, sm2Z } from '../src/public-key.ts'
import type { SignatureAlgorithm } from '../src/signature-algorithm.ts'
import type { Signer } from '../src/signer.ts'

/** Kinds of keys the seeds are made with. */
export type SeedKind = 'rsa' | 'p256' | 'ed25519' | 'sm2'

/** All of them. */
export const seedKinds: readonly SeedKind[] = ['rsa', 'p256', 'ed25519', 'sm2']

/** A key whose every signature over one message is the same. */
export interface SeedKey {
  readonly pkcs8: Uint8Array
  readonly publicKey: PublicKey
  readonly algorithm: SignatureAlgorithm
  sign(message: Uint8Array): Promise<Uint8Array>
}

const made = new Map<string, SeedKey>()

/** The key of this kind and name. */
export function seedKey(kind: SeedKind, name: string): SeedKey {
  const id = `${kind} ${name}`
  const known = made.get(id) ?? create(kind, name)
  made.set(id, known)
  return known
}

/** A signer over such a key. */
export function seedSigner(key: SeedKey, certificateChain: readonly [Certificate, ...Certificate[]]): Signer {
  return { algorithm: key.algorithm, certificateChain, sign: (message) => key.sign(message) }
}

function create(kind: SeedKind, name: string): SeedKey {
  const secret = digest(`${kind} ${name}`)
  const pkcs8 = encode(kind, name, secret)
  const privateKey = parsePrivateKey(pkcs8)
  const publicKey = privateKey.publicKey!
  return {
    pkcs8,
    publicKey,
    algorithm: defaultAlgorithm(privateKey.kind),
    sign: async (message) => sign(kind, { privateKey, publicKey, secret }, message),
  }
}

interface Held {
  readonly privateKey: PrivateKey
  readonly publicKey: PublicKey
  readonly secret: Uint8Array
}

// RSA with PKCS#1 padding and Ed25519 sign the same way each time; OpenSSL's ECDSA and SM2 do not.
async function sign(kind: SeedKind, { privateKey, publicKey, secret }: Held, message: Uint8Array): Promise<Uint8Array> {
  if (kind === 'p256') return p256.sign(message, secret, { format: 'der' })
  if (kind !== 'sm2') return createSignature({ privateKey, message })
  const e = hash('sm3', sm2Z(publicKey), message)
  const k = toNumber(hash('sha256', secret, e))
  return formatSm2Signature(sm2SignDigest(toNumber(secret), e, () => k))
}

function encode(kind: SeedKind, name: string, secret: Uint8Array): Uint8Array {
  if (kind === 'rsa') return rsaPkcs8(name)
  if (kind === 'ed25519') return concatBytes(fromHex('302e020100300506032b657004220420'), secret)
  return ecPkcs8(kind === 'sm2' ? 'sm2' : 'ec-p256', secret, undefined)
}

// The first primes after numbers that a digest gives, so that none has to be searched for at each start.
const primeOffsets: Readonly<Record<string, readonly [number, number]>> = { root: [254, 258], leaf: [1158, 2376] }

function rsaPkcs8(name: string): Uint8Array {
  const offsets = primeOffsets[name]
  if (!offsets) throw new Error(`There is no RSA key named ${name}.`)
  const [p, q] = ['p', 'q'].map((part, index) => {
    const base = toNumber(concatBytes(...[0, 1, 2, 3].map((block) => digest(`rsa ${name} ${part} ${block}`))))
    return ((base | (3n << 1022n) | 1n) & ((1n << 1024n) - 1n)) + BigInt(offsets[index]!)
  }) as [bigint, bigint]
  const e = 65_537n
  const d = inverse(e, (p - 1n) * (q - 1n))
  const numbers = [0n, p * q, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)]
  const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null())
  return der.sequence(der.integer(0), algorithm, der.octetString(der.sequence(numbers.map(der.integer))))
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high] = [((value % modulus) + modulus) % modulus, modulus]
  let [one, other] = [1n, 0n]
  while (low > 0n) {
    const quotient = high / low
    ;[low, high] = [high - quotient * low, low]
    ;[one, other] = [other - quotient * one, one]
  }
  return ((other % modulus) + modulus) % modulus
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(utf8(text)).digest())
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
