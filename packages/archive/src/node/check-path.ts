/** Checks the package at a path: a folder or a zip file. What `zhicheng archive check` does. */
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileSource } from '@zhicheng/core/node'
import { type CheckPackageOptions, checkPackage } from '../check-package.ts'
import type { CheckReport } from '../check-report.ts'
import { archiveError } from '../errors.ts'
import { type ZipPackageOptions, zipPackage } from '../zip-package.ts'
import { folderPackage } from './folder-package.ts'
import { nodeDigests } from './node-digests.ts'

/** Options of {@link checkPath}. */
export interface CheckPathOptions extends CheckPackageOptions {
  /** Limits and tolerances of the zip reader. */
  zip?: ZipPackageOptions
}

/**
 * Checks the package at `path`. Throws `ERR_FILE_UNREADABLE` if nothing can be read there, and `ERR_ARCHIVE_NOT_A_PACKAGE`
 * if it is neither a folder nor a zip; everything else is in the report.
 *
 * @example
 * ```ts
 * const report = await checkPath('out/case.zip', { stage: 'archiving' })
 * process.exitCode = report.verdict === 'accepted' ? 0 : 1
 * ```
 */
export async function checkPath(path: string, { zip, ...options }: CheckPathOptions = {}): Promise<CheckReport> {
  const full = resolve(path)
  const found = await stat(full).catch(() => undefined)
  const withDigests = { digests: nodeDigests, ...options }
  if (found?.isDirectory()) return checkPackage(folderPackage(full), withDigests)
  const source = await fileSource(full)
  try {
    const head = source.size < 4 ? [] : [...(await source.read(0, 2))]
    if (head[0] !== 0x50 || head[1] !== 0x4b) {
      throw archiveError('ERR_ARCHIVE_NOT_A_PACKAGE', `${basename(full)} is neither a folder nor a zip file.`)
    }
    return await checkPackage(zipPackage(basename(full), source, zip), withDigests)
  } finally {
    await source.close()
  }
}
