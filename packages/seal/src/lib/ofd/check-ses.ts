/** Verifies a seal's signature over a document (GB/T 38540-2020, clause 7.3): signer, holder, seal, time and description. */
import { equalBytes, formatTime, isZhichengError } from '@zhicheng/core'
import { hash } from '@zhicheng/crypto'
import type { EsSeal } from '../../ofd/es-seal.ts'
import { parseSesSignature, type SesSignature } from '../../ofd/ses-signature.ts'
import type { SignatureReport } from '../../report.ts'
import { signatureAlgorithmOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'
import { checkSigner, readCertificate, type TrustMaterial, unchecked, worsePath } from './check-certificate.ts'
import { checkSeal, isHolder } from './check-seal.ts'
import { checkSignatureValue } from './check-signature-value.ts'
import { checkTimestamp } from './check-timestamp.ts'
import type { OfdPackage } from './package.ts'
import { type ListedSignature, locate, type SignatureDescription } from './signatures.ts'

/** What the value of a signature contributes to its report. */
export type ValueReport = Pick<
  SignatureReport,
  'name' | 'level' | 'signedAt' | 'timeSource' | 'signer' | 'algorithm' | 'chain' | 'revocation'
>

/** A day: clocks and zones of the description's free time may be that far off without a remark. */
const claimTolerance = 86_400_000

/** Checks the value of a signature of the type Seal. */
export async function checkSesValue(
  value: Uint8Array,
  {
    ofd,
    signature,
    material,
    assessment,
  }: {
    ofd: OfdPackage
    signature: ListedSignature & { descriptionFile: string; description: SignatureDescription }
    material: TrustMaterial
    assessment: Assessment
  },
): Promise<ValueReport> {
  const parsed = parse(value, assessment)
  if (!parsed) return emptyValue
  const { seal } = parsed
  const { description, descriptionFile } = signature
  assessment.note(...parsed.deviations)
  if (!equalBytes(hash('sm3', await ofd.read(descriptionFile)), parsed.dataHash)) {
    assessment.fail('HASH_FAILURE', 'ERR_OFD_DATA_HASH', `${descriptionFile} is not the description that was signed.`)
  }
  if (parsed.propertyInfo !== `/${descriptionFile}`) {
    assessment.note({
      code: 'OFD_PROPERTY_PATH',
      severity: 'warning',
      message: 'The signature names another path for its description than the one it has.',
    })
  }
  await checkSealFile(ofd, { seal, descriptionFile, location: description.sealLocation, assessment })
  checkExtensions(parsed, assessment)
  const claimed = parsed.signedAt
  const context = { material, assessment }
  const token = parsed.timestamp ?? parsed.timeToken
  const proven = token
    ? await checkTimestamp(token, { over: parsed.signatureValue, what: 'signature', notBefore: undefined }, context)
    : undefined
  compareTimes({ claimed, proven, description: description.claimedAt }, assessment)
  const sealPath = await checkSeal(seal, proven ?? claimed, context)
  const signerPath = await checkSignerPart(parsed, { claimed, proven }, context)
  return {
    name: seal.name,
    level: `SES-v${seal.version}`,
    signedAt: proven || claimed ? formatTime((proven ?? claimed)!) : null,
    timeSource: proven ? 'timestamp' : 'claimed',
    signer: signerPath.signer,
    algorithm: signatureAlgorithmOf(parsed.algorithmOid) ?? parsed.algorithmOid,
    ...worsePath(signerPath, sealPath),
  }
}

/** The report of a value that could not be read. */
export const emptyValue: ValueReport = {
  name: '',
  level: 'SES-v4',
  signedAt: null,
  timeSource: 'claimed',
  signer: null,
  algorithm: 'unknown',
  ...unchecked,
}

function parse(value: Uint8Array, assessment: Assessment): SesSignature | undefined {
  try {
    return parseSesSignature(value)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    assessment.fail('FORMAT_FAILURE', 'ERR_OFD_SIGNATURE_FORMAT', error.message)
    return undefined
  }
}

async function checkSignerPart(
  parsed: SesSignature,
  times: { claimed: Date | undefined; proven: Date | undefined },
  context: { material: TrustMaterial; assessment: Assessment },
): Promise<Pick<ValueReport, 'signer' | 'chain' | 'revocation'>> {
  const { assessment } = context
  const certificate = readCertificate(parsed.certificate, 'signer', assessment)
  if (!isHolder(parsed.seal, parsed.certificate)) {
    assessment.fail(
      'SIG_CONSTRAINTS_FAILURE',
      'ERR_OFD_SIGNER_NOT_IN_SEAL',
      "The signer's certificate is not in the seal: the signer may not use it.",
    )
  }
  if (!certificate) return { signer: null, ...unchecked }
  await checkSignatureValue(
    certificate,
    { ...parsed, signedBytes: parsed.toSign },
    { who: 'signer', code: 'ERR_OFD_SIGNER_SIGNATURE', assessment },
  )
  if (equalBytes(parsed.certificate, parsed.seal.maker.certificate)) {
    assessment.doubt(
      'SIG_CONSTRAINTS_FAILURE',
      'OFD_SEAL_SELF_MADE',
      'The signer made the seal with the same certificate: nobody else vouches for it.',
    )
  }
  if (!times.claimed && !times.proven) {
    assessment.doubt('SIG_CONSTRAINTS_FAILURE', 'OFD_TIME_UNKNOWN', 'The signature has no time that can be read.')
  }
  return {
    signer: {
      subject: certificate.subject.text,
      issuer: certificate.issuer.text,
      serial: certificate.serialNumber,
    },
    ...(await checkSigner(certificate, times, context)),
  }
}

/** Seal.esl, where the description names one, must be the seal that was signed (GM/T 0099, clause 7.2). */
async function checkSealFile(
  ofd: OfdPackage,
  {
    seal,
    descriptionFile,
    location,
    assessment,
  }: { seal: EsSeal; descriptionFile: string; location: string | undefined; assessment: Assessment },
): Promise<void> {
  if (location === undefined) return
  const name = locate(ofd, { holder: descriptionFile, location, findings: [] })
  if (name === undefined) {
    assessment.fail(
      'SIG_CONSTRAINTS_FAILURE',
      'ERR_OFD_SEAL_FILE_DIFFERS',
      'The description names a seal file that is not there.',
    )
  } else if (!equalBytes(await ofd.read(name), seal.der)) {
    assessment.fail('SIG_CONSTRAINTS_FAILURE', 'ERR_OFD_SEAL_FILE_DIFFERS', `${name} is not the seal that was signed.`)
  }
}

function checkExtensions({ extensions }: SesSignature, assessment: Assessment): void {
  for (const { oid, critical } of extensions) {
    if (critical)
      assessment.doubt(
        'SIG_CONSTRAINTS_FAILURE',
        'OFD_SIGNATURE_EXTENSION',
        `The signature has the critical extension ${oid}, which is not known.`,
      )
  }
}

function compareTimes(
  {
    claimed,
    proven,
    description,
  }: { claimed: Date | undefined; proven: Date | undefined; description: Date | undefined },
  assessment: Assessment,
): void {
  if (claimed && description && Math.abs(claimed.getTime() - description.getTime()) > claimTolerance) {
    assessment.note({
      code: 'OFD_TIMES_DIFFER',
      severity: 'warning',
      message: 'The description claims another day than the signature.',
    })
  }
  if (claimed && proven && claimed.getTime() - proven.getTime() > claimTolerance) {
    assessment.fail(
      'SIG_CONSTRAINTS_FAILURE',
      'ERR_OFD_TIMESTAMP',
      'The signature claims a later time than its timestamp proves.',
    )
  }
}
