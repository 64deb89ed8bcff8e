import { toBase64 } from '@zhicheng/core'
import {
  formatCertificatePem,
  formatPem,
  generateKeyPair,
  parseCertificate,
  verifyCertificatePath,
} from '@zhicheng/crypto'
import { createTestAuthority } from '@zhicheng/crypto/testing'
import { parseEsSeal } from '@zhicheng/seal/ofd'
import { describe, expect, it } from 'vitest'
import { describeWithOpenssl, withBench } from '../../test-support/openssl.ts'
import { codeOf, createSandboxClient, hostileBodies } from '../../test-support/sandbox-client.ts'

/** One white pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg=='
const picture = { type: 'png', data: png, width: 42, height: 42 }

/** A sandbox and a certificate of its SM2 authority. */
async function setUp() {
  const client = createSandboxClient()
  const { signer } = await client.sandbox.testSigner({ commonName: '样例签章人', algorithm: 'sm2' })
  const [certificate, root] = signer.certificateChain
  const order = { name: '样例市市场监督管理局许可专用章', certificate: formatCertificatePem(certificate), picture }
  return { ...client, certificate, root: root!, order }
}

describe('the seal maker', () => {
  it('makes a seal for the certificate, valid until it ends', async () => {
    const { post, order, certificate, root } = await setUp()
    const response = await post('/seal-maker/seals', order)
    expect(response.status).toBe(200)
    const seal = parseEsSeal(new Uint8Array(await response.arrayBuffer()))
    expect(seal).toMatchObject({ version: 4, name: order.name, validUntil: certificate.notAfter })
    expect(seal.picture).toMatchObject({ type: 'png', width: 42, height: 42 })
    expect(toBase64(seal.picture.data)).toBe(png)
    const { status } = await verifyCertificatePath({
      leaf: parseCertificate(seal.maker.certificate),
      anchors: [root],
      at: new Date(),
      usage: 'seal-making',
    })
    expect(status).toBe('trusted')
  })

  it('makes no seal for a certificate of another authority, though it bears the same name', async () => {
    const { post, order, root } = await setUp()
    const name = root.subject.commonName ?? ''
    const foreign = await createTestAuthority({ algorithm: 'sm2', name })
    const { publicKey } = await generateKeyPair('sm2')
    const leaf = await foreign.issue({ publicKey, profile: 'document-signing', commonName: '样例签章人' })
    const response = await post('/seal-maker/seals', { ...order, certificate: formatCertificatePem(leaf) })
    expect([response.status, await codeOf(response)]).toEqual([403, 'ERR_SANDBOX_SEAL_CERTIFICATE'])
  })

  it('makes no seal for a certificate of the P-256 authority, nor for the root itself', async () => {
    const { post, order, root, sandbox } = await setUp()
    const { signer } = await sandbox.testSigner({ commonName: '样例签章人' })
    for (const certificate of [signer.certificateChain[0], root]) {
      const response = await post('/seal-maker/seals', { ...order, certificate: formatCertificatePem(certificate) })
      expect([response.status, await codeOf(response)]).toEqual([403, 'ERR_SANDBOX_SEAL_CERTIFICATE'])
    }
  })

  it('makes no seal for a certificate that was revoked', async () => {
    const { post, order, certificate } = await setUp()
    await post('/ca/revoke', { authority: 'sm2-ca', serialNumber: certificate.serialNumber })
    const response = await post('/seal-maker/seals', order)
    expect([response.status, await codeOf(response)]).toEqual([403, 'ERR_SANDBOX_SEAL_CERTIFICATE'])
  })

  it.each<[string, object, string]>([
    ['an empty name', { name: '' }, 'ERR_SANDBOX_BODY'],
    ['a name without end', { name: '章'.repeat(65) }, 'ERR_SANDBOX_BODY'],
    ['no picture', { picture: undefined }, 'ERR_SANDBOX_BODY'],
    ['a picture larger than a page', { picture: { ...picture, width: 600 } }, 'ERR_SANDBOX_BODY'],
    ['a picture that is no PNG', { picture: { ...picture, data: toBase64(new Uint8Array(64)) } }, 'ERR_SANDBOX_BODY'],
    ['a picture that is no Base64', { picture: { ...picture, data: '***' } }, 'ERR_BYTES_NOT_BASE64'],
    ['half a millimetre', { picture: { ...picture, width: 42.5 } }, 'ERR_OFD_SEAL_INPUT'],
    ['no certificate', { certificate: 'none' }, 'ERR_PEM_INVALID'],
    ['a field nobody knows', { validUntil: '2099-12-31' }, 'ERR_SANDBOX_BODY'],
  ])('refuses an order with %s', async (_, change, code) => {
    const { post, order } = await setUp()
    const response = await post('/seal-maker/seals', { ...order, ...change })
    expect([response.status, await codeOf(response)]).toEqual([400, code])
  })

  it.each(hostileBodies)('refuses %s', async (_, body, status, code) => {
    const response = await createSandboxClient().post('/seal-maker/seals', body)
    expect([response.status, await codeOf(response)]).toEqual([status, code])
  })

  it('takes no other method or address', async () => {
    const { get, post } = createSandboxClient()
    for (const response of [await get('/seal-maker/seals'), await post('/seal-maker', {})]) {
      expect([response.status, await codeOf(response)]).toEqual([404, 'ERR_SANDBOX_NOT_FOUND'])
    }
  })
})

describeWithOpenssl('openssl (skipped where the command is missing)', () => {
  it('verifies the maker’s SM2 signature over what the seal says', () =>
    withBench(async ({ file, openssl }) => {
      const { post, order } = await setUp()
      const response = await post('/seal-maker/seals', order)
      const { maker, info } = parseEsSeal(new Uint8Array(await response.arrayBuffer()))
      const { publicKey } = parseCertificate(maker.certificate)
      const key = file('maker.pem', formatPem('PUBLIC KEY', publicKey.spki))
      const signature = file('seal.sig', maker.signature)
      const verify = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key, '-signature', signature]
      expect(openssl(...verify, file('info.der', info)).said).toContain('Verified OK')
      const other = info.slice()
      other[other.length - 1]! ^= 1
      expect(openssl(...verify, file('other.der', other)).good).toBe(false)
    }))
})
