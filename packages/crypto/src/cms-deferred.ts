/**
 * Signed messages in two halves (CMS SignedData, RFC 5652), for keys that are somewhere else: the first gives the digest
 * that travels, the second takes the signature and finishes the message. Time and another process may lie between.
 */
import type { Certificate } from './certificate.ts'
import { type DigestToSign, digestToSign } from './digest-to-sign.ts'
import { readChain } from './lib/certificates/certificate-chain.ts'
import { formatState, type PreparedSignedDataState, parseState } from './lib/cms/prepared-state.ts'
import {
  bytesToSign,
  type CmsCompletion,
  type CmsMessageInput,
  completeParts,
  prepareParts,
} from './lib/cms/signed-data-steps.ts'
import { acceptSignature, type SignatureFormat } from './lib/devices/external-signature.ts'
import { chooseAlgorithm } from './lib/devices/external-signer.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

export type { PreparedSignedDataState } from './lib/cms/prepared-state.ts'

/** Input of {@link prepareSignedData}. */
export interface SignedDataPreparation extends CmsMessageInput {
  /** The signing certificate first, then its issuers in any order; all of them go into the message. */
  certificateChain: string | Uint8Array | readonly Certificate[]
  /** By default the usual one of the kind of key. */
  algorithm?: SignatureAlgorithm
}

/** A message that waits for its signature. */
export interface PreparedSignedData {
  /** The signed attributes in DER, or the content where there are none: for whoever signs messages and not digests. */
  readonly toBeSigned: Uint8Array
  /** Their digest, as the key's owner must sign it. */
  readonly digest: DigestToSign
  /** For {@link completeSignedData}, as JSON. Keep it on your own side: what it says is what the signature is put under. */
  readonly state: PreparedSignedDataState
}

/** Options of {@link completeSignedData}. */
export interface SignedDataCompletion extends CmsCompletion {
  /** How the signature is written, if it is one of ECDSA or SM2; `der` by default. */
  signatureFormat?: SignatureFormat
  signal?: AbortSignal
}

/**
 * The first half: what `createSignedData` would have signed. Throws as that does, `ERR_SIGNER_NO_DIGEST` for Ed25519,
 * which has no digest that could travel, and as `parseCertificates` does.
 *
 * @example
 * ```ts
 * const { digest, state } = prepareSignedData({ certificateChain: pem, messageDigest: hash('sm3', content) })
 * await store.put(id, JSON.stringify(state))
 * ```
 */
export function prepareSignedData(input: SignedDataPreparation): PreparedSignedData {
  const certificateChain = readChain(input.certificateChain)
  const algorithm = chooseAlgorithm(certificateChain, input.algorithm)
  const parts = prepareParts(input, certificateChain, algorithm)
  const { publicKey } = certificateChain[0]
  const toBeSigned = bytesToSign(parts)
  return { toBeSigned, digest: digestToSign({ algorithm, publicKey, message: toBeSigned }), state: formatState(parts) }
}

/**
 * The second half: verifies the signature with the certificate and returns the ContentInfo in DER. Throws
 * `ERR_CRYPTO_SIGNATURE_INVALID`, `ERR_CMS_INVALID` for a damaged state, `ERR_TIMESTAMP_MISMATCH`, and what the timestamp
 * source throws.
 *
 * @example
 * ```ts
 * const state = JSON.parse(await store.get(id)) as PreparedSignedDataState
 * const message = await completeSignedData(state, signature, { timestamps })
 * ```
 */
export async function completeSignedData(
  state: PreparedSignedDataState,
  signature: Uint8Array,
  { signatureFormat: format = 'der', ...completion }: SignedDataCompletion = {},
): Promise<Uint8Array> {
  const parts = parseState(state)
  const { algorithm, certificate } = parts
  const accepted = await acceptSignature({ algorithm, certificate, message: bytesToSign(parts), signature, format })
  return completeParts(parts, accepted, completion)
}
