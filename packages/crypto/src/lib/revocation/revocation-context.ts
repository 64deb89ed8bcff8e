/** What the revocation checks of one path verification share: the evidence at hand, and where more can be asked for. */
import { type Finding, isZhichengError } from '@zhicheng/core'
import type { Certificate } from '../../certificate.ts'
import type { CertificateList } from '../../crl.ts'
import type { OcspResponse } from '../../ocsp-response.ts'
import type { RevocationEvidence, RevocationSource } from '../../revocation-source.ts'
import type { CertificatePool } from '../certificates/path-search.ts'
import { type CertificateListScope, readListScope } from './crl-scope.ts'

/** Result for a path or for one certificate. */
export interface RevocationResult {
  readonly status: 'good' | 'revoked' | 'unknown' | 'not-checked'
  /** When it was revoked, else the issue of the list or response that says good. */
  readonly at?: Date
  /** What told a status that is good or revoked. */
  readonly source?: 'ocsp' | 'crl'
}

/** A list with what was read of it. */
export interface UsableList {
  readonly list: CertificateList
  readonly scope: CertificateListScope
}

/** Evidence at hand; it grows when sources are asked. */
export interface HeldEvidence {
  /** The newest first, so that an older list that is still in date cannot hide a revocation. */
  lists: readonly UsableList[]
  /** Issuers of all lists that were given, the unusable ones included. */
  issuers: readonly Uint8Array[]
  responses: readonly OcspResponse[]
  /** Responses that may still be verified. Lists and paths have their own bound, so that forged responses use up neither. */
  responseBudget: number
}

/** What all paths of one verification share. */
export interface RevocationMaterial {
  readonly pool: CertificatePool
  readonly held: HeldEvidence
  readonly sources: readonly RevocationSource[]
  /** Questions that were put to a source already. */
  readonly asked: { source: RevocationSource; certificate: Certificate; issuer: Certificate }[]
  /** Signatures of lists that were checked already. */
  readonly signatures: Map<CertificateList, Map<Certificate, boolean>>
  readonly ocspMaxAgeSeconds?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the checks of one path share. */
export interface RevocationContext extends RevocationMaterial {
  readonly at: Date
  readonly findings: Finding[]
  /** How many responders, each the one that spoke for the next, are being looked up just now. */
  readonly responderDepth: number
  /** True if the certificate, found beside the path, is a valid signer of lists under the same anchor. */
  trustsListSigner(signer: Certificate, anchor: Certificate): Promise<boolean>
}

/** Takes evidence up. Lists that cannot be used leave a finding and are dropped. */
export function holdEvidence(
  held: HeldEvidence,
  { crls = [], ocspResponses = [], findings: reported = [] }: RevocationEvidence,
  findings: Finding[],
): void {
  findings.push(...reported)
  const usable = crls.flatMap((list) => {
    try {
      return [{ list, scope: readListScope(list) }]
    } catch (error) {
      if (!isZhichengError(error)) throw error
      findings.push(warning('CRL_UNUSABLE', `A revocation list cannot be used: ${error.message}`))
      return []
    }
  })
  held.lists = [...held.lists, ...usable].sort(
    (left, right) => right.list.thisUpdate.getTime() - left.list.thisUpdate.getTime(),
  )
  held.issuers = [...held.issuers, ...crls.map(({ issuer }) => issuer.der)]
  held.responses = [...held.responses, ...ocspResponses]
}

/** A finding that keeps evidence from being used. */
export function warning(code: string, message: string): Finding {
  return { code, severity: 'warning', message }
}
