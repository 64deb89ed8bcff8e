/** Parses what a signature dictionary holds: a CMS message, or the token of a document timestamp. */
import { type DigestAlgorithm, type Finding, isZhichengError } from '@zhicheng/core'
import { parseSignedData, parseTimestampToken, type SignedData, type TimestampToken } from '@zhicheng/crypto'
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
  try {
    switch (found.subFilter) {
      case 'ETSI.RFC3161':
        return { found, kind, token: parseTimestampToken(found.contents) }
      case 'ETSI.CAdES.detached':
      case 'adbe.pkcs7.detached':
        return { found, kind, message: parseSignedData(found.contents) }
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

/** What has to be hashed for a signature; nothing when it cannot be verified anyway. */
export function digestRequestOf({ found, message, token }: ReadSignature): DigestRequest | undefined {
  if (!found.range) return undefined
  const algorithms = new Set<DigestAlgorithm>()
  if (token) algorithms.add(token.imprint.algorithm)
  for (const { digestAlgorithm } of message?.signerInfos ?? []) if (digestAlgorithm) algorithms.add(digestAlgorithm)
  return algorithms.size > 0 ? { range: found.range, algorithms } : undefined
}
