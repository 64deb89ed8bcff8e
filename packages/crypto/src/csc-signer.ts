/** A signer whose key a remote signing service (远程签名服务) keeps, by the CSC API v2: only digests travel. */
import { isZhichengError, type PlatformRequest, type PlatformResponse, type Secret, type Send } from '@zhicheng/core'
import {
  type CscAccess,
  type CscAlgorithmFields,
  type CscCredential,
  processCscAuthorization,
  processCscCredential,
  processCscSignatures,
  requestCscAuthorization,
  requestCscCredential,
  requestCscSignatures,
} from './csc.ts'
import { digestToSign } from './digest-to-sign.ts'
import { cryptoError } from './errors.ts'
import { type CertificateChain, readChain } from './lib/certificates/certificate-chain.ts'
import { cscFieldsOf } from './lib/devices/csc-algorithms.ts'
import { cscInvalid } from './lib/devices/csc-json.ts'
import { acceptSignature, type SignatureFormat } from './lib/devices/external-signature.ts'
import { chooseAlgorithm } from './lib/devices/external-signer.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer, SignOptions } from './signer.ts'

/** A secret, or a function that gives it anew each time, as one-time passwords and short-lived tokens want it. */
export type SecretSource = Secret<string> | ((options: SignOptions) => Promise<Secret<string>>)

/** Options of {@link cscSigner}. */
export interface CscSignerOptions {
  /** Carries requests: `fetchTransport()` of `@zhicheng/core`, with policies around it for timeouts. */
  send: Send
  /** Address under which the methods lie, version included: `https://rssp.example/csc/v2`. */
  baseUrl: string
  accessToken: SecretSource
  credentialId: string
  /** Handed in where the credential asks for `PIN`. */
  pin?: SecretSource
  /** Handed in where the credential asks for `OTP`. */
  otp?: SecretSource
  /** By default the usual one of the kind of key. */
  algorithm?: SignatureAlgorithm
  /** How the service writes ECDSA and SM2 signatures; `der` by default. */
  signatureFormat?: SignatureFormat
  signal?: AbortSignal
}

/** A signer at a service. */
export interface CscSigner extends Signer {
  /** Signs many messages with as few authorisations as the credential allows; the signatures come in the same order. */
  signMany(messages: readonly Uint8Array[], options?: SignOptions): Promise<Uint8Array[]>
}

/**
 * Reads the credential and makes a signer of it. Each signature is authorised for its digest alone
 * (credentials/authorize), asked for (signatures/signHash), and verified with the certificate before it leaves.
 *
 * Throws `ERR_CSC_REFUSED` for a refusal (`facts.error`, `facts.description`) and for a credential that is disabled or
 * whose certificate is not valid, `ERR_CSC_INVALID` for what breaks the protocol, `ERR_CRYPTO_UNSUPPORTED` for a key that
 * does not offer the algorithm and a credential that is authorised in another way than implicit or explicit,
 * `ERR_CRYPTO_PASSWORD_REQUIRED`, `ERR_SIGNER_NO_DIGEST` for Ed25519; signing throws `ERR_CRYPTO_SIGNATURE_INVALID`
 * besides. When the transport fails, `outcome` is `unknown`: the service may have signed.
 *
 * @example
 * ```ts
 * const signer = await cscSigner({ send: fetchTransport(), baseUrl, accessToken, credentialId, pin })
 * const message = await createSignedData({ signer, messageDigest: hash('sha256', content) })
 * ```
 */
export async function cscSigner(options: CscSignerOptions): Promise<CscSigner> {
  const { baseUrl, credentialId, signatureFormat: format = 'der' } = options
  const send = careful(options.send)

  async function access({ signal }: SignOptions): Promise<CscAccess> {
    const accessToken = await reveal(options.accessToken, { ...(signal ? { signal } : {}) })
    return { baseUrl, accessToken, ...(signal ? { signal } : {}) }
  }

  const first = options.signal ? { signal: options.signal } : {}
  const credential = processCscCredential(await send(requestCscCredential(await access(first), credentialId)))
  const certificateChain = chainOf(credential)
  const { algorithm, fields } = algorithmOf(credential, certificateChain, options.algorithm)
  const wanted = authSources(credential, options)
  const [certificate] = certificateChain

  async function signGroup(messages: readonly Uint8Array[], signOptions: SignOptions): Promise<Uint8Array[]> {
    const digests = messages.map((message) => digestToSign({ algorithm, publicKey: certificate.publicKey, message }))
    const hashes = digests.map(({ value }) => value)
    const hashAlgorithm = digests[0]!.algorithm
    const authData: Record<string, Secret<string>> = {}
    for (const [id, source] of wanted) authData[id] = await reveal(source, signOptions)
    const asked = requestCscAuthorization(await access(signOptions), { credentialId, hashes, hashAlgorithm, authData })
    const { sad } = processCscAuthorization(await send(asked))
    signOptions.signal?.throwIfAborted()
    const request = requestCscSignatures(await access(signOptions), { credentialId, sad, hashes, ...fields })
    const signatures = processCscSignatures(await send(request), { count: hashes.length })
    return Promise.all(
      signatures.map((signature, index) =>
        acceptSignature({ algorithm, certificate, message: messages[index]!, signature, format }),
      ),
    )
  }

  async function signMany(messages: readonly Uint8Array[], signOptions: SignOptions = {}): Promise<Uint8Array[]> {
    // Copies: what is verified at the end must be what was hashed at the beginning.
    const kept = messages.map((message) => new Uint8Array(message))
    const signatures: Uint8Array[] = []
    for (let start = 0; start < kept.length; start += credential.multisign) {
      signOptions.signal?.throwIfAborted()
      signatures.push(...(await signGroup(kept.slice(start, start + credential.multisign), signOptions)))
    }
    return signatures
  }

  return {
    algorithm,
    certificateChain,
    signMany,
    sign: async (message, signOptions) => (await signMany([message], signOptions))[0]!,
  }
}

/** A transport whose failures say that nobody knows what came of the request. */
function careful(send: Send): (request: PlatformRequest) => Promise<PlatformResponse> {
  return async (request) => {
    request.signal?.throwIfAborted()
    try {
      return await send(request)
    } catch (cause) {
      if (request.signal?.aborted) throw request.signal.reason
      if (isZhichengError(cause) && cause.outcome !== undefined) throw cause
      throw cryptoError('ERR_SIGNER_FAILED', 'The signing service did not answer: ask it before signing again.', {
        cause,
        outcome: 'unknown',
        retryable: request.idempotent,
        facts: { operation: request.operation },
      })
    }
  }
}

async function reveal(source: SecretSource, options: SignOptions): Promise<Secret<string>> {
  return typeof source === 'function' ? source(options) : source
}

function chainOf({ keyStatus, certificateStatus, certificates }: CscCredential): CertificateChain {
  if (keyStatus !== 'enabled' || (certificateStatus ?? 'valid') !== 'valid') {
    throw cryptoError(
      'ERR_CSC_REFUSED',
      `The credential cannot sign: its key is ${keyStatus}, its certificate ${certificateStatus ?? 'not judged'}.`,
      { outcome: 'refused', facts: { keyStatus, certificateStatus } },
    )
  }
  if (certificates.length === 0) throw cscInvalid('The credential came without its certificate.')
  return readChain(certificates)
}

function algorithmOf(
  { algorithms }: CscCredential,
  certificateChain: CertificateChain,
  wanted: SignatureAlgorithm | undefined,
): { algorithm: SignatureAlgorithm; fields: CscAlgorithmFields } {
  const algorithm = chooseAlgorithm(certificateChain, wanted)
  if (algorithm === 'ed25519') {
    throw cryptoError(
      'ERR_SIGNER_NO_DIGEST',
      'Ed25519 signs the whole message, and a signing service is given digests.',
    )
  }
  const fields = cscFieldsOf(algorithm, algorithms)
  if (fields) return { algorithm, fields }
  throw cryptoError('ERR_CRYPTO_UNSUPPORTED', `The key at the service does not offer ${algorithm}.`, {
    facts: { algorithm, offered: algorithms },
  })
}

/** What to hand in at each authorisation. */
function authSources({ auth }: CscCredential, { pin, otp }: CscSignerOptions): [id: string, source: SecretSource][] {
  if (auth.mode === 'implicit') return []
  if (auth.mode !== 'explicit') {
    throw cryptoError(
      'ERR_CRYPTO_UNSUPPORTED',
      'The credential is authorised in a browser, which this signer cannot do: ask for one with implicit or explicit authorisation.',
      { facts: { mode: auth.mode } },
    )
  }
  const given: Record<string, SecretSource | undefined> = { PIN: pin, OTP: otp }
  return auth.objects.map((id) => {
    const source = Object.hasOwn(given, id) ? given[id] : undefined
    if (source !== undefined) return [id, source]
    throw cryptoError(
      'ERR_CRYPTO_PASSWORD_REQUIRED',
      `The credential asks for ${id}: pass it as ${id.toLowerCase()}.`,
      {
        facts: { id },
      },
    )
  })
}
