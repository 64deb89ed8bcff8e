import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../../../test/tools.ts'
import { digestToSign } from '../../digest-to-sign.ts'
import { generateKeyPair } from '../../generate-key-pair.ts'
import { parsePrivateKey } from '../../private-key.ts'
import { formatPublicKeyPem, verifySignature } from '../../public-key.ts'
import { createTestDigestSigner } from './digest-signature.ts'

const message = utf8('样例行政许可决定书')

function pemOf(curve: string): string {
  return generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

describe('createTestDigestSigner', () => {
  it.each([
    ['ecdsa-p256-sha256', () => pemOf('P-256')],
    ['ecdsa-p384-sha384', () => pemOf('P-384')],
    ['ecdsa-p521-sha512', () => pemOf('P-521')],
    ['sm2-sm3', async () => (await generateKeyPair('sm2')).privateKeyPem],
    ['rsa-sha256', async () => (await generateKeyPair('rsa-2048')).privateKeyPem],
    ['rsa-sha512', async () => (await generateKeyPair('rsa-2048')).privateKeyPem],
    ['rsa-pss-sha256', async () => (await generateKeyPair('rsa-2048')).privateKeyPem],
  ] as const)('makes what verifies over the message: %s', async (algorithm, make) => {
    const pem = await make()
    const publicKey = parsePrivateKey(pem).publicKey!
    const signature = createTestDigestSigner(pem)(algorithm, digestToSign({ algorithm, publicKey, message }).value)
    await expect(verifySignature({ algorithm, publicKey, message, signature })).resolves.toBe(true)
    await expect(verifySignature({ algorithm, publicKey, message: utf8('x'), signature })).resolves.toBe(false)
  })

  it('refuses another kind of key, and a digest of another length', async () => {
    const { privateKeyPem } = await generateKeyPair('rsa-2048')
    const sign = createTestDigestSigner(privateKeyPem)
    expect(() => sign('sm2-sm3', new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
    )
    expect(() => sign('rsa-sha256', new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'ERR_CMS_DIGEST_MISMATCH' }),
    )
    const sm2 = createTestDigestSigner((await generateKeyPair('sm2')).privateKeyPem)
    expect(() => sm2('sm2-sm3', new Uint8Array(33))).toThrow(
      expect.objectContaining({ code: 'ERR_CMS_DIGEST_MISMATCH' }),
    )
    const pkcs1 = createPrivateKey(privateKeyPem).export({ type: 'pkcs1', format: 'pem' }).toString()
    expect(() => createTestDigestSigner(pkcs1)).toThrow(expect.objectContaining({ code: 'ERR_PEM_INVALID' }))
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('PSS signatures pass dgst -verify', () =>
    withWorkbench(async ({ file, openssl }) => {
      const { privateKeyPem, publicKey } = await generateKeyPair('rsa-2048')
      const { value } = digestToSign({ algorithm: 'rsa-pss-sha256', publicKey, message })
      const signature = file('signature', createTestDigestSigner(privateKeyPem)('rsa-pss-sha256', value))
      const options = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32', '-signature', signature]
      const key = file('key.pem', formatPublicKeyPem(publicKey))
      const said = openssl('dgst', '-sha256', '-verify', key, ...options, file('message', message))
      expect(said).toContain('Verified OK')
    }))
})
