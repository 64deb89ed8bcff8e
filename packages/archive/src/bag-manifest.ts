/** Manifests of a bag (RFC 8493, sections 2.1.3 and 2.2.1): which file has which digest. */
import { utf8 } from '@zhicheng/core'
import { noProblems, type Problems, shown } from './lib/problem.ts'
import { linesOf } from './lib/tag-text.ts'
import { pathProblem } from './package-path.ts'

/** One manifest, read. */
export interface BagManifest {
  /** Name of the file: `manifest-sha256.txt`. */
  name: string
  /** Lower-case algorithm from the name: `sha256`. */
  algorithm: string
  /** Digest in lower-case hex by path. */
  entries: ReadonlyMap<string, string>
  problems: Problems
}

/** Hex digits of a digest, by the algorithm's name in a manifest. */
export const digestHexLengths: Readonly<Record<string, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  sm3: 64,
  sha3224: 56,
  sha3256: 64,
  sha3384: 96,
  sha3512: 128,
}

/** The kind and algorithm that a file's name makes it a manifest of, or `undefined`. */
export function manifestNameOf(name: string): { kind: 'payload' | 'tag'; algorithm: string } | undefined {
  const match = /^(tag)?manifest-([A-Za-z0-9]{1,20})\.txt$/.exec(name)
  return match ? { kind: match[1] ? 'tag' : 'payload', algorithm: match[2]!.toLowerCase() } : undefined
}

/**
 * Reads a manifest. Every line that is not in order is a problem with its number; nothing is thrown. Before 1.0 a percent
 * sign is literal and the same line twice is only a remark; in 1.0 line ends and percent signs are encoded.
 */
export function parseManifest(
  text: string,
  {
    name,
    kind,
    strict,
    algorithm = manifestNameOf(name)?.algorithm ?? '',
  }: { name: string; kind: 'payload' | 'tag'; strict: boolean; algorithm?: string },
): BagManifest {
  const hexLength = digestHexLengths[algorithm]
  const entries = new Map<string, string>()
  const problems = noProblems()
  for (const [index, line] of linesOf(text).entries()) {
    const at = `${name}:${index + 1}`
    const fail = (
      code: 'ERR_ARCHIVE_MANIFEST' | 'ERR_ARCHIVE_MANIFEST_DUPLICATE' | 'ERR_ARCHIVE_PATH_UNSAFE',
      evidence: string,
    ) => problems.errors.push({ code, object: at, evidence })
    const match = /^([0-9A-Fa-f]+)[ \t]+(\*?)(.+)$/s.exec(line)
    if (!match || (hexLength !== undefined && match[1]!.length !== hexLength)) {
      fail(
        'ERR_ARCHIVE_MANIFEST',
        `the line is not a digest${hexLength ? ` of ${hexLength} hex digits` : ''}, a blank and a path`,
      )
      continue
    }
    const digest = match[1]!.toLowerCase()
    const plain = match[3]!.replace(/^(\.\/)+/, '')
    if (match[2] || plain !== match[3]) {
      problems.warnings.push({
        code: 'WARN_ARCHIVE_LINE_STYLE',
        object: at,
        evidence: 'the path begins with "*" or "./"',
      })
    }
    const path = strict ? decodeManifestPath(plain) : plain
    if (path === undefined) {
      fail('ERR_ARCHIVE_MANIFEST', 'a percent sign in the path is not encoded as %25')
      continue
    }
    const unsafe = pathProblem(path)
    if (unsafe) {
      fail('ERR_ARCHIVE_PATH_UNSAFE', `"${shown(path)}" must not be listed: ${unsafe}`)
      continue
    }
    const wrongPlace = placeProblem(path, kind)
    if (wrongPlace) {
      fail('ERR_ARCHIVE_MANIFEST', `"${shown(path)}" must not be listed: ${wrongPlace}`)
      continue
    }
    const earlier = entries.get(path)
    if (earlier !== undefined && (strict || earlier !== digest)) {
      fail('ERR_ARCHIVE_MANIFEST_DUPLICATE', `"${shown(path)}" is listed more than once`)
    } else if (earlier !== undefined) {
      problems.warnings.push({
        code: 'WARN_ARCHIVE_REPEATED',
        object: at,
        evidence: `"${shown(path)}" is listed again`,
      })
    }
    entries.set(path, digest)
  }
  return { name, algorithm, entries, problems }
}

/** The text of a manifest: lower-case hex, two blanks, the encoded path, LF; sorted by path so that it is reproducible. */
export function formatManifest(entries: Iterable<readonly [path: string, digest: string]>): Uint8Array<ArrayBuffer> {
  const lines = [...entries].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
  return utf8(lines.map(([path, digest]) => `${digest}  ${encodeManifestPath(path)}\n`).join(''))
}

/** Encodes what a line cannot hold, and nothing else: LF, CR and the percent sign. */
export function encodeManifestPath(path: string): string {
  return path.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')
}

/** The path of an encoded one; `undefined` if it has a percent sign that encodes nothing. */
export function decodeManifestPath(text: string): string | undefined {
  if (/%(?!0[aAdD]|25)/.test(text)) return undefined
  return text.replace(/%(0[aA]|0[dD]|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

function placeProblem(path: string, kind: 'payload' | 'tag'): string | undefined {
  if (kind === 'payload')
    return path.startsWith('data/') ? undefined : 'a payload manifest lists only files under data/'
  if (path.startsWith('data/')) return 'a tag manifest lists nothing under data/'
  return manifestNameOf(path)?.kind === 'tag' ? 'a tag manifest lists no tag manifest' : undefined
}
