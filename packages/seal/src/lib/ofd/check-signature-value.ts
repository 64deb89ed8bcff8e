/** Verifies one signature value of a seal or of its use, and keeps wrong and not checked apart. */
import { isZhichengError } from '@zhicheng/core'
import { type Certificate, verifySignature } from '@zhicheng/crypto'
import type { OfdErrorCode } from '../../ofd/errors.ts'
import { signatureAlgorithmOf } from './algorithms.ts'
import type { Assessment } from './assessment.ts'

/** A signature as a structure holds it. */
export interface SignatureValue {
  readonly algorithmOid: string
  readonly signedBytes: Uint8Array
  readonly signature: Uint8Array
}

/** Checks a value; a wrong one fails with `code`, one that cannot be checked here leaves a doubt. */
export async function checkSignatureValue(
  { publicKey }: Certificate,
  { algorithmOid, signedBytes: message, signature }: SignatureValue,
  { who, code, assessment }: { who: string; code: OfdErrorCode; assessment: Assessment },
): Promise<void> {
  const algorithm = signatureAlgorithmOf(algorithmOid)
  if (!algorithm && publicKey.kind !== 'sm2') {
    const text = `The ${who} signed with ${algorithmOid}, which cannot be checked here.`
    assessment.doubt('GENERIC', 'ERR_OFD_ALGORITHM_UNSUPPORTED', text)
    return
  }
  try {
    if (algorithm && (await verifySignature({ algorithm, publicKey, message, signature }))) return
  } catch (error) {
    if (!isZhichengError(error)) throw error
    if (error.code === 'ERR_CRYPTO_UNSUPPORTED') {
      assessment.doubt(
        'GENERIC',
        'ERR_OFD_ALGORITHM_UNSUPPORTED',
        `The signature of the ${who} was not checked: ${error.message}`,
      )
      return
    }
  }
  // An SM2 key knows one algorithm: a value that names another one was changed.
  assessment.fail('SIG_CRYPTO_FAILURE', code, `The signature of the ${who} is not valid.`)
}
