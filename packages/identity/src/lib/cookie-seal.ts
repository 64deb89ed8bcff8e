/** Seals bytes for a cookie as a JWE (RFC 7516) with direct encryption and A256GCM; keys are derived per purpose. */
import { fromUtf8, type Secret, utf8 } from '@zhicheng/core'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { identityError } from '../errors.ts'

/** Seals with the first key, opens with any. */
export interface CookieSeal {
  seal(plaintext: Uint8Array): Promise<string>
  open(sealed: string): Promise<Uint8Array | undefined>
}

/** A login cookie can never pass for a session: each purpose has its own key (HKDF, RFC 5869) and its own `typ`. */
export function createCookieSeal(secrets: readonly Secret[], purpose: 'session' | 'login'): CookieSeal {
  if (secrets.length === 0 || secrets.some((secret) => secret.reveal().length < 32)) {
    throw identityError(
      'ERR_IDENTITY_CONFIGURATION',
      'session.secrets wants at least one secret, each of at least 32 random characters.',
    )
  }
  const typ = `zc-${purpose}+jwe`
  let keys: Promise<CryptoKey[]> | undefined
  const allKeys = (): Promise<CryptoKey[]> => {
    keys ??= Promise.all(secrets.map((secret) => deriveKey(secret, purpose)))
    return keys
  }
  return {
    async seal(plaintext) {
      const [key] = await allKeys()
      return new CompactEncrypt(plaintext).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ }).encrypt(key!)
    },
    async open(sealed) {
      for (const key of await allKeys()) {
        try {
          const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
            keyManagementAlgorithms: ['dir'],
            contentEncryptionAlgorithms: ['A256GCM'],
          })
          return protectedHeader.typ === typ ? plaintext : undefined
        } catch {
          // Not sealed with this key, altered, or no JWE at all: the next key decides, and without one it is nothing.
        }
      }
      return undefined
    },
  }
}

/** Reads a sealed value as JSON that this same code once wrote. */
export async function openJson<Value>(seal: CookieSeal, sealed: string): Promise<Value | undefined> {
  const bytes = await seal.open(sealed)
  return bytes ? (JSON.parse(fromUtf8(bytes)) as Value) : undefined
}

async function deriveKey(secret: Secret, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8(secret.reveal()), 'HKDF', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`zhicheng identity ${purpose} v1`) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}
