/** Parses what a signature dictionary holds: a CMS message, or the token of a document timestamp. */
import { type DigestAlgorithm, type Finding, isZhichengError } from '@zhicheng/core'
import { parseSignedData, parseTimestampToken, type SignedData, type TimestampToken } from '@zhicheng/crypto'
import { definiteLengths } from '../../ber.ts'
import type { DigestRequest } from '../range-digests.ts'
import type { FoundSignature } from '../signature-range.ts'

/** A signature with its parsed content, not verified. */
export interface ReadSignature {
  readonly found: FoundSignature
  readonly kind: 'signature' | 'timestamp'
  readonly message?: SignedData
  readonly token?: TimestampToken
  /** Why there is neither: a form that is not known (`unsupported`) or bytes that are none. */
  readonly problem?: { readonly unsupported: boolean; readonly finding: Finding }
}

/** Parses the content of a signature. Never throws for what it holds. */
export function readSignature(found: FoundSignature): ReadSignature {
  const kind = found.subFilter === 'ETSI.RFC3161' ? 'timestamp' : 'signature'
  const problem = (unsupported: boolean, code: string, message: string): ReadSignature => ({
    found,
    kind,
    problem: { unsupported, finding: { code, severity: 'error', message } },
  })
  function readMessage(): ReadSignature {
    const message = parseMessage(found.contents)
    const { length } = message.signerInfos
    if (length === 1) return { found, kind, message }
    // A timestamp over the signature of one signer would seem to prove the time of another (EN 319 142-1, 6.3).
    return problem(false, 'ERR_SEAL_CONTENTS', `The signature has ${length} signers in place of one.`)
  }
  try {
    switch (found.subFilter) {
      case 'ETSI.RFC3161':
        return { found, kind, token: parseTimestampToken(found.contents) }
      case 'ETSI.CAdES.detached':
      case 'adbe.pkcs7.detached':
        return readMessage()
      default:
        return problem(
          true,
          'ERR_SEAL_SIGNATURE_UNSUPPORTED',
          `The signature is of the form ${found.subFilter ?? 'unknown'}, which is not verified here.`,
        )
    }
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return problem(false, 'ERR_SEAL_CONTENTS', `The Contents of the signature cannot be read: ${error.message}`)
  }
}

/** Some writers encode the envelope in BER, which ISO 32000-2 (12.8.3.3) does not allow but readers take. */
function parseMessage(contents: Uint8Array): SignedData {
  // An indefinite length at the very beginning is how BER envelopes start; everything else is held to DER.
  if (contents[0] !== 0x30 || contents[1] !== 0x80) return parseSignedData(contents)
  const message = parseSignedData(definiteLengths(contents))
  const deviation: Finding = {
    code: 'SEAL_CMS_NOT_DER',
    severity: 'warning',
    message: 'The signature is encoded in BER, where DER is prescribed.',
  }
  return { ...message, deviations: [...message.deviations, deviation] }
}

/** What has to be hashed for a signature; nothing when it cannot be verified anyway. */
export function digestRequestOf({ found, message, token }: ReadSignature): DigestRequest | undefined {
  if (!found.range) return undefined
  const algorithms = new Set<DigestAlgorithm>()
  if (token) algorithms.add(token.imprint.algorithm)
  for (const { digestAlgorithm } of message?.signerInfos ?? []) if (digestAlgorithm) algorithms.add(digestAlgorithm)
  return algorithms.size > 0 ? { range: found.range, algorithms } : undefined
}
