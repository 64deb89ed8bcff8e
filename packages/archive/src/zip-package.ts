/** A package in a zip file. The reader refuses every ambiguity before a byte of content is used. */
import type { ByteSource } from '@zhicheng/core'
import { openZip, type ZipLimits } from '@zhicheng/formats'
import type { PackageSource } from './package-source.ts'

/** Options of {@link zipPackage}. */
export interface ZipPackageOptions extends ZipLimits {
  /** Reads names without the UTF-8 flag as GBK, as older Chinese desktop tools write them. Off by default. */
  allowGbkNames?: boolean
}

/**
 * The package inside a zip, from bytes or from anything that reads at random.
 *
 * @example
 * ```ts
 * const report = await checkPackage(zipPackage('case.zip', bytes))
 * ```
 */
export function zipPackage(
  name: string,
  input: Uint8Array | ByteSource,
  options: ZipPackageOptions = {},
): PackageSource {
  return {
    name,
    format: 'zip',
    async open() {
      // Names that differ only in case are a remark of the check, not a reason to see nothing else of the package.
      const archive = await openZip(plainBytes(input), { ...options, allowCaseVariants: true })
      return {
        files: archive.entries
          .filter((entry) => !entry.directory)
          .map((entry) => ({ path: entry.name, size: entry.size, stream: () => archive.stream(entry) })),
        folders: archive.entries.filter((entry) => entry.directory).map((entry) => entry.name.slice(0, -1)),
        problems: [],
      }
    },
  }
}

/** A Buffer is a Uint8Array with other habits: its `slice` shares memory. Readers get the plain kind. */
function plainBytes(input: Uint8Array | ByteSource): Uint8Array | ByteSource {
  return input instanceof Uint8Array ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : input
}
