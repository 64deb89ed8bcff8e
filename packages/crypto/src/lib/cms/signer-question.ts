/** What is asked about a signer, and how the answer no is given while it is being checked. */
import type { DigestAlgorithm } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { WeakAlgorithmSwitches } from '../../signature-algorithm.ts'

/** Switch: accept messages that name the type of an EC key where the signature algorithm belongs, as old OpenPDF writes them. */
export const acceptEcKeyOid: unique symbol = Symbol('acceptEcKeyOid')

/** What the cryptography of a signer says. Nothing here is about trust. */
export type SignerStatus = 'valid' | 'digest-mismatch' | 'signature-invalid' | 'unsupported'

/** What is held against the signer's attributes. */
export interface SignerQuestion extends WeakAlgorithmSwitches {
  /** Digest of the content; `undefined` when only the content inside the message counts. */
  messageDigest?: ((algorithm: DigestAlgorithm) => Uint8Array) | undefined
  /** The content, for signatures without attributes. */
  content?: Uint8Array | undefined
  /** Certificates beside those in the message. */
  certificates?: readonly Certificate[] | undefined
  [acceptEcKeyOid]?: boolean | undefined
}

/** Thrown inside the verification of a signer, and turned into its status and a finding there. */
export class Refusal {
  readonly status: SignerStatus
  readonly code: string
  readonly message: string

  constructor(status: SignerStatus, code: string, message: string) {
    this.status = status
    this.code = code
    this.message = message
  }
}
