/** Compiles the unary tests of a decision table to closures with three answers. */
import type { Fact, Test, TestResult } from '../policy-document.ts'
import { dayNumber, isDay } from './days.ts'

/** A compiled test. `asOf` is the day the facts stand for, as a number of days, if the facts tell it. */
export type CompiledTest = (value: Fact | undefined, asOf: number | undefined) => TestResult

/** Compiles a test that the schema has passed. */
export function compileTest(test: Test): CompiledTest {
  if (typeof test !== 'object' || test === null) return compileList([test])
  if ('in' in test) return compileList(test.in)
  if ('gte' in test) return compileLimit(test.gte, (value, bound) => value >= bound)
  if ('gt' in test) return compileLimit(test.gt, (value, bound) => value > bound)
  if ('lte' in test) return compileLimit(test.lte, (value, bound) => value <= bound)
  if ('lt' in test) return compileLimit(test.lt, (value, bound) => value < bound)
  if ('between' in test) {
    const [from, to] = test.between
    const above = compileLimit(from, (value, bound) => value >= bound)
    const below = compileLimit(to, (value, bound) => value <= bound)
    return (value, asOf) => (above(value, asOf) === 'true' ? below(value, asOf) : above(value, asOf))
  }
  if ('withinDays' in test) return compileAge((age) => age <= test.withinDays)
  if ('olderThanDays' in test) return compileAge((age) => age > test.olderThanDays)
  const inner = compileTest(test.not)
  return (value, asOf) => {
    const result = inner(value, asOf)
    return result === 'unknown' ? 'unknown' : truth(result === 'false')
  }
}

/** Equality with one of the values. A fact of a type that no value has cannot be judged by them. */
function compileList(values: readonly Fact[]): CompiledTest {
  const set: ReadonlySet<Fact | undefined> = new Set(values)
  const types = new Set(values.filter((value) => value !== null).map((value) => typeof value))
  // A test for null alone asks whether there is a value, which any value answers.
  const asksPresence = types.size === 0
  return (value) => {
    if (value === undefined) return 'unknown'
    if (set.has(value)) return 'true'
    return asksPresence || (value !== null && types.has(typeof value as 'string')) ? 'false' : 'unknown'
  }
}

function compileLimit(limit: number | string, holds: (value: number, bound: number) => boolean): CompiledTest {
  if (typeof limit === 'number') {
    return (value) => (typeof value === 'number' ? truth(holds(value, limit)) : 'unknown')
  }
  const bound = dayNumber(limit)
  return (value) => (isDay(value) ? truth(holds(dayNumber(value), bound)) : 'unknown')
}

/** A day after `asOf` has no age: something is wrong with one of the two, and nobody knows with which. */
function compileAge(holds: (age: number) => boolean): CompiledTest {
  return (value, asOf) => {
    if (asOf === undefined || !isDay(value)) return 'unknown'
    const age = asOf - dayNumber(value)
    return age < 0 ? 'unknown' : truth(holds(age))
  }
}

function truth(value: boolean): TestResult {
  return value ? 'true' : 'false'
}
