/** Reads every file of a package once and records what its bytes say: digests, tag files, SM3 list, contents. */

import type { ArchiveProfile } from '../../archive-profile.ts'
import { type BagManifest, parseManifest } from '../../bag-manifest.ts'
import type { CheckId } from '../../check-report.ts'
import type { DigestFactory } from '../../digests.ts'
import type { DocumentVerifier, FileScanner } from '../../inspectors.ts'
import type { Bag } from '../bag-reader.ts'
import type { CheckRecorder } from '../check-recorder.ts'
import { noProblems, type Problems, shown } from '../problem.ts'
import { type ReadFile, readPackageFile } from '../read-file.ts'
import { checkContent } from './content.ts'
import { findListed } from './structure.ts'

/** What is asked of each payload file by itself. */
const checksOfFiles = [
  'integrity.digest',
  'usability.format',
  'usability.readable',
  'security.executable',
  'authenticity.seal',
  'security.virus',
] as const

/** What the reading of files needs. */
export interface FileCheckInput {
  bag: Bag
  object: string
  profile: ArchiveProfile
  digests: DigestFactory
  /** Files above this size are hashed but not looked into. */
  maxInspectedBytes: number
  verifyDocument?: DocumentVerifier
  scan?: FileScanner
  signal?: AbortSignal
}

/** Content of the small files that later checks need, by path. */
export type KeptFiles = ReadonlyMap<string, Uint8Array>

interface Listing {
  name: string
  algorithm: string
  /** Wanted digest by the path of the file that is meant. */
  wanted: ReadonlyMap<string, string>
}

/** Reads all files. Returns the metadata files' contents. */
export async function checkFiles(recorder: CheckRecorder, input: FileCheckInput): Promise<KeptFiles> {
  const { bag, object, profile, digests, signal } = input
  const payload = supported(recorder, {
    id: 'integrity.digest',
    listings: bag.manifests.map((one) => listingOf(bag, one)),
    digests,
  })
  const tags = supported(recorder, {
    id: 'authenticity.tag-files',
    listings: bag.tagManifests.map((one) => listingOf(bag, one)),
    digests,
  })
  const sm3 = await readSm3List(recorder, input)
  const tagProblems = missingTagFiles(bag)
  const kept = new Map<string, Uint8Array>()
  let failures = 0
  for (const [path, file] of bag.files) {
    signal?.throwIfAborted()
    const inPayload = path.startsWith('data/')
    const listings = [...(inPayload ? payload : tags), ...(sm3 && inPayload ? [sm3] : [])].filter(({ wanted }) =>
      wanted.has(path),
    )
    const metadata = path === profile.layout?.baseInfo || path === profile.layout?.processInfo
    const read = await readPackageFile(file, {
      algorithms: new Set(listings.map(({ algorithm }) => algorithm)),
      digests,
      keepBelow: profile.layout && inPayload ? input.maxInspectedBytes : 0,
    })
    if (read.failure) {
      failures += 1
      recordUnreadable(recorder, { path, read })
      if (!inPayload)
        tagProblems.errors.push({ code: 'ERR_ARCHIVE_READ', object: shown(path), evidence: read.failure.message })
      continue
    }
    if (metadata && read.whole) kept.set(path, read.whole)
    if (inPayload) comparePayload(recorder, { path, read, listings: listings.filter((one) => one !== sm3), sm3 })
    else compareTagFile(tagProblems, { path, read, tags })
    if (profile.layout && inPayload) await checkContent(recorder, read, { ...input, path, layout: profile.layout })
  }
  if (failures === 0) {
    recorder.add('usability.container', { status: 'pass', object, evidence: `${bag.files.size} files read to the end` })
  }
  settleTagFiles(recorder, { bag, profile, tags, problems: tagProblems })
  for (const id of checksOfFiles) {
    if (failures > 0 || !recorder.planned(id) || !recorder.open(id) || bag.manifests.length === 0) continue
    recorder.add(id, { status: 'not-applicable', object, evidence: 'there is no payload file' })
  }
  return kept
}

function listingOf(bag: Bag, { name, algorithm, entries }: BagManifest): Listing {
  const wanted = new Map<string, string>()
  for (const [path, digest] of entries) {
    const found = findListed(bag, path)
    if (found !== undefined) wanted.set(found, digest)
  }
  return { name, algorithm, wanted }
}

/** Leaves out lists whose algorithm cannot be computed here, and says so: what was not compared must not look compared. */
function supported(
  recorder: CheckRecorder,
  { id, listings, digests }: { id: CheckId; listings: readonly Listing[]; digests: DigestFactory },
): Listing[] {
  return listings.filter(({ name, algorithm }) => {
    if (digests(algorithm)) return true
    recorder.add(id, {
      status: 'not-checked',
      object: name,
      evidence: `the digest ${algorithm} cannot be computed here`,
      remedy: 'check the package on a system that has it, or ask for a manifest with SHA-256',
      code: 'ERR_ARCHIVE_DIGEST_UNSUPPORTED',
    })
    return false
  })
}

async function readSm3List(
  recorder: CheckRecorder,
  { bag, profile, digests }: FileCheckInput,
): Promise<Listing | undefined> {
  const name = profile.layout?.sm3List
  const file = name === undefined ? undefined : bag.files.get(name)
  if (name === undefined) return undefined
  if (!file) {
    const evidence = 'there is no list of SM3 digests'
    recorder.add('integrity.sm3', { status: 'not-applicable', object: name, evidence })
    return undefined
  }
  const { whole, failure } = await readPackageFile(file, { algorithms: [], digests, keepBelow: 64 * 1024 * 1024 })
  if (!whole || failure) return undefined
  const text = new TextDecoder().decode(whole)
  const list = parseManifest(text, { name, kind: 'payload', strict: true, algorithm: 'sm3' })
  const listing = listingOf(bag, list)
  const problems: Problems = { errors: [...list.problems.errors], warnings: list.problems.warnings }
  for (const path of bag.files.keys()) {
    if (!path.startsWith('data/') || listing.wanted.has(path)) continue
    problems.errors.push({ code: 'ERR_ARCHIVE_FILE_UNLISTED', object: shown(path), evidence: `not listed in ${name}` })
  }
  const evidence = `${listing.wanted.size} files listed; a digest that differs has a record of its own`
  recorder.settle('integrity.sm3', { object: name, problems, evidence, remedy: 'make the package again' })
  return supported(recorder, { id: 'integrity.sm3', listings: [listing], digests })[0]
}

function recordUnreadable(recorder: CheckRecorder, { path, read }: { path: string; read: ReadFile }): void {
  const { code, message } = read.failure!
  const remedy = 'transfer or make the package again'
  recorder.add('usability.container', { status: 'fail', object: shown(path), evidence: message, remedy, code })
  if (!path.startsWith('data/')) return
  const evidence = 'the content could not be read'
  for (const id of checksOfFiles) {
    if (recorder.planned(id)) recorder.add(id, { status: 'not-checked', object: shown(path), evidence, remedy })
  }
}

function comparePayload(
  recorder: CheckRecorder,
  {
    path,
    read,
    listings,
    sm3,
  }: { path: string; read: ReadFile; listings: readonly Listing[]; sm3: Listing | undefined },
): void {
  const object = shown(path)
  for (const { name, algorithm, wanted } of listings) {
    const good = read.digests[algorithm] === wanted.get(path)
    recorder.add('integrity.digest', {
      status: good ? 'pass' : 'fail',
      object,
      evidence: `${algorithm} ${read.digests[algorithm]}${good ? '' : `, but ${name} says ${wanted.get(path)}`}`,
      ...(good ? {} : { code: 'ERR_ARCHIVE_DIGEST_MISMATCH', remedy: 'replace the file by the one that was packed' }),
    })
  }
  const wantedSm3 = sm3?.wanted.get(path)
  if (wantedSm3 === undefined || read.digests['sm3'] === wantedSm3) return
  recorder.add('integrity.sm3', {
    status: 'fail',
    object,
    evidence: `sm3 ${read.digests['sm3']}, but ${sm3!.name} says ${wantedSm3}`,
    remedy: 'replace the file by the one that was packed',
    code: 'ERR_ARCHIVE_DIGEST_MISMATCH',
  })
}

function missingTagFiles(bag: Bag): Problems {
  const problems = noProblems()
  for (const { name, entries } of bag.tagManifests) {
    for (const path of entries.keys()) {
      if (findListed(bag, path) !== undefined) continue
      const evidence = `listed in ${name}, but not there`
      problems.errors.push({ code: 'ERR_ARCHIVE_FILE_MISSING', object: shown(path), evidence })
    }
  }
  return problems
}

function compareTagFile(
  problems: Problems,
  { path, read, tags }: { path: string; read: ReadFile; tags: readonly Listing[] },
): void {
  const object = shown(path)
  for (const { name, algorithm, wanted } of tags) {
    const digest = wanted.get(path)
    if (digest === undefined || read.digests[algorithm] === digest) continue
    const evidence = `${algorithm} ${read.digests[algorithm]}, but ${name} says ${digest}`
    problems.errors.push({ code: 'ERR_ARCHIVE_DIGEST_MISMATCH', object, evidence })
  }
  if (tags.length === 0 || /^tagmanifest-|^signature\//.test(path) || tags.some(({ wanted }) => wanted.has(path)))
    return
  problems.warnings.push({ code: 'WARN_ARCHIVE_UNLISTED_TAG_FILE', object, evidence: 'not listed in a tag manifest' })
}

function settleTagFiles(
  recorder: CheckRecorder,
  { bag, profile, tags, problems }: { bag: Bag; profile: ArchiveProfile; tags: readonly Listing[]; problems: Problems },
): void {
  const object = tags.map(({ name }) => name).join(', ') || 'tagmanifest'
  if (bag.tagManifests.length === 0 && !profile.layout) {
    const evidence = 'there is no tag manifest, which is optional'
    recorder.add('authenticity.tag-files', { status: 'not-applicable', object, evidence })
    return
  }
  if (bag.tagManifests.length === 0) {
    const evidence = 'a case package has to have a tag manifest'
    problems.errors.push({ code: 'ERR_ARCHIVE_MANIFEST_MISSING', object, evidence })
  }
  // Tag manifests of an unknown algorithm have their own record; faults are told all the same.
  if (tags.length === 0 && problems.errors.length === 0) return
  recorder.settle('authenticity.tag-files', {
    object,
    problems,
    evidence: 'every listed tag file is unchanged',
    remedy: 'replace the file by the one that was packed',
  })
}
