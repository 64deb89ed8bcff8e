/** Judges the timestamps over a signature: whose time may be told, and which of them proves it (EN 319 102-1, 5.4). */
import type { Finding } from '@zhicheng/core'
import type { CertificatePathResult, TimestampVerification } from '@zhicheng/crypto'
import { buildChain, type TrustMaterial } from './chain.ts'

/** The time of a timestamp whose authority is trusted. */
export interface TrustedTimestamp {
  readonly time: Date
  /** Revocation of the authority's certificate was checked too, so the time is proof. */
  readonly proves: boolean
}

/** The best of the timestamps over a signature, and what keeps it from being better. */
export interface TimestampJudgement {
  readonly trusted: TrustedTimestamp | undefined
  readonly findings: readonly Finding[]
}

/** Looks for a timestamp that proves its time, else for one whose authority is trusted. Without trust nothing is asked. */
export async function judgeTimestamps(
  timestamps: readonly TimestampVerification[],
  material: TrustMaterial,
): Promise<TimestampJudgement> {
  let trusted: TrustedTimestamp | undefined
  let reason: string | undefined
  for (const { status, certificate, certificates, time } of timestamps) {
    if (status !== 'valid' || !certificate) continue
    const chain = await buildChain(
      certificate,
      { ...material, certificates: [...certificates, ...material.certificates] },
      { at: time, usage: 'timestamping' },
    )
    if (!chain) continue
    const problem = problemOf(chain.path)
    if (problem !== undefined) reason ??= problem
    else if (chain.path.revocation.status === 'good') return { trusted: { time, proves: true }, findings: [] }
    else trusted ??= { time, proves: false }
  }
  if (trusted) {
    return {
      trusted,
      findings: [
        warning(
          'SEAL_TIMESTAMP_REVOCATION_UNKNOWN',
          'Whether the certificate of the timestamp authority was revoked could not be checked, so its time is no proof: give a current list of its issuer.',
        ),
      ],
    }
  }
  return { trusted, findings: reason === undefined ? [] : [warning('SEAL_TIMESTAMP_UNTRUSTED', reason)] }
}

/** Why the time of an authority is worth nothing; undefined when its chain is trusted. */
function problemOf({ status, validity, revocation, findings }: CertificatePathResult): string | undefined {
  const say = (problem: string): string => `The timestamp proves no time, and the signature counts as B-B: ${problem}`
  if (revocation.status === 'revoked') return say('the certificate of its authority was revoked.')
  if (status === 'untrusted') return say('its authority is not trusted.')
  if (status === 'broken') {
    const reasons = findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
    return say(`the certificate path of its authority does not hold. ${reasons.join(' ')}`.trim())
  }
  if (validity !== 'valid') return say('a certificate of its authority was not valid at that time.')
  return undefined
}

function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message }
}
