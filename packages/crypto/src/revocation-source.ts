/**
 * Where evidence of revocation comes from when it is not at hand: OCSP responders and lists that a certificate names, asked
 * through functions of the caller, and a cache around either.
 */
import { type Clock, type Finding, isZhichengError, toHex } from '@zhicheng/core'
import type { CertificateList } from './certificate-list.ts'
import { parseCertificateList, verifyCertificateList } from './crl.ts'
import { hash } from './hash.ts'
import { sameName } from './lib/certificates/names.ts'
import { allReasons, readListScope } from './lib/revocation/crl-scope.ts'
import type { CertificateWithIssuer } from './ocsp-request.ts'
import { processCertificateStatusResponse, requestCertificateStatus } from './ocsp-request.ts'
import type { OcspResponse } from './ocsp-response.ts'
import { verifyOcspResponse } from './ocsp-verify.ts'

/** What a source is asked: about one certificate at one moment. */
export interface RevocationQuestion extends CertificateWithIssuer {
  at: Date
}

/** What a source found. Nothing of it is taken at its word: `verifyCertificatePath` verifies it. */
export interface RevocationEvidence {
  readonly crls?: readonly CertificateList[]
  readonly ocspResponses?: readonly OcspResponse[]
  /** What went wrong while looking, for the report. */
  readonly findings?: readonly Finding[]
}

/** Whoever can find evidence of revocation: over the network, in a cache, in a folder. */
export interface RevocationSource {
  /** Fails only when aborted, or by a fault of its own; what could not be had is a finding. */
  find(question: RevocationQuestion, options?: { signal?: AbortSignal }): Promise<RevocationEvidence>
}

/** How a source calls out. */
export interface RevocationTransportOptions {
  signal?: AbortSignal
  /** Longer answers are refused: stop reading there. */
  maxBytes: number
}

/** Options of {@link createOcspSource}. */
export interface OcspSourceOptions {
  /**
   * Carries a request to a responder and its answer back: an HTTP POST with `ocspMediaTypes`. The address comes from the
   * certificate, and whoever made that may have written any: use a client that reaches no private network.
   */
  send(url: string, request: Uint8Array, options: RevocationTransportOptions): Promise<Uint8Array>
  /**
   * `asked` (default): a nonce is sent, and a response without one is taken as well. `required`: it is not taken.
   * `none`: no nonce, so that answers can come from caches (RFC 5019).
   */
  nonce?: 'asked' | 'required' | 'none'
  /** Random bytes for the nonce; by default the runtime's. */
  random?: (length: number) => Uint8Array
  /** 64 KiB by default. */
  maxBytes?: number
}

/** Options of {@link createCrlSource}. */
export interface CrlSourceOptions {
  /** Gets a list by HTTP. The address comes from the certificate: use a client that reaches no private network. */
  fetch(url: string, options: RevocationTransportOptions): Promise<Uint8Array>
  /** 32 MiB by default. */
  maxBytes?: number
}

const maxUrls = 4
const nonceLength = 32

/**
 * A source that asks the responders a certificate names, one after the other until one answers about it. Only http and
 * https addresses are used, four at most.
 *
 * @example
 * ```ts
 * const revocation = createOcspSource({
 *   send: (url, request, { signal, maxBytes }) => guardedPost(url, request, { signal, maxBytes }),
 * })
 * const result = await verifyCertificatePath({ leaf, intermediates, anchors, at: new Date(), revocation })
 * ```
 */
export function createOcspSource({
  send,
  nonce: mode = 'asked',
  random = randomBytes,
  maxBytes = 65_536,
}: OcspSourceOptions): RevocationSource {
  return {
    async find({ certificate, issuer }, options = {}) {
      const findings: Finding[] = []
      for (const url of usableUrls(certificate.ocspUrls)) {
        const response = await attempt(url, findings, options, async () => {
          const nonce = mode === 'none' ? undefined : random(nonceLength)
          const request = requestCertificateStatus({ certificate, issuer }, nonce ? { nonce } : {})
          const bytes = await send(url, request, { ...options, maxBytes })
          if (bytes.length > maxBytes) return tooLong(url, findings)
          const asked = nonce ? { certificate, issuer, nonce } : { certificate, issuer }
          const read = processCertificateStatusResponse(bytes, asked)
          if (mode !== 'required' || read.nonce) return read
          findings.push(failure(url, 'it answered without the nonce that was required.'))
          return undefined
        })
        if (response) return { ocspResponses: [response], findings }
      }
      return { findings }
    },
  }
}

/**
 * A source that gets the lists a certificate names, one after the other until there is one of its issuer for all reasons.
 * Only http and https addresses are used, four at most.
 */
export function createCrlSource({ fetch, maxBytes = 33_554_432 }: CrlSourceOptions): RevocationSource {
  return {
    async find({ certificate }, options = {}) {
      const findings: Finding[] = []
      const crls: CertificateList[] = []
      for (const url of usableUrls(certificate.crlDistributionPoints)) {
        const found = await attempt(url, findings, options, async () => {
          const bytes = await fetch(url, { ...options, maxBytes })
          if (bytes.length > maxBytes) return tooLong(url, findings)
          const list = parseCertificateList(bytes)
          const { reasons, deltaBase } = readListScope(list)
          const whole = reasons === allReasons && deltaBase === undefined
          return { list, enough: whole && sameName(list.issuer.der, certificate.issuer.der) }
        })
        if (found) crls.push(found.list)
        if (found?.enough) break
      }
      return { crls, findings }
    },
  }
}

/** What a cache keeps of a question. */
export interface CachedRevocation {
  readonly evidence: RevocationEvidence
  /** From then on something newer can be had. */
  readonly until: Date
}

/** Options of {@link cacheRevocation}. */
export interface RevocationCacheOptions {
  clock: Clock
  /** Where the answers lie: a `Map` of one's own, to share or to look at. */
  store?: Pick<Map<string, CachedRevocation>, 'get' | 'set' | 'delete' | 'keys' | 'size'>
  /** The oldest make room when there are more; 1000 by default. */
  maxEntries?: number
}

/**
 * Keeps what a source finds until it is to be replaced. Only evidence whose signature and dates hold is kept, so that
 * nobody on the way can fill the cache with something that lasts.
 *
 * @example
 * ```ts
 * const revocation = cacheRevocation(createOcspSource({ send }), { clock: systemClock })
 * ```
 */
export function cacheRevocation(
  source: RevocationSource,
  { clock, store = new Map<string, CachedRevocation>(), maxEntries = 1000 }: RevocationCacheOptions,
): RevocationSource {
  return {
    async find(question, options = {}) {
      const key = keyOf(question)
      const kept = store.get(key)
      if (kept && clock.now() < kept.until && question.at <= kept.until) return kept.evidence
      if (kept) store.delete(key)
      const evidence = await source.find(question, options)
      const until = await lastsUntil(evidence, question, clock.now())
      if (until && clock.now() < until) {
        store.set(key, { evidence, until })
        for (const oldest of store.keys()) {
          if (store.size <= maxEntries) break
          store.delete(oldest)
        }
      }
      return evidence
    },
  }
}

function keyOf({ certificate, issuer }: RevocationQuestion): string {
  // DER begins with its length, so no two pairs join to the same bytes.
  return toHex(hash('sha256', certificate.der, issuer.publicKey.spki))
}

/** The earliest date at which a part of the evidence is replaced; `undefined` when a part of it does not hold. */
async function lastsUntil(
  { crls = [], ocspResponses = [], findings = [] }: RevocationEvidence,
  { certificate, issuer }: RevocationQuestion,
  now: Date,
): Promise<Date | undefined> {
  const dates: (Date | undefined)[] = []
  for (const response of ocspResponses) {
    const { usable, nextUpdate } = await verifyOcspResponse(response, { certificate, issuer, at: now })
    dates.push(usable ? nextUpdate : undefined)
  }
  for (const list of crls)
    dates.push((await isListOf(list, issuer.publicKey, certificate.issuer.der)) ? list.nextUpdate : undefined)
  if (findings.length > 0 || dates.length === 0) return undefined
  return dates.reduce((earliest, date) => (earliest && date && date < earliest ? date : earliest && date && earliest))
}

async function isListOf(
  list: CertificateList,
  publicKey: Parameters<typeof verifyCertificateList>[1],
  issuer: Uint8Array,
): Promise<boolean> {
  try {
    return sameName(list.issuer.der, issuer) && (await verifyCertificateList(list, publicKey))
  } catch (error) {
    if (!isZhichengError(error)) throw error
    return false
  }
}

function usableUrls(urls: readonly string[]): string[] {
  return [...new Set(urls)].filter((url) => /^https?:\/\//i.test(url) && URL.canParse(url)).slice(0, maxUrls)
}

/** A failure of one address must not keep the next from being asked; all of them are reported. */
async function attempt<Result>(
  url: string,
  findings: Finding[],
  { signal }: { signal?: AbortSignal },
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  signal?.throwIfAborted()
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    findings.push(failure(url, isZhichengError(error) ? error.message : 'the request failed.'))
    return undefined
  }
}

function tooLong(url: string, findings: Finding[]): undefined {
  findings.push(failure(url, 'the answer is longer than allowed.'))
  return undefined
}

function failure(url: string, reason: string): Finding {
  return {
    code: 'REVOCATION_SOURCE_FAILED',
    severity: 'warning',
    message: `Revocation could not be looked up at ${new URL(url).host}: ${reason}`,
  }
}

function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}
