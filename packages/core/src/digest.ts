/** Digests and references to files by their digest. */

/** Names of digests as this project writes them. `sha1` occurs only where an old file brings it. */
export type DigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sm3'

/** A digest: its algorithm and its value in lower-case hex. */
export interface Digest {
  algorithm: DigestAlgorithm
  hex: string
}

/** A file somewhere else: name for people, type, size, and the digest that says which one is meant. */
export interface FileRef {
  /** Name for people, without a path. */
  name: string
  /** Media type, such as `application/pdf`. */
  mediaType: string
  /** Length in bytes. */
  size: number
  digest: Digest
}
