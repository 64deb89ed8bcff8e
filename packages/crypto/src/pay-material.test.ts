import { constants, createHash, createPrivateKey, privateDecrypt } from 'node:crypto'
import { fromBase64, utf8 } from '@zhicheng/core'
import { expect, it } from 'vitest'
import { describeWithMaterial, material } from '../test/tools.ts'
import {
  type Certificate,
  isIssuedBy,
  parseCertificate,
  parseCertificates,
  verifyCertificateSignature,
} from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { pemSigner } from './pem-signer.ts'
import { createSignature, formatPrivateKeyPem, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'

const read = (...path: readonly string[]): Uint8Array => material('pay', ...path)
const wechat = (name: string): Uint8Array => read('wechatpay', 'java-core', name)
const alipay = (name: string): Uint8Array => read('alipay', name)
const message = utf8('样例')

interface Vectors {
  rsa_verify: { message: string; signature: string; key: string; serial: string; wrong_key: string }
  rsa_sign_deterministic: { private_key_pem: string; message: string; expected_signature: string }
  oaep_sha1_decrypt: { private_key: string; ciphertext: string; plaintext: string }
}
const vectors = (): Vectors => JSON.parse(new TextDecoder().decode(read('wechatpay', 'vectors-rsa.json')))

describeWithMaterial('the vectors of WeChat Pay (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it('verify with the certificate they name, and with no other, nor changed', async () => {
    const { rsa_verify: vector } = vectors()
    const certificate = parseCertificate(read('wechatpay', vector.key))
    expect(certificate.serialNumber.toUpperCase()).toBe(vector.serial)
    const signature = fromBase64(vector.signature)
    const input = { algorithm: 'rsa-sha256', message: utf8(vector.message), signature } as const
    const { publicKey } = certificate
    await expect(verifySignature({ ...input, publicKey })).resolves.toBe(true)
    const other = parsePublicKey(read('wechatpay', vector.wrong_key))
    await expect(verifySignature({ ...input, publicKey: other })).resolves.toBe(false)
    await expect(verifySignature({ ...input, publicKey, message: utf8(`${vector.message} `) })).resolves.toBe(false)
    for (const algorithm of ['rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256'] as const) {
      await expect(verifySignature({ ...input, publicKey, algorithm })).resolves.toBe(false)
    }
    for (let at = 0; at < signature.length; at += 17) {
      const changed = signature.with(at, signature[at]! ^ 1)
      await expect(verifySignature({ ...input, publicKey, signature: changed })).resolves.toBe(false)
    }
  })

  it('are made again byte for byte, from the key as it is and as we write it', async () => {
    const { rsa_sign_deterministic: vector } = vectors()
    const privateKey = parsePrivateKey(vector.private_key_pem)
    for (const key of [privateKey, parsePrivateKey(formatPrivateKeyPem(privateKey))]) {
      const signature = await createSignature({ privateKey: key, message: utf8(vector.message) })
      expect(signature).toEqual(fromBase64(vector.expected_signature))
    }
  })

  it('hold keys that other software uses as they were, written by us', () => {
    const { oaep_sha1_decrypt: vector } = vectors()
    const pem = formatPrivateKeyPem(parsePrivateKey(read('wechatpay', vector.private_key)))
    const options = { key: createPrivateKey(pem), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
    expect(privateDecrypt(options, fromBase64(vector.ciphertext)).toString()).toBe(vector.plaintext)
  })

  it.each(['merchant', 'wechat_pay'])('have a key and a certificate that belong together: %s', async (name) => {
    const signer = pemSigner({
      key: wechat(`${name}_private_key.pem`),
      certificateChain: wechat(`${name}_certificate.pem`),
    })
    const [certificate] = signer.certificateChain
    const signature = await signer.sign(message)
    const input = { algorithm: 'rsa-sha256', message, signature } as const
    await expect(verifySignature({ ...input, publicKey: certificate.publicKey })).resolves.toBe(true)
    if (name === 'merchant') return
    const publicKey = parsePublicKey(wechat('wechat_pay_public_key.pem'))
    expect(publicKey).toEqual(certificate.publicKey)
    await expect(verifyCertificateSignature(certificate, publicKey)).resolves.toBe(true)
  })

  it('have certificates that have run out, which a path says', async () => {
    const root = parseCertificate(wechat('wechat_pay_certificate.pem'))
    const question = (at: string) => verifyCertificatePath({ leaf: root, anchors: [root], at: new Date(at) })
    expect(await question('2024-01-01T00:00:00Z')).toMatchObject({ status: 'trusted', validity: 'valid' })
    expect(await question('2026-01-01T00:00:00Z')).toMatchObject({ status: 'trusted', validity: 'expired' })
    expect(await question('2020-01-01T00:00:00Z')).toMatchObject({ validity: 'not-yet-valid' })
  })
})

describeWithMaterial('the keys and certificates of Alipay (skipped unless ZHICHENG_MATERIAL is set)', () => {
  it.each([
    ['app-public-key.pem', 'app-public-key-no-wrapper.pem'],
    ['alipay-public-key.pem', 'alipay-public-key-no-wrapper.pem'],
  ])('are one key in both forms: %s', (one, other) => {
    expect(parsePublicKey(alipay(one))).toEqual(parsePublicKey(alipay(other)))
    expect(parsePublicKey(alipay(one))).toMatchObject({ kind: 'rsa', rsaBits: 2048 })
  })

  it.each([
    'alipay-notify-sign-public-key-v1.pem',
    'alipay-notify-sign-public-key-v2.pem',
    'alipay_stable_rsa2_public_key.pem',
  ])('are read, with armour or without: %s', (name) => {
    expect(parsePublicKey(alipay(name))).toMatchObject({ kind: 'rsa', rsaBits: 2048 })
  })

  it('belong together where they are a pair', async () => {
    const pairs = [
      ['app-private-key.pem', 'app-public-key.pem'],
      ['app_2014060600164699_rsa2_private_key_no_wrapper.pem', 'app_2014060600164699_rsa2_public_key_no_wrapper.pem'],
    ]
    for (const [secret, known] of pairs) {
      const privateKey = parsePrivateKey(alipay(secret!))
      const publicKey = parsePublicKey(alipay(known!))
      expect(privateKey.publicKey).toEqual(publicKey)
      const signature = await createSignature({ privateKey, message })
      const input = { algorithm: 'rsa-sha256', publicKey, message, signature } as const
      await expect(verifySignature(input)).resolves.toBe(true)
    }
  })

  it('have issuers that are not among the roots, so that no path leads anywhere', async () => {
    const roots = parseCertificates(alipay('alipayRootCert.crt'))
    for (const name of ['alipayCertPublicKey_RSA2.crt', 'appCertPublicKey_2021001161683774.crt']) {
      const leaf = parseCertificate(alipay(name))
      expect(roots.some((root) => isIssuedBy(leaf, root))).toBe(false)
      const at = new Date('2021-06-01T00:00:00Z')
      const result = await verifyCertificatePath({ leaf, anchors: roots, at })
      expect(result).toMatchObject({ status: 'untrusted', validity: 'valid' })
      expect(await verifyCertificatePath({ leaf, anchors: [leaf], at })).toMatchObject({ status: 'trusted' })
    }
  })

  it('give the numbers by which the platform names them: MD5 over the issuer and the decimal serial number', () => {
    const number = ({ issuer, serialNumber }: Certificate): string =>
      createHash('md5')
        .update(`${issuer.text}${BigInt(`0x${serialNumber}`)}`)
        .digest('hex')
    expect(number(parseCertificate(alipay('appCertPublicKey_2021001161683774.crt')))).toBe(
      '866efef280dec9137a87d047ac446315',
    )
    const roots = parseCertificates(alipay('alipayRootCert.crt')).filter(({ publicKey }) => publicKey.kind === 'rsa')
    expect(roots.map(number).join('_')).toBe('687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6')
  })

  it('verify an SM2 root that its authority signed, and not once a byte of it is changed', async () => {
    const [root] = parseCertificates(alipay('alipayRootCert.crt'))
    await expect(verifyCertificateSignature(root!, root!.publicKey)).resolves.toBe(true)
    const message = root!.tbs.slice()
    for (let at = 0; at < message.length; at += 23) {
      const input = { algorithm: 'sm2-sm3', publicKey: root!.publicKey, signature: root!.signature } as const
      await expect(verifySignature({ ...input, message: message.with(at, message[at]! ^ 1) })).resolves.toBe(false)
    }
  })
})
