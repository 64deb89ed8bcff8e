/** The codes of every error this package throws on purpose. `messages.zh-CN.ts` has a text for each. */
import { ZhichengError, type ZhichengErrorOptions } from '@zhicheng/core'

/** Codes of `@zhicheng/crypto`. */
export type CryptoErrorCode =
  | 'ERR_DER_INVALID'
  | 'ERR_PEM_INVALID'
  | 'ERR_CRYPTO_UNSUPPORTED'
  | 'ERR_CRYPTO_HASH_FINISHED'
  | 'ERR_CRYPTO_KEY_INVALID'
  | 'ERR_CRYPTO_KEY_WEAK'
  | 'ERR_CRYPTO_KEY_MISMATCH'
  | 'ERR_CRYPTO_PASSWORD_REQUIRED'
  | 'ERR_CRYPTO_PASSWORD_WRONG'
  | 'ERR_CRYPTO_SHA1_REFUSED'
  | 'ERR_CRYPTO_SIGNATURE_INVALID'
  | 'ERR_CERTIFICATE_INVALID'
  | 'ERR_CERTIFICATE_REQUEST_INVALID'
  | 'ERR_PKCS12_INVALID'
  | 'ERR_CRL_INVALID'
  | 'ERR_CMS_INVALID'
  | 'ERR_CMS_DIGEST_MISMATCH'
  | 'ERR_CMS_ALGORITHM_MISMATCH'
  | 'ERR_TIMESTAMP_INVALID'
  | 'ERR_TIMESTAMP_REFUSED'
  | 'ERR_TIMESTAMP_MISMATCH'
  | 'ERR_TIMESTAMP_SIGNER'
  | 'ERR_SM4_INVALID'
  | 'ERR_SM4_TAG_MISMATCH'
  | 'ERR_SM2_CIPHERTEXT_INVALID'
  | 'ERR_OCSP_INVALID'
  | 'ERR_OCSP_REFUSED'
  | 'ERR_OCSP_MISMATCH'
  | 'ERR_SIGNER_NO_DIGEST'
  | 'ERR_SIGNER_FAILED'
  | 'ERR_PKCS11_UNAVAILABLE'
  | 'ERR_PKCS11_FAILED'
  | 'ERR_PKCS11_NOT_FOUND'
  | 'ERR_CSC_INVALID'
  | 'ERR_CSC_REFUSED'

/** An error of this package; the type keeps its code inside the union. */
export function cryptoError<Code extends CryptoErrorCode>(
  code: Code,
  message: string,
  options?: ZhichengErrorOptions,
): ZhichengError<Code> {
  return new ZhichengError(code, message, options)
}
