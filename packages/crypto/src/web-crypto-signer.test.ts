import { utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { parsePublicKey, verifySignature } from './public-key.ts'
import { createTestAuthority } from './testing.ts'
import { webCryptoSigner } from './web-crypto-signer.ts'

const message = utf8('样例')

async function unextractable(parameters: RsaHashedKeyGenParams | EcKeyGenParams | { name: 'Ed25519' }) {
  const pair = (await crypto.subtle.generateKey(parameters, false, ['sign', 'verify'])) as CryptoKeyPair
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
  const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
  const issued = await authority.issue({
    publicKey: parsePublicKey(spki),
    commonName: '样例签章人',
    profile: 'document-signing',
  })
  return { ...pair, certificateChain: [issued, authority.certificate] }
}

const rsa = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }

describe('webCryptoSigner', () => {
  it.each([
    [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }, 'rsa-sha256'],
    [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512', ...rsa }, 'rsa-sha512'],
    [{ name: 'RSA-PSS', hash: 'SHA-256', ...rsa }, 'rsa-pss-sha256'],
    [{ name: 'RSA-PSS', hash: 'SHA-384', ...rsa }, 'rsa-pss-sha384'],
    [{ name: 'ECDSA', namedCurve: 'P-256' }, 'ecdsa-p256-sha256'],
    [{ name: 'ECDSA', namedCurve: 'P-384' }, 'ecdsa-p384-sha384'],
    [{ name: 'ECDSA', namedCurve: 'P-521' }, 'ecdsa-p521-sha512'],
    [{ name: 'Ed25519' }, 'ed25519'],
  ] as const)('signs with an unextractable key of %o', async (parameters, algorithm) => {
    const { privateKey, certificateChain } = await unextractable(parameters)
    expect(privateKey.extractable).toBe(false)
    const signer = webCryptoSigner({ privateKey, certificateChain })
    expect(signer).toMatchObject({ algorithm, certificateChain })
    const signature = await signer.sign(message)
    const { publicKey } = certificateChain[0]!
    await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(true)
  })

  it('refuses keys that do not fit', async () => {
    const p256 = await unextractable({ name: 'ECDSA', namedCurve: 'P-256' })
    const p384 = await unextractable({ name: 'ECDSA', namedCurve: 'P-384' })
    const old = await unextractable({ name: 'RSA-PSS', hash: 'SHA-1', ...rsa })
    const { certificateChain } = p256
    const code = (value: string): unknown => expect.objectContaining({ code: value })
    expect(() => webCryptoSigner({ privateKey: p384.privateKey, certificateChain })).toThrow(
      code('ERR_CRYPTO_KEY_MISMATCH'),
    )
    expect(() => webCryptoSigner({ privateKey: p256.publicKey, certificateChain })).toThrow(
      code('ERR_CRYPTO_UNSUPPORTED'),
    )
    expect(() => webCryptoSigner(old)).toThrow(code('ERR_CRYPTO_UNSUPPORTED'))
    const other = await unextractable({ name: 'ECDSA', namedCurve: 'P-256' })
    const signer = webCryptoSigner({ privateKey: other.privateKey, certificateChain })
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
  })
})
