import { utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { hash } from './hash.ts'
import { parsePublicKey } from './public-key.ts'
import { createTestAuthority } from './testing.ts'
import { webCryptoSigner } from './web-crypto-signer.ts'

const content = utf8('样例行政许可决定书')
const rsa = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }

describe('webCryptoSigner in a browser', () => {
  it.each([
    { name: 'RSASSA-PKCS1-v1_5', ...rsa },
    { name: 'RSA-PSS', ...rsa },
    { name: 'ECDSA', namedCurve: 'P-256' },
  ])('makes a signed message with a key that never leaves: $name', async (parameters) => {
    const { privateKey, publicKey } = (await crypto.subtle.generateKey(parameters, false, [
      'sign',
      'verify',
    ])) as CryptoKeyPair
    const spki = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
    const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    const issued = await authority.issue({
      publicKey: parsePublicKey(spki),
      commonName: '样例签章人',
      profile: 'document-signing',
    })
    const signer = webCryptoSigner({ privateKey, certificateChain: [issued, authority.certificate] })
    const bytes = await createSignedData({ signer, messageDigest: hash('sha256', content) })
    const result = await verifySignedData(parseSignedData(bytes), {
      messageDigest: (algorithm) => hash(algorithm, content),
    })
    expect(result).toMatchObject({ status: 'valid', algorithm: signer.algorithm })
  })
})
