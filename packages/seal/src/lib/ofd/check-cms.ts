/**
 * Verifies the value of a signature without seal (Type="Sign"): a message of GB/T 35275 over the description, as GM/T 0099,
 * clause 7.2.2 has it. Two forms are in use, with the digest as content or as a signed attribute.
 */
import { equalBytes, formatTime, fromBase64, isZhichengError } from '@zhicheng/core'
import { hash, parseSignedData, type SignedData, verifySignedData } from '@zhicheng/crypto'
import type { Assessment } from './assessment.ts'
import { checkSigner, type TrustMaterial, unchecked } from './check-certificate.ts'
import type { ValueReport } from './check-ses.ts'

/** Checks a message over `content`; `claimed` is the time that stands beside it. */
export async function checkCmsValue(
  value: Uint8Array,
  {
    content,
    claimed,
    name,
    material,
    assessment,
  }: {
    content: Uint8Array
    claimed: Date | undefined
    name: string
    material: TrustMaterial
    assessment: Assessment
  },
): Promise<ValueReport> {
  const empty: ValueReport = {
    name,
    level: 'GBT35275',
    signedAt: null,
    timeSource: 'claimed',
    signer: null,
    algorithm: 'unknown',
    ...unchecked,
  }
  const message = parse(value, assessment)
  if (!message) return empty
  checkContent(message, content, assessment)
  const result = await verifySignedData(message, {
    ...(message.content ? {} : { messageDigest: (algorithm) => hash(algorithm, content) }),
    timestampTrust: { anchors: material.trust, crls: material.crls },
  })
  assessment.note(...result.findings)
  if (result.status === 'digest-mismatch') {
    assessment.fail('HASH_FAILURE', 'ERR_OFD_DATA_HASH', 'The signature is over something else.')
  } else if (result.status === 'signature-invalid') {
    assessment.fail('SIG_CRYPTO_FAILURE', 'ERR_OFD_SIGNER_SIGNATURE', "The signer's signature is not valid.")
  } else if (result.status === 'unsupported') {
    assessment.doubt(
      'GENERIC',
      'ERR_OFD_ALGORITHM_UNSUPPORTED',
      'The signature could not be checked: it uses what is not known here.',
    )
  }
  const { certificate, algorithm, timestamp } = result
  const trusted =
    timestamp?.status === 'valid' && timestamp.chain?.status === 'trusted' && timestamp.chain.validity === 'valid'
  const proven = trusted ? timestamp.time : undefined
  const time = result.signedAt ?? claimed
  if (!certificate) {
    assessment.doubt('GENERIC', 'OFD_CERTIFICATE_MISSING', "The signer's certificate is not in the message.")
    return empty
  }
  return {
    name,
    level: 'GBT35275',
    signedAt: proven || time ? formatTime((proven ?? time)!) : null,
    timeSource: proven ? 'timestamp' : 'claimed',
    signer: { subject: certificate.subject.text, issuer: certificate.issuer.text, serial: certificate.serialNumber },
    algorithm: algorithm ?? 'unknown',
    ...(await checkSigner(certificate, { claimed: time, proven }, { material, assessment })),
  }
}

function parse(value: Uint8Array, assessment: Assessment): SignedData | undefined {
  try {
    return parseSignedData(value)
  } catch (error) {
    if (!isZhichengError(error)) throw error
    assessment.doubt(
      'GENERIC',
      'OFD_VALUE_NOT_CHECKED',
      `The signature value is no message of GB/T 35275 and was not checked: ${error.message}`,
    )
    return undefined
  }
}

/** The form with the digest as content: SM3 of the description, or (some writers) the Base64 text of it. */
function checkContent({ content }: SignedData, signed: Uint8Array, assessment: Assessment): void {
  if (!content) return
  const digest = hash('sm3', signed)
  if (equalBytes(content, digest)) return
  if (content.length === 44 && equalBytes(decodeBase64(content), digest)) {
    assessment.note({
      code: 'OFD_DIGEST_TEXT',
      severity: 'warning',
      message: 'The signature is over the Base64 text of the digest.',
    })
  } else {
    assessment.fail('HASH_FAILURE', 'ERR_OFD_DATA_HASH', 'The signature is over something else.')
  }
}

function decodeBase64(text: Uint8Array): Uint8Array {
  try {
    return fromBase64(new TextDecoder().decode(text))
  } catch {
    return new Uint8Array()
  }
}
