/** Lets a signer sign, after asking whether it may and before believing that it did. */
import { type Certificate, der, hash, type Signer, type TimestampSource, verifySignature } from '@zhicheng/crypto'
import { ofdError } from '../../ofd/errors.ts'

/**
 * The signature over a message with SM2. Throws `ERR_OFD_SIGNER_ALGORITHM`, `ERR_OFD_SIGNER_KEY_USAGE` and
 * `ERR_OFD_SIGNER_VALIDITY` before signing, `ERR_OFD_SIGNER_OUTPUT` when the signature does not fit the certificate: a
 * device with the wrong key would otherwise be noticed by whoever receives the document.
 */
export async function signChecked(
  signer: Signer,
  message: Uint8Array,
  { at, signal }: { at: Date; signal?: AbortSignal },
): Promise<Uint8Array> {
  const [certificate] = signer.certificateChain
  assertUsable(signer, certificate, at)
  const signature = await signer.sign(message, signal ? { signal } : {})
  const { publicKey } = certificate
  if (!(await verifySignature({ algorithm: 'sm2-sm3', publicKey, message, signature }))) {
    throw ofdError('ERR_OFD_SIGNER_OUTPUT', 'The signer returned a signature that its certificate does not verify.')
  }
  return signature
}

/** `timeStamp [0]`: a token over a signature value (GM/T 0031-2025). */
export async function timestampField(
  timestamps: TimestampSource,
  value: Uint8Array,
  options: { signal?: AbortSignal },
): Promise<Uint8Array> {
  const token = await timestamps.timestamp({ algorithm: 'sm3', value: hash('sm3', value) }, options)
  return der.explicit(0, der.bitString(token))
}

/** True if the certificate may sign at all (GB/T 20518: digitalSignature or nonRepudiation). */
export function maySign({ keyUsage }: Certificate): boolean {
  return keyUsage === undefined || keyUsage.has('digitalSignature') || keyUsage.has('nonRepudiation')
}

function assertUsable(signer: Signer, certificate: Certificate, at: Date): void {
  if (signer.algorithm !== 'sm2-sm3') {
    throw ofdError('ERR_OFD_SIGNER_ALGORITHM', `Seals take SM2; this signer signs with ${signer.algorithm}.`)
  }
  if (!maySign(certificate)) {
    throw ofdError('ERR_OFD_SIGNER_KEY_USAGE', 'The certificate is not for signing: use the signing certificate.')
  }
  if (at < certificate.notBefore || at > certificate.notAfter) {
    throw ofdError(
      'ERR_OFD_SIGNER_VALIDITY',
      'The certificate is not valid at this time: renew it, or check the clock.',
      {
        facts: { notBefore: certificate.notBefore.toISOString(), notAfter: certificate.notAfter.toISOString() },
      },
    )
  }
}
