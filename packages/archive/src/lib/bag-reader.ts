/** Finds the bag in a container and reads its tag files; every fault is kept for the report, none is thrown. */
import { isZhichengError } from '@zhicheng/core'
import { type BagDeclaration, parseBagDeclaration } from '../bag-declaration.ts'
import { type BagInfo, parseBagInfo } from '../bag-info.ts'
import { type BagManifest, manifestNameOf, parseManifest } from '../bag-manifest.ts'
import type { ArchiveFindingCode } from '../errors.ts'
import { type FetchList, parseFetchList } from '../fetch-list.ts'
import type { PackageContents, PackageFile } from '../package-source.ts'
import { noProblems, type Problems } from './problem.ts'
import { readPackageFile } from './read-file.ts'
import { decodeTagFile } from './tag-text.ts'

/** A bag, as far as it could be read. */
export interface Bag {
  /** Files by path relative to the base folder. */
  files: ReadonlyMap<string, PackageFile>
  /** Paths by their Unicode form NFC, for manifests that were written on another system. */
  forms: ReadonlyMap<string, string>
  /** Folders relative to the base folder. */
  folders: readonly string[]
  /** Name of the base folder; empty if the bag lies at the container's root. */
  base: string
  declaration?: BagDeclaration
  manifests: readonly BagManifest[]
  tagManifests: readonly BagManifest[]
  info?: BagInfo
  fetch?: FetchList
  /** Faults of finding and decoding, by the file they are about. */
  baseProblems: Problems
  declarationProblems: Problems
  manifestProblems: Problems
  infoProblems: Problems
  fetchProblems: Problems
}

/** Largest tag file that is read, in bytes: a manifest of half a million lines. */
const maxTagFileBytes = 64 * 1024 * 1024

/** Reads the bag in a container. `folder` is true if the container itself is the base folder. */
export async function readBag(contents: PackageContents, { folder }: { folder: boolean }): Promise<Bag> {
  const { base, problems } = findBase(contents, folder)
  const prefix = base === '' ? '' : `${base}/`
  const inside = (path: string) => path.startsWith(prefix)
  const files = new Map(
    contents.files.filter(({ path }) => inside(path)).map((file) => [file.path.slice(prefix.length), file] as const),
  )
  const bag: Bag = {
    files,
    forms: new Map([...files.keys()].map((path) => [path.normalize('NFC'), path])),
    folders: contents.folders.filter((path) => inside(path) && path !== base).map((path) => path.slice(prefix.length)),
    base,
    manifests: [],
    tagManifests: [],
    baseProblems: problems,
    declarationProblems: noProblems(),
    manifestProblems: noProblems(),
    infoProblems: noProblems(),
    fetchProblems: noProblems(),
  }
  const declaration = await readDeclaration(bag)
  if (!declaration) return bag
  bag.declaration = declaration
  await readManifests(bag, declaration)
  const infoName = files.has('bag-info.txt') ? 'bag-info.txt' : 'package-info.txt'
  if (files.has(infoName) && (infoName === 'bag-info.txt' || declaration.version < '0.96')) {
    const text = await readTagFile(bag, {
      name: infoName,
      problems: bag.infoProblems,
      code: 'ERR_ARCHIVE_BAG_INFO',
    })
    if (text !== undefined) bag.info = parseBagInfo(text, { name: infoName, strict: declaration.strict })
  }
  if (files.has('fetch.txt')) {
    const text = await readTagFile(bag, {
      name: 'fetch.txt',
      problems: bag.fetchProblems,
      code: 'ERR_ARCHIVE_FETCH',
    })
    if (text !== undefined) bag.fetch = parseFetchList(text, { strict: declaration.strict })
  }
  return bag
}

/** The convention is one base folder in an archive; a bag at the root itself is read too, with a remark. */
function findBase({ files, folders }: PackageContents, folder: boolean): { base: string; problems: Problems } {
  const problems = noProblems()
  const paths = [...files.map(({ path }) => path), ...folders]
  if (folder || files.some(({ path }) => path === 'bagit.txt')) {
    if (!folder) {
      const evidence = 'the bag lies at the root of the archive, not in a base folder'
      problems.warnings.push({ code: 'WARN_ARCHIVE_NO_BASE_FOLDER', object: 'bagit.txt', evidence })
    }
    return { base: '', problems }
  }
  const roots = new Set(paths.map((path) => path.split('/')[0]!))
  const [root] = roots
  if (roots.size === 1 && files.every(({ path }) => path.includes('/'))) return { base: root!, problems }
  const evidence = `the archive has ${roots.size} entries at its root and no bagit.txt among them`
  problems.errors.push({ code: 'ERR_ARCHIVE_BASE_FOLDER', object: '/', evidence })
  return { base: '', problems }
}

async function readDeclaration(bag: Bag): Promise<BagDeclaration | undefined> {
  const fail = (code: ArchiveFindingCode, evidence: string) => {
    bag.declarationProblems.errors.push({ code, object: 'bagit.txt', evidence })
    return undefined
  }
  const file = bag.files.get('bagit.txt')
  if (!file) return fail('ERR_ARCHIVE_DECLARATION', 'there is no bagit.txt')
  try {
    const declaration = parseBagDeclaration(await readSmall(file))
    if (!declaration.strict) {
      const evidence = `version ${declaration.version}`
      bag.declarationProblems.warnings.push({ code: 'WARN_ARCHIVE_OLD_VERSION', object: 'bagit.txt', evidence })
    }
    return declaration
  } catch (error) {
    return fail(codeOf(error, 'ERR_ARCHIVE_DECLARATION'), messageOf(error))
  }
}

async function readManifests(bag: Bag, declaration: BagDeclaration): Promise<void> {
  const manifests: BagManifest[] = []
  const tagManifests: BagManifest[] = []
  const seen = new Set<string>()
  for (const name of bag.files.keys()) {
    const kind = manifestNameOf(name)
    if (!kind) continue
    const key = `${kind.kind} ${kind.algorithm}`
    if (seen.has(key)) {
      const evidence = `there is more than one ${kind.kind} manifest for ${kind.algorithm}`
      bag.manifestProblems.errors.push({ code: 'ERR_ARCHIVE_MANIFEST_DUPLICATE', object: name, evidence })
    }
    seen.add(key)
    const text = await readTagFile(bag, {
      name,
      problems: bag.manifestProblems,
      code: 'ERR_ARCHIVE_MANIFEST',
    })
    if (text === undefined) continue
    const manifest = parseManifest(text, { name, kind: kind.kind, strict: declaration.strict })
    ;(kind.kind === 'payload' ? manifests : tagManifests).push(manifest)
  }
  bag.manifests = manifests
  bag.tagManifests = tagManifests
}

async function readTagFile(
  bag: Bag,
  { name, problems, code }: { name: string; problems: Problems; code: ArchiveFindingCode },
): Promise<string | undefined> {
  try {
    return decodeTagFile(await readSmall(bag.files.get(name)!), bag.declaration!)
  } catch (error) {
    problems.errors.push({ code: codeOf(error, code), object: name, evidence: messageOf(error) })
    return undefined
  }
}

/** A tag file's bytes; throws if it cannot be read or is larger than any tag file has reason to be. */
async function readSmall(file: PackageFile): Promise<Uint8Array> {
  const { whole, failure } = await readPackageFile(file, {
    algorithms: [],
    digests: () => undefined,
    keepBelow: maxTagFileBytes,
  })
  if (failure) throw new Error(failure.message)
  if (!whole) throw new Error(`it is larger than the ${maxTagFileBytes} bytes allowed for a tag file`)
  return whole
}

function codeOf(error: unknown, fallback: ArchiveFindingCode): ArchiveFindingCode {
  return isZhichengError(error) && error.code.startsWith('ERR_ARCHIVE_') ? (error.code as ArchiveFindingCode) : fallback
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it cannot be read'
}
