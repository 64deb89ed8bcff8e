/** Writes a bag (RFC 8493) file by file: each is read once, and hashed with SHA-256 and SM3 while it goes through. */
import { type Clock, formatDay, systemClock, toHex } from '@zhicheng/core'
import { createHash, hash } from '@zhicheng/crypto'
import { formatBagDeclaration } from './bag-declaration.ts'
import { type BagInfoEntry, formatBagInfo } from './bag-info.ts'
import { formatManifest } from './bag-manifest.ts'
import { archiveError } from './errors.ts'
import { shown } from './lib/problem.ts'
import { collisionKey, pathProblem } from './package-path.ts'
import type { FileContent, PackageSink } from './package-sink.ts'

/** A payload file that was written. */
export interface WrittenFile {
  path: string
  size: number
  sha256: string
  sm3: string
}

/** A bag that was written. */
export interface PackedPackage {
  /** Name of the base folder. */
  base: string
  /** Bytes of the payload. */
  bytes: number
  /** Files of the payload. */
  files: readonly WrittenFile[]
  /** SHA-256 of the tag manifest in hex: it stands for everything in the package. */
  tagManifestSha256: string
}

/** Options of {@link createBagWriter}. */
export interface BagWriterOptions {
  /** Name of the base folder. */
  base: string
  sink: PackageSink
  clock?: Clock
}

/** Writes one bag. Files are added one after the other, each awaited. */
export interface BagWriter {
  /** Adds a payload file; `path` begins with `data/`. */
  addPayload(path: string, content: FileContent): Promise<WrittenFile>
  /** Adds a tag file, which the tag manifest will list. */
  addTag(path: string, bytes: Uint8Array): Promise<void>
  /** Writes manifests and bag-info. `info` stands before the entries that every bag gets. */
  finish(info: readonly BagInfoEntry[]): Promise<PackedPackage>
}

/**
 * Creates a writer. Throws `ERR_ARCHIVE_NAME` for a name that some system could not store or could take for another.
 * The manifest uses SHA-256; RFC 8493 (2.4) recommends SHA-512 as default, which machines with SHA extensions hash at half
 * the speed. SM3 digests lie in the tag file `checksum/payload-sm3.txt`, for other tools reject or ignore a manifest of SM3.
 */
export function createBagWriter({ base, sink, clock = systemClock }: BagWriterOptions): BagWriter {
  assertName(base)
  const payload: WrittenFile[] = []
  const tags: [string, string][] = []
  const names = new Set<string>()
  const take = (path: string) => {
    assertName(path)
    const key = collisionKey(path)
    if (names.has(key)) throw nameError(path, 'another file has this name, or one that only some systems tell apart')
    names.add(key)
  }
  const placed = (path: string) => (sink.withBase ? `${base}/${path}` : path)
  const write = async (path: string, bytes: Uint8Array) => {
    take(path)
    await sink.add(placed(path), once(bytes))
    tags.push([path, toHex(hash('sha256', bytes))])
  }
  return {
    async addPayload(path, content) {
      if (!path.startsWith('data/')) throw nameError(path, 'a payload file lies under data/')
      take(path)
      const sha256 = createHash('sha256')
      const sm3 = createHash('sm3')
      let size = 0
      const through = async function* () {
        for await (const chunk of content instanceof Uint8Array ? once(content) : content()) {
          sha256.update(chunk)
          sm3.update(chunk)
          size += chunk.length
          yield chunk
        }
      }
      await sink.add(placed(path), through())
      const file = { path, size, sha256: toHex(sha256.digest()), sm3: toHex(sm3.digest()) }
      payload.push(file)
      return file
    },
    addTag: write,
    async finish(info) {
      if (payload.length === 0) throw archiveError('ERR_ARCHIVE_DESCRIPTION', 'There is no file to pack.')
      const bytes = payload.reduce((sum, { size }) => sum + size, 0)
      await write('bagit.txt', formatBagDeclaration())
      await write(
        'bag-info.txt',
        formatBagInfo([
          ...info,
          { label: 'Bagging-Date', value: formatDay(clock.now()) },
          { label: 'Payload-Oxum', value: `${bytes}.${payload.length}` },
        ]),
      )
      await write('manifest-sha256.txt', formatManifest(payload.map(({ path, sha256 }) => [path, sha256] as const)))
      await write('checksum/payload-sm3.txt', formatManifest(payload.map(({ path, sm3 }) => [path, sm3] as const)))
      const tagManifest = formatManifest(tags)
      await sink.add(placed('tagmanifest-sha256.txt'), once(tagManifest))
      await sink.finish()
      return { base, bytes, files: payload, tagManifestSha256: toHex(hash('sha256', tagManifest)) }
    },
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

function assertName(path: string): void {
  const problem = pathProblem(path, { strict: true })
  if (problem) throw nameError(path, problem)
}

function nameError(path: string, why: string): Error {
  return archiveError('ERR_ARCHIVE_NAME', `"${shown(path)}" cannot be packed under this name: ${why}. Rename it.`, {
    facts: { path: shown(path) },
  })
}
