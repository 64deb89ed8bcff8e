/** AlgorithmIdentifier of signatures: object identifiers and parameters (RFC 3279, RFC 4055, RFC 5758, RFC 8410, GB/T 20518). */
import { equalBytes } from '@zhicheng/core'
import { type DerNode, der, derTag, expectUniversal, isUniversal, readOid } from '../der.ts'
import type { SignatureAlgorithm, SignatureAlgorithmWeak } from '../signature-algorithm.ts'

/** What a signature's AlgorithmIdentifier says; `unknown` for one this package does not know. */
export type NamedSignatureAlgorithm = SignatureAlgorithm | SignatureAlgorithmWeak | 'unknown'

const pssOid = '1.2.840.113549.1.1.10'

// For ECDSA the identifier names the digest; the curve is that of the key.
const byOid: ReadonlyMap<string, Exclude<NamedSignatureAlgorithm, 'unknown'>> = new Map([
  ['1.2.840.113549.1.1.5', 'rsa-sha1'],
  ['1.2.840.113549.1.1.11', 'rsa-sha256'],
  ['1.2.840.113549.1.1.12', 'rsa-sha384'],
  ['1.2.840.113549.1.1.13', 'rsa-sha512'],
  [pssOid, 'rsa-pss-sha256'],
  ['1.2.840.10045.4.3.2', 'ecdsa-p256-sha256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-p384-sha384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-p521-sha512'],
  ['1.3.101.112', 'ed25519'],
  ['1.2.156.10197.1.501', 'sm2-sm3'],
])

const oidOf: ReadonlyMap<string, string> = new Map([...byOid].map(([oid, algorithm]) => [algorithm, oid]))

/** The AlgorithmIdentifier of a signature algorithm as DER. */
export function formatSignatureAlgorithm(algorithm: SignatureAlgorithm): Uint8Array<ArrayBuffer> {
  const oid = der.oid(oidOf.get(algorithm)!)
  if (algorithm === 'rsa-pss-sha256') return der.sequence(oid, pssParameters(true))
  return algorithm.startsWith('rsa-') ? der.sequence(oid, der.null()) : der.sequence(oid)
}

/** The algorithm an AlgorithmIdentifier names. PSS counts only with SHA-256 throughout and a salt of 32 bytes. */
export function parseSignatureAlgorithm(node: DerNode | undefined): NamedSignatureAlgorithm {
  const { children } = expectUniversal(node, derTag.sequence, 'The signature algorithm')
  const algorithm = byOid.get(readOid(children[0], 'The signature algorithm'))
  const parameters = children[1]
  if (algorithm === undefined || children.length > 2) return 'unknown'
  if (algorithm === 'rsa-pss-sha256') {
    const known =
      parameters !== undefined &&
      [true, false].some((withNull) => equalBytes(parameters.bytes, pssParameters(withNull)))
    return known ? algorithm : 'unknown'
  }
  return parameters === undefined || isUniversal(parameters, derTag.null) ? algorithm : 'unknown'
}

// RFC 4055 allows SHA-256 with and without its NULL.
function pssParameters(withNull: boolean): Uint8Array {
  const digest = der.sequence(der.oid('2.16.840.1.101.3.4.2.1'), ...(withNull ? [der.null()] : []))
  return der.sequence(
    der.explicit(0, digest),
    der.explicit(1, der.sequence(der.oid('1.2.840.113549.1.1.8'), digest)),
    der.explicit(2, der.integer(32)),
  )
}
