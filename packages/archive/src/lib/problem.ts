/** What a parser of a package's own files finds: it collects instead of stopping, so that one report names every fault. */
import type { ArchiveFindingCode } from '../errors.ts'

/** A fault or remark about one object. */
export interface Problem {
  code: ArchiveFindingCode
  object: string
  evidence: string
}

/** Faults and remarks of one parse. */
export interface Problems {
  errors: Problem[]
  warnings: Problem[]
}

/** A new, empty collection. */
export function noProblems(): Problems {
  return { errors: [], warnings: [] }
}

/** Text of untrusted origin as it may stand in a report: without control characters, and short. */
export function shown(text: string): string {
  const clean = text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean
}
