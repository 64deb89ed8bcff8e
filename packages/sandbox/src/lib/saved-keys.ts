/** The keys of a sandbox as they are kept between runs, and where they can be kept. */
import type { SavedTestAuthority } from '@zhicheng/crypto/testing'
import type { JWK } from 'jose'
import * as v from 'valibot'
import type { WechatTestKeys } from '../faces/wechat/keys.ts'

/** Keys that the remote signing service keeps. */
export type RemoteKeyName = 'remoteRsa' | 'remoteP256' | 'remoteSm2'

/** Everything that survives a restart, as JSON. */
export interface SavedKeys {
  authorities: Record<'ca' | 'sm2-ca', SavedTestAuthority>
  signers: Record<'tsa' | 'sealMaker' | RemoteKeyName, { privateKeyPem: string; chainPem: string }>
  wechat: WechatTestKeys
  /** Private key of the archive's evidence log. */
  archiveLog: JWK
  secrets: Record<'oidcClient' | 'irs' | 'credit' | 'remoteClient' | 'remotePin', string>
}

/** Keeps the keys between runs. */
export interface KeyShelf {
  /** Where the keys lie, for messages. */
  readonly place?: string
  load(): Promise<SavedKeys | undefined>
  save(keys: SavedKeys): Promise<void>
}

const text = v.pipe(v.string(), v.minLength(1))
const authority = v.looseObject({
  certificatePem: text,
  privateKeyPem: text,
  crlNumber: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  revoked: v.array(v.looseObject({ serialNumber: text, at: text })),
})
const signer = v.looseObject({ privateKeyPem: text, chainPem: text })
const shape = v.looseObject({
  authorities: v.looseObject({ ca: authority, 'sm2-ca': authority }),
  signers: v.looseObject({ tsa: signer, sealMaker: signer, remoteRsa: signer, remoteP256: signer, remoteSm2: signer }),
  wechat: v.looseObject({
    merchant: v.looseObject({
      merchantId: text,
      appId: text,
      apiV3Key: text,
      serial: text,
      privateKeyPem: text,
      certificatePem: text,
    }),
    platform: v.looseObject({
      publicKeyId: text,
      publicKeyPem: text,
      serial: text,
      certificatePem: text,
      privateKeyPem: text,
    }),
  }),
  archiveLog: v.looseObject({ kty: text, d: text }),
  secrets: v.looseObject({ oidcClient: text, irs: text, credit: text, remoteClient: text, remotePin: text }),
})

/** True if a value has every part of kept keys; whether the keys themselves are whole shows when they are opened. */
export function isSavedKeys(value: unknown): value is SavedKeys {
  return v.is(shape, value)
}
