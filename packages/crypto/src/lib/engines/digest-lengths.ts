/** Lengths of digests, apart from the hashes themselves, because engines need them too. */
import type { DigestAlgorithm } from '@zhicheng/core'

/** Length of a digest in bytes. */
export const digestLengths: Readonly<Record<DigestAlgorithm, number>> = {
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sm3: 32,
}
