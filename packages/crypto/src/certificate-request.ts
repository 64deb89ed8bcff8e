/** Certificate requests (PKCS#10, RFC 2986; SM2: GM/T 0092): made with a key, and read with their signature verified. */
import { der, derTag, expectUniversal, isContext, parseDer, readBitString, readSmallInteger } from './der.ts'
import { type DistinguishedName, parseDistinguishedName } from './distinguished-name.ts'
import { cryptoError } from './errors.ts'
import { formatSignatureAlgorithm, parseSignatureAlgorithm } from './lib/keys/algorithm-identifier.ts'
import { isPem, parsePem } from './pem.ts'
import { createSignature, type PrivateKey } from './private-key.ts'
import { defaultAlgorithm, type PublicKey, parsePublicKey, verifySignature } from './public-key.ts'

/** A request whose signature holds: whoever made it has the private key. The name is only what they claim. */
export interface VerifiedCertificateRequest {
  readonly der: Uint8Array
  readonly subject: DistinguishedName
  readonly publicKey: PublicKey
}

/**
 * Builds a request in DER; `formatPem('CERTIFICATE REQUEST', …)` makes it a text.
 *
 * @example
 * ```ts
 * const subject = createDistinguishedName([['C', 'CN'], ['O', '样例科技有限公司'], ['CN', '样例签章证书']])
 * const request = await buildCertificateRequest({ subject, privateKey })
 * ```
 */
export async function buildCertificateRequest(input: {
  subject: DistinguishedName
  privateKey: PrivateKey
}): Promise<Uint8Array> {
  const { subject, privateKey } = input
  if (privateKey.publicKey === undefined) {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'This runtime cannot tell the public half of the key.')
  }
  const body = der.sequence(der.integer(0), subject.der, privateKey.publicKey.spki, der.explicit(0))
  const signature = await createSignature({ privateKey, message: body })
  return der.sequence(body, formatSignatureAlgorithm(defaultAlgorithm(privateKey.kind)), der.bitString(signature))
}

/**
 * Parses a request from DER or PEM and verifies its signature. Throws `ERR_CERTIFICATE_REQUEST_INVALID` if that does
 * not hold, and as `parsePublicKey` and `verifySignature` do.
 */
export async function parseCertificateRequest(bytesOrPem: Uint8Array | string): Promise<VerifiedCertificateRequest> {
  const bytes = requestBytes(bytesOrPem)
  const [body, algorithmNode, signatureNode] = expectUniversal(
    parseDer(bytes, { maxBytes: 65_536 }),
    derTag.sequence,
    'The certificate request',
  ).children
  const [version, name, key, attributes] = expectUniversal(body, derTag.sequence, 'The request body').children
  if (readSmallInteger(version, 'The version') !== 0 || (attributes !== undefined && !isContext(attributes, 0))) {
    throw cryptoError('ERR_CERTIFICATE_REQUEST_INVALID', 'The certificate request is of an unknown version.')
  }
  const subject = parseDistinguishedName(expectUniversal(name, derTag.sequence, 'The subject'))
  const publicKey = parsePublicKey(expectUniversal(key, derTag.sequence, 'The public key').bytes)
  const { algorithm, saltLength } = parseSignatureAlgorithm(algorithmNode)
  if (algorithm === 'unknown') {
    throw cryptoError('ERR_CRYPTO_UNSUPPORTED', 'The certificate request is signed with an algorithm not known here.')
  }
  const signature = readBitString(signatureNode, 'The signature of the request')
  if (!(await verifySignature({ algorithm, publicKey, message: body!.bytes, signature, saltLength }))) {
    throw cryptoError(
      'ERR_CERTIFICATE_REQUEST_INVALID',
      'The signature of the certificate request does not hold: whoever made it does not have the key.',
    )
  }
  return { der: bytes, subject, publicKey }
}

function requestBytes(input: Uint8Array | string): Uint8Array {
  if (typeof input !== 'string' && !isPem(input)) return new Uint8Array(input)
  const text = typeof input === 'string' ? input : new TextDecoder().decode(input)
  const block = parsePem(text).find(({ label }) => label.endsWith('CERTIFICATE REQUEST'))
  if (block) return block.bytes
  throw cryptoError('ERR_PEM_INVALID', 'The text has no CERTIFICATE REQUEST block.')
}
