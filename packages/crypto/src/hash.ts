/**
 * Digests and HMAC (FIPS 180-4, GB/T 32905, FIPS 198-1): synchronous and incremental in every runtime.
 *
 * Node hashes natively; elsewhere @noble/hashes and this package's own SM3 do it, because WebCrypto can neither hash in
 * pieces nor run on a page that was not served over https.
 */
import type { DigestAlgorithm } from '@zhicheng/core'
import { engine } from '#engine'

export { digestLengths } from './lib/engines/digest-lengths.ts'

/** A digest in the making. */
export interface Hash {
  /** Adds bytes; returns itself. Throws `ERR_CRYPTO_HASH_FINISHED` after `digest()`. */
  update(bytes: Uint8Array): this
  /** The digest of everything added; a hash gives it once. */
  digest(): Uint8Array
  /** An independent hash in the same state, so that a shared beginning is hashed only once. */
  copy(): Hash
}

const oids: Readonly<Record<DigestAlgorithm, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  sm3: '1.2.156.10197.1.401',
}

const algorithms: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ...Object.entries(oids).map(([algorithm, oid]) => [oid, algorithm as DigestAlgorithm] as const),
  // GM/T 0006 splits SM3 into "without key" and "with key"; files in the field carry either for the plain digest.
  ['1.2.156.10197.1.401.1', 'sm3'],
  ['1.2.156.10197.1.401.2', 'sm3'],
])

const blockLengths: Readonly<Record<DigestAlgorithm, number>> = {
  sha1: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
  sm3: 64,
}

/**
 * A hash that takes its input in pieces.
 *
 * @example
 * ```ts
 * const hash = createHash('sm3')
 * for await (const chunk of file) hash.update(chunk)
 * toHex(hash.digest())
 * ```
 */
export function createHash(algorithm: DigestAlgorithm): Hash {
  return engine.createHash(algorithm)
}

/** The digest of the given parts, one after the other. */
export function hash(algorithm: DigestAlgorithm, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = engine.createHash(algorithm)
  for (const part of parts) state.update(part)
  return state.digest()
}

/** HMAC (FIPS 198-1; with SM3: GM/T 0042) of the given parts, one after the other. */
export function hmac(algorithm: DigestAlgorithm, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const blockLength = blockLengths[algorithm]
  const block = new Uint8Array(blockLength)
  block.set(key.length > blockLength ? hash(algorithm, key) : key)
  const inner = hash(
    algorithm,
    block.map((byte) => byte ^ 0x36),
    ...parts,
  )
  return hash(
    algorithm,
    block.map((byte) => byte ^ 0x5c),
    inner,
  )
}

/** The object identifier of a digest algorithm; for SM3 that of the plain digest, 1.2.156.10197.1.401. */
export function digestOid(algorithm: DigestAlgorithm): string {
  return oids[algorithm]
}

/** The digest algorithm an object identifier names, all three of SM3 included; `undefined` for any other. */
export function digestOfOid(oid: string): DigestAlgorithm | undefined {
  return algorithms.get(oid)
}
