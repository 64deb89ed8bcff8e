/** A message that waits for its signature, as JSON: written by one process, and read back by another with suspicion. */
import { type DigestAlgorithm, fromBase64, isZhichengError, toBase64 } from '@zhicheng/core'
import { type Certificate, parseCertificate } from '../../certificate.ts'
import { derTag, expectUniversal, parseDer, readOid } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { digestLengths } from '../../hash.ts'
import { isAlgorithmOf } from '../../public-key.ts'
import { type SignatureAlgorithm, signatureAlgorithms } from '../../signature-algorithm.ts'
import { isDottedOid } from '../keys/dotted-oid.ts'
import type { SignedDataParts } from './signed-data-format.ts'

/** What the second half needs, as plain JSON. Keep it as it is; its fields may change with `version`. */
export interface PreparedSignedDataState {
  readonly version: 1
  readonly algorithm: SignatureAlgorithm
  readonly digestAlgorithm: DigestAlgorithm
  readonly contentType: string
  readonly profile: 'cms' | 'gm'
  readonly signerIdentifier: 'issuer-and-serial' | 'subject-key'
  /** The signed attributes, DER in Base64; without them the content is what is signed. */
  readonly attributes?: string
  /** The signing certificate first, DER in Base64. */
  readonly certificates: readonly string[]
  /** The content in Base64, when it goes inside. */
  readonly content?: string
}

const maxCertificates = 32
const maxAttributeBytes = 65_536

/** Writes the state of the parts. */
export function formatState(parts: SignedDataParts): PreparedSignedDataState {
  const { algorithm, digestAlgorithm, contentType, profile, signerIdentifier = 'issuer-and-serial' } = parts
  return {
    version: 1,
    algorithm,
    digestAlgorithm,
    contentType,
    profile,
    signerIdentifier,
    certificates: parts.certificates.map((certificate) => toBase64(certificate.der)),
    ...(parts.attributes ? { attributes: toBase64(parts.attributes) } : {}),
    ...(parts.content ? { content: toBase64(parts.content) } : {}),
  }
}

/** Reads a state back. Throws `ERR_CMS_INVALID` for what {@link formatState} cannot have written. */
export function parseState(state: PreparedSignedDataState): SignedDataParts {
  try {
    return readState(state)
  } catch (cause) {
    if (!isZhichengError(cause)) throw cause
    throw invalid(cause)
  }
}

function readState(state: unknown): SignedDataParts {
  if (typeof state !== 'object' || state === null) throw invalid()
  const fields = state as Readonly<Record<string, unknown>>
  const { version, algorithm, digestAlgorithm, contentType, profile, signerIdentifier, certificates } = fields
  if (version !== 1 || !Array.isArray(certificates) || certificates.length > maxCertificates) throw invalid()
  const chain = certificates.map((text) => parseCertificate(bytesOf(text)))
  const [certificate] = chain
  const fits =
    certificate !== undefined &&
    isAlgorithm(algorithm, certificate) &&
    typeof digestAlgorithm === 'string' &&
    Object.hasOwn(digestLengths, digestAlgorithm) &&
    (profile === 'cms' || profile === 'gm') &&
    (signerIdentifier === 'issuer-and-serial' || signerIdentifier === 'subject-key') &&
    (signerIdentifier === 'issuer-and-serial' || certificate.subjectKeyIdentifier !== undefined) &&
    typeof contentType === 'string' &&
    isDottedOid(contentType)
  // With neither attributes nor content there would be nothing to sign.
  if (!fits || (fields['attributes'] === undefined && fields['content'] === undefined)) throw invalid()
  return {
    algorithm: algorithm as SignatureAlgorithm,
    certificate,
    digestAlgorithm: digestAlgorithm as DigestAlgorithm,
    contentType,
    profile,
    signerIdentifier,
    certificates: chain,
    attributes: fields['attributes'] === undefined ? undefined : attributesOf(fields['attributes']),
    content: fields['content'] === undefined ? undefined : bytesOf(fields['content']),
  }
}

function isAlgorithm(algorithm: unknown, { publicKey: { kind } }: Certificate): boolean {
  return signatureAlgorithms.some((name) => name === algorithm && isAlgorithmOf(name, kind))
}

function attributesOf(text: unknown): Uint8Array {
  const bytes = bytesOf(text)
  const attributes = expectUniversal(parseDer(bytes, { maxBytes: maxAttributeBytes }), derTag.set, 'The attributes')
  for (const { children } of attributes.children) readOid(children[0], 'The type of an attribute')
  return bytes
}

function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw invalid()
  return fromBase64(text)
}

function invalid(cause?: unknown): Error {
  return cryptoError(
    'ERR_CMS_INVALID',
    'The state of the prepared message is damaged or from another version: prepare the message again.',
    cause === undefined ? {} : { cause },
  )
}
