/** Bounds what comes from a JSON file before anything recursive looks at it. */

const unsafeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Where a value is out of bounds, and what is wrong there. */
export interface OutOfBounds {
  path: string
  what: string
}

/**
 * Finds the first place that is nested too deep, makes the value too large, or has a key that schema libraries drop in
 * silence: a cell that vanished would make a rule hold that should not.
 */
export function findOutOfBounds(
  value: unknown,
  { maxDepth, maxNodes, maxText }: { maxDepth: number; maxNodes: number; maxText: number },
): OutOfBounds | undefined {
  const waiting: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }]
  let nodes = 0
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    nodes += 1
    const { path } = item
    if (nodes > maxNodes) return { path, what: `has more than ${maxNodes} values` }
    if (typeof item.value === 'string' && item.value.length > maxText) {
      return { path, what: `is a text longer than ${maxText} characters` }
    }
    if (typeof item.value !== 'object' || item.value === null) continue
    if (item.depth >= maxDepth) return { path: path.slice(0, 200), what: `is nested deeper than ${maxDepth} levels` }
    const keys = Object.keys(item.value)
    if (nodes + waiting.length + keys.length > maxNodes) return { path, what: `has more than ${maxNodes} values` }
    for (const key of keys) {
      const below = path === '' ? key.slice(0, 64) : `${path}.${key.slice(0, 64)}`
      if (unsafeKeys.has(key)) return { path: below, what: 'is a name that is not allowed' }
      waiting.push({ value: (item.value as Record<string, unknown>)[key], path: below, depth: item.depth + 1 })
    }
  }
  return undefined
}
