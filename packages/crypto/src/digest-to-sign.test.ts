import { createHash, createPrivateKey, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto'
import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { vectors } from '../test/tools.ts'
import { digestToSign } from './digest-to-sign.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { hash } from './hash.ts'
import { ecSpki } from './lib/keys/key-encoding.ts'
import { parsePublicKey } from './public-key.ts'

const message = utf8('样例行政许可决定书')

describe('digestToSign', () => {
  it('gives e = SM3(Z ‖ M) of the example in GB/T 32918.5, A.2', () => {
    const { Px, Py, e, id, message: text } = vectors.sm2Sign
    const publicKey = parsePublicKey(ecSpki('sm2', concatBytes(Uint8Array.of(4), fromHex(Px), fromHex(Py))))
    const digest = digestToSign({ algorithm: 'sm2-sm3', publicKey, message: utf8(text), userId: utf8(id) })
    expect(digest).toMatchObject({ signatureAlgorithm: 'sm2-sm3', algorithm: 'sm3' })
    expect(toHex(digest.value)).toBe(e.toLowerCase())
    expect(digest.digestInfo).toBeUndefined()
    const other = digestToSign({
      algorithm: 'sm2-sm3',
      publicKey,
      message: utf8(text),
      userId: utf8('ALICE123@YAHOO.COM'),
    })
    expect(other.value).not.toEqual(digest.value)
  })

  it.each(['rsa-sha256', 'rsa-sha384', 'rsa-sha512'] as const)(
    'gives the DigestInfo that makes %s when it is padded and encrypted with the key',
    async (algorithm) => {
      const { privateKeyPem, publicKey } = await generateKeyPair('rsa-2048')
      const { value, digestInfo } = digestToSign({ algorithm, publicKey, message })
      const name = algorithm.slice(4)
      expect(value).toEqual(new Uint8Array(createHash(name).update(message).digest()))
      // Node's privateEncrypt pads as CKM_RSA_PKCS does; the signature must be the one OpenSSL makes of the message.
      const key = createPrivateKey(privateKeyPem)
      expect(privateEncrypt(key, digestInfo!).equals(sign(name, message, key))).toBe(true)
    },
  )

  it('takes a digest where that is enough, and gives PSS no DigestInfo', async () => {
    const { publicKey } = await generateKeyPair('rsa-2048')
    const messageDigest = new Uint8Array(createHash('sha256').update(message).digest())
    const given = digestToSign({ algorithm: 'rsa-sha256', publicKey, messageDigest })
    expect(given).toEqual(digestToSign({ algorithm: 'rsa-sha256', publicKey, message }))
    const pss = digestToSign({ algorithm: 'rsa-pss-sha256', publicKey, messageDigest })
    expect(pss).toEqual({ signatureAlgorithm: 'rsa-pss-sha256', algorithm: 'sha256', value: messageDigest })
    const longer = digestToSign({
      algorithm: 'rsa-pss-sha512',
      publicKey,
      messageDigest: hash('sha512', messageDigest),
    })
    expect(longer).not.toHaveProperty('digestInfo')
  })

  it('refuses what cannot be: Ed25519, a bare digest for SM2, a wrong length, another kind of key', async () => {
    const { publicKey: sm2 } = await generateKeyPair('sm2')
    const { publicKey: p256 } = await generateKeyPair('ec-p256')
    const edwards = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' })
    const ed25519 = parsePublicKey(new Uint8Array(edwards))
    const messageDigest = new Uint8Array(32)
    const refused: [Parameters<typeof digestToSign>[0], string][] = [
      [{ algorithm: 'ed25519', publicKey: ed25519, message }, 'ERR_SIGNER_NO_DIGEST'],
      [{ algorithm: 'sm2-sm3', publicKey: sm2, messageDigest }, 'ERR_SIGNER_NO_DIGEST'],
      [
        { algorithm: 'ecdsa-p256-sha256', publicKey: p256, messageDigest: new Uint8Array(31) },
        'ERR_CMS_DIGEST_MISMATCH',
      ],
      [{ algorithm: 'rsa-sha256', publicKey: p256, message }, 'ERR_CRYPTO_UNSUPPORTED'],
      [{ algorithm: 'sm2-sm3', publicKey: sm2, message, userId: new Uint8Array(8192) }, 'ERR_CRYPTO_KEY_INVALID'],
    ]
    for (const [input, code] of refused) {
      expect(() => digestToSign(input)).toThrow(expect.objectContaining({ code }))
    }
  })
})
