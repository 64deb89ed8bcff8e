/**
 * Finds import circles between source files: files that, through whatever detour, import each other. Type imports
 * count, because two files that need each other's types are one thing that was cut in the wrong place.
 */
import { posix } from 'node:path'
import { importsOf, type SourceFile } from './source-imports.ts'

/**
 * Every circle among the files: each as the sorted paths of the files tied together, the circles sorted by their first
 * path. Follows relative specifiers to the files handed in; other packages and files left out are no part of a circle.
 *
 * @example
 * ```ts
 * findCircles([
 *   { path: 'a.ts', text: "import './b.ts'" },
 *   { path: 'b.ts', text: "import './a.ts'" },
 * ]) // [['a.ts', 'b.ts']]
 * ```
 */
export function findCircles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path }) => path))
  const arrows = new Map<string, string[]>()
  for (const { path, text } of files) {
    const targets = importsOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(posix.dirname(path), specifier))
    arrows.set(
      path,
      targets.filter((target) => known.has(target)),
    )
  }
  return tiedTogether(arrows)
    .filter(([first = '', second]) => second !== undefined || arrows.get(first)?.includes(first))
    .map((circle) => circle.sort())
    .sort(([one = ''], [other = '']) => (one < other ? -1 : 1))
}

/** Tarjan's strongly connected components: one walk, each file entered once. */
function tiedTogether(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const open: string[] = []
  const groups: string[][] = []

  function enter(path: string): number {
    const own = order.size
    let low = own
    order.set(path, own)
    open.push(path)
    for (const target of arrows.get(path) ?? []) {
      if (!order.has(target)) low = Math.min(low, enter(target))
      else if (open.includes(target)) low = Math.min(low, order.get(target) ?? low)
    }
    if (low === own) groups.push(open.splice(open.indexOf(path)))
    return low
  }

  for (const path of arrows.keys()) if (!order.has(path)) enter(path)
  return groups
}
