/** The report of a verification: one shape for PDF and OFD, in Node, in browsers, on the command line and on the wire. */
import type { Finding, Verdict } from '@zhicheng/core'

/** What a signature is: a signature, a seal (电子印章), a document timestamp, or an integrity list (GM/T 0099). */
export type SignatureKind = 'signature' | 'seal' | 'timestamp' | 'integrity'

/** The form of a signature and how much long-term evidence it carries. */
export type SignatureLevel = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' | 'PKCS7' | 'SES-v1' | 'SES-v4' | 'SES-v5' | 'GBT35275'

/** What of the file the signature covers. */
export type Coverage = 'whole-file' | 'whole-revision' | 'partial' | 'unclear'

/** What happened to the document after this signature. */
export interface ChangeReport {
  level: 'none' | 'ltv' | 'form-filling' | 'annotations' | 'other' | 'not-checked'
  findings: { code: string; message: string }[]
}

/** Everything that was found about one signature. */
export interface SignatureReport {
  id: string
  /** Field name in PDF, seal name in OFD. */
  name: string
  kind: SignatureKind
  verdict: Verdict
  /** Sub-indication of ETSI EN 319 102-1, such as `HASH_FAILURE`; null when the verdict is TOTAL-PASSED. */
  subIndication: string | null
  level: SignatureLevel
  /** ISO time with offset; null when no time is known. */
  signedAt: string | null
  timeSource: 'claimed' | 'timestamp'
  signer: { subject: string; issuer: string; serial: string } | null
  algorithm: string
  coverage: Coverage
  changes: ChangeReport
  chain: { status: 'trusted' | 'untrusted' | 'broken' | 'not-checked'; trustedBy: string | null }
  revocation: {
    status: 'good' | 'revoked' | 'unknown' | 'not-checked'
    source: 'embedded' | 'given' | 'online' | null
    at: string | null
  }
  findings: Finding[]
}

/** Everything that was found about a file. The verdict is the worst of its signatures; without any it is TOTAL-FAILED. */
export interface VerificationReport {
  file: string
  format: 'pdf' | 'ofd'
  verdict: Verdict
  /** Findings about the file itself: `ERR_SEAL_NO_SIGNATURE`, tolerated deviations, smuggled entries. */
  findings: Finding[]
  signatures: SignatureReport[]
}
