/** The codes of every error this package throws on purpose. `messages.zh-CN.ts` has a text for each. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of `@zhicheng/evidence`. */
export type EvidenceErrorCode =
  | 'ERR_EVIDENCE_RANGE'
  | 'ERR_EVIDENCE_CONFLICT'
  | 'ERR_EVIDENCE_STORAGE'
  | 'ERR_EVIDENCE_KEY'
  | 'ERR_EVIDENCE_KEY_PRIVATE'
  | 'ERR_EVIDENCE_KEY_MISMATCH'
  | 'ERR_EVIDENCE_MALFORMED'
  | 'ERR_EVIDENCE_SIGNATURE'
  | 'ERR_EVIDENCE_PROOF'
  | 'ERR_EVIDENCE_LEAF'
  | 'ERR_EVIDENCE_TEST_MARK'
  | 'ERR_EVIDENCE_UNSUPPORTED'

/** An error of this package; the type keeps its code inside the union. */
export function evidenceError<Code extends EvidenceErrorCode>(
  code: Code,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<Code> {
  return new ZhichengError(code, message, options)
}
