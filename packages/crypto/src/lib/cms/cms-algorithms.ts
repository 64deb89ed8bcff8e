/** Which signature algorithm a SignerInfo means: its two algorithm identifiers and the key together (RFC 5652, RFC 5753, GM/T 0010). */
import type { DigestAlgorithm } from '@zhicheng/core'
import { der, parseDer, readOid } from '../../der.ts'
import { cryptoError } from '../../errors.ts'
import { digestLengths, digestOid } from '../../hash.ts'
import type { PublicKeyKind } from '../../public-key.ts'
import type { SignatureAlgorithm, SignatureAlgorithmWeak } from '../../signature-algorithm.ts'
import { formatSignatureAlgorithm, parseSignatureAlgorithm } from '../keys/algorithm-identifier.ts'

/** An algorithm that was made out, or the reason why none was. `note` is a deviation that was tolerated. */
export type ResolvedAlgorithm =
  | {
      readonly algorithm: SignatureAlgorithm | SignatureAlgorithmWeak
      readonly saltLength?: number | undefined
      readonly note?: 'key-type' | 'curve'
    }
  | { readonly problem: 'unknown' | 'differs' }

const rsaEncryption = '1.2.840.113549.1.1.1'
const ecPublicKey = '1.2.840.10045.2.1'
const sm2Sign = '1.2.156.10197.1.301.1'
const sm2Curve = '1.2.156.10197.1.301'

/** The digest inside a signature algorithm; of Ed25519 there is none to compare. */
export function digestOfSignature(algorithm: SignatureAlgorithm | SignatureAlgorithmWeak): DigestAlgorithm | undefined {
  return algorithm === 'ed25519' ? undefined : (algorithm.split('-').at(-1) as DigestAlgorithm)
}

/** The digest a signer's messages are made with unless another is asked for; Ed25519: RFC 8419, section 2.3. */
export function defaultDigest(algorithm: SignatureAlgorithm): DigestAlgorithm {
  return digestOfSignature(algorithm) ?? 'sha512'
}

/** The digest itself. Throws `ERR_CMS_DIGEST_MISMATCH` when its length is not that of the algorithm. */
export function expectDigest(algorithm: DigestAlgorithm, digest: Uint8Array): Uint8Array {
  if (digest.length === digestLengths[algorithm]) return digest
  throw cryptoError(
    'ERR_CMS_DIGEST_MISMATCH',
    `A ${algorithm} digest has ${digestLengths[algorithm]} bytes; the one given has ${digest.length}.`,
    { facts: { digestAlgorithm: algorithm, length: digest.length } },
  )
}

/** Reads the signatureAlgorithm of a SignerInfo. Throws `ERR_DER_INVALID` when it is none. */
export function resolveAlgorithm(
  identifier: Uint8Array,
  digest: DigestAlgorithm,
  kind: PublicKeyKind,
): ResolvedAlgorithm {
  const node = parseDer(identifier)
  const oid = readOid(node.children[0], 'The signature algorithm')
  if (oid === rsaEncryption) {
    return digest === 'sm3'
      ? { problem: 'unknown' }
      : { algorithm: `rsa-${digest}` as SignatureAlgorithm | SignatureAlgorithmWeak }
  }
  if (oid === sm2Sign || oid === sm2Curve || (oid === ecPublicKey && kind === 'sm2')) {
    if (digest !== 'sm3') return { problem: 'differs' }
    if (oid === sm2Sign) return { algorithm: 'sm2-sm3' }
    return { algorithm: 'sm2-sm3', note: oid === sm2Curve ? 'curve' : 'key-type' }
  }
  if (oid === ecPublicKey) {
    const algorithm = ecdsaOf(digest)
    return algorithm ? { algorithm, note: 'key-type' } : { problem: 'unknown' }
  }
  const { algorithm, saltLength } = parseSignatureAlgorithm(node)
  if (algorithm === 'unknown') return { problem: 'unknown' }
  return (digestOfSignature(algorithm) ?? digest) === digest ? { algorithm, saltLength } : { problem: 'differs' }
}

function ecdsaOf(digest: DigestAlgorithm): SignatureAlgorithm | SignatureAlgorithmWeak | undefined {
  const names: Partial<Record<DigestAlgorithm, SignatureAlgorithm | SignatureAlgorithmWeak>> = {
    sha1: 'ecdsa-sha1',
    sha256: 'ecdsa-p256-sha256',
    sha384: 'ecdsa-p384-sha384',
    sha512: 'ecdsa-p521-sha512',
  }
  return names[digest]
}

/** The AlgorithmIdentifier of a digest. GM/T 0010 messages carry a NULL, RFC 5754 leaves it out. */
export function formatDigestAlgorithm(digest: DigestAlgorithm, profile: 'cms' | 'gm' = 'cms'): Uint8Array {
  return der.sequence(der.oid(digestOid(digest)), ...(profile === 'gm' ? [der.null()] : []))
}

/** The signatureAlgorithm of a SignerInfo; GM/T 0010 messages in the field name SM2 signing there, without the digest. */
export function formatCmsSignatureAlgorithm(algorithm: SignatureAlgorithm, profile: 'cms' | 'gm' = 'cms'): Uint8Array {
  return profile === 'gm' ? der.sequence(der.oid(sm2Sign)) : formatSignatureAlgorithm(algorithm)
}
