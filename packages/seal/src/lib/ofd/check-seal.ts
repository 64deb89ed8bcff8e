/** Verifies a seal (GB/T 38540-2020, clause 6.3; GM/T 0031-2025): maker's signature, maker, validity, timestamp. */
import { equalBytes } from '@zhicheng/core'
import { type Certificate, hash, verifySignature } from '@zhicheng/crypto'
import type { EsSeal } from '../../ofd/es-seal.ts'
import { checkMethodOf, signatureAlgorithmOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'
import { checkMaker, type PathReport, readCertificate, type TrustMaterial, unchecked } from './check-certificate.ts'
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
  const algorithm = signatureAlgorithmOf(maker.algorithmOid)
  if (!algorithm) {
    assessment.doubt(
      'GENERIC',
      'ERR_OFD_ALGORITHM_UNSUPPORTED',
      `The maker signed with ${maker.algorithmOid}, which cannot be checked here.`,
    )
  } else if (!(await verifies(certificate, algorithm, maker))) {
    assessment.fail(
      'SIG_CRYPTO_FAILURE',
      'ERR_OFD_MAKER_SIGNATURE',
      "The maker's signature over the seal is not valid: the seal may be forged.",
    )
  }
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

/** Verifies with what a structure says; a key that cannot be used for it verifies nothing. */
export async function verifies(
  { publicKey }: Certificate,
  algorithm: NonNullable<ReturnType<typeof signatureAlgorithmOf>>,
  { signedBytes: message, signature }: { signedBytes: Uint8Array; signature: Uint8Array },
): Promise<boolean> {
  try {
    return await verifySignature({ algorithm, publicKey, message, signature })
  } catch {
    return false
  }
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
