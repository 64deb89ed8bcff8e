/**
 * Holds the floors of the house: an import goes down, or along the one stack of the ground floor. Read off the sources'
 * own import lines and the packages' dependency lists, so that a wrong arrow fails the build before anybody relies on it.
 * Inside a package the files hold an order too: no import circles.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { findCircles } from './circles.ts'
import { importsOf, type SourceFile } from './source-imports.ts'

const root = join(import.meta.dirname, '..')

/** Height of each package. Equal heights never import each other; the ground floor is a stack of its own heights. */
const floors: Readonly<Record<string, number>> = {
  core: 0,
  crypto: 0.1,
  formats: 0.1,
  store: 0.1,
  evidence: 0.2,
  identity: 1,
  seal: 1,
  pay: 1,
  archive: 1,
  credit: 1,
  intake: 1,
  host: 3,
  sandbox: 3,
  elements: 3,
  sdk: 4,
  zhicheng: 5,
}

/** The one exception on a floor: the platform is made of the packages it stands in for, but never of the elements. */
const neverImported: Readonly<Record<string, readonly string[]>> = { sandbox: ['elements', 'host'], host: ['sandbox'] }

/** A package's own description, as far as the floors care. */
export interface PackageManifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

/** Floor of a package by its folder's name; providers stand between capabilities and the host. */
export function floorOf(name: string): number | undefined {
  return name.startsWith('provider-') ? 2 : floors[name]
}

/** Every arrow of a file that goes where it may not, as a sentence. */
export function checkSource({ path, text }: SourceFile): string[] {
  const owner = /packages\/([^/]+)\//.exec(path)?.[1] ?? ''
  const test = /\.(test|stories)\.ts$|\/test-support\//.test(path)
  const problems: string[] = []
  for (const specifier of importsOf(text)) {
    const target = /^@zhicheng\/([^/]+)/.exec(specifier)?.[1] ?? (specifier === 'zhicheng' ? 'zhicheng' : undefined)
    if (target) {
      const problem = checkArrow(owner, target, test)
      if (problem) problems.push(`${path}: ${problem}`)
      if (/^@zhicheng\/[^/]+\/(src|lib|dist)(\/|$)/.test(specifier)) {
        problems.push(`${path}: reaches into ${specifier}; only published subpaths may be imported`)
      }
    } else if (
      specifier.startsWith('.') &&
      relative(join(root, 'packages', owner), join(root, path, '..', specifier)).startsWith('..')
    ) {
      problems.push(`${path}: leaves its package by ${specifier}; import the published name`)
    }
  }
  return problems
}

/** Every dependency of a package that goes where it may not. */
export function checkManifest({ name, dependencies = {}, devDependencies = {} }: PackageManifest): string[] {
  const owner = name.replace('@zhicheng/', '')
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((dependency) => dependency.startsWith('@zhicheng/') || dependency === 'zhicheng')
    .map((dependency) => checkArrow(owner, dependency.replace('@zhicheng/', ''), false))
    .filter((problem) => problem !== undefined)
    .map((problem) => `${name}: package.json: ${problem}`)
}

function checkArrow(owner: string, target: string, test: boolean): string | undefined {
  if (owner === target) return undefined
  const from = floorOf(owner)
  const to = floorOf(target)
  if (from === undefined || to === undefined)
    return `${owner} or ${target} has no floor; give it one in tools/boundaries.ts`
  // Stories and tests may run against the local platform, whatever floor they stand on.
  if (test && target === 'sandbox') return undefined
  if (neverImported[owner]?.includes(target)) return `${owner} must not import ${target}`
  return to < from ? undefined : `${owner} (floor ${from}) must not import ${target} (floor ${to})`
}

/** Every import circle among files, as a sentence. Tests and stories stand outside; nothing imports them. */
export function checkCircles(files: readonly SourceFile[]): string[] {
  const own = files.filter(({ path }) => !/\.(test|stories)\.ts$/.test(path))
  return findCircles(own).map(
    (circle) => `${circle.join(', ')} import each other; move what they share into a file of its own`,
  )
}

/** Checks the whole repository. */
export function checkRepository(): { files: number; problems: string[] } {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
  const manifests = globSync('packages/*/package.json', { cwd: root })
  const problems = [
    ...sources.flatMap(checkSource),
    ...checkCircles(sources),
    ...manifests.flatMap((path) =>
      checkManifest(JSON.parse(readFileSync(join(root, path), 'utf8')) as PackageManifest),
    ),
  ]
  return { files: sources.length, problems }
}
