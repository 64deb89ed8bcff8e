/** Answers that stay three-valued. What was not checked says so, and is never shown as good. */

/** Verdict on a signature or a file of them (ETSI EN 319 102-1, clause 5.1.3). */
export type Verdict = 'TOTAL-PASSED' | 'INDETERMINATE' | 'TOTAL-FAILED'

/** Verdict on one check of a package. `manual` needs a person; `not-checked` says that nobody looked. */
export type CheckStatus = 'pass' | 'fail' | 'manual' | 'not-applicable' | 'not-checked'

/** What a verifier found, with a code to look up and a sentence for people. */
export interface Finding {
  /** Stable, `UPPER_SNAKE` or `ERR_…`. */
  code: string
  severity: 'info' | 'warning' | 'error'
  message: string
}

const rank: Record<Verdict, number> = { 'TOTAL-PASSED': 0, INDETERMINATE: 1, 'TOTAL-FAILED': 2 }

/** The worst of several verdicts; of none it is `TOTAL-FAILED`, for nothing was shown to be good. */
export function worstVerdict(verdicts: Iterable<Verdict>): Verdict {
  let worst: Verdict | undefined
  for (const verdict of verdicts) if (worst === undefined || rank[verdict] > rank[worst]) worst = verdict
  return worst ?? 'TOTAL-FAILED'
}
