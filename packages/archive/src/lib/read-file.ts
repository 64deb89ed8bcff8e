/** Reads one file of a package once, from end to end, and takes from it whatever the checks need. */
import { concatBytes, isZhichengError, toHex } from '@zhicheng/core'
import type { DigestFactory } from '../digests.ts'
import type { PackageFile } from '../package-source.ts'

/** A file that was read. */
export interface ReadFile {
  readonly path: string
  /** Bytes that came, which may differ from what the container said. */
  readonly size: number
  /** Digests in lower-case hex by algorithm, as far as the algorithms are known. */
  readonly digests: Readonly<Record<string, string>>
  /** First 4 KiB. */
  readonly head: Uint8Array
  /** The whole content, if it was asked for and is not too large. */
  readonly whole?: Uint8Array
  /** Why the content could not be read to its end. */
  readonly failure?: { code: string; message: string }
}

/** Reads a file. Nothing is thrown for what lies in the package: it comes back as `failure`. */
export async function readPackageFile(
  file: PackageFile,
  { algorithms, digests, keepBelow = 0 }: { algorithms: Iterable<string>; digests: DigestFactory; keepBelow?: number },
): Promise<ReadFile> {
  const hashes = new Map<string, NonNullable<ReturnType<DigestFactory>>>()
  for (const algorithm of algorithms) {
    const hash = digests(algorithm)
    if (hash) hashes.set(algorithm, hash)
  }
  const kept: Uint8Array[] = []
  const keep = file.size <= keepBelow
  let size = 0
  let headLength = 0
  try {
    for await (const chunk of file.stream()) {
      for (const hash of hashes.values()) hash.update(chunk)
      // Sources may reuse their buffer for the next piece, so what is kept is copied; `slice` of a Buffer would not.
      if (keep || headLength < 4096) kept.push(new Uint8Array(keep ? chunk : chunk.subarray(0, 4096 - headLength)))
      headLength += chunk.length
      size += chunk.length
    }
  } catch (cause) {
    const failure = isZhichengError(cause)
      ? { code: cause.code, message: cause.message }
      : { code: 'ERR_ARCHIVE_READ', message: 'The content could not be read to its end.' }
    return { path: file.path, size, digests: {}, head: new Uint8Array(), failure }
  }
  const bytes = concatBytes(...kept)
  return {
    path: file.path,
    size,
    digests: Object.fromEntries([...hashes].map(([algorithm, hash]) => [algorithm, toHex(hash.digest())])),
    head: bytes.subarray(0, 4096),
    ...(keep ? { whole: bytes } : {}),
  }
}
