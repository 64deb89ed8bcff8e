/**
 * A signer whose key lies in a device behind a PKCS#11 library (UKey, smart card, HSM): `@zhicheng/crypto/pkcs11`, for
 * Node. It calls the library through the optional peer koffi.
 */
import { type Secret, secret } from '@zhicheng/core'
import type { Certificate } from './certificate.ts'
import { digestToSign } from './digest-to-sign.ts'
import { cryptoError } from './errors.ts'
import { readChain } from './lib/certificates/certificate-chain.ts'
import { chooseAlgorithm, createExternalSigner } from './lib/devices/external-signer.ts'
import type { Pkcs11Memory } from './lib/devices/pkcs11-memory.ts'
import { loadModule } from './lib/devices/pkcs11-module.ts'
import { mechanismType, pssParameters } from './lib/devices/pkcs11-names.ts'
import { checkPair, findKey, readTokenChain } from './lib/devices/pkcs11-objects.ts'
import { openSession, type Pkcs11Mechanism } from './lib/devices/pkcs11-session.ts'
import type { PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'

/** Options of {@link pkcs11Signer}. */
export interface Pkcs11SignerOptions {
  /** Path of the library, such as `/usr/lib/softhsm/libsofthsm2.so`. It runs inside this process: load only one you trust. */
  module: string
  /** Label of the token; may be left out when there is only one. */
  token?: string
  /** Number of the slot, in place of the label. */
  slot?: number
  /** Left out for tokens with keys of their own to enter it. */
  pin?: string | Secret<string>
  /** Label of the private key (CKA_LABEL); may be left out when there is only one. */
  keyLabel?: string
  /** Identifier of the private key (CKA_ID). */
  keyId?: Uint8Array
  /** The signing certificate first; by default the one under the key's identifier on the token. */
  certificateChain?: string | Uint8Array | readonly Certificate[]
  /** By default the usual one of the kind of key. */
  algorithm?: SignatureAlgorithm
  /**
   * Number of the mechanism by which the device signs SM3(Z ‖ M) with SM2 and gives r ‖ s. PKCS#11 v2.40 has none; each
   * vendor has its own.
   *
   * @unverified No device with SM2 was at hand.
   */
  sm2Mechanism?: number
}

/** A signer in a device. */
export interface Pkcs11Signer extends Signer {
  /** Waits for what was asked for, logs out if no other signer needs the login, and closes the session. */
  close(): Promise<void>
}

/**
 * Opens a session with a device and makes a signer of a key in it. Only digests go to the device (the message for
 * Ed25519). Calls run beside the event loop and one after the other; every signature is verified with the certificate
 * before it leaves.
 *
 * The login of a PKCS#11 library is one for the whole process: a second signer on a token that is logged in is not asked
 * for its PIN again, so that a wrong one goes unnoticed there.
 *
 * Throws `ERR_PKCS11_UNAVAILABLE` without koffi or the library, `ERR_PKCS11_NOT_FOUND` without exactly one token, key and
 * certificate, `ERR_PKCS11_FAILED` with the name of the return value (CKR_…) in `facts.result`,
 * `ERR_CRYPTO_PASSWORD_REQUIRED` without a PIN, `ERR_CRYPTO_KEY_MISMATCH`, `ERR_CRYPTO_UNSUPPORTED` and
 * `ERR_CRYPTO_KEY_WEAK`; signing throws `ERR_PKCS11_FAILED` and `ERR_CRYPTO_SIGNATURE_INVALID`.
 *
 * @unverified On Windows, where integers have 4 bytes and structures are packed, nothing of this was run.
 *
 * @example
 * ```ts
 * const signer = await pkcs11Signer({ module: '/usr/lib/softhsm/libsofthsm2.so', token: 'seal', pin, keyLabel: 'seal-key' })
 * const message = await createSignedData({ signer, messageDigest: hash('sha256', content) })
 * await signer.close()
 * ```
 */
export async function pkcs11Signer(options: Pkcs11SignerOptions): Promise<Pkcs11Signer> {
  const { token, slot, keyLabel, keyId, certificateChain: given, sm2Mechanism } = options
  const pin = typeof options.pin === 'string' ? secret(options.pin) : options.pin
  const chain = given === undefined ? undefined : readChain(given)
  const module = await loadModule(options.module)
  const { memory } = module
  const session = await openSession(module, { token, slot, pin })
  try {
    const key = await findKey(session, memory, { keyLabel, keyId })
    const certificateChain = chain ?? (await readTokenChain(session, memory, key))
    const algorithm = chooseAlgorithm(certificateChain, options.algorithm)
    const { publicKey } = certificateChain[0]
    const mechanism = mechanismOf(algorithm, memory, sm2Mechanism)
    await checkPair(session, memory, key, certificateChain[0])
    const signer = createExternalSigner({
      algorithm,
      certificateChain,
      // ECDSA is r ‖ s there (pkcs11-curr, 2.3.1); for RSA and Ed25519 the form makes no difference.
      format: 'raw',
      produce: (message, { signal }) =>
        session.sign(key.handle, mechanism, inputOf(algorithm, publicKey, message), signal),
    })
    return { ...signer, close: () => session.close() }
  } catch (error) {
    // What went wrong first is what the caller must hear of.
    await session.close().catch(() => undefined)
    throw error
  }
}

function mechanismOf(
  algorithm: SignatureAlgorithm,
  memory: Pkcs11Memory,
  sm2Mechanism: number | undefined,
): Pkcs11Mechanism {
  if (algorithm === 'ed25519') return { type: mechanismType.eddsa }
  if (algorithm.startsWith('ecdsa-')) return { type: mechanismType.ecdsa }
  const pss = algorithm.startsWith('rsa-pss-') ? pssParameters[algorithm.slice(8)] : undefined
  if (pss) return { type: mechanismType.rsaPss, parameters: memory.ulongs(...pss) }
  if (algorithm !== 'sm2-sm3') return { type: mechanismType.rsaPkcs }
  if (sm2Mechanism !== undefined) return { type: sm2Mechanism }
  throw cryptoError(
    'ERR_CRYPTO_UNSUPPORTED',
    'PKCS#11 has no mechanism for SM2: pass the number that the manual of the device gives as sm2Mechanism.',
  )
}

function inputOf(algorithm: SignatureAlgorithm, publicKey: PublicKey, message: Uint8Array): Uint8Array {
  if (algorithm === 'ed25519') return message
  const { digestInfo, value } = digestToSign({ algorithm, publicKey, message })
  return digestInfo ?? value
}
