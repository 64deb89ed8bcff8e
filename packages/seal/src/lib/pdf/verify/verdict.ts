/** From what was found to a verdict and its sub-indication, the gravest first (ETSI EN 319 102-1, clause 5.1.3). */
import type { Verdict } from '@zhicheng/core'
import type { CertificatePathResult } from '@zhicheng/crypto'

/** Everything that bears on the verdict of one signature. */
export interface VerdictFacts {
  /** ByteRange and Contents keep the rules, and the Contents can be read. */
  readonly format: 'good' | 'broken' | 'unsupported'
  readonly cryptography: 'valid' | 'digest-mismatch' | 'signature-invalid' | 'unsupported'
  readonly changes: 'allowed' | 'open' | 'forbidden'
  readonly certificateKnown: boolean
  /** False when a timestamp over the signature does not belong to it. */
  readonly timestampsGood: boolean
  readonly chain: CertificatePathResult | undefined
  /** True when a trusted timestamp proves that the signature existed at the moment the chain was built for. */
  readonly timeProven: boolean
}

/** A verdict with its reason; the reason is null when nothing is left to say. */
export interface Judgement {
  readonly verdict: Verdict
  readonly subIndication: string | null
}

const failed = (subIndication: string): Judgement => ({ verdict: 'TOTAL-FAILED', subIndication })
const open = (subIndication: string): Judgement => ({ verdict: 'INDETERMINATE', subIndication })

/** Judges one signature. */
export function judgeSignature(facts: VerdictFacts): Judgement {
  if (facts.format === 'broken') return failed('FORMAT_FAILURE')
  if (facts.cryptography === 'digest-mismatch') return failed('HASH_FAILURE')
  if (facts.cryptography === 'signature-invalid') {
    return facts.certificateKnown ? failed('SIG_CRYPTO_FAILURE') : open('NO_SIGNING_CERTIFICATE_FOUND')
  }
  if (facts.changes === 'forbidden') return failed('FORMAT_FAILURE')
  if (facts.format === 'unsupported' || facts.cryptography === 'unsupported') return open('CRYPTO_CONSTRAINTS_FAILURE')
  if (facts.changes === 'open' || !facts.timestampsGood) return open('SIG_CONSTRAINTS_FAILURE')
  return judgeChain(facts)
}

function judgeChain({ chain, timeProven }: VerdictFacts): Judgement {
  if (!chain || chain.status === 'untrusted') return open('NO_CERTIFICATE_CHAIN_FOUND')
  if (chain.status === 'broken') return open('CHAIN_CONSTRAINTS_FAILURE')
  if (chain.revocation.status === 'revoked') return timeProven ? failed('REVOKED') : open('REVOKED_NO_POE')
  if (chain.validity === 'expired') return timeProven ? failed('EXPIRED') : open('OUT_OF_BOUNDS_NO_POE')
  if (chain.validity === 'not-yet-valid') return timeProven ? failed('NOT_YET_VALID') : open('OUT_OF_BOUNDS_NO_POE')
  if (chain.revocation.status !== 'good') return open('TRY_LATER')
  return { verdict: 'TOTAL-PASSED', subIndication: null }
}
