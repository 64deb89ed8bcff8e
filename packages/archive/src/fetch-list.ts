/** `fetch.txt` (RFC 8493, section 2.2.3): files to be had elsewhere. This package reads the list and never follows it. */
import { decodeManifestPath } from './bag-manifest.ts'
import { noProblems, type Problems, shown } from './lib/problem.ts'
import { linesOf } from './lib/tag-text.ts'
import { pathProblem } from './package-path.ts'

/** The list, read. */
export interface FetchList {
  /** Paths of the files that are said to lie elsewhere. */
  paths: readonly string[]
  problems: Problems
}

/** Reads the list; every line that is not in order is a problem with its number. */
export function parseFetchList(text: string, { strict }: { strict: boolean }): FetchList {
  const paths: string[] = []
  const problems = noProblems()
  for (const [index, line] of linesOf(text).entries()) {
    const match = /^(\S+)[ \t]+(\d{1,16}|-)[ \t]+(.+)$/.exec(line)
    const path = match && (strict ? decodeManifestPath(match[3]!) : match[3]!.replace(/^(\.\/)+/, ''))
    const fault = !match
      ? 'the line is not an address, a length or "-", and a path'
      : !/^[A-Za-z][A-Za-z0-9+.-]*:\S/.test(match[1]!)
        ? 'the address is not absolute'
        : path === undefined || path === null || !path.startsWith('data/') || pathProblem(path)
          ? `"${shown(match[3]!)}" is not a path of a payload file`
          : undefined
    if (fault) problems.errors.push({ code: 'ERR_ARCHIVE_FETCH', object: `fetch.txt:${index + 1}`, evidence: fault })
    else paths.push(path!)
  }
  return { paths, problems }
}
