/** Digests by their names in manifests. Every runtime has the strong ones; Node adds those that only old bags use. */
import type { DigestAlgorithm } from '@zhicheng/core'
import { createHash, type Hash } from '@zhicheng/crypto'

/** Makes a hash for a manifest's algorithm, or says that it cannot. */
export type DigestFactory = (algorithm: string) => Pick<Hash, 'update' | 'digest'> | undefined

const portable: readonly string[] = ['sha1', 'sha256', 'sha384', 'sha512', 'sm3'] satisfies DigestAlgorithm[]

/** SHA-1, SHA-256, SHA-384, SHA-512 and SM3, in any runtime. */
export const portableDigests: DigestFactory = (algorithm) =>
  portable.includes(algorithm) ? createHash(algorithm as DigestAlgorithm) : undefined
