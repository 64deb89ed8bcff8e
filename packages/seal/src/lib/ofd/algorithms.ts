/** Object identifiers and names of algorithms as seals and OFD write them. */
import type { DigestAlgorithm } from '@zhicheng/core'
import { digestOfOid, type SignatureAlgorithm } from '@zhicheng/crypto'

/** SM2 with SM3 (GM/T 0006). */
export const sm2Sm3Oid = '1.2.156.10197.1.501'
/** SM3 without key. */
export const sm3Oid = '1.2.156.10197.1.401'

const signatureAlgorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  [sm2Sm3Oid]: 'sm2-sm3',
  '1.2.840.113549.1.1.11': 'rsa-sha256',
}

/** The signature algorithm behind an object identifier, as far as it can be verified here. */
export function signatureAlgorithmOf(oid: string): SignatureAlgorithm | undefined {
  return signatureAlgorithms[oid]
}

/** The digest behind the name or object identifier of CheckMethod; `weak` for MD5 (also the default of 2016) and SHA-1. */
export function checkMethodOf(text: string | undefined): DigestAlgorithm | 'weak' | 'unknown' {
  const name = (text ?? '').trim()
  const plain = name.toLowerCase().replace(/[-_]/g, '')
  if (name === '' || plain === 'md5' || name === '1.2.840.113549.2.5') return 'weak'
  const algorithm =
    digestOfOid(name) ?? (['sm3', 'sha1', 'sha256', 'sha384', 'sha512'] as const).find((known) => known === plain)
  return algorithm === undefined ? 'unknown' : algorithm === 'sha1' ? 'weak' : algorithm
}
