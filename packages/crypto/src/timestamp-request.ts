/** The requester's half of RFC 3161: asking for a timestamp (时间戳), and taking the answer only if it is for this request. */
import { equalBytes, toHex } from '@zhicheng/core'
import {
  type DerNode,
  der,
  derTag,
  expectUniversal,
  isUniversal,
  parseDer,
  readNamedBits,
  readSmallInteger,
  readText,
} from './der.ts'
import { cryptoError } from './errors.ts'
import { digestLengths } from './hash.ts'
import { formatDigestAlgorithm } from './lib/cms/cms-algorithms.ts'
import { parseTimestampToken, type TimestampImprint, verifyTimestampToken } from './timestamp-token.ts'

/** Whoever gives timestamps. */
export interface TimestampSource {
  /** A TimeStampToken in DER over the imprint. */
  timestamp(imprint: TimestampImprint, options?: { signal?: AbortSignal }): Promise<Uint8Array>
}

/** Options of {@link requestTimestamp}. */
export interface TimestampRequestOptions {
  /** Ties the answer to the request; 64 random bits are usual. */
  nonce?: bigint
  /** Asks for the authority's certificates inside the token; true by default. */
  certReq?: boolean
  /** Object identifier of the policy wanted. */
  policy?: string
}

/** Media types of requests and answers over HTTP (RFC 3161, section 3.4). */
export const timestampMediaTypes = {
  request: 'application/timestamp-query',
  response: 'application/timestamp-reply',
} as const

/**
 * A TimeStampReq in DER. Throws `ERR_TIMESTAMP_INVALID` for a digest of the wrong length.
 *
 * @example
 * ```ts
 * const request = requestTimestamp({ algorithm: 'sha256', value: hash('sha256', file) }, { nonce: 42n })
 * ```
 */
export function requestTimestamp(
  { algorithm, value }: TimestampImprint,
  { nonce, certReq = true, policy }: TimestampRequestOptions = {},
): Uint8Array {
  if (value.length !== digestLengths[algorithm]) {
    throw cryptoError(
      'ERR_TIMESTAMP_INVALID',
      `A ${algorithm} digest has ${digestLengths[algorithm]} bytes, not ${value.length}.`,
    )
  }
  return der.sequence(
    der.integer(1),
    der.sequence(formatDigestAlgorithm(algorithm), der.octetString(value)),
    ...(policy === undefined ? [] : [der.oid(policy)]),
    ...(nonce === undefined ? [] : [der.integer(nonce)]),
    ...(certReq ? [der.boolean(true)] : []),
  )
}

/**
 * The token of a TimeStampResp. Throws `ERR_TIMESTAMP_REFUSED` when the authority refused, `ERR_TIMESTAMP_MISMATCH` when
 * the token is over another imprint or carries another nonce, `ERR_TIMESTAMP_INVALID`, `ERR_CMS_INVALID` or
 * `ERR_DER_INVALID` for what is no such answer. The signature is another step: `verifyTimestampToken`.
 */
export function processTimestampResponse(
  response: Uint8Array,
  { imprint, nonce }: { imprint: TimestampImprint; nonce?: bigint },
): Uint8Array {
  const [info, token, ...rest] = expectUniversal(parseDer(response), derTag.sequence, 'The timestamp answer').children
  const [status, ...details] = expectUniversal(info, derTag.sequence, 'The status of the timestamp answer').children
  const granted = readSmallInteger(status, 'The status of the timestamp answer')
  // 0 granted, 1 granted with modifications (RFC 3161, section 2.4.2).
  if (granted !== 0 && granted !== 1) throw refused(granted, details)
  if (!token || rest.length > 0) {
    throw cryptoError(
      'ERR_TIMESTAMP_INVALID',
      'The authority granted the timestamp, but the answer does not hold exactly one token.',
    )
  }
  const parsed = parseTimestampToken(token.bytes)
  if (parsed.imprint.algorithm !== imprint.algorithm || !equalBytes(parsed.imprint.value, imprint.value)) {
    throw cryptoError('ERR_TIMESTAMP_MISMATCH', 'The timestamp is over another digest than the one that was sent.')
  }
  if (parsed.nonce !== nonce) {
    throw cryptoError('ERR_TIMESTAMP_MISMATCH', 'The timestamp carries another nonce: it answers another request.')
  }
  return token.bytes
}

const failures: ReadonlyMap<number, string> = new Map([
  [0, 'badAlg'],
  [2, 'badRequest'],
  [5, 'badDataFormat'],
  [14, 'timeNotAvailable'],
  [15, 'unacceptedPolicy'],
  [16, 'unacceptedExtension'],
  [17, 'addInfoNotAvailable'],
  [25, 'systemFailure'],
])

function refused(status: number, details: readonly DerNode[]): Error {
  const bits = details.find((node) => isUniversal(node, derTag.bitString))
  const failure = bits ? [...readNamedBits(bits)].map((bit) => failures.get(bit) ?? `bit ${bit}`) : []
  const texts = details.find((node) => isUniversal(node, derTag.sequence))?.children ?? []
  const text = texts.slice(0, 4).map((node) => readText(node).slice(0, 200))
  return cryptoError(
    'ERR_TIMESTAMP_REFUSED',
    `The timestamp authority refused with status ${status}${failure.length > 0 ? ` (${failure.join(', ')})` : ''}.`,
    // timeNotAvailable and systemFailure pass; the other reasons lie in the request.
    {
      outcome: 'refused',
      retryable: failure.includes('timeNotAvailable') || failure.includes('systemFailure'),
      facts: { status, failure, text },
    },
  )
}

/** Options of {@link createTimestampSource}. */
export interface TimestampSourceOptions {
  /** Carries a request to the authority and its answer back: an HTTP POST with {@link timestampMediaTypes}. */
  send(request: Uint8Array, options?: { signal?: AbortSignal }): Promise<Uint8Array>
  /** Random bytes for the nonce; by default the runtime's. */
  random?: (length: number) => Uint8Array
}

/**
 * A source that asks an authority. Each token is checked to answer this request and to be signed as RFC 3161 demands;
 * whether the authority is trusted is for whoever verifies later. Throws as {@link processTimestampResponse} does, and
 * `ERR_TIMESTAMP_INVALID` when the signature is not good.
 *
 * @example
 * ```ts
 * const timestamps = createTimestampSource({
 *   send: async (body, { signal } = {}) =>
 *     new Uint8Array(await (await fetch(tsaUrl, { method: 'POST', body, signal })).arrayBuffer()),
 * })
 * ```
 */
export function createTimestampSource({ send, random = randomBytes }: TimestampSourceOptions): TimestampSource {
  return {
    async timestamp(imprint, options = {}) {
      const nonce = BigInt(`0x${toHex(random(8))}`)
      const token = processTimestampResponse(await send(requestTimestamp(imprint, { nonce }), options), {
        imprint,
        nonce,
      })
      const { status, findings } = await verifyTimestampToken(parseTimestampToken(token), { imprint })
      if (status !== 'valid') {
        const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
        throw cryptoError('ERR_TIMESTAMP_INVALID', `The timestamp that the authority sent is not good (${status}).`, {
          outcome: 'refused',
          facts: { status, codes },
        })
      }
      return token
    },
  }
}

function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}
