/**
 * The encrypted container (resource) of notifications and certificates, both halves: AES-256-GCM with the tag at the end of
 * the ciphertext. Source: wechatpay-apiv3/wechatpay-java 1dab7be, AeadAesCipher.
 */
import { fromBase64, toBase64, utf8 } from '@zhicheng/core'
import { wechatError } from './errors.ts'
import type { ApiKey } from './keys.ts'

/** The only cipher this package speaks. */
export const cipherName = 'AEAD_AES_256_GCM'

/** The container as it stands in JSON. */
export interface EncryptedResource {
  algorithm: string
  ciphertext: string
  nonce: string
  associated_data?: string | undefined
  original_type?: string | undefined
}

/** Decrypts a container. Throws `ERR_WECHAT_CIPHER` for another cipher and `ERR_WECHAT_DECRYPTION` for what does not open. */
export async function decryptResource(
  { algorithm, ciphertext, nonce, associated_data = '' }: EncryptedResource,
  key: ApiKey,
): Promise<Uint8Array> {
  if (algorithm !== cipherName) {
    throw wechatError('ERR_WECHAT_CIPHER', `The resource is not encrypted with ${cipherName}.`)
  }
  const iv = utf8(nonce)
  if (iv.length !== 12) throw wechatError('ERR_WECHAT_DECRYPTION', 'The nonce of the resource does not have 12 bytes.')
  try {
    const parameters = { name: 'AES-GCM', iv, additionalData: utf8(associated_data), tagLength: 128 }
    return new Uint8Array(await crypto.subtle.decrypt(parameters, await key.importKey(), fromBase64(ciphertext)))
  } catch (cause) {
    throw wechatError(
      'ERR_WECHAT_DECRYPTION',
      'The resource cannot be decrypted: it was changed, or the APIv3 key is another one.',
      { cause },
    )
  }
}

/** Encrypts a container, as the platform does. */
export async function encryptResource(
  plaintext: Uint8Array<ArrayBuffer>,
  {
    key,
    nonce,
    associatedData = '',
    originalType,
  }: { key: ApiKey /** 12 characters. */; nonce: string; associatedData?: string; originalType?: string },
): Promise<EncryptedResource> {
  const parameters = { name: 'AES-GCM', iv: utf8(nonce), additionalData: utf8(associatedData), tagLength: 128 }
  const bytes = new Uint8Array(await crypto.subtle.encrypt(parameters, await key.importKey(), plaintext))
  return {
    algorithm: cipherName,
    ciphertext: toBase64(bytes),
    nonce,
    associated_data: associatedData,
    ...(originalType === undefined ? {} : { original_type: originalType }),
  }
}
