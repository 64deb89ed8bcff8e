/** Checks of the container: names, twins, links, limits, encryption. They come first, and read no content. */
import { isZhichengError } from '@zhicheng/core'
import type { CheckId } from '../../check-report.ts'
import { collisionKey, pathProblem } from '../../package-path.ts'
import type { PackageContents } from '../../package-source.ts'
import type { CheckRecorder } from '../check-recorder.ts'
import { noProblems, type Problems, shown } from '../problem.ts'

/** Which check an error of opening the container belongs to. */
const checkOfCode: Readonly<Record<string, CheckId>> = {
  ERR_ZIP_NAME_UNSAFE: 'security.names',
  ERR_ZIP_NAME_ENCODING: 'security.names',
  ERR_ZIP_LINK: 'security.links',
  ERR_ARCHIVE_LINK: 'security.links',
  ERR_ZIP_DUPLICATE_NAME: 'security.collisions',
  ERR_ZIP_NAME_TWIN: 'security.collisions',
  ERR_ZIP_FILE_AS_FOLDER: 'security.collisions',
  ERR_ZIP_LIMIT: 'security.limits',
  ERR_ZIP_OVERLAP: 'security.limits',
  ERR_ARCHIVE_LIMIT: 'security.limits',
  ERR_ZIP_ENCRYPTED: 'security.encryption',
}

/** Records why a container could not be opened, under the check that this is about. */
export function recordOpenFailure(
  recorder: CheckRecorder,
  { error, object }: { error: unknown; object: string },
): void {
  const known = isZhichengError(error)
  recorder.add((known && checkOfCode[error.code]) || 'usability.container', {
    status: 'fail',
    object,
    evidence: known ? error.message : 'the container could not be read',
    remedy: 'make the package again with a tool that writes plain zip files or folders',
    code: known ? error.code : 'ERR_ARCHIVE_READ',
  })
}

/** Records what the list of contents says about the container. */
export function checkContainer(
  recorder: CheckRecorder,
  { contents, object, format }: { contents: PackageContents; object: string; format: 'bag' | 'zip' },
): void {
  const links = noProblems()
  const names = noProblems()
  for (const problem of contents.problems) {
    const target = problem.check === 'security.links' ? links : names
    const code = problem.check === 'security.links' ? 'ERR_ARCHIVE_LINK' : 'ERR_ARCHIVE_PATH_UNSAFE'
    target.errors.push({ code, object: problem.object, evidence: problem.evidence })
  }
  const paths = [...contents.files.map(({ path }) => path), ...contents.folders]
  for (const path of paths) {
    const evidence = pathProblem(path)
    if (evidence) names.errors.push({ code: 'ERR_ARCHIVE_PATH_UNSAFE', object: shown(path), evidence })
  }
  recorder.settle('security.names', {
    object,
    problems: names,
    evidence: `${paths.length} names are safe`,
    remedy: 'rename the file, then make the package again',
  })
  recorder.settle('security.collisions', {
    object,
    problems: collisions(contents.files.map(({ path }) => path)),
    evidence: 'every name is one file on every system',
    remedy: 'rename one of the files, then make the package again',
  })
  recorder.settle('security.links', {
    object,
    problems: links,
    evidence: 'plain files and folders only',
    remedy: 'replace the link or device by the file itself',
  })
  const bytes = contents.files.reduce((sum, { size }) => sum + size, 0)
  recorder.add('security.limits', {
    status: 'pass',
    object,
    evidence: `${contents.files.length} files, ${bytes} bytes, within the limits`,
  })
  recorder.add(
    'security.encryption',
    format === 'zip'
      ? { status: 'pass', object, evidence: 'no entry of the archive is encrypted' }
      : { status: 'not-applicable', object, evidence: 'a folder is not encrypted as a whole' },
  )
}

function collisions(paths: readonly string[]): Problems {
  const problems = noProblems()
  const byKey = new Map<string, string>()
  for (const path of paths) {
    const other = byKey.get(collisionKey(path))
    byKey.set(collisionKey(path), path)
    if (other === undefined) continue
    if (other.normalize('NFC') === path.normalize('NFC')) {
      const evidence = `"${shown(other)}" and this name are one name in another Unicode form`
      problems.errors.push({ code: 'ERR_ARCHIVE_PATH_COLLISION', object: shown(path), evidence })
    } else {
      const evidence = `"${shown(other)}" differs only in case`
      problems.warnings.push({ code: 'WARN_ARCHIVE_NAME_CASE', object: shown(path), evidence })
    }
  }
  return problems
}
