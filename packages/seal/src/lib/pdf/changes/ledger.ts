/** Keeps account of one later revision: which changed objects are explained, through which references they may be reached, and how far the changes go. */
import type { ChangeReport } from '../../../report.ts'
import type { PdfDictionary, PdfReference, PdfValue } from '../objects.ts'
import { isReference, sameValue } from '../objects.ts'
import type { Revision } from '../revisions.ts'

/** How far a change goes, the mildest first. */
export type ChangeLevel = ChangeReport['level']

const order: readonly ChangeLevel[] = ['none', 'ltv', 'form-filling', 'not-checked', 'annotations', 'other']

/** The further-reaching of two levels. */
export function worseLevel(left: ChangeLevel, right: ChangeLevel): ChangeLevel {
  return order.indexOf(left) >= order.indexOf(right) ? left : right
}

/** Decides whether an overridden object may be referenced from `parent` (0 is the trailer) under a path of keys. */
export type EdgeRule = (parent: number, path: string) => boolean

/** What was found about a revision so far. */
export class Ledger {
  readonly revision: Revision
  level: ChangeLevel = 'none'
  readonly findings: { code: string; message: string }[] = []
  /** Names of fields that were filled, signed or added. */
  readonly fields: Set<string> = new Set()
  /** Widgets of signature fields that the revision adds. */
  readonly newWidgets: Set<number> = new Set()
  /** Objects that a field showed and shows no more, with the places that may have referred to them. */
  readonly retired: Map<number, EdgeRule> = new Map()
  readonly #rules = new Map<number, EdgeRule[]>()

  constructor(revision: Revision) {
    this.revision = revision
  }

  raise(level: ChangeLevel): void {
    this.level = worseLevel(this.level, level)
  }

  /** A change that nothing allows. */
  forbid(message: string): void {
    this.raise('other')
    this.#note('ERR_SEAL_CHANGES_UNEXPLAINED', message)
  }

  /** A change that is allowed in kind, but whose meaning was not looked at. */
  leaveOpen(message: string): void {
    this.raise('not-checked')
    this.#note('ERR_SEAL_CHANGES_NOT_CHECKED', message)
  }

  /** Something a person may want to know that does not count against the document. */
  remark(message: string): void {
    this.#note('SEAL_CHANGE_REMARK', message)
  }

  #note(code: string, message: string): void {
    if (this.findings.length < 50) this.findings.push({ code, message })
  }

  isOverridden(value: PdfValue | undefined): value is PdfReference {
    return isReference(value) && this.revision.changed.get(value.number) === 'overridden'
  }

  isNew(value: PdfValue | undefined): value is PdfReference {
    return isReference(value) && this.revision.changed.get(value.number) === 'new'
  }

  /** Explains an overridden object: it may be referenced wherever one of its rules says so. */
  explain(value: PdfValue | undefined, rule: EdgeRule): void {
    if (!this.isOverridden(value)) return
    const rules = this.#rules.get(value.number) ?? []
    rules.push(rule)
    this.#rules.set(value.number, rules)
  }

  isExplained(number: number): boolean {
    return this.#rules.has(number)
  }

  allowsEdge(number: number, parent: number, path: string): boolean {
    return (this.#rules.get(number) ?? []).some((rule) => rule(parent, path))
  }
}

/** The keys whose values differ between two dictionaries. */
export function changedKeys(before: PdfDictionary, after: PdfDictionary): string[] {
  const keys = new Set([...before.entries.keys(), ...after.entries.keys()])
  return [...keys].filter((key) => !sameValue(before.entries.get(key), after.entries.get(key)))
}
