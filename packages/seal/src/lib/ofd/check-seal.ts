/** Verifies a seal (GB/T 38540-2020, clause 6.3; GM/T 0031-2025): maker's signature, maker, validity, timestamp. */
import { equalBytes } from '@zhicheng/core'
import { type Certificate, hash } from '@zhicheng/crypto'
import type { EsSeal } from '../../ofd/es-seal.ts'
import { checkMethodOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'
import { checkMaker, type PathReport, readCertificate, type TrustMaterial, unchecked } from './check-certificate.ts'
import { checkSignatureValue } from './check-signature-value.ts'
import { checkTimestamp } from './check-timestamp.ts'

/** Checks everything about a seal that does not depend on the document; `usedAt` is when it sealed. */
export async function checkSeal(
  seal: EsSeal,
  usedAt: Date | undefined,
  context: { material: TrustMaterial; assessment: Assessment },
): Promise<PathReport> {
  const { assessment, material } = context
  const { maker } = seal
  if (usedAt && (usedAt < seal.validFrom || usedAt > seal.validUntil)) {
    assessment.fail(
      usedAt < seal.validFrom ? 'NOT_YET_VALID' : 'EXPIRED',
      'ERR_OFD_SEAL_VALIDITY',
      `The seal was valid from ${seal.validFrom.toISOString()} to ${seal.validUntil.toISOString()}, not at ${usedAt.toISOString()}.`,
    )
  }
  for (const { oid, critical } of seal.extensions) {
    if (critical)
      assessment.doubt(
        'SIG_CONSTRAINTS_FAILURE',
        'OFD_SEAL_EXTENSION',
        `The seal has the critical extension ${oid}, which is not known.`,
      )
  }
  const certificate = readCertificate(maker.certificate, 'seal maker', assessment)
  if (!certificate) return unchecked
  await checkSignatureValue(certificate, maker, { who: 'seal maker', code: 'ERR_OFD_MAKER_SIGNATURE', assessment })
  if (seal.timestamp) {
    await checkTimestamp(seal.timestamp, { over: maker.signature, what: 'seal', notBefore: seal.createdAt }, context)
  }
  checkMakerList(certificate, material, assessment)
  return checkMaker(certificate, seal.createdAt, context)
}

/** True if the certificate may use the seal: it stands in the list itself, or by its digest. */
export function isHolder({ holders }: EsSeal, certificate: Uint8Array): boolean {
  if (holders.kind === 'certificates') return holders.certificates.some((held) => equalBytes(held, certificate))
  return holders.digests.some(({ type, value }) => {
    const algorithm = checkMethodOf(type)
    return algorithm !== 'weak' && algorithm !== 'unknown' && equalBytes(hash(algorithm, certificate), value)
  })
}

function checkMakerList(certificate: Certificate, { makers, trust }: TrustMaterial, assessment: Assessment): void {
  if (makers === undefined) {
    if (trust.length === 0) return
    assessment.note({
      code: 'OFD_MAKERS_NOT_LISTED',
      severity: 'info',
      message: 'No list of trusted seal makers was given: any maker under a trusted root is accepted.',
    })
  } else if (!makers.some((maker) => equalBytes(maker.der, certificate.der))) {
    assessment.fail(
      'CHAIN_CONSTRAINTS_FAILURE',
      'ERR_OFD_MAKER_UNKNOWN',
      'The maker of the seal is not among the trusted seal makers.',
    )
  }
}
