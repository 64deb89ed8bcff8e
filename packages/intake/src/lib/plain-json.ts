/** Takes JSON from strangers: a bounded copy without prototypes, or the reason why not. */
import type { JsonValue } from '@zhicheng/formats'

/** Bounds of what is taken. */
export interface PlainJsonLimits {
  maxDepth: number
  maxNodes: number
  maxArray: number
  maxString: number
  maxText: number
}

/** Why a value is not taken. */
export type PlainJsonProblem = 'depth' | 'size' | 'array-size' | 'string-size' | 'text' | 'key' | 'not-json'

/** The bounds of forms: more than any form of a window, little for a machine. */
export const formLimits: PlainJsonLimits = {
  maxDepth: 12,
  maxNodes: 2000,
  maxArray: 200,
  maxString: 10_000,
  maxText: 200_000,
}

// Names that turn into something else in the hands of careless code.
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** A copy whose objects have no prototype, so that `in` and indexing meet only what was sent. */
export function copyPlainJson(
  value: unknown,
  limits: PlainJsonLimits,
): { value: JsonValue } | { problem: PlainJsonProblem } {
  let nodes = 0
  let text = 0
  let problem: PlainJsonProblem | undefined

  const fail = (why: PlainJsonProblem): null => {
    problem ??= why
    return null
  }
  const takeText = (input: string): boolean => {
    text += input.length
    if (input.length > limits.maxString) fail('string-size')
    else if (text > limits.maxText) fail('size')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    else if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Surrogate}/u.test(input)) fail('text')
    return problem === undefined
  }
  const copy = (input: unknown, depth: number): JsonValue => {
    nodes += 1
    if (problem) return null
    if (nodes > limits.maxNodes) return fail('size')
    if (input === null || typeof input === 'boolean') return input
    if (typeof input === 'number') return Number.isFinite(input) ? input : fail('not-json')
    if (typeof input === 'string') return takeText(input) ? input : null
    if (typeof input !== 'object') return fail('not-json')
    if (depth >= limits.maxDepth) return fail('depth')
    if (Array.isArray(input)) {
      if (input.length > limits.maxArray) return fail('array-size')
      return Array.from(input as readonly unknown[], (item) => copy(item, depth + 1))
    }
    const prototype: unknown = Object.getPrototypeOf(input)
    if (prototype !== Object.prototype && prototype !== null) return fail('not-json')
    const members = Object.create(null) as Record<string, JsonValue>
    for (const key of Object.keys(input)) {
      if (problem) return null
      if (forbiddenKeys.has(key)) return fail('key')
      if (takeText(key)) members[key] = copy((input as Record<string, unknown>)[key], depth + 1)
    }
    return members
  }

  const result = copy(value, 0)
  return problem ? { problem } : { value: result }
}
