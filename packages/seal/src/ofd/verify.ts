/** Verifies every seal and signature of an OFD document (GB/T 33190, GB/T 38540, GM/T 0099). */
import { type ByteSource, type Finding, worstVerdict } from '@zhicheng/core'
import type { Certificate, CertificateList } from '@zhicheng/crypto'
import { type Assessment, createAssessment } from '../lib/ofd/assessment.ts'
import type { TrustMaterial } from '../lib/ofd/check-certificate.ts'
import { checkCmsValue } from '../lib/ofd/check-cms.ts'
import { type CoverageContext, checkCoverage } from '../lib/ofd/check-coverage.ts'
import { checkIntegrity, integrityFile, integrityFilesOf } from '../lib/ofd/check-integrity.ts'
import { checkReferences } from '../lib/ofd/check-references.ts'
import { checkSesValue, emptyValue, type ValueReport } from '../lib/ofd/check-ses.ts'
import { entryFile, type OfdPackage, openOfd } from '../lib/ofd/package.ts'
import { walkDocument } from '../lib/ofd/reachable.ts'
import { type ListedSignature, readSignatures, type SignatureDescription } from '../lib/ofd/signatures.ts'
import type { SignatureReport, VerificationReport } from '../report.ts'

/** Options of {@link verifyOfd}. */
export interface VerifyOfdOptions {
  /** Name of the file for the report; `document.ofd` by default. */
  file?: string
  /** Trusted roots. Without any, a good signature is INDETERMINATE. */
  trust?: readonly Certificate[]
  /** Issuers between signers and roots. */
  intermediates?: readonly Certificate[]
  /** Revocation lists. Without that of an issuer, a good signature is INDETERMINATE. */
  crls?: readonly CertificateList[]
  /** Certificates of the seal makers that are trusted; when given, seals of others fail. */
  makers?: readonly Certificate[]
  /** The moment for which the question is asked; now by default. */
  at?: Date
}

/**
 * Verifies a document. The report says for each signature what was checked and what was found: its file digests, its
 * description, signer and seal, what it covers, and what was tolerated. Throws only for what is no OFD document or an archive
 * that can be read in two ways (`ERR_OFD_MALFORMED`, `ERR_ZIP_…`).
 *
 * @example
 * ```ts
 * const report = await verifyOfd(bytes, { trust: parseCertificates(rootPem), crls: [parseCertificateList(crl)] })
 * if (report.verdict !== 'TOTAL-PASSED') console.log(report.signatures.map(({ subIndication }) => subIndication))
 * ```
 */
export async function verifyOfd(
  input: Uint8Array | ByteSource,
  options: VerifyOfdOptions = {},
): Promise<VerificationReport> {
  const { file = 'document.ofd', trust = [], intermediates = [], crls = [], makers, at = new Date() } = options
  const material: TrustMaterial = { trust, intermediates, crls, at, ...(makers ? { makers } : {}) }
  const ofd = await openOfd(input, { tolerant: true })
  const { signatures: listed, findings: listFindings } = await readSignatures(ofd, await ofd.readXml(entryFile))
  const reachable = await walkDocument(ofd)
  const integrityFiles = await integrityFilesOf(ofd)
  const context: CoverageContext = { ofd, reachable, signatures: listed, integrityFiles }
  const signatures: SignatureReport[] = []
  for (const signature of listed) signatures.push(await verifyOne(signature, context, material))
  applyBaseSignatures(listed, signatures)
  if (ofd.files.has(integrityFile)) signatures.push(await checkIntegrity(ofd, { material, alone: listed.length === 0 }))
  const findings: Finding[] = [...ofd.archive.findings, ...listFindings, ...reachable.findings]
  if (signatures.length === 0) findings.push(...describeUnsigned(ofd))
  const structural = listFindings.some(({ severity }) => severity === 'error')
  const verdict = structural ? 'TOTAL-FAILED' : worstVerdict(signatures.map((each) => each.verdict))
  return { file, format: 'ofd', verdict, findings: withoutRepeats(findings), signatures }
}

async function verifyOne(
  signature: ListedSignature,
  context: CoverageContext,
  material: TrustMaterial,
): Promise<SignatureReport> {
  const assessment = createAssessment()
  const { id, type, description, descriptionFile } = signature
  if (!description || descriptionFile === undefined) {
    assessment.fail(
      'FORMAT_FAILURE',
      'ERR_OFD_ENTRY_MISSING',
      'The description of the signature is not there, or is none.',
    )
    return finish(signature, {
      assessment,
      value: { ...emptyValue, name: id },
      coverage: 'unclear',
      changes: { level: 'not-checked', findings: [] },
    })
  }
  const complete = { ...signature, description, descriptionFile }
  const references = await checkReferences(context.ofd, complete, assessment)
  const { coverage, changes } = checkCoverage(signature, references, { context, assessment })
  const value = await checkValue(complete, { ofd: context.ofd, material, assessment })
  if (type === 'Sign' && description.sealLocation !== undefined) {
    assessment.note({
      code: 'OFD_SEAL_IGNORED',
      severity: 'warning',
      message: 'The signature names a seal, although its type has none.',
    })
  }
  return finish(signature, { assessment, value, coverage, changes })
}

async function checkValue(
  signature: ListedSignature & { descriptionFile: string; description: SignatureDescription },
  { ofd, material, assessment }: { ofd: OfdPackage; material: TrustMaterial; assessment: Assessment },
): Promise<ValueReport> {
  const { description, descriptionFile, type } = signature
  if (description.valueFile === undefined) {
    assessment.fail('FORMAT_FAILURE', 'ERR_OFD_ENTRY_MISSING', 'The value of the signature is not there.')
    return { ...emptyValue, name: description.provider }
  }
  const value = await ofd.read(description.valueFile)
  if (type === 'Seal') return checkSesValue(value, { ofd, signature, material, assessment })
  const content = await ofd.read(descriptionFile)
  return checkCmsValue(value, {
    content,
    claimed: description.claimedAt,
    name: description.provider,
    material,
    assessment,
  })
}

function finish(
  signature: ListedSignature,
  {
    assessment,
    value,
    coverage,
    changes,
  }: { assessment: Assessment; value: ValueReport } & Pick<SignatureReport, 'coverage' | 'changes'>,
): SignatureReport {
  const { verdict, subIndication, findings } = assessment.conclude()
  const { name, ...rest } = value
  return {
    id: signature.id,
    name: name || signature.id,
    kind: signature.type === 'Seal' ? 'seal' : 'signature',
    verdict,
    subIndication,
    ...rest,
    coverage,
    changes,
    findings,
  }
}

/** A signature that builds on another (Relative, GM/T 0099) is no better than that one. */
function applyBaseSignatures(listed: readonly ListedSignature[], reports: SignatureReport[]): void {
  for (const [index, { relative }] of listed.entries()) {
    if (relative === undefined) continue
    const base = reports[listed.findIndex(({ id }) => id === relative)]
    if (base && base.verdict !== 'TOTAL-FAILED') continue
    const report = reports[index]!
    reports[index] = {
      ...report,
      verdict: 'TOTAL-FAILED',
      subIndication: report.verdict === 'TOTAL-FAILED' ? report.subIndication : 'SIG_CONSTRAINTS_FAILURE',
      findings: [
        ...report.findings,
        {
          code: 'ERR_OFD_BASE_SIGNATURE',
          severity: 'error',
          message: 'The signature it builds on is missing or failed.',
        },
      ],
    }
  }
}

function describeUnsigned(ofd: OfdPackage): Finding[] {
  const orphans = [...ofd.files.keys()].filter((name) => /(^|\/)sign(ed)?value\.dat$/i.test(name))
  return [
    { code: 'ERR_SEAL_NO_SIGNATURE', severity: 'error', message: 'The document has no seal and no signature.' },
    ...orphans.map(
      (name): Finding => ({
        code: 'OFD_SIGNATURE_UNLISTED',
        severity: 'warning',
        message: `${name} looks like a signature that is no longer listed.`,
      }),
    ),
  ]
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()]
}
