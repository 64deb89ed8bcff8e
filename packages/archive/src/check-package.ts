/** Checks a package for the four properties (四性检测): authenticity, integrity, usability, security. */

import { bagInfoValues } from './bag-info.ts'
import type { CheckReport, CheckStage } from './check-report.ts'
import { type DigestFactory, portableDigests } from './digests.ts'
import type { DocumentVerifier, FileScanner } from './inspectors.ts'
import { readBag } from './lib/bag-reader.ts'
import { createCheckRecorder } from './lib/check-recorder.ts'
import { checkContainer, recordOpenFailure } from './lib/checks/container.ts'
import { checkFiles } from './lib/checks/files.ts'
import { checkMetadata } from './lib/checks/metadata.ts'
import { checkStructure } from './lib/checks/structure.ts'
import type { PackageContents, PackageSource } from './package-source.ts'
import { archiveProfiles, type ProfileId, profileOf } from './profile.ts'

/** Options of {@link checkPackage}. */
export interface CheckPackageOptions {
  /** What the package has to satisfy; by default what it claims in `Zhicheng-Profile`, else a plain bag. */
  profile?: ProfileId
  /** `archiving` (归档) by default. */
  stage?: CheckStage
  /** Verifies signatures and seals of PDF and OFD. Without it these checks say `not-checked`. */
  verifyDocument?: DocumentVerifier
  /** Scans for viruses. Without it that check says `not-checked`. */
  scan?: FileScanner
  /** Digests that manifests may use; in Node, `nodeDigests` knows those of old bags too. */
  digests?: DigestFactory
  /** Files above this size are hashed but not looked into; 256 MiB by default. */
  maxInspectedBytes?: number
  signal?: AbortSignal
}

/**
 * Checks a package. Whatever lies in it, the answer is a report: `accepted` only if every mandatory check of every object
 * passed, `returned` if one failed, `manual` if one is open. What was not checked says `not-checked`. No address in the
 * package is ever followed.
 *
 * @example
 * ```ts
 * const report = await checkPackage(zipPackage('case.zip', bytes), { stage: 'transfer' })
 * report.verdict // 'accepted' | 'returned' | 'manual'
 * ```
 */
export async function checkPackage(source: PackageSource, options: CheckPackageOptions = {}): Promise<CheckReport> {
  const { stage = 'archiving', digests = portableDigests, maxInspectedBytes = 256 * 1024 * 1024, signal } = options
  const about = { package: source.name, format: source.format, stage }
  const object = source.name
  let contents: PackageContents
  try {
    contents = await source.open()
  } catch (error) {
    const profile = options.profile ? archiveProfiles[options.profile] : profileOf(undefined)
    const recorder = createCheckRecorder(profile, object)
    recordOpenFailure(recorder, { error, object })
    return { ...about, profile: profile.id, ...recorder.finish(stage) }
  }
  const bag = await readBag(contents, { folder: source.format === 'bag' })
  const claimed = bagInfoValues(bag.info?.entries ?? [], 'Zhicheng-Profile')[0]
  const profile = options.profile ? archiveProfiles[options.profile] : profileOf(claimed)
  const recorder = createCheckRecorder(profile, object)
  checkContainer(recorder, { contents, object, format: source.format })
  checkStructure(recorder, { bag, object })
  const { verifyDocument, scan } = options
  const kept = await checkFiles(recorder, {
    bag,
    object,
    profile,
    digests,
    maxInspectedBytes,
    ...(verifyDocument ? { verifyDocument } : {}),
    ...(scan ? { scan } : {}),
    ...(signal ? { signal } : {}),
  })
  if (profile.layout) checkMetadata(recorder, { bag, layout: profile.layout, kept, object })
  return { ...about, profile: profile.id, ...recorder.finish(stage) }
}
