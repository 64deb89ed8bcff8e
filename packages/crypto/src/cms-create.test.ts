import { toHex, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { content, ed25519Signer, messageDigest, prepareSigners, pssSigner, signers } from '../test/cms-forge.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { der } from './der.ts'
import { hash } from './hash.ts'
import type { Signer } from './signer.ts'

beforeAll(prepareSigners)

describe('messages of every kind of key', () => {
  const kinds: Record<string, { signer: () => Signer | Promise<Signer>; digest: 'sha256' | 'sha512' | 'sm3' }> = {
    'RSA PKCS#1': { signer: () => signers.rsa, digest: 'sha256' },
    'RSA PSS': { signer: pssSigner, digest: 'sha256' },
    'ECDSA P-256': { signer: () => signers.p256, digest: 'sha256' },
    Ed25519: { signer: ed25519Signer, digest: 'sha512' },
    SM2: { signer: () => signers.sm2, digest: 'sm3' },
  }

  it.each(Object.keys(kinds))('are verified detached and with the content inside: %s', async (kind) => {
    const { signer: make, digest } = kinds[kind]!
    const signer = await make()
    const detached = parseSignedData(await createSignedData({ signer, messageDigest: hash(digest, content) }))
    expect(detached.content).toBeUndefined()
    expect(detached.signerInfos[0]?.signingTime).toBeUndefined()
    const result = await verifySignedData(detached, { messageDigest })
    expect(result).toMatchObject({ status: 'valid', algorithm: signer.algorithm, bindsCertificate: true, findings: [] })
    expect(result.certificate?.subject.commonName).toBe(signer.certificateChain[0].subject.commonName)
    const full = await createSignedData({ signer, messageDigest: hash(digest, content), encapsulate: content })
    expect((await verifySignedData(parseSignedData(full), {})).status).toBe('valid')
    const other = await verifySignedData(detached, { messageDigest: (algorithm) => hash(algorithm, utf8('另一份')) })
    expect(other.status).toBe('digest-mismatch')
  })

  it('carry a signing time only when one is given', async () => {
    const signingTime = new Date('2026-03-01T02:03:04Z')
    const message = await createSignedData({
      signer: signers.p256,
      messageDigest: messageDigest('sha256'),
      signingTime,
    })
    const result = await verifySignedData(parseSignedData(message), { messageDigest })
    expect(result.signedAt).toEqual(signingTime)
  })

  it('have the object identifiers of GM/T 0010 in the profile gm', async () => {
    const message = await createSignedData({ signer: signers.sm2, messageDigest: messageDigest('sm3'), profile: 'gm' })
    const parsed = parseSignedData(message)
    expect(parsed).toMatchObject({ isGm: true, version: 1, contentType: '1.2.156.10197.6.1.4.2.1' })
    expect(toHex(parsed.signerInfos[0]!.signatureAlgorithm)).toBe(toHex(der.sequence(der.oid('1.2.156.10197.1.301.1'))))
    expect((await verifySignedData(parsed, { messageDigest })).status).toBe('valid')
  })
})

describe('input that does not belong together', () => {
  it.each([
    [
      'a digest of another algorithm than the signature',
      'rsa',
      { digestAlgorithm: 'sm3' },
      'ERR_CMS_ALGORITHM_MISMATCH',
    ],
    ['SHA-1', 'rsa', { digestAlgorithm: 'sha1' }, 'ERR_CMS_ALGORITHM_MISMATCH'],
    ['the profile gm with RSA', 'rsa', { profile: 'gm' }, 'ERR_CMS_ALGORITHM_MISMATCH'],
    ['a digest of the wrong length', 'rsa', { messageDigest: new Uint8Array(20) }, 'ERR_CMS_DIGEST_MISMATCH'],
    ['another content inside', 'rsa', { encapsulate: utf8('另一份') }, 'ERR_CMS_DIGEST_MISMATCH'],
  ] as const)('is refused before anything is signed: %s', async (_, kind, change, code) => {
    const input = { signer: signers[kind], messageDigest: messageDigest('sha256'), ...change }
    await expect(createSignedData(input)).rejects.toMatchObject({ code })
  })
})
