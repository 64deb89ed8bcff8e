/** A package as its checks see it: files with their paths and contents, wherever they come from. */

/** One file of a package. */
export interface PackageFile {
  /** Path from the container's root, with `/`. */
  readonly path: string
  /** Length in bytes. */
  readonly size: number
  /** The content in pieces; throws a coded error when it cannot be read as it was stored. */
  stream(): AsyncIterable<Uint8Array>
}

/** Something in the container that is not a plain file or folder, or a name that is no text. */
export interface ContainerProblem {
  check: 'security.links' | 'security.names'
  object: string
  evidence: string
}

/** What an opened container holds. */
export interface PackageContents {
  readonly files: readonly PackageFile[]
  /** Paths of folders, without a slash at the end; those that only files imply may be missing. */
  readonly folders: readonly string[]
  readonly problems: readonly ContainerProblem[]
}

/** A package that can be opened. */
export interface PackageSource {
  /** Name of the file or folder, without a path. */
  readonly name: string
  readonly format: 'bag' | 'zip'
  /** Reads the list of contents. Throws a coded error if the container cannot be read safely. */
  open(): Promise<PackageContents>
}

/**
 * A package whose files are in memory, by their paths in the base folder.
 *
 * @example
 * ```ts
 * memoryPackage('case-1', { 'bagit.txt': utf8('…'), 'data/form.xml': bytes })
 * ```
 */
export function memoryPackage(name: string, files: Readonly<Record<string, Uint8Array>>): PackageSource {
  return {
    name,
    format: 'bag',
    open: async () => ({
      files: Object.entries(files).map(([path, bytes]) => ({
        path,
        size: bytes.length,
        async *stream() {
          yield bytes
        },
      })),
      folders: [],
      problems: [],
    }),
  }
}
