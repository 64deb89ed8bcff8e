/** Signature algorithms as the CSC API names them: object identifiers of the digest and of the signature, and parameters. */
import { type DigestAlgorithm, fromBase64, isZhichengError, toBase64 } from '@zhicheng/core'
import { der, parseDer, readOid } from '../../der.ts'
import { digestLengths, digestOfOid, digestOid } from '../../hash.ts'
import { type SignatureAlgorithm, signatureAlgorithms } from '../../signature-algorithm.ts'
import { digestOfSignature } from '../cms/cms-algorithms.ts'
import { formatSignatureAlgorithm, parseSignatureAlgorithm } from '../keys/algorithm-identifier.ts'
import { isDottedOid } from '../keys/dotted-oid.ts'
import { cscInvalid } from './csc-json.ts'

/** How a request names its algorithm. */
export interface CscAlgorithmFields {
  readonly hashAlgorithmOID: string
  readonly signAlgo: string
  /** RSASSA-PSS-params (RFC 4055), DER in Base64. */
  readonly signAlgoParams?: string
}

const rsaEncryption = '1.2.840.113549.1.1.1'

/**
 * The fields for an algorithm that a key offers; `undefined` if it does not. A key may name the whole algorithm or, for
 * RSA, the key alone, and then the digest travels beside it.
 *
 * @unverified The identifiers for SM2 with SM3 (GM/T 0006) were not seen at any CSC service.
 */
export function cscFieldsOf(
  algorithm: Exclude<SignatureAlgorithm, 'ed25519'>,
  offered: readonly string[],
): CscAlgorithmFields | undefined {
  const [oid, parameters] = parseDer(formatSignatureAlgorithm(algorithm)).children
  const whole = readOid(oid)
  const pss = algorithm.startsWith('rsa-pss-')
  const names = algorithm.startsWith('rsa-') && !pss ? [whole, rsaEncryption] : [whole]
  const signAlgo = names.find((name) => offered.includes(name))
  if (signAlgo === undefined) return undefined
  return {
    hashAlgorithmOID: digestOid(digestOfSignature(algorithm)!),
    signAlgo,
    ...(pss ? { signAlgoParams: toBase64(parameters!.bytes) } : {}),
  }
}

/** The identifiers under which a service offers an algorithm. */
export function cscOffer(algorithm: SignatureAlgorithm): string {
  return readOid(parseDer(formatSignatureAlgorithm(algorithm)).children[0])
}

/** The digest that an identifier names. Throws `ERR_CSC_INVALID`. */
export function cscDigest(oid: string): DigestAlgorithm {
  const algorithm = digestOfOid(oid)
  if (algorithm !== undefined && algorithm !== 'sha1') return algorithm
  throw cscInvalid('The digest algorithm is not known, or no longer accepted.')
}

/** The algorithm that a request means. Throws `ERR_CSC_INVALID` for an unknown one and for parts that contradict. */
export function cscAlgorithm(fields: {
  signAlgo: string
  hashAlgorithmOID?: string | undefined
  signAlgoParams?: string | undefined
}): SignatureAlgorithm {
  const { signAlgo, hashAlgorithmOID, signAlgoParams } = fields
  const digest = hashAlgorithmOID === undefined ? undefined : cscDigest(hashAlgorithmOID)
  if (signAlgo === rsaEncryption) {
    const algorithm = signatureAlgorithms.find((name) => name === `rsa-${digest}`)
    if (algorithm) return algorithm
  }
  const algorithm = readAlgorithm(signAlgo, signAlgoParams)
  if (algorithm !== undefined && (digest ?? digestOfSignature(algorithm)) === digestOfSignature(algorithm)) {
    return algorithm
  }
  throw cscInvalid('The signature algorithm is not known, or does not go with the digest.')
}

function readAlgorithm(signAlgo: string, parameters: string | undefined): SignatureAlgorithm | undefined {
  if (!isDottedOid(signAlgo)) return undefined
  try {
    const identifier = der.sequence(der.oid(signAlgo), ...(parameters === undefined ? [] : [fromBase64(parameters)]))
    const { algorithm, saltLength } = parseSignatureAlgorithm(parseDer(identifier, { maxBytes: 1024, maxDepth: 8 }))
    const known = signatureAlgorithms.find((name) => name === algorithm && name !== 'ed25519')
    if (known === undefined || saltLength === undefined) return known
    // Of RSA-PSS only the usual salt: messages of this package describe no other.
    return saltLength === digestLengths[digestOfSignature(known)!] ? known : undefined
  } catch (error) {
    if (isZhichengError(error)) return undefined
    throw error
  }
}
