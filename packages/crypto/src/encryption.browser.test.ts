import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/encryption-vectors.json' with { type: 'json' }
import { sm2Encrypt } from './lib/sm2/sm2-encrypt.ts'
import { parsePrivateKey } from './private-key.ts'
import { formatPrivateKeyPkcs8, formatPrivateKeySec1 } from './private-key-format.ts'
import { decryptSm2, encryptSm2 } from './sm2-encryption.ts'
import { createSm2EnvelopedKey, openSm2EnvelopedKey } from './sm2-enveloped-key.ts'
import { exportSm2PublicPoint, importSm2PrivateKey, importSm2PublicKey } from './sm2-key-format.ts'
import { decryptSm4, encryptSm4 } from './sm4.ts'
import { createSm4Cipher } from './sm4-cipher.ts'

const { sm4Ecb, sm4CbcPkcs7, sm4Gcm, sm4Ccm, sm2Encrypt: example } = vectors
const key = fromHex(sm4Ecb.key)

describe('SM4 in a browser', () => {
  it('gives the examples of GB/T 32907 A.1 and A.2', () => {
    const parameters = { mode: 'ecb', key, padding: 'none' } as const
    const encrypted = encryptSm4(parameters, fromHex(sm4Ecb.plain))
    expect(toHex(encrypted)).toBe(sm4Ecb.cipher.toLowerCase())
    expect(decryptSm4(parameters, encrypted)).toEqual(fromHex(sm4Ecb.plain))
    const million = { mode: 'cbc', key, iv: encrypted, padding: 'none' } as const
    const last = encryptSm4(million, new Uint8Array(16 * 999_999)).slice(-16)
    expect(toHex(last)).toBe(sm4Ecb.cipherAfterOneMillionRounds.toLowerCase())
  })

  it('gives the published CBC, in pieces too', () => {
    const parameters = { mode: 'cbc', key, iv: fromHex(sm4CbcPkcs7.iv) } as const
    expect(toHex(encryptSm4(parameters, utf8(sm4CbcPkcs7.plainUtf8)))).toBe(sm4CbcPkcs7.cipher.toLowerCase())
    const cipher = createSm4Cipher('encrypt', parameters)
    const parts = [...utf8(sm4CbcPkcs7.plainUtf8)].map((byte) => cipher.update(Uint8Array.of(byte)))
    expect(toHex(concatBytes(...parts, cipher.final()))).toBe(sm4CbcPkcs7.cipher.toLowerCase())
  })

  it.each([
    ['gcm', sm4Gcm],
    ['ccm', sm4Ccm],
  ] as const)('gives the %s of RFC 8998, and refuses a changed tag', (mode, vector) => {
    const parameters = { mode, key: fromHex(vector.key), iv: fromHex(vector.iv), additionalData: fromHex(vector.aad) }
    const sealed = encryptSm4(parameters, fromHex(vector.plain))
    expect(toHex(sealed)).toBe((vector.cipher + vector.tag).toLowerCase())
    expect(toHex(decryptSm4(parameters, sealed))).toBe(vector.plain.toLowerCase())
    sealed[sealed.length - 1]! ^= 1
    expect(() => decryptSm4(parameters, sealed)).toThrow(expect.objectContaining({ code: 'ERR_SM4_TAG_MISMATCH' }))
  })
})

describe('SM2 encryption in a browser', () => {
  const privateKey = importSm2PrivateKey(example.d)
  const publicKey = importSm2PublicKey(example.Px + example.Py)

  it('gives the example of GB/T 32918.5', () => {
    const { point, digest, text } = sm2Encrypt(publicKey.keyBytes, utf8(example.message), () =>
      BigInt(`0x${example.k}`),
    )
    expect([point, digest, text].map(toHex)).toEqual(
      [example.C1, example.C3, example.C2].map((part) => part.toLowerCase()),
    )
    expect(decryptSm2({ privateKey }, concatBytes(point, digest, text))).toEqual(utf8(example.message))
  })

  it('leads back in all layouts, and refuses a point off the curve', () => {
    for (const layout of ['c1c3c2', 'c1c2c3', 'der'] as const) {
      const ciphertext = encryptSm2({ publicKey, layout }, utf8('样例'))
      expect(decryptSm2({ privateKey, layout }, ciphertext)).toEqual(utf8('样例'))
      ciphertext[40]! ^= 1
      expect(() => decryptSm2({ privateKey, layout }, ciphertext)).toThrow(
        expect.objectContaining({ code: 'ERR_SM2_CIPHERTEXT_INVALID' }),
      )
    }
  })

  it('reads and writes keys, and opens an enveloped one', () => {
    expect(exportSm2PublicPoint(privateKey.publicKey!)).toEqual(exportSm2PublicPoint(publicKey))
    for (const written of [formatPrivateKeyPkcs8(privateKey), formatPrivateKeySec1(privateKey)]) {
      expect(parsePrivateKey(written)).toEqual(privateKey)
    }
    expect(openSm2EnvelopedKey({ privateKey }, createSm2EnvelopedKey({ publicKey }, privateKey))).toEqual(privateKey)
  })
})
