/** Collects what was found about one signature and draws the verdict: any failure fails, any doubt leaves it open. */
import type { Finding, Verdict } from '@zhicheng/core'
import type { OfdErrorCode } from '../../ofd/errors.ts'

/** Sub-indications of ETSI EN 319 102-1 that failures carry, the gravest first. */
type FailureIndication =
  | 'FORMAT_FAILURE'
  | 'HASH_FAILURE'
  | 'SIG_CRYPTO_FAILURE'
  | 'CRYPTO_CONSTRAINTS_FAILURE'
  | 'REVOKED'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'CHAIN_CONSTRAINTS_FAILURE'
  | 'SIG_CONSTRAINTS_FAILURE'

/** Sub-indications that leave a verdict open. What was not checked at all comes first, coverage behind trust. */
type DoubtIndication =
  | 'GENERIC'
  | 'NO_CERTIFICATE_CHAIN_FOUND'
  | 'REVOKED_NO_POE'
  | 'OUT_OF_BOUNDS_NO_POE'
  | 'TRY_LATER'
  | 'SIG_CONSTRAINTS_FAILURE'

const failureOrder: readonly FailureIndication[] = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
  'CHAIN_CONSTRAINTS_FAILURE',
  'SIG_CONSTRAINTS_FAILURE',
]
const doubtOrder: readonly DoubtIndication[] = [
  'GENERIC',
  'NO_CERTIFICATE_CHAIN_FOUND',
  'REVOKED_NO_POE',
  'OUT_OF_BOUNDS_NO_POE',
  'TRY_LATER',
  'SIG_CONSTRAINTS_FAILURE',
]

/** The record of one signature. */
export interface Assessment {
  fail(indication: FailureIndication, code: OfdErrorCode, message: string): void
  doubt(indication: DoubtIndication, code: string, message: string): void
  note(...findings: readonly Finding[]): void
  conclude(): { verdict: Verdict; subIndication: string | null; findings: Finding[] }
}

/** Starts a record. Nothing is good until {@link Assessment.conclude} finds neither failure nor doubt. */
export function createAssessment(): Assessment {
  const findings: Finding[] = []
  const failures = new Set<FailureIndication>()
  const doubts = new Set<DoubtIndication>()
  const note = (...more: readonly Finding[]): void => {
    for (const finding of more) {
      if (!findings.some(({ code, message }) => code === finding.code && message === finding.message))
        findings.push(finding)
    }
  }
  return {
    fail(indication, code, message) {
      failures.add(indication)
      note({ code, severity: 'error', message })
    },
    doubt(indication, code, message) {
      doubts.add(indication)
      note({ code, severity: 'warning', message })
    },
    note,
    conclude() {
      const failure = failureOrder.find((indication) => failures.has(indication))
      const doubt = doubtOrder.find((indication) => doubts.has(indication))
      const verdict: Verdict = failure ? 'TOTAL-FAILED' : doubt ? 'INDETERMINATE' : 'TOTAL-PASSED'
      return { verdict, subIndication: failure ?? doubt ?? null, findings }
    },
  }
}
