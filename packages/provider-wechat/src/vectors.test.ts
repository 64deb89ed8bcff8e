/** The platform's own published vectors, and openssl as a second witness of what we sign. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fixedClock, fromBase64, fromUtf8, toBase64, utf8 } from '@zhicheng/core'
import { createSignature, parseCertificate, parsePrivateKey, parsePublicKey, verifySignature } from '@zhicheng/crypto'
import { describe, expect, it } from 'vitest'
import { parseApiKey, parsePlatformKeys } from './keys.ts'
import { formatAuthorization, formatRequestToSign, parseAuthorization } from './request-signature.ts'
import { decryptResource, encryptResource } from './resource.ts'
import { merchantSerial, readVector } from './test-support/platform.ts'

const vectors = JSON.parse(readVector('vectors-rsa.json'))

describe('published vectors', () => {
  it('a signature verifies with the merchant certificate, and not with the platform key', async () => {
    const { message, signature } = vectors.rsa_verify
    const verify = (publicKey: ReturnType<typeof parsePublicKey>) =>
      verifySignature({ algorithm: 'rsa-sha256', publicKey, message: utf8(message), signature: fromBase64(signature) })
    const certificate = parseCertificate(readVector('merchant_certificate.pem'))
    expect(certificate.serialNumber.toUpperCase()).toBe(vectors.rsa_verify.serial)
    expect(await verify(certificate.publicKey)).toBe(true)
    expect(await verify(parsePublicKey(readVector('wechat_pay_public_key.pem')))).toBe(false)
  })

  it('a signature of ours is equal to the published one, byte for byte', async () => {
    const { private_key_pem, message, expected_signature } = vectors.rsa_sign_deterministic
    const signature = await createSignature({ privateKey: parsePrivateKey(private_key_pem), message: utf8(message) })
    expect(toBase64(signature)).toBe(expected_signature)
  })

  it.each(vectors.authorization_header as Record<string, string>[])(
    'the string of the request $method $url is equal',
    (request) => {
      const { method = '', url = '', nonce = '', body = '', timestamp, string_to_sign } = request
      const signed = formatRequestToSign({ method, path: url, timestamp: Number(timestamp), nonce, body: utf8(body) })
      expect(fromUtf8(signed)).toBe(string_to_sign)
    },
  )

  it('a ciphertext opens, and encrypting gives the same one', async () => {
    const { key, associated_data, nonce, plaintext, ciphertext } = vectors.aead_aes_256_gcm
    const apiKey = parseApiKey(key)
    const resource = { algorithm: 'AEAD_AES_256_GCM', associated_data, nonce, ciphertext }
    expect(fromUtf8(await decryptResource(resource, apiKey))).toBe(plaintext)
    const again = await encryptResource(utf8(plaintext), { key: apiKey, nonce, associatedData: associated_data })
    expect(again).toEqual(resource)
  })

  it('a key of 16 bytes is refused instead of becoming AES-128', () => {
    expect(() => parseApiKey(vectors.aead_16_byte_key_must_be_refused_or_aes128.key)).toThrow(
      expect.objectContaining({ code: 'ERR_WECHAT_API_KEY_LENGTH', facts: { length: 16 } }),
    )
  })

  it('the platform certificate, its serial and its public key belong together', () => {
    const serial = '440024045C4A427599D09BB4E3DE0279F2E813FD'
    const keys = parsePlatformKeys({ [serial]: readVector('wechat_pay_certificate.pem') })
    expect(keys.get(serial)?.publicKey.spki).toEqual(parsePublicKey(readVector('wechat_pay_public_key.pem')).spki)
  })
})

const openssl = hasOpenssl()

describe.skipIf(!openssl)(openssl ? 'openssl' : 'SKIPPED, FOR OPENSSL IS NOT INSTALLED: openssl', () => {
  it('verifies the Authorization header of a request', async () => {
    const body = utf8('{"description":"样例"}')
    const header = await formatAuthorization({
      method: 'POST',
      url: 'https://api.mch.weixin.qq.com/v3/pay/transactions/native?a=b',
      body,
      merchantId: '1900000001',
      serial: merchantSerial,
      privateKey: parsePrivateKey(readVector('merchant_private_key.pem')),
      clock: fixedClock('2024-03-01T00:00:00Z'),
      random: (length) => new Uint8Array(length).fill(7),
    })
    const { signature, nonce, timestamp } = parseAuthorization(header)
    // Written out by hand from the platform's description, not by the function under test.
    const message = `POST\n/v3/pay/transactions/native?a=b\n${timestamp}\n${nonce}\n{"description":"样例"}\n`
    const folder = mkdtempSync(join(tmpdir(), 'zhicheng-wechat-'))
    try {
      writeFileSync(join(folder, 'certificate.pem'), readVector('merchant_certificate.pem'))
      writeFileSync(join(folder, 'signature'), signature)
      writeFileSync(join(folder, 'message'), message)
      const run = (...parameters: string[]) => execFileSync('openssl', parameters, { cwd: folder, encoding: 'utf8' })
      writeFileSync(join(folder, 'key.pem'), run('x509', '-in', 'certificate.pem', '-pubkey', '-noout'))
      const answer = run('dgst', '-sha256', '-verify', 'key.pem', '-signature', 'signature', 'message')
      expect(answer.trim()).toBe('Verified OK')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    if (process.env['CI'] === 'true') throw new Error('openssl is not installed, and these tests need it.')
    return false
  }
}
