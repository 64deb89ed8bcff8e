/** A package in a folder. No link is followed: what is no plain file or folder becomes a problem of the report. */
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { archiveError } from '../errors.ts'
import { shown } from '../lib/problem.ts'
import type { ContainerProblem, PackageFile, PackageSource } from '../package-source.ts'

/** Options of {@link folderPackage}. */
export interface FolderPackageOptions {
  /** Files in all; 200,000 by default. */
  maxFiles?: number
  /** Folders inside each other; 32 by default. */
  maxDepth?: number
}

interface Walk {
  files: PackageFile[]
  folders: string[]
  problems: ContainerProblem[]
  limits: Required<FolderPackageOptions>
}

/**
 * The package in a folder, which is its base folder.
 *
 * @example
 * ```ts
 * const report = await checkPackage(folderPackage('out/case-1'), { digests: nodeDigests })
 * ```
 */
export function folderPackage(
  path: string,
  { maxFiles = 200_000, maxDepth = 32 }: FolderPackageOptions = {},
): PackageSource {
  return {
    name: basename(path),
    format: 'bag',
    async open() {
      const walk: Walk = { files: [], folders: [], problems: [], limits: { maxFiles, maxDepth } }
      await readFolder(path, { prefix: '', depth: 0, walk })
      walk.files.sort((left, right) => (left.path < right.path ? -1 : 1))
      return walk
    },
  }
}

async function readFolder(
  folder: string,
  { prefix, depth, walk }: { prefix: string; depth: number; walk: Walk },
): Promise<void> {
  if (depth > walk.limits.maxDepth) {
    throw archiveError('ERR_ARCHIVE_LIMIT', `The package has folders nested deeper than ${walk.limits.maxDepth}.`)
  }
  for (const raw of await readdir(folder, { encoding: 'buffer' })) {
    const name = raw.toString('utf8')
    const path = prefix + name
    if (!Buffer.from(name, 'utf8').equals(raw)) {
      walk.problems.push({ check: 'security.names', object: shown(path), evidence: 'the name is not UTF-8' })
      continue
    }
    const full = join(folder, name)
    const stat = await lstat(full)
    if (stat.isDirectory()) {
      walk.folders.push(path)
      await readFolder(full, { prefix: `${path}/`, depth: depth + 1, walk })
    } else if (stat.isFile()) {
      walk.files.push({ path, size: stat.size, stream: () => readPlainFile(full) })
    } else {
      const evidence = stat.isSymbolicLink() ? 'a symbolic link, which was not followed' : 'neither a file nor a folder'
      walk.problems.push({ check: 'security.links', object: shown(path), evidence })
    }
    if (walk.files.length + walk.folders.length > walk.limits.maxFiles) {
      throw archiveError('ERR_ARCHIVE_LIMIT', `The package has more than ${walk.limits.maxFiles} files and folders.`)
    }
  }
}

/** The content of a plain file in pieces that share one buffer; throws `ERR_ARCHIVE_LINK` if it turned into a link. */
async function* readPlainFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch((cause: unknown) => {
    const code = (cause as { code?: string }).code === 'ELOOP' ? 'ERR_ARCHIVE_LINK' : 'ERR_ARCHIVE_READ'
    throw archiveError(code, `"${shown(basename(path))}" cannot be opened as a plain file.`, { cause })
  })
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) break
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
