/** The authority's half of RFC 3161: answering requests with tokens (时间戳服务). It keeps no state and opens no socket. */
import { type Clock, isZhichengError } from '@zhicheng/core'
import {
  der,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  parseDer,
  readBoolean,
  readInteger,
  readOctetString,
  readOid,
  readSmallInteger,
} from './der.ts'
import { cryptoError } from './errors.ts'
import { digestLengths, digestOfOid, hash } from './hash.ts'
import { isTimestampingCertificate } from './lib/certificates/path-checks.ts'
import { defaultDigest, formatDigestAlgorithm } from './lib/cms/cms-algorithms.ts'
import { contentTypeOid } from './lib/cms/cms-oids.ts'
import { formatSignedAttributes, formatSignedData } from './lib/cms/signed-data-format.ts'
import type { Signer } from './signer.ts'
import type { TimestampImprint } from './timestamp-token.ts'

/** Options of {@link answerTimestampRequest}. */
export interface TimestampAnswerOptions {
  /** Its certificate must have timeStamping as its only purpose, in a critical extension. */
  signer: Signer
  /** Object identifier of the policy under which the authority works. */
  policy: string
  clock: Clock
  /** A number never given before, or a function that gives one; it is asked only for requests that are granted. */
  serial: bigint | (() => bigint | Promise<bigint>)
  /** How far the clock may be off, in seconds; left out by default. */
  accuracySeconds?: number
  /** Promises that all tokens of this authority are in order. `clock` must then never give the same second twice. */
  ordering?: boolean
  signal?: AbortSignal
}

interface TimestampRequest {
  imprint: TimestampImprint
  policy?: string
  nonce?: bigint
  certReq: boolean
}

class Rejection {
  /** Bit of PKIFailureInfo. */
  readonly failure: number
  readonly text: string

  constructor(failure: number, text: string) {
    this.failure = failure
    this.text = text
  }
}

/**
 * A TimeStampResp in DER. Requests that are malformed or ask for what is not offered get an answer that says so, as the
 * protocol has it. Throws `ERR_TIMESTAMP_SIGNER` for a signer that may not make timestamps, and what the signer throws.
 *
 * @example
 * ```ts
 * const answer = await answerTimestampRequest(body, { signer, policy: '1.2.3.4.1', clock: systemClock, serial: () => next++ })
 * ```
 */
export async function answerTimestampRequest(
  request: Uint8Array,
  options: TimestampAnswerOptions,
): Promise<Uint8Array> {
  const { signer, policy, serial } = options
  if (!isTimestampingCertificate(signer.certificateChain[0])) {
    throw cryptoError(
      'ERR_TIMESTAMP_SIGNER',
      'The signer’s certificate is not one for timestamps: issue one with the critical, sole purpose timeStamping.',
    )
  }
  let read: TimestampRequest
  try {
    read = parseTimestampRequest(request)
    if (read.policy !== undefined && read.policy !== policy) throw new Rejection(15, 'The policy is not offered.')
  } catch (error) {
    if (error instanceof Rejection) return reject(error)
    if (isZhichengError(error)) return reject(new Rejection(5, 'The request cannot be read.'))
    throw error
  }
  const number = typeof serial === 'function' ? await serial() : serial
  return der.sequence(der.sequence(der.integer(0)), await issueToken(read, number, options))
}

function parseTimestampRequest(bytes: Uint8Array): TimestampRequest {
  const { children } = expectUniversal(
    parseDer(bytes, { maxBytes: 65_536, maxDepth: 12 }),
    derTag.sequence,
    'The timestamp request',
  )
  const [version, imprint, ...optional] = children
  if (readSmallInteger(version, 'The version of the request') !== 1) throw new Rejection(2, 'The version is not 1.')
  const [algorithm, value] = expectUniversal(imprint, derTag.sequence, 'The imprint').children
  const digest = digestOfOid(readOid(expectUniversal(algorithm, derTag.sequence, 'The digest algorithm').children[0]))
  if (!digest || digest === 'sha1') throw new Rejection(0, 'The digest algorithm is not accepted.')
  const imprinted = readOctetString(value, 'The imprint')
  if (imprinted.length !== digestLengths[digest]) throw new Rejection(5, 'The imprint has the wrong length.')
  const policy = isUniversal(optional[0], derTag.oid) ? readOid(optional.shift()) : undefined
  const nonce = isUniversal(optional[0], derTag.integer) ? readInteger(optional.shift()) : undefined
  const certReq = isUniversal(optional[0], derTag.boolean) && readBoolean(optional.shift())
  if (isContext(optional[0], 0)) throw new Rejection(16, 'Extensions are not accepted.')
  if (optional.length > 0) throw new Rejection(5, 'The request holds more than its type allows.')
  return {
    imprint: { algorithm: digest, value: imprinted },
    ...(policy === undefined ? {} : { policy }),
    ...(nonce === undefined ? {} : { nonce }),
    certReq,
  }
}

async function issueToken(
  { imprint, nonce, certReq }: TimestampRequest,
  serial: bigint,
  { signer, policy, clock, accuracySeconds, ordering, signal }: TimestampAnswerOptions,
): Promise<Uint8Array> {
  const content = der.sequence(
    der.integer(1),
    der.oid(policy),
    der.sequence(formatDigestAlgorithm(imprint.algorithm), der.octetString(imprint.value)),
    der.integer(serial),
    der.generalizedTime(clock.now()),
    ...(accuracySeconds === undefined ? [] : [der.sequence(der.integer(accuracySeconds))]),
    ...(ordering ? [der.boolean(true)] : []),
    ...(nonce === undefined ? [] : [der.integer(nonce)]),
    // GeneralName [4] inside the explicit [0] of the authority's name.
    der.explicit(0, der.explicit(4, signer.certificateChain[0].subject.der)),
  )
  const digestAlgorithm = defaultDigest(signer.algorithm)
  const [certificate] = signer.certificateChain
  const contentType = contentTypeOid.timestampInfo
  const messageDigest = hash(digestAlgorithm, content)
  const attributes = formatSignedAttributes({ certificate, digestAlgorithm, messageDigest, contentType })
  const certificates = certReq ? signer.certificateChain : []
  return formatSignedData(
    {
      algorithm: signer.algorithm,
      certificate,
      digestAlgorithm,
      contentType,
      content,
      certificates,
      profile: 'cms',
      attributes,
    },
    await signer.sign(attributes, signal ? { signal } : {}),
  )
}

function reject({ failure, text }: Rejection): Uint8Array {
  return der.sequence(der.sequence(der.integer(2), der.sequence(der.utf8String(text)), der.namedBits([failure])))
}
