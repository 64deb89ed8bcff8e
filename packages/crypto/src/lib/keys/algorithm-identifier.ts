/** AlgorithmIdentifier of signatures: object identifiers and parameters (RFC 3279, RFC 4055, RFC 5758, RFC 8410, GB/T 20518). */
import type { DigestAlgorithm } from '@zhicheng/core'
import {
  type DerNode,
  der,
  derTag,
  expectUniversal,
  isContext,
  isUniversal,
  readOid,
  readSmallInteger,
} from '../../der.ts'
import { digestLengths, digestOfOid, digestOid } from '../../hash.ts'
import type { SignatureAlgorithm, SignatureAlgorithmWeak } from '../../signature-algorithm.ts'

/** What a signature's AlgorithmIdentifier says; `unknown` for one this package does not know. */
export type NamedSignatureAlgorithm = SignatureAlgorithm | SignatureAlgorithmWeak | 'unknown'

/** A named algorithm with the one parameter that its name leaves open. */
export interface ParsedSignatureAlgorithm {
  readonly algorithm: NamedSignatureAlgorithm
  /** Length of the salt of RSA-PSS in bytes. */
  readonly saltLength?: number
}

const pssOid = '1.2.840.113549.1.1.10'
const mgf1Oid = '1.2.840.113549.1.1.8'

// For ECDSA the identifier names the digest; the curve is that of the key.
const byOid: ReadonlyMap<string, Exclude<NamedSignatureAlgorithm, 'unknown'>> = new Map([
  ['1.2.840.113549.1.1.5', 'rsa-sha1'],
  ['1.2.840.113549.1.1.11', 'rsa-sha256'],
  ['1.2.840.113549.1.1.12', 'rsa-sha384'],
  ['1.2.840.113549.1.1.13', 'rsa-sha512'],
  ['1.2.840.10045.4.1', 'ecdsa-sha1'],
  ['1.2.840.10045.4.3.2', 'ecdsa-p256-sha256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-p384-sha384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-p521-sha512'],
  ['1.2.840.10040.4.3', 'dsa-sha1'],
  ['2.16.840.1.101.3.4.3.2', 'dsa-sha256'],
  ['1.3.101.112', 'ed25519'],
  ['1.2.156.10197.1.501', 'sm2-sm3'],
])

const oidOf: ReadonlyMap<string, string> = new Map([...byOid].map(([oid, algorithm]) => [algorithm, oid]))

/** The AlgorithmIdentifier of a signature algorithm as DER. */
export function formatSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array<ArrayBuffer> {
  if (algorithm.startsWith('rsa-pss-')) {
    return der.sequence(der.oid(pssOid), formatPssParameters(algorithm.slice(8) as DigestAlgorithm))
  }
  const oid = der.oid(oidOf.get(algorithm)!)
  return algorithm.startsWith('rsa-') ? der.sequence(oid, der.null()) : der.sequence(oid)
}

/** The algorithm an AlgorithmIdentifier names. PSS counts only with one digest for message and mask (RFC 4055, section 3.1). */
export function parseSignatureAlgorithm(node: DerNode | undefined): ParsedSignatureAlgorithm {
  const { children } = expectUniversal(node, derTag.sequence, 'The signature algorithm')
  const oid = readOid(children[0], 'The signature algorithm')
  const parameters = children[1]
  if (children.length > 2) return { algorithm: 'unknown' }
  if (oid === pssOid) return pssAlgorithm(readPssParameters(parameters))
  const algorithm = byOid.get(oid)
  const plain = parameters === undefined || isUniversal(parameters, derTag.null)
  return { algorithm: algorithm && plain ? algorithm : 'unknown' }
}

/** Parameters of RSASSA-PSS. */
export interface PssParameters {
  readonly digest: DigestAlgorithm
  readonly saltLength: number
}

/**
 * Reads RSASSA-PSS-params; absent members have the values of RFC 4055 (SHA-1 and 20). `undefined` for digests that are
 * not known or differ, and for any trailer but the first.
 */
export function readPssParameters(node: DerNode | undefined): PssParameters | undefined {
  const members = node === undefined ? [] : expectUniversal(node, derTag.sequence, 'The PSS parameters').children
  const tags = members.map(({ tagClass, tag }) => (tagClass === 'context' ? tag : 9))
  if (tags.some((tag, index) => tag > 3 || tag <= (tags[index - 1] ?? -1))) return undefined
  const member = (tag: number): DerNode | undefined => members.find((one) => isContext(one, tag))?.children[0]
  const [hashed, mask, salt, trailer] = [0, 1, 2, 3].map(member)
  const digest = hashed ? digestNamed(hashed) : 'sha1'
  if (mask && readOid(mask.children[0], 'The mask of PSS') !== mgf1Oid) return undefined
  const masked = mask ? digestNamed(mask.children[1]) : 'sha1'
  const saltLength = salt ? readSmallInteger(salt, 'The salt of PSS') : 20
  if (trailer && readSmallInteger(trailer, 'The trailer of PSS') !== 1) return undefined
  // A modulus of 16,384 bits leaves room for no longer salt.
  if (!digest || digest !== masked || saltLength < 0 || saltLength > 2048) return undefined
  return { digest, saltLength }
}

function digestNamed(node: DerNode | undefined): DigestAlgorithm | undefined {
  const { children } = expectUniversal(node, derTag.sequence, 'The digest of PSS')
  const plain = children[1] === undefined || isUniversal(children[1], derTag.null)
  return plain && children.length <= 2 ? digestOfOid(readOid(children[0], 'The digest of PSS')) : undefined
}

function pssAlgorithm(parameters: PssParameters | undefined): ParsedSignatureAlgorithm {
  if (!parameters || parameters.digest === 'sm3') return { algorithm: 'unknown' }
  return { algorithm: `rsa-pss-${parameters.digest}`, saltLength: parameters.saltLength }
}

function formatPssParameters(digest: DigestAlgorithm): Uint8Array {
  const identifier = der.sequence(der.oid(digestOid(digest)), der.null())
  return der.sequence(
    der.explicit(0, identifier),
    der.explicit(1, der.sequence(der.oid(mgf1Oid), identifier)),
    der.explicit(2, der.integer(digestLengths[digest])),
  )
}
