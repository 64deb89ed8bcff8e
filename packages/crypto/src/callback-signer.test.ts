import { createPrivateKey, sign } from 'node:crypto'
import { concatBytes, fromHex, utf8, ZhichengError } from '@zhicheng/core'
import * as smCrypto from 'sm-crypto-v2'
import { describe, expect, it } from 'vitest'
import { callbackSigner } from './callback-signer.ts'
import { formatCertificatePem } from './certificate.ts'
import { parseDer, readOctetString } from './der.ts'
import type { DigestToSign } from './digest-to-sign.ts'
import { ecdsaSignatureToRaw } from './lib/keys/ecdsa-signature.ts'
import { parseEcPrivateKey } from './lib/keys/key-encoding.ts'
import { parsePem } from './pem.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { parsePublicKey, verifySignature } from './public-key.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority } from './testing.ts'

const message = utf8('样例行政许可决定书')

async function made(kind: 'rsa-2048' | 'ec-p256' | 'sm2') {
  const authority = await createTestAuthority({ algorithm: kind, name: '样例根' })
  const own = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  return { ...own, privateKey: parsePrivateKey(own.privateKeyPem), authority }
}

const verifies = ({ algorithm, certificateChain }: Signer, signature: Uint8Array): Promise<boolean> =>
  verifySignature({ algorithm, publicKey: certificateChain[0].publicKey, message, signature })

describe('callbackSigner', () => {
  it('hands an SM2 device SM3(Z ‖ M), and takes r ‖ s of sm-crypto-v2 and of the wide fields of SKF', async () => {
    const { certificateChain, privateKeyPem } = await made('sm2')
    const { scalar } = parseEcPrivateKey(readOctetString(parseDer(parsePem(privateKeyPem)[0]!.bytes).children[2]))
    const raw = ({ value }: DigestToSign): Uint8Array =>
      fromHex(smCrypto.sm2.doSignature(value, Buffer.from(scalar).toString('hex'), { hash: false, der: false }))
    const wide = (bytes: Uint8Array): Uint8Array =>
      concatBytes(new Uint8Array(32), bytes.subarray(0, 32), new Uint8Array(32), bytes.subarray(32))
    for (const form of [raw, (digest: DigestToSign) => wide(raw(digest))]) {
      const signer = callbackSigner({
        certificateChain,
        signatureFormat: 'raw',
        signDigest: async (digest) => form(digest),
      })
      const signature = await signer.sign(message)
      expect(await verifies(signer, signature)).toBe(true)
      expect(signature[0]).toBe(0x30)
    }
  })

  it('hands over whole messages, and puts the chain in order behind the first certificate', async () => {
    const { certificateChain, privateKey, authority } = await made('rsa-2048')
    const other = await authority.issue({
      publicKey: certificateChain[0].publicKey,
      commonName: '另一证书',
      profile: 'platform',
    })
    const signer = callbackSigner({
      certificateChain: [certificateChain[0], other, certificateChain[1]!].map(formatCertificatePem).join(''),
      algorithm: 'rsa-pss-sha256',
      signMessage: (bytes) => createSignature({ privateKey, message: bytes, algorithm: 'rsa-pss-sha256' }),
    })
    expect(signer.certificateChain).toEqual(certificateChain)
    expect(await verifies(signer, await signer.sign(message))).toBe(true)
  })

  it('lets no signature out that does not verify', async () => {
    const { certificateChain, privateKeyPem, privateKey } = await made('ec-p256')
    const { privateKey: foreign } = await made('ec-p256')
    const der = (bytes: Uint8Array): Promise<Uint8Array> => createSignature({ privateKey, message: bytes })
    const raw = (bytes: Uint8Array): Uint8Array =>
      new Uint8Array(sign('sha256', bytes, { key: createPrivateKey(privateKeyPem), dsaEncoding: 'ieee-p1363' }))
    const wrong: Record<string, [format: 'der' | 'raw', (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array]> = {
      'another key': ['der', (bytes) => createSignature({ privateKey: foreign, message: bytes })],
      'another message': ['der', (bytes) => der(concatBytes(bytes, Uint8Array.of(0)))],
      'raw where DER was declared': ['der', raw],
      'DER where raw was declared': ['raw', der],
      'bytes after DER': ['der', async (bytes) => concatBytes(await der(bytes), Uint8Array.of(0))],
      'half a signature': ['raw', (bytes) => raw(bytes).subarray(0, 32)],
      'an odd length': ['raw', (bytes) => concatBytes(raw(bytes), Uint8Array.of(0))],
      'fields that are filled with something': [
        'raw',
        (bytes) => {
          const whole = raw(bytes)
          return concatBytes(Uint8Array.of(1), whole.subarray(0, 32), Uint8Array.of(0), whole.subarray(32))
        },
      ],
      'megabytes of zeros': ['raw', () => new Uint8Array(4_000_000)],
      nothing: ['der', () => new Uint8Array()],
    }
    for (const [name, [signatureFormat, produce]] of Object.entries(wrong)) {
      const signer = callbackSigner({ certificateChain, signatureFormat, signMessage: async (bytes) => produce(bytes) })
      await expect(signer.sign(message), name).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
    }
    const right = callbackSigner({ certificateChain, signatureFormat: 'raw', signMessage: async (bytes) => raw(bytes) })
    const signature = await right.sign(message)
    expect(ecdsaSignatureToRaw(signature, 32)).toBeDefined()
    expect(await verifies(right, signature)).toBe(true)
  })

  it('is not misled by a caller or a function that changes the message meanwhile', async () => {
    const { certificateChain, privateKey } = await made('ec-p256')
    const signer = callbackSigner({
      certificateChain,
      async signMessage(bytes) {
        bytes[0]! ^= 1
        return createSignature({ privateKey, message: bytes })
      },
    })
    await expect(signer.sign(message)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
    const slow = callbackSigner({
      certificateChain,
      async signMessage(bytes) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return createSignature({ privateKey, message: bytes })
      },
    })
    const mine = message.slice()
    const signing = slow.sign(mine)
    mine.fill(0)
    expect(await verifies(slow, await signing)).toBe(true)
  })

  it('wraps what the function throws, with its cause and outcome', async () => {
    const { certificateChain } = await made('sm2')
    const cause = new ZhichengError('ERR_NETWORK', 'no answer', { outcome: 'unknown', retryable: true })
    const failing = callbackSigner({ certificateChain, signDigest: () => Promise.reject(cause) })
    await expect(failing.sign(message)).rejects.toMatchObject({
      code: 'ERR_SIGNER_FAILED',
      cause,
      outcome: 'unknown',
      retryable: true,
    })
    const silent = callbackSigner({ certificateChain, signDigest: async () => 'AAAA' as unknown as Uint8Array })
    await expect(silent.sign(message)).rejects.toMatchObject({ code: 'ERR_SIGNER_FAILED' })
  })

  it('passes the signal on, and gives its reason when the work is called off', async () => {
    const { certificateChain } = await made('sm2')
    const controller = new AbortController()
    const signer = callbackSigner({
      certificateChain,
      signDigest: (_, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped')))),
    })
    const reason = new Error('用户取消')
    const signing = signer.sign(message, { signal: controller.signal })
    controller.abort(reason)
    await expect(signing).rejects.toBe(reason)
    await expect(signer.sign(message, { signal: controller.signal })).rejects.toBe(reason)
  })

  it('refuses at once what cannot work', async () => {
    const { certificateChain, authority } = await made('rsa-2048')
    const signDigest = async (): Promise<Uint8Array> => new Uint8Array()
    expect(() => callbackSigner({ certificateChain, algorithm: 'sm2-sm3', signDigest })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
    )
    expect(() => callbackSigner({ certificateChain: [], signDigest })).toThrow(
      expect.objectContaining({ code: 'ERR_CERTIFICATE_INVALID' }),
    )
    const spki = Uint8Array.from(Buffer.from('MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', 'base64'))
    const ed25519 = await authority.issue({ publicKey: parsePublicKey(spki), commonName: '样例', profile: 'platform' })
    expect(() => callbackSigner({ certificateChain: [ed25519], signDigest })).toThrow(
      expect.objectContaining({ code: 'ERR_SIGNER_NO_DIGEST' }),
    )
  })
})
