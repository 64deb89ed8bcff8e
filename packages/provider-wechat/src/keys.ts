/** The keys of WeChat Pay APIv3: each is parsed once, checked at configuration, and kept out of every output. */
import { type Secret, secret, utf8 } from '@zhicheng/core'
import { type PrivateKey, type PublicKey, parseCertificate, parsePrivateKey, parsePublicKey } from '@zhicheng/crypto'
import { wechatError } from './errors.ts'

/** A key that WeChat signs with: a platform certificate (平台证书) with its dates, or a public key (微信支付公钥) without. */
export interface PlatformKey {
  readonly publicKey: PublicKey
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** Platform keys by the serial in `Wechatpay-Serial`, in upper case. Old and new ones stand side by side in a migration. */
export type PlatformKeys = ReadonlyMap<string, PlatformKey>

/** The APIv3 key (APIv3 密钥) of a merchant, for AES-256-GCM. */
export interface ApiKey {
  readonly importKey: () => Promise<CryptoKey>
}

/**
 * Parses platform keys: `serial -> PEM` of a certificate or of a public key (serial `PUB_KEY_ID_…`). Throws
 * `ERR_WECHAT_CONFIGURATION` for none at all, for a key that is not RSA, and for a certificate under another serial.
 */
export function parsePlatformKeys(keys: Readonly<Record<string, string>>): PlatformKeys {
  const parsed = new Map(
    Object.entries(keys).map(([serial, pem]): [string, PlatformKey] => {
      const key = parsePlatformKey(serial, pem)
      if (key.publicKey.kind !== 'rsa') {
        throw configuration(
          `the platform key ${serial} is not an RSA key, and only WECHATPAY2-SHA256-RSA2048 is spoken`,
        )
      }
      return [serial.toUpperCase(), key]
    }),
  )
  if (parsed.size === 0) throw configuration('there is no platform key, so that nothing WeChat says could be verified')
  return parsed
}

function parsePlatformKey(serial: string, pem: string): PlatformKey {
  if (!pem.includes('BEGIN CERTIFICATE')) return { publicKey: parsePublicKey(pem) }
  const { serialNumber, publicKey, notBefore, notAfter } = parseCertificate(pem)
  if (withoutZeros(serialNumber) !== withoutZeros(serial)) {
    throw configuration(`the certificate given as ${serial} has the serial ${serialNumber.toUpperCase()}`)
  }
  return { publicKey, notBefore, notAfter }
}

function withoutZeros(serial: string): string {
  return serial.toUpperCase().replace(/^0+/, '')
}

/** Parses the merchant's private key (商户 API 私钥, apiclient_key.pem). Throws `ERR_WECHAT_CONFIGURATION` if it is not RSA. */
export function parseMerchantKey(pem: string | Secret<string>): PrivateKey {
  const key = parsePrivateKey(secret(pem))
  if (key.kind !== 'rsa') throw configuration('the merchant key is not an RSA key')
  return key
}

/**
 * Checks the APIv3 key. Throws `ERR_WECHAT_API_KEY_LENGTH` unless it has exactly 32 bytes: a shorter one would make other
 * implementations fall back to a weaker cipher without a word.
 */
export function parseApiKey(key: string | Secret<string>): ApiKey {
  const held = secret(key)
  const length = utf8(held.reveal()).length
  if (length !== 32) {
    throw wechatError('ERR_WECHAT_API_KEY_LENGTH', `The APIv3 key has ${length} bytes; it must have exactly 32.`, {
      facts: { length },
    })
  }
  let imported: Promise<CryptoKey> | undefined
  return {
    importKey() {
      imported ??= crypto.subtle.importKey('raw', utf8(held.reveal()), 'AES-GCM', false, ['encrypt', 'decrypt'])
      return imported
    },
  }
}

/** An error of the configuration. */
export function configuration(what: string): Error {
  return wechatError('ERR_WECHAT_CONFIGURATION', `WeChat Pay is not configured rightly: ${what}.`)
}
