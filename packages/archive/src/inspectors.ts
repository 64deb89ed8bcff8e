/** What a package check needs of others: verifying signatures and scanning for viruses come in as functions. */
import type { Finding, Verdict } from '@zhicheng/core'

/** What a check has to know of a verified document; the seal package's `VerificationReport` has this form. */
export interface DocumentVerification {
  readonly verdict: Verdict
  readonly findings: readonly Pick<Finding, 'code'>[]
  readonly signatures: readonly { readonly verdict: Verdict; readonly subIndication: string | null }[]
}

/** Verifies the signatures and seals of a PDF or OFD. */
export type DocumentVerifier = (name: string, bytes: Uint8Array) => Promise<DocumentVerification>

/** What a virus scanner says. `unknown` means that it gave no answer, which is never a pass. */
export interface ScanResult {
  status: 'clean' | 'infected' | 'unknown'
  /** Scanner, version of its signatures, and what it found. */
  detail: string
}

/** Scans one file. */
export type FileScanner = (name: string, bytes: Uint8Array) => Promise<ScanResult>
