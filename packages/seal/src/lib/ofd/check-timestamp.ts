/** Verifies the timestamps that version 5 of seals and later signatures carry, and says what time they prove. */
import type { DigestAlgorithm } from '@zhicheng/core'
import { isZhichengError } from '@zhicheng/core'
import { hash, parseTimestampToken, verifyTimestampToken } from '@zhicheng/crypto'
import type { Assessment } from './assessment.ts'
import type { TrustMaterial } from './check-certificate.ts'

/**
 * The time a token proves, `undefined` when it proves none. A token that is broken or over something else fails; one whose
 * authority is not trusted only leaves the time a claim.
 */
export async function checkTimestamp(
  token: Uint8Array,
  { over, what, notBefore }: { over: Uint8Array; what: string; notBefore: Date | undefined },
  { material, assessment }: { material: TrustMaterial; assessment: Assessment },
): Promise<Date | undefined> {
  const fail = (message: string): undefined => {
    assessment.fail('SIG_CRYPTO_FAILURE', 'ERR_OFD_TIMESTAMP', message)
    return undefined
  }
  try {
    const parsed = parseTimestampToken(token)
    const { status, chain, time } = await verifyTimestampToken(parsed, {
      imprint: (algorithm: DigestAlgorithm) => hash(algorithm, over),
      anchors: material.trust,
      intermediates: material.intermediates,
      crls: material.crls,
    })
    if (status === 'unsupported') {
      assessment.doubt(
        'GENERIC',
        'OFD_TIMESTAMP_UNSUPPORTED',
        `The timestamp of the ${what} uses an algorithm that cannot be checked here.`,
      )
      return undefined
    }
    if (status !== 'valid') return fail(`The timestamp of the ${what} is not valid: ${status}.`)
    if (notBefore && time < notBefore) return fail(`The timestamp of the ${what} is older than the ${what} says it is.`)
    if (chain?.status === 'trusted' && chain.validity === 'valid' && chain.revocation.status !== 'revoked') return time
    if (chain?.status === 'broken' || chain?.revocation.status === 'revoked') {
      return fail(`The authority of the timestamp of the ${what} is not good.`)
    }
    assessment.note({
      code: 'OFD_TIMESTAMP_UNTRUSTED',
      severity: 'warning',
      message: `The timestamp of the ${what} comes from an authority that is not trusted: it proves no time.`,
    })
    return undefined
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return fail(`The timestamp of the ${what} cannot be read: ${error.message}`)
  }
}
