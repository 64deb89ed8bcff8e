import { fromHex, toHex, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { verifyCertificateSignature } from './certificate.ts'
import { buildCertificateRequest, parseCertificateRequest } from './certificate-request.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { type GeneratedKeyKind, generateKeyPair } from './generate-key-pair.ts'
import { createHash, hash } from './hash.ts'
import { ecSpki } from './lib/keys/key-encoding.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'
import { createTestAuthority } from './testing.ts'

const kinds: readonly GeneratedKeyKind[] = ['rsa-2048', 'ec-p256', 'sm2']

// GB/T 32918.5-2017, A.2.
const example = {
  point:
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
  signature:
    '3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
}

describe('in a browser', () => {
  it('SM3 gives the values of GB/T 32905, in pieces too', () => {
    expect(toHex(hash('sm3', utf8('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    const state = createHash('sm3')
    for (let index = 0; index < 1000; index += 1) state.update(utf8('a'.repeat(1000)))
    expect(toHex(state.digest())).toBe('c8aaf89429554029e231941a2acc0ad61ff2a5acd8fadd25847a3a732b3b02c3')
  })

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('%s agrees with WebCrypto', async (algorithm) => {
    const message = utf8('统一社会信用代码'.repeat(100))
    const expected = await crypto.subtle.digest(algorithm.replace('sha', 'SHA-'), message)
    expect(hash(algorithm, message)).toEqual(new Uint8Array(expected))
  })

  it('the SM2 example of GB/T 32918.5 verifies, and a changed message does not', async () => {
    const publicKey = parsePublicKey(ecSpki('sm2', fromHex(example.point)))
    const input = { algorithm: 'sm2-sm3', publicKey, signature: fromHex(example.signature) } as const
    await expect(verifySignature({ ...input, message: utf8('message digest') })).resolves.toBe(true)
    await expect(verifySignature({ ...input, message: utf8('message digesT') })).resolves.toBe(false)
  })

  it.each(kinds)('keys of the kind %s are made, sign, and certify', async (kind) => {
    const { privateKeyPem, publicKey } = await generateKeyPair(kind)
    const privateKey = parsePrivateKey(privateKeyPem)
    const subject = createDistinguishedName([['CN', '样例']])
    const request = await parseCertificateRequest(await buildCertificateRequest({ subject, privateKey }))
    expect(request.publicKey).toEqual(publicKey)
    const authority = await createTestAuthority({ algorithm: kind, name: '样例根' })
    const issued = await authority.issue({ publicKey, commonName: '样例', profile: 'platform' })
    await expect(verifyCertificateSignature(issued, authority.certificate.publicKey)).resolves.toBe(true)
    await expect(verifyCertificateSignature(issued, publicKey)).resolves.toBe(false)
  })

  it('encrypted keys say that they open in Node only', async () => {
    const encrypted = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n'
    expect(() => parsePrivateKey(encrypted, { password: 'x' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
    )
    const { privateKeyPem } = await generateKeyPair('ec-p256')
    const signature = await createSignature({ privateKey: parsePrivateKey(privateKeyPem), message: utf8('x') })
    expect(signature[0]).toBe(0x30)
  })
})
