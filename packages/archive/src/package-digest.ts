/** Digests of a whole package file, for deposits and receipts: both in one pass. */
import { type ByteSource, bytesSource, toHex } from '@zhicheng/core'
import { createHash } from '@zhicheng/crypto'

/** Size and digests of a package file; digests are lower-case hex. */
export interface PackageDigest {
  bytes: number
  sha256: string
  sm3: string
}

/** Reads a package once, from bytes or from anything that reads at random. */
export async function digestPackage(
  input: Uint8Array | ByteSource,
  { signal }: { signal?: AbortSignal } = {},
): Promise<PackageDigest> {
  const source = input instanceof Uint8Array ? bytesSource(input) : input
  const sha256 = createHash('sha256')
  const sm3 = createHash('sm3')
  for (let offset = 0; offset < source.size; offset += 1_048_576) {
    signal?.throwIfAborted()
    const chunk = await source.read(offset, Math.min(1_048_576, source.size - offset))
    sha256.update(chunk)
    sm3.update(chunk)
  }
  return { bytes: source.size, sha256: toHex(sha256.digest()), sm3: toHex(sm3.digest()) }
}
