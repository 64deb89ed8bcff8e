import { secret, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithMaterial, material } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { pemSigner } from './pem-signer.ts'
import { verifySignature } from './public-key.ts'
import { createTestAuthority } from './testing.ts'

const message = utf8('样例')

describe('pemSigner', () => {
  it.each(['rsa-2048', 'ec-p256', 'sm2'] as const)(
    'signs with %s, whatever the order of the certificates',
    async (kind) => {
      const authority = await createTestAuthority({ algorithm: kind, name: '样例根' })
      const made = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
      const chain = made.certificateChain.map(formatCertificatePem)
      const signer = pemSigner({ key: secret(made.privateKeyPem), certificateChain: chain.reverse().join('') })
      expect(signer.certificateChain).toEqual(made.certificateChain)
      for (const text of [message, utf8('再签一次')]) {
        const signature = await signer.sign(text)
        const { algorithm, certificateChain } = signer
        const input = { algorithm, publicKey: certificateChain[0].publicKey, message: text, signature }
        await expect(verifySignature(input)).resolves.toBe(true)
      }
    },
  )

  it('refuses a key that belongs to none of the certificates', async () => {
    const { certificate } = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
    const { privateKeyPem } = await generateKeyPair('sm2')
    expect(() => pemSigner({ key: privateKeyPem, certificateChain: [certificate] })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_KEY_MISMATCH' }),
    )
  })

  it('signs with PSS on request, and refuses algorithms of another kind of key', async () => {
    const authority = await createTestAuthority({ algorithm: 'rsa-2048', name: '样例根' })
    const { privateKeyPem, certificateChain } = await authority.createSigner({
      commonName: '样例',
      profile: 'platform',
    })
    const signer = pemSigner({ key: privateKeyPem, certificateChain, algorithm: 'rsa-pss-sha256' })
    const signature = await signer.sign(message)
    const { publicKey } = certificateChain[0]
    await expect(verifySignature({ algorithm: 'rsa-pss-sha256', publicKey, message, signature })).resolves.toBe(true)
    await expect(verifySignature({ algorithm: 'rsa-sha256', publicKey, message, signature })).resolves.toBe(false)
    expect(() => pemSigner({ key: privateKeyPem, certificateChain, algorithm: 'sm2-sm3' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
    )
  })

  it('does not sign once the work was called off', async () => {
    const { signer } = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
    await expect(signer.sign(message, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })
})

describeWithMaterial('with published keys (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it('pairs the SEC1 key of ofdrw with its certificate', async () => {
    const [key, certificateChain] = ['sign_key.pem', 'sign_cert.pem'].map((name) => material('seal-ofd', 'keys', name))
    const signer = pemSigner({ key: key!, certificateChain: certificateChain! })
    expect(signer.algorithm).toBe('sm2-sm3')
    expect((await signer.sign(message))[0]).toBe(0x30)
  })
})
