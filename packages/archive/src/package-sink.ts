/** Where a package is written: files come one after the other, and nothing counts before `finish`. */
import { createZipWriter } from '@zhicheng/formats'

/** Content of one file: bytes, or pieces that are read once. */
export type FileContent = Uint8Array | (() => AsyncIterable<Uint8Array>)

/** Takes the files of one package. */
export interface PackageSink {
  /** True if paths begin with the name of the base folder; a folder sink is the base folder itself. */
  readonly withBase: boolean
  /** Writes one file; the pieces are consumed while they are written. */
  add(path: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Makes the package complete. */
  finish(): Promise<void>
}

/**
 * A sink that writes a zip: stored, not compressed, for an archive wants no second format around its files, and the same
 * bytes for the same content.
 */
export function zipSink(write: (chunk: Uint8Array) => unknown): PackageSink {
  const writer = createZipWriter(write)
  return {
    withBase: true,
    add: (path, content) => writer.add(path, content, { store: true }),
    finish: () => writer.finish(),
  }
}
