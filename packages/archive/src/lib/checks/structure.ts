/** Checks of a bag's own files: declaration, manifests, metadata, fetch list, completeness (RFC 8493, sections 2 and 3). */
import { bagInfoValues, parsePayloadOxum } from '../../bag-info.ts'
import type { BagManifest } from '../../bag-manifest.ts'
import type { Bag } from '../bag-reader.ts'
import type { CheckRecorder } from '../check-recorder.ts'
import { noProblems, type Problem, type Problems, shown } from '../problem.ts'

const repack = 'make the package again'

/** Records everything that the tag files alone tell. */
export function checkStructure(recorder: CheckRecorder, { bag, object }: { bag: Bag; object: string }): void {
  const { declaration } = bag
  recorder.settle('integrity.declaration', {
    object: 'bagit.txt',
    problems: merge(bag.baseProblems, bag.declarationProblems),
    evidence: declaration ? `BagIt ${declaration.version}, ${declaration.encoding}` : '',
    remedy: repack,
  })
  if (!declaration) return
  recorder.settle('integrity.manifests', {
    object,
    problems: manifestProblems(bag),
    evidence: bag.manifests.map(({ name, entries }) => `${name}: ${entries.size} files`).join(', '),
    remedy: repack,
  })
  recorder.settle('integrity.completeness', {
    object,
    problems: completeness(bag),
    evidence: 'every payload file is listed, and every listed file is there',
    remedy: 'add the missing files or list the unlisted ones, then make the package again',
  })
  checkInfo(recorder, bag)
  checkFetch(recorder, bag)
}

/** The file that a manifest means: the exact name first, then the same name in another Unicode form. */
export function findListed(bag: Bag, path: string): string | undefined {
  return bag.files.has(path) ? path : bag.forms.get(path.normalize('NFC'))
}

/** Paths of the payload files. */
export function payloadPaths(bag: Bag): string[] {
  return [...bag.files.keys()].filter((path) => path.startsWith('data/'))
}

function manifestProblems(bag: Bag): Problems {
  const problems = merge(
    bag.manifestProblems,
    ...[...bag.manifests, ...bag.tagManifests].map((manifest) => manifest.problems),
  )
  if (bag.manifests.length === 0) {
    const evidence = 'there is no payload manifest (manifest-ALGORITHM.txt)'
    problems.errors.push({ code: 'ERR_ARCHIVE_MANIFEST_MISSING', object: '/', evidence })
  }
  for (const tagManifest of bag.tagManifests) {
    for (const { name } of bag.manifests) {
      if (tagManifest.entries.has(name)) continue
      const target = bag.declaration?.strict ? problems.errors : problems.warnings
      const code = bag.declaration?.strict ? 'ERR_ARCHIVE_MANIFEST' : 'WARN_ARCHIVE_UNLISTED_TAG_FILE'
      target.push({ code, object: tagManifest.name, evidence: `the payload manifest ${name} is not listed in it` })
    }
  }
  if (bag.manifests.length > 0 && bag.manifests.every(({ algorithm }) => algorithm === 'md5' || algorithm === 'sha1')) {
    const evidence = 'no manifest uses a digest stronger than MD5 or SHA-1'
    problems.warnings.push({ code: 'WARN_ARCHIVE_WEAK_DIGEST', object: bag.manifests[0]!.name, evidence })
  }
  return problems
}

function completeness(bag: Bag): Problems {
  const problems = noProblems()
  const fetched = new Set(bag.fetch?.paths)
  const payload = payloadPaths(bag)
  if (payload.length === 0 && !bag.folders.includes('data')) {
    problems.errors.push({ code: 'ERR_ARCHIVE_FILE_MISSING', object: 'data', evidence: 'there is no payload folder' })
  }
  const listedAnywhere = new Set<string>()
  for (const manifest of bag.manifests) {
    const listed = new Set<string>()
    for (const path of manifest.entries.keys()) {
      const found = findListed(bag, path)
      if (found === undefined) {
        const code = fetched.has(path) ? 'ERR_ARCHIVE_FETCH_REQUIRED' : 'ERR_ARCHIVE_FILE_MISSING'
        problems.errors.push({ code, object: shown(path), evidence: `listed in ${manifest.name}, but not there` })
        continue
      }
      if (found !== path) {
        const evidence = `listed in ${manifest.name} in another Unicode form`
        problems.warnings.push({ code: 'WARN_ARCHIVE_NAME_NORMALISATION', object: shown(path), evidence })
      }
      listed.add(found)
      listedAnywhere.add(found)
    }
    if (bag.declaration?.strict) problems.errors.push(...unlisted(payload, { listed, manifest }))
  }
  // Before 1.0 it was enough that one of several manifests lists a file.
  if (!bag.declaration?.strict) problems.errors.push(...unlisted(payload, { listed: listedAnywhere }))
  return problems
}

function unlisted(
  payload: readonly string[],
  { listed, manifest }: { listed: ReadonlySet<string>; manifest?: BagManifest },
): Problem[] {
  const evidence = manifest ? `not listed in ${manifest.name}` : 'not listed in any manifest'
  return payload
    .filter((path) => !listed.has(path))
    .map((path) => ({ code: 'ERR_ARCHIVE_FILE_UNLISTED', object: shown(path), evidence }))
}

function checkInfo(recorder: CheckRecorder, bag: Bag): void {
  const name = bag.declaration && bag.declaration.version < '0.96' ? 'package-info.txt' : 'bag-info.txt'
  const problems = merge(bag.infoProblems, bag.info?.problems ?? noProblems())
  if (!bag.info && problems.errors.length === 0) {
    for (const id of ['integrity.bag-info', 'integrity.oxum'] as const) {
      recorder.add(id, { status: 'not-applicable', object: name, evidence: `there is no ${name}, which is optional` })
    }
    return
  }
  recorder.settle('integrity.bag-info', {
    object: name,
    problems,
    evidence: `${bag.info?.entries.length ?? 0} entries`,
    remedy: 'correct the line, then make the package again',
  })
  if (!bag.info) return
  const oxums = bagInfoValues(bag.info.entries, 'Payload-Oxum')
  if (oxums.length === 0) {
    recorder.add('integrity.oxum', { status: 'not-applicable', object: name, evidence: 'there is no Payload-Oxum' })
    return
  }
  const payload = payloadPaths(bag)
  const bytes = payload.reduce((sum, path) => sum + bag.files.get(path)!.size, 0)
  const stated = oxums.length === 1 ? parsePayloadOxum(oxums[0]!) : undefined
  const good = stated?.bytes === bytes && stated.files === payload.length
  recorder.add('integrity.oxum', {
    status: good ? 'pass' : 'fail',
    object: name,
    evidence: `Payload-Oxum ${shown(oxums.join(', '))}; the payload has ${bytes} bytes in ${payload.length} files`,
    ...(good ? {} : { code: 'ERR_ARCHIVE_OXUM', remedy: 'find out which files are missing or changed' }),
  })
}

function checkFetch(recorder: CheckRecorder, bag: Bag): void {
  const problems = merge(bag.fetchProblems, bag.fetch?.problems ?? noProblems())
  if (!bag.fetch && problems.errors.length === 0) {
    recorder.add('integrity.fetch', {
      status: 'not-applicable',
      object: 'fetch.txt',
      evidence: 'there is no fetch.txt',
    })
    return
  }
  for (const path of bag.fetch?.paths ?? []) {
    if (bag.manifests.every(({ entries }) => entries.has(path))) continue
    const evidence = `"${shown(path)}" is not listed in every payload manifest`
    problems.errors.push({ code: 'ERR_ARCHIVE_FETCH', object: 'fetch.txt', evidence })
  }
  recorder.settle('integrity.fetch', {
    object: 'fetch.txt',
    problems,
    evidence: `${bag.fetch?.paths.length ?? 0} entries, of which none was followed`,
    remedy: 'put the files into the package',
  })
}

function merge(...parts: readonly Problems[]): Problems {
  return { errors: parts.flatMap(({ errors }) => errors), warnings: parts.flatMap(({ warnings }) => warnings) }
}
