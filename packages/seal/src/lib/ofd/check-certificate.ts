/** Judges the path of a certificate for one role, and keeps dates, trust and revocation apart. */
import { isZhichengError } from '@zhicheng/core'
import {
  type Certificate,
  type CertificateList,
  type CertificatePathResult,
  parseCertificate,
  verifyCertificatePath,
} from '@zhicheng/crypto'
import type { SignatureReport } from '../../report.ts'
import type { Assessment } from './assessment.ts'
import { maySign } from './sign-checked.ts'

/** What trust is built on. */
export interface TrustMaterial {
  readonly trust: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  /** Seal makers that are trusted; without it, any maker under a trusted root is. */
  readonly makers?: readonly Certificate[]
  /** The moment of verification. */
  readonly at: Date
}

/** What the report says about a path. */
export type PathReport = Pick<SignatureReport, 'chain' | 'revocation'>

/** Nothing was checked. */
export const unchecked: PathReport = {
  chain: { status: 'not-checked', trustedBy: null },
  revocation: { status: 'not-checked', source: null, at: null },
}

/** Parses a certificate out of a structure; `undefined` leaves a failure. */
export function readCertificate(bytes: Uint8Array, who: string, assessment: Assessment): Certificate | undefined {
  try {
    return parseCertificate(bytes)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    assessment.fail(
      'FORMAT_FAILURE',
      'ERR_OFD_CERTIFICATE_UNREADABLE',
      `The certificate of the ${who} cannot be read: ${error.message}`,
    )
    return undefined
  }
}

/**
 * Checks the signer's certificate: key usage, valid when the signature claims to be made, and its path now, or at the time
 * that a trusted timestamp proves.
 */
export async function checkSigner(
  certificate: Certificate,
  { claimed, proven }: { claimed: Date | undefined; proven: Date | undefined },
  { material, assessment }: { material: TrustMaterial; assessment: Assessment },
): Promise<PathReport> {
  if (!maySign(certificate)) {
    assessment.fail(
      'CHAIN_CONSTRAINTS_FAILURE',
      'ERR_OFD_SIGNER_KEY_USAGE',
      "The key usage of the signer's certificate does not allow signatures.",
    )
  }
  for (const time of [claimed, proven]) {
    if (time && (time < certificate.notBefore || time > certificate.notAfter)) {
      assessment.fail(
        time < certificate.notBefore ? 'NOT_YET_VALID' : 'EXPIRED',
        'ERR_OFD_SIGNER_VALIDITY',
        `The signer's certificate was not valid at the time of the signature (${time.toISOString()}).`,
      )
    }
  }
  const at = proven ?? material.at
  const path = await verifyCertificatePath({ ...pathInput(certificate, material), at, usage: 'document-signing' })
  const report = judgeTrust(path, { who: 'signer', failure: 'ERR_OFD_SIGNER_CHAIN', assessment })
  if (path.status !== 'trusted') return report
  if (path.validity !== 'valid') {
    assessment.doubt(
      'OUT_OF_BOUNDS_NO_POE',
      'OFD_SIGNER_EXPIRED',
      "The signer's certificate or one above it is no longer valid, and no timestamp proves an earlier signature.",
    )
  }
  const { status, at: revokedAt } = path.revocation
  if (status === 'revoked') {
    if (proven || !claimed || !revokedAt || revokedAt <= claimed) {
      assessment.fail(
        'REVOKED',
        'ERR_OFD_SIGNER_REVOKED',
        "The signer's certificate was revoked by the time of the signature.",
      )
    } else {
      assessment.doubt(
        'REVOKED_NO_POE',
        'OFD_SIGNER_REVOKED_LATER',
        "The signer's certificate was revoked after the time that the signature claims, and no timestamp proves that time.",
      )
    }
  } else if (status !== 'good') {
    assessment.doubt(
      'TRY_LATER',
      'OFD_REVOCATION_UNKNOWN',
      "Whether the signer's certificate was revoked could not be checked: give a current list of its authority.",
    )
  }
  return report
}

/**
 * Checks the maker's certificate as of the making of the seal (GM/T 0031-2025): expired or revoked since then is a remark,
 * a bad path or a certificate that was not valid then fails.
 */
export async function checkMaker(
  certificate: Certificate,
  createdAt: Date,
  { material, assessment }: { material: TrustMaterial; assessment: Assessment },
): Promise<PathReport> {
  if (createdAt < certificate.notBefore || createdAt > certificate.notAfter) {
    assessment.fail(
      createdAt < certificate.notBefore ? 'NOT_YET_VALID' : 'EXPIRED',
      'ERR_OFD_MAKER_VALIDITY',
      `The maker's certificate was not valid when the seal was made (${createdAt.toISOString()}).`,
    )
  }
  const path = await verifyCertificatePath({ ...pathInput(certificate, material), at: createdAt, usage: 'seal-making' })
  const report = judgeTrust(path, { who: 'seal maker', failure: 'ERR_OFD_MAKER_CHAIN', assessment })
  if (path.status !== 'trusted') return report
  if (path.validity !== 'valid') {
    assessment.fail(
      'EXPIRED',
      'ERR_OFD_MAKER_VALIDITY',
      "A certificate above the maker's was not valid when the seal was made.",
    )
  }
  const { status, at } = path.revocation
  if (status === 'revoked' && (!at || at <= createdAt)) {
    assessment.fail('REVOKED', 'ERR_OFD_MAKER_CHAIN', "The maker's certificate was revoked before the seal was made.")
  } else if (status === 'revoked') {
    assessment.note({
      code: 'OFD_MAKER_REVOKED_LATER',
      severity: 'warning',
      message: "The maker's certificate was revoked after the seal was made.",
    })
  } else if (status !== 'good') {
    assessment.doubt(
      'TRY_LATER',
      'OFD_REVOCATION_UNKNOWN',
      "Whether the maker's certificate was revoked could not be checked: give a list of its authority.",
    )
  }
  if (material.at > certificate.notAfter) {
    assessment.note({
      code: 'OFD_MAKER_EXPIRED_LATER',
      severity: 'info',
      message: "The maker's certificate expired after the seal was made.",
    })
  }
  return report
}

function pathInput(
  leaf: Certificate,
  { trust, intermediates, crls }: TrustMaterial,
): {
  leaf: Certificate
  anchors: readonly Certificate[]
  intermediates: readonly Certificate[]
  crls: readonly CertificateList[]
} {
  return { leaf, anchors: trust, intermediates, crls }
}

function judgeTrust(
  path: CertificatePathResult,
  {
    who,
    failure,
    assessment,
  }: { who: string; failure: 'ERR_OFD_SIGNER_CHAIN' | 'ERR_OFD_MAKER_CHAIN'; assessment: Assessment },
): PathReport {
  if (path.status === 'broken') {
    const reasons = path.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
    assessment.fail(
      'CHAIN_CONSTRAINTS_FAILURE',
      failure,
      `The certificate path of the ${who} does not hold. ${reasons.join(' ')}`.trim(),
    )
  } else if (path.status === 'untrusted') {
    assessment.doubt(
      'NO_CERTIFICATE_CHAIN_FOUND',
      'OFD_CHAIN_NOT_FOUND',
      `No path leads from the certificate of the ${who} to a trusted root.`,
    )
  }
  const { status, at } = path.revocation
  return {
    chain: { status: path.status, trustedBy: path.trustedBy?.subject.text ?? null },
    revocation: {
      status,
      source: status === 'not-checked' ? null : 'given',
      at: at?.toISOString() ?? null,
    },
  }
}

/** The worse of two paths, answer by answer: a seal is trusted only when its signer and its maker are. */
export function worsePath(first: PathReport, second: PathReport): PathReport {
  const chains = ['broken', 'untrusted', 'not-checked', 'trusted'] as const
  const states = ['revoked', 'unknown', 'not-checked', 'good'] as const
  const pick = <Value extends { status: string }>(order: readonly string[], left: Value, right: Value): Value =>
    order.indexOf(right.status) < order.indexOf(left.status) ? right : left
  return {
    chain: pick(chains, first.chain, second.chain),
    revocation: pick(states, first.revocation, second.revocation),
  }
}
