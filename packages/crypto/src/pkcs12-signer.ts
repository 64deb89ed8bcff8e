/** A signer whose key and certificates lie in a PKCS#12 file (.p12, .pfx; RFC 7292), old encryption or new. */
import { isZhichengError, Secret } from '@zhicheng/core'
import { type Certificate, parseCertificate } from './certificate.ts'
import { cryptoError } from './errors.ts'
import { createKeySigner } from './lib/keys/key-signer.ts'
import { readPkcs12 } from './lib/keys/pkcs12.ts'
import { parsePrivateKey } from './private-key.ts'
import type { Signer } from './signer.ts'

/** Options of {@link pkcs12Signer}. */
export interface Pkcs12SignerOptions {
  file: Uint8Array
  password: string | Secret<string>
}

/**
 * Opens a PKCS#12 file with RSA, elliptic-curve or SM2 keys. Of several keys, as in the double certificates of SM2
 * (双证书), the one whose certificate may sign is taken. node-forge is loaded when this is first called.
 *
 * Throws `ERR_CRYPTO_PASSWORD_WRONG`, `ERR_PKCS12_INVALID`, `ERR_CRYPTO_KEY_MISMATCH`, and as `parseCertificate` does.
 *
 * @example
 * ```ts
 * const signer = await pkcs12Signer({ file: await readFile('seal.p12'), password: secret(process.env.SEAL_PASSWORD!) })
 * ```
 */
export async function pkcs12Signer({ file, password }: Pkcs12SignerOptions): Promise<Signer> {
  const { keys, certificates } = await open(file, password instanceof Secret ? password.reveal() : password)
  if (keys.length === 0 || certificates.length === 0) {
    throw cryptoError('ERR_PKCS12_INVALID', 'The PKCS#12 file has no private key or no certificate.')
  }
  const parsed = certificates.map((bytes) => parseCertificate(bytes))
  const signers = keys.flatMap((key) => {
    try {
      return [createKeySigner(parsePrivateKey(key), parsed)]
    } catch (error) {
      if (isZhichengError(error) && error.code === 'ERR_CRYPTO_KEY_MISMATCH') return []
      throw error
    }
  })
  const signer = signers.find(({ certificateChain }) => maySign(certificateChain[0])) ?? signers[0]
  if (signer) return signer
  throw cryptoError('ERR_CRYPTO_KEY_MISMATCH', 'No certificate in the PKCS#12 file belongs to a private key in it.')
}

async function open(file: Uint8Array, password: string): ReturnType<typeof readPkcs12> {
  try {
    return await readPkcs12(file, password)
  } catch (cause) {
    if (isZhichengError(cause)) throw cause
    throw cryptoError('ERR_PKCS12_INVALID', 'The PKCS#12 file is damaged or uses a scheme that is not known here.', {
      cause,
    })
  }
}

function maySign({ keyUsage }: Certificate): boolean {
  return keyUsage === undefined || keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation')
}
