/**
 * Certificate paths (证书链, RFC 5280, section 6): from a certificate over loose issuers to a trust anchor, with
 * revocation by lists and OCSP responses. Nothing is fetched, unless a source of the caller does it.
 */
import type { Finding } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import type { CertificateList } from './crl.ts'
import { checkPath, checkValidity, type PathUsage, type PathValidity } from './lib/certificates/path-checks.ts'
import { createPool, findPaths, type PathSearch } from './lib/certificates/path-search.ts'
import type { PolicyInput } from './lib/certificates/policies.ts'
import { weakSwitches } from './lib/keys/weak-switches.ts'
import { checkPathRevocation, type PathRevocation } from './lib/revocation/revocation.ts'
import {
  type HeldEvidence,
  holdEvidence,
  type RevocationMaterial,
  type RevocationResult,
} from './lib/revocation/revocation-context.ts'
import type { OcspResponse } from './ocsp-response.ts'
import type { RevocationSource } from './revocation-source.ts'
import type { WeakAlgorithmSwitches } from './signature-algorithm.ts'

export type { PathValidity } from './lib/certificates/path-checks.ts'
export type { RevocationResult } from './lib/revocation/revocation-context.ts'

/** What a certificate is used for: it decides which key usage and purposes it must have. */
export type CertificateUsage = 'document-signing' | 'timestamping' | 'seal-making' | 'any'

/** What is asked of certificate policies (证书策略). Without it, only what the certificates themselves demand is held. */
export interface PolicyRequirements {
  /** Object identifiers of acceptable policies; any by default. They bind only with `requireExplicit`, here or in the path. */
  acceptable?: readonly string[]
  requireExplicit?: boolean
  inhibitMapping?: boolean
  inhibitAny?: boolean
}

/** Input of {@link verifyCertificatePath}. */
export interface CertificatePathInput extends WeakAlgorithmSwitches {
  leaf: Certificate
  /** Loose certificates in any order, useful or not. */
  intermediates?: readonly Certificate[]
  /** Trusted certificates (信任锚). Their name, key and dates count; their own constraints are not held against a path. */
  anchors: readonly Certificate[]
  /** The moment for which the question is asked: now, or one that is proven by a timestamp. */
  at: Date
  crls?: readonly CertificateList[]
  ocspResponses?: readonly OcspResponse[]
  /** OCSP responses that do not say when they are replaced count for this long; by default they do not count. */
  ocspMaxAgeSeconds?: number
  /**
   * Where more evidence can be asked for, one after the other: only for a path that leads to an anchor and keeps the rules,
   * and only about certificates whose status the evidence at hand leaves open.
   */
  revocation?: RevocationSource | readonly RevocationSource[]
  /** `any` by default. */
  usage?: CertificateUsage
  policies?: PolicyRequirements
}

/** Answer of {@link verifyCertificatePath}. Trust, dates and revocation are three answers: all three have to be good. */
export interface CertificatePathResult {
  /**
   * `trusted`: the path leads to an anchor and keeps every rule. `untrusted`: no anchor was reached, or a signature could
   * not be checked. `broken`: the anchor or issuer that is meant (by its key identifier, not by its name alone) is there,
   * but a signature or a rule does not hold.
   */
  status: 'trusted' | 'untrusted' | 'broken'
  /** The certificate first, the anchor last; as far as it was found. */
  path: Certificate[]
  trustedBy?: Certificate
  /**
   * `good` only if every certificate below the anchor is. `not-checked`: neither a list of the certificate's issuer nor a
   * response about it was given, and no source was asked. `revoked` by any evidence that holds wins. `at` is when it was
   * revoked, or the issue of the newest list or response that says good; `source` is what told it.
   */
  revocation: RevocationResult
  /** The same for each certificate below the anchor, in the order of `path`; it ends at the first that is revoked. */
  revocations: readonly RevocationResult[]
  /** Dates of all certificates of the path, the anchor's included. */
  validity: PathValidity
  findings: Finding[]
}

const maxPaths = 16
const maxSignerDepth = 3

/**
 * Builds and validates paths and returns the best one found. Never throws for what certificates, lists and responses
 * contain; what a source throws is passed on, and so is the reason of an aborted `signal`.
 *
 * A list or response from after `at` counts as long as the certificate had not expired by then: its dates tell.
 *
 * @example
 * ```ts
 * const { status, validity, revocation } = await verifyCertificatePath({
 *   leaf, intermediates, anchors: parseCertificates(trustPem), at: new Date(), crls: [parseCertificateList(crl)],
 *   usage: 'document-signing',
 * })
 * const good = status === 'trusted' && validity === 'valid' && revocation.status === 'good'
 * ```
 */
export async function verifyCertificatePath(
  input: CertificatePathInput,
  { signal }: { signal?: AbortSignal } = {},
): Promise<CertificatePathResult> {
  const { leaf, usage = 'any', at, policies = {}, crls = [], ocspResponses = [], ocspMaxAgeSeconds } = input
  const findings: Finding[] = []
  const held: HeldEvidence = { lists: [], issuers: [], responses: [], responseBudget: 100 }
  holdEvidence(held, { crls, ocspResponses }, findings)
  const result = await verifyWithin(
    { leaf, usage, at, policies, signers: [] },
    {
      pool: createPool(input.anchors, input.intermediates ?? [], weakSwitches(input)),
      held,
      sources: [input.revocation ?? []].flat(),
      asked: [],
      signatures: new Map(),
      ocspMaxAgeSeconds,
      signal,
    },
  )
  return { ...result, findings: withoutRepeats([...findings, ...result.findings]) }
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()]
}

interface PathQuestion {
  leaf: Certificate
  usage: PathUsage
  at: Date
  policies: PolicyInput
  /** Signers of lists whose own paths are being verified just now. */
  signers: readonly Certificate[]
  /** The only anchor that counts, for signers of lists. */
  anchor?: Certificate
}

async function verifyWithin(question: PathQuestion, material: RevocationMaterial): Promise<CertificatePathResult> {
  const search: PathSearch = { longest: [question.leaf], signatureInvalid: false, unsupported: false, limited: false }
  let best: CertificatePathResult | undefined
  let tried = 0
  for await (const path of findPaths(question.leaf, material.pool, search)) {
    if (question.anchor && path.at(-1) !== question.anchor) continue
    const result = await judge(path, question, material)
    if (!best || rank(result) < rank(best)) best = result
    tried += 1
    if (rank(best) === 0 || tried === maxPaths) break
  }
  return best ?? withoutAnchor(question, search)
}

async function judge(
  path: readonly Certificate[],
  question: PathQuestion,
  material: RevocationMaterial,
): Promise<CertificatePathResult> {
  const { validity, findings } = checkValidity(path, question.at)
  const broken = checkPath(path, question.usage, question.policies)
  findings.push(...broken)
  const { held, sources } = material
  // A path that does not hold is no reason to call out to wherever its certificates say.
  const reachable = broken.length === 0 ? sources : []
  const nothing = held.issuers.length === 0 && held.responses.length === 0 && reachable.length === 0
  const { revocation, revocations }: PathRevocation =
    nothing || path.length === 1
      ? { revocation: { status: 'not-checked' }, revocations: path.slice(1).map(() => ({ status: 'not-checked' })) }
      : await checkPathRevocation(path, {
          ...material,
          sources: reachable,
          at: question.at,
          findings,
          responderDepth: 0,
          trustsListSigner: (signer, anchor) => trustsListSigner(signer, anchor, question, material),
        })
  return {
    status: broken.length > 0 ? 'broken' : 'trusted',
    path: [...path],
    ...(broken.length > 0 ? {} : { trustedBy: path.at(-1)! }),
    revocation,
    revocations,
    validity,
    findings,
  }
}

async function trustsListSigner(
  signer: Certificate,
  anchor: Certificate,
  question: PathQuestion,
  material: RevocationMaterial,
): Promise<boolean> {
  // A signer's own status often stands in its own list: while that is being looked up, it is taken as it is.
  if (question.signers.includes(signer)) return true
  if (question.signers.length === maxSignerDepth) return false
  const result = await verifyWithin(
    {
      leaf: signer,
      usage: 'crl-signing',
      at: question.at,
      policies: {},
      anchor,
      signers: [...question.signers, signer],
    },
    material,
  )
  if (result.status !== 'trusted' || result.validity !== 'valid') return false
  return result.revocation.status === 'good' || result.path.length === 1
}

/** 0 for a result that cannot be better. */
function rank({ status, validity, revocation }: CertificatePathResult): number {
  // A revocation that was seen must not give way to another path where nobody looked.
  const revocationRank = { good: 0, revoked: 1, unknown: 2, 'not-checked': 3 }[revocation.status]
  return (status === 'trusted' ? 0 : 100) + (validity === 'valid' ? 0 : 10) + revocationRank
}

function withoutAnchor(question: PathQuestion, search: PathSearch): CertificatePathResult {
  const { validity, findings } = checkValidity(search.longest, question.at)
  if (search.limited) {
    findings.push({
      code: 'CERTIFICATE_SEARCH_LIMITED',
      severity: 'warning',
      message: 'The search for a path ended early, because too many certificates claim to be issuers.',
    })
  }
  if (search.signatureInvalid) {
    findings.push({
      code: 'CERTIFICATE_SIGNATURE_INVALID',
      severity: 'error',
      message:
        'The issuer that a certificate names by name and key is there, but the signature is not valid with that key.',
    })
  } else if (search.unsupported) {
    findings.push({
      code: 'CERTIFICATE_ALGORITHM_UNSUPPORTED',
      severity: 'error',
      message:
        'A signature of the path has an algorithm or key that is unknown, not available here, or accepted only on request because it is weak.',
    })
  } else {
    findings.push({
      code: 'CERTIFICATE_CHAIN_NOT_FOUND',
      severity: 'warning',
      message: 'No path leads to a trust anchor: give the missing issuers, or trust the root if it is to be trusted.',
    })
  }
  return {
    status: search.signatureInvalid ? 'broken' : 'untrusted',
    path: [...search.longest],
    revocation: { status: 'not-checked' },
    revocations: search.longest.map(() => ({ status: 'not-checked' as const })),
    validity,
    findings,
  }
}
