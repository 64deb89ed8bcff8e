import { secret, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithMaterial, describeWithOpenssl, material, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem, parseCertificate, verifyCertificateSignature } from './certificate.ts'
import { der } from './der.ts'
import { digestOid } from './hash.ts'
import { pkcs12Signer } from './pkcs12-signer.ts'
import { verifySignature } from './public-key.ts'
import { createTestAuthority } from './testing.ts'

const message = utf8('样例')

describe('pkcs12Signer', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['text', utf8('-----BEGIN CERTIFICATE-----')],
    ['an empty structure', Uint8Array.of(0x30, 0)],
    ['a structure of another kind', Uint8Array.of(0x30, 3, 2, 1, 3)],
    ['a file that is too large', new Uint8Array(5_000_000)],
  ])('refuses %s with a code', async (_name, file) => {
    await expect(pkcs12Signer({ file, password: 'x' })).rejects.toMatchObject({ code: 'ERR_PKCS12_INVALID' })
  })

  it('refuses a file that demands billions of iterations before it begins with them', async () => {
    const safes = der.sequence(der.oid('1.2.840.113549.1.7.1'), der.explicit(0, der.octetString(der.sequence())))
    const digest = der.sequence(der.sequence(der.oid(digestOid('sha256'))), der.octetString(new Uint8Array(32)))
    const mac = der.sequence(digest, der.octetString(new Uint8Array(8)), der.integer(2_147_483_647))
    await expect(pkcs12Signer({ file: der.sequence(der.integer(3), safes, mac), password: 'x' })).rejects.toMatchObject(
      {
        code: 'ERR_PKCS12_INVALID',
        message: expect.stringContaining('2147483647 iterations'),
      },
    )
  })
})

describeWithOpenssl('with files of the openssl command (skipped when it is missing)', () => {
  const modes = [
    ['modern', []],
    ['old, with RC2 and triple DES', ['-legacy']],
    ['old, with triple DES alone', ['-legacy', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES']],
    ['with AES-128 and a SHA-512 MAC', ['-certpbe', 'AES-128-CBC', '-keypbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['with certificates left open', ['-certpbe', 'NONE']],
  ] as const

  it.each(modes)('opens %s files of RSA, P-256 and SM2 keys, under a Chinese password', (_name, options) =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      for (const algorithm of ['rsa-2048', 'ec-p256', 'sm2'] as const) {
        const authority = await createTestAuthority({ algorithm, name: '样例根' })
        const made = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
        const key = file('key.pem', made.privateKeyPem)
        const leaf = file('leaf.pem', formatCertificatePem(made.certificateChain[0]))
        const ca = file('ca.pem', formatCertificatePem(authority.certificate))
        const output = ['-out', path('all.p12'), '-passout', 'pass:口令-1']
        openssl('pkcs12', '-export', ...options, '-inkey', key, '-in', leaf, '-certfile', ca, ...output)
        const p12 = read('all.p12')
        const signer = await pkcs12Signer({ file: p12, password: secret('口令-1') })
        expect(signer.certificateChain).toEqual(made.certificateChain)
        const { publicKey } = signer.certificateChain[0]
        const signature = await signer.sign(message)
        const input = { algorithm: signer.algorithm, publicKey, message, signature }
        await expect(verifySignature(input)).resolves.toBe(true)
        const wrong = { code: 'ERR_CRYPTO_PASSWORD_WRONG' }
        await expect(pkcs12Signer({ file: p12, password: '口令-2' })).rejects.toMatchObject(wrong)
        const changed = p12.with(p12.length >> 1, p12[p12.length >> 1]! ^ 1)
        await expect(pkcs12Signer({ file: changed, password: '口令-1' })).rejects.toMatchObject({
          name: 'ZhichengError',
        })
      }
    }),
  )

  it('refuses files without a MAC, without a key, and with a key of another certificate', () =>
    withWorkbench(async ({ file, path, openssl, read }) => {
      const authority = await createTestAuthority({ algorithm: 'sm2', name: '样例根' })
      const made = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
      const key = file('key.pem', made.privateKeyPem)
      const leaf = file('leaf.pem', formatCertificatePem(made.certificateChain[0]))
      const output = ['-out', path('all.p12'), '-passout', 'pass:x']
      const refused = { code: 'ERR_PKCS12_INVALID' }
      openssl('pkcs12', '-export', '-nomac', '-inkey', key, '-in', leaf, ...output)
      await expect(pkcs12Signer({ file: read('all.p12'), password: 'x' })).rejects.toMatchObject(refused)
      openssl('pkcs12', '-export', '-nokeys', '-in', leaf, ...output)
      await expect(pkcs12Signer({ file: read('all.p12'), password: 'x' })).rejects.toMatchObject(refused)
    }))
})

describeWithMaterial('with published files (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it.each([
    ['USER.p12', '777777'],
    ['SealBuilder.p12', '777777'],
    ['ROOT.p12', '123456'],
  ])('opens the SM2 key of ofdrw in %s, whose certificate its root signed', async (name, password) => {
    const signer = await pkcs12Signer({ file: material('seal-ofd', 'keys', name), password })
    const root = await pkcs12Signer({ file: material('seal-ofd', 'keys', 'ROOT.p12'), password: '123456' })
    const [certificate] = signer.certificateChain
    expect(signer.algorithm).toBe('sm2-sm3')
    await expect(verifyCertificateSignature(certificate, root.certificateChain[0].publicKey)).resolves.toBe(true)
    const signature = await signer.sign(message)
    const { publicKey } = parseCertificate(certificate.der)
    await expect(verifySignature({ algorithm: 'sm2-sm3', publicKey, message, signature })).resolves.toBe(true)
  })
})
