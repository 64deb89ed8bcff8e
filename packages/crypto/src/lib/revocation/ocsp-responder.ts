/** Who signed an OCSP response, and whether that one may (RFC 6960, section 4.2.2.2). */
import { equalBytes, isZhichengError } from '@zhicheng/core'
import { type Certificate, isIssuedBy, verifyCertificateSignature } from '../../certificate.ts'
import { cryptoError } from '../../errors.ts'
import { hash } from '../../hash.ts'
import type { OcspResponse } from '../../ocsp-response.ts'
import { verifySignature } from '../../public-key.ts'
import type { WeakAlgorithmSwitches } from '../../signature-algorithm.ts'
import { extensionOid } from '../certificates/certificate-extensions.ts'
import { sameName } from '../certificates/names.ts'
import { checkPath } from '../certificates/path-checks.ts'
import { weakSwitches } from '../keys/weak-switches.ts'
import { ocspOid } from './ocsp-structures.ts'

/** What the search needs to know. */
export interface ResponderQuestion extends WeakAlgorithmSwitches {
  issuer: Certificate
  at: Date
  clockSkew: number
  /** Candidates beside those in the response. */
  certificates: readonly Certificate[]
}

/** The responder whose signature holds, or the reason why none was accepted. */
export type ResponderAnswer =
  | { readonly certificate: Certificate; readonly role: 'issuer' | 'delegate'; readonly exempt: boolean }
  | { readonly code: string; readonly problem: string }

// Each costs signatures to check, and certificates of one name can be made in any number.
const maxCandidates = 8

/** Tries the issuer first, then every certificate that has the name or key the response gives. */
export async function findResponder(response: OcspResponse, question: ResponderQuestion): Promise<ResponderAnswer> {
  const { issuer } = question
  let refusal: ResponderAnswer = {
    code: 'OCSP_RESPONDER_NOT_FOUND',
    problem: 'Neither the issuer nor a certificate at hand is the responder that the response names.',
  }
  let tried = 0
  for (const candidate of [issuer, ...response.certificates, ...question.certificates]) {
    const isIssuer = equalBytes(candidate.der, issuer.der)
    try {
      if (!isNamed(response, candidate)) continue
      tried += 1
      if (tried > maxCandidates) break
      const problem = isIssuer ? undefined : await findFault(candidate, response, question)
      if (problem) refusal = { code: 'OCSP_RESPONDER_UNAUTHORIZED', problem }
      else if (!(await isSignedBy(response, candidate, question))) {
        refusal = {
          code: 'OCSP_SIGNATURE_INVALID',
          problem: 'The signature of the response is not valid with the key of its responder.',
        }
      } else {
        const exempt = isIssuer || candidate.extensions.some(({ oid }) => oid === extensionOid.ocspNoCheck)
        return { certificate: candidate, role: isIssuer ? 'issuer' : 'delegate', exempt }
      }
    } catch (error) {
      if (!isZhichengError(error)) throw error
      refusal = { code: 'OCSP_ALGORITHM_UNSUPPORTED', problem: `A signature cannot be checked: ${error.message}` }
    }
  }
  return refusal
}

function isNamed({ responderId }: OcspResponse, candidate: Certificate): boolean {
  if ('name' in responderId) return sameName(responderId.name.der, candidate.subject.der)
  // RFC 6960, section 4.2.1: the key hash of a responder is SHA-1, whatever else the response uses.
  return equalBytes(responderId.keyHash, hash('sha1', candidate.publicKey.keyBytes))
}

/** Why a delegated responder may not speak for the issuer, or `undefined`. */
async function findFault(
  responder: Certificate,
  { producedAt }: OcspResponse,
  question: ResponderQuestion,
): Promise<string | undefined> {
  const { issuer, at, clockSkew } = question
  if (!responder.extendedKeyUsage?.includes(ocspOid.signingPurpose)) {
    return 'The certificate of the responder is not one for signing OCSP responses.'
  }
  if (responder.keyUsage && !responder.keyUsage.has('digitalSignature')) {
    return 'The key usage of the responder’s certificate does not allow signatures.'
  }
  // The issuer itself must have issued it: neither an issuer above nor one below may delegate in its place.
  if (!isIssuedBy(responder, issuer))
    return 'The certificate of the responder was not issued by the issuer asked about.'
  const moments = at > producedAt ? [producedAt, at] : [producedAt]
  const { notBefore, notAfter } = responder
  if (moments.some((moment) => !(moment.getTime() + clockSkew >= notBefore.getTime() && moment <= notAfter))) {
    return 'The certificate of the responder was not valid when the response was made, or is no longer.'
  }
  const [fault] = checkPath([responder, issuer], 'any', {})
  if (fault) return `The certificate of the responder cannot be used: ${fault.message}`
  const signed = await verifyCertificateSignature(responder, issuer.publicKey, weakSwitches(question))
  return signed ? undefined : 'The certificate of the responder is not signed with the key of the issuer.'
}

async function isSignedBy(
  { signatureAlgorithm: algorithm, signatureSaltLength: saltLength, tbs: message, signature }: OcspResponse,
  { publicKey }: Certificate,
  question: ResponderQuestion,
): Promise<boolean> {
  if (algorithm === 'unknown') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The response is signed with an algorithm that is not known here.')
  }
  return verifySignature({ algorithm, publicKey, message, signature, saltLength, ...weakSwitches(question) })
}
