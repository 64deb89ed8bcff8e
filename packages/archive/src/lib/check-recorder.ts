/** Collects the records of a check, and sees to it that every planned check leaves at least one. */
import type { CheckStatus } from '@zhicheng/core'
import type { ArchiveProfile } from '../archive-profile.ts'
import type { CheckId, CheckProperty, CheckRecord, CheckStage, PackageVerdict } from '../check-report.ts'
import type { Problem, Problems } from './problem.ts'

/** What a record says besides its check. */
interface RecordDetails {
  status: CheckStatus
  object: string
  evidence: string
  remedy?: string
  code?: string
}

/** The records so far. */
export interface CheckRecorder {
  /** True if the profile plans this check. */
  planned(id: CheckId): boolean
  add(id: CheckId, details: RecordDetails): void
  /** One failed record a fault; if there is none, one passed record with the first remark, if any. */
  settle(id: CheckId, details: { object: string; problems: Problems; evidence: string; remedy: string }): void
  /** True if nothing was recorded for this check yet. */
  open(id: CheckId): boolean
  /** The verdict, after `not-checked` was entered for every planned check that was not reached. */
  finish(stage: CheckStage): { verdict: PackageVerdict; checks: CheckRecord[] }
}

/** Faults of one kind that are listed one by one; the rest is counted, so that a mean manifest cannot flood the report. */
const maxListedFaults = 200

/** A recorder for one package under one profile. */
export function createCheckRecorder(profile: ArchiveProfile, packageName: string): CheckRecorder {
  const records = new Map<CheckId, CheckRecord[]>(profile.checks.map((id) => [id, []]))
  const add: CheckRecorder['add'] = (id, { status, object, evidence, remedy = '', code = codeOf(status) }) => {
    const property = id.slice(0, id.indexOf('.')) as CheckProperty
    // A fault of a check outside the plan is recorded too: it must never get lost.
    if (!records.has(id)) records.set(id, [])
    records.get(id)!.push({ id, property, status, object, evidence, remedy, code })
  }
  const open = (id: CheckId) => (records.get(id)?.length ?? 0) === 0
  return {
    planned: (id) => profile.checks.includes(id),
    add,
    settle(id, { object, problems: { errors, warnings }, evidence, remedy }) {
      for (const fault of errors.slice(0, maxListedFaults)) add(id, { ...fault, status: 'fail', remedy })
      if (errors.length > maxListedFaults) {
        const more = `${errors.length - maxListedFaults} more faults of this kind are not listed`
        add(id, { status: 'fail', object, evidence: more, remedy, code: errors[0]!.code })
      }
      if (errors.length === 0) add(id, { status: 'pass', object, ...remarked(evidence, warnings) })
    },
    open,
    finish(stage) {
      for (const id of profile.checks.filter(open)) {
        const evidence = 'the check was not reached, for an earlier one had already failed'
        const remedy = 'repair what failed, then check the package again'
        add(id, { status: 'not-checked', object: packageName, evidence, remedy })
      }
      const checks = [...records.values()].flat()
      return { verdict: verdictOf(checks, profile.optional[stage]), checks }
    },
  }
}

/** Any fault sends the package back; anything open on a mandatory check leaves it to a person. */
function verdictOf(checks: readonly CheckRecord[], optional: readonly CheckId[]): PackageVerdict {
  if (checks.some(({ status }) => status === 'fail')) return 'returned'
  const open = checks.some(
    ({ id, status }) => status === 'manual' || (status === 'not-checked' && !optional.includes(id)),
  )
  return open ? 'manual' : 'accepted'
}

function remarked(evidence: string, warnings: readonly Problem[]): { evidence: string; code?: string } {
  const [first] = warnings
  if (!first) return { evidence }
  const more = warnings.length > 1 ? ` (and ${warnings.length - 1} more remarks)` : ''
  return { evidence: `${evidence}; ${first.object}: ${first.evidence}${more}`, code: first.code }
}

function codeOf(status: CheckStatus): string {
  if (status === 'pass') return 'OK'
  return status === 'not-applicable' ? 'ERR_ARCHIVE_NOT_APPLICABLE' : 'ERR_ARCHIVE_NOT_CHECKED'
}
