import { createPrivateKey, privateEncrypt, sign } from 'node:crypto'
import { fixedClock, toBase64, utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { createSignedData } from './cms-create.ts'
import { completeSignedData, type PreparedSignedDataState, prepareSignedData } from './cms-deferred.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { der } from './der.ts'
import { hash } from './hash.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { parsePublicKey } from './public-key.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'
import { answerTimestampRequest } from './timestamp-answer.ts'
import { createTimestampSource } from './timestamp-request.ts'

const content = utf8('样例行政许可决定书')
const kinds = { rsa: 'rsa-2048', p256: 'ec-p256', sm2: 'sm2' } as const
type Kind = keyof typeof kinds
const authorities = {} as Record<Kind, TestAuthority>
const signers = {} as Record<Kind, Signer & { readonly privateKeyPem: string }>

beforeAll(async () => {
  for (const [name, algorithm] of Object.entries(kinds) as [Kind, (typeof kinds)[Kind]][]) {
    authorities[name] = await createTestAuthority({ algorithm, name: `样例根 ${name}` })
    signers[name] = await authorities[name].createSigner({ commonName: '样例签章人', profile: 'document-signing' })
  }
})

const digestOf = { rsa: 'sha256', p256: 'sha256', sm2: 'sm3' } as const

const prepare = (kind: Kind, more: object = {}) =>
  prepareSignedData({
    certificateChain: signers[kind].certificateChain,
    messageDigest: hash(digestOf[kind], content),
    ...more,
  })

/** As it is after a database or another process. */
const carried = (state: PreparedSignedDataState): PreparedSignedDataState => JSON.parse(JSON.stringify(state))

const signatureOf = (kind: Kind, message: Uint8Array): Promise<Uint8Array> =>
  createSignature({ privateKey: parsePrivateKey(signers[kind].privateKeyPem), message })

const verify = (bytes: Uint8Array) =>
  verifySignedData(parseSignedData(bytes), { messageDigest: (algorithm) => hash(algorithm, content) })

describe('signed messages in two halves', () => {
  it.each(['rsa', 'p256', 'sm2'] as const)('are verified after the state travelled as JSON: %s', async (kind) => {
    const { toBeSigned, digest, state } = prepare(kind)
    expect(digest.algorithm).toBe(digestOf[kind])
    const message = await completeSignedData(carried(state), await signatureOf(kind, toBeSigned))
    expect(await verify(message)).toMatchObject({
      status: 'valid',
      bindsCertificate: true,
      findings: [],
      algorithm: signers[kind].algorithm,
    })
  })

  it('need no more than the digest: OpenSSL’s bare RSA operation over the DigestInfo makes the message', async () => {
    const { digest, state } = prepare('rsa')
    const signature = privateEncrypt(createPrivateKey(signers.rsa.privateKeyPem), digest.digestInfo!)
    expect((await verify(await completeSignedData(state, new Uint8Array(signature)))).status).toBe('valid')
  })

  it('are the same bytes that createSignedData makes', async () => {
    const signingTime = new Date('2026-11-24T00:00:00Z')
    const messageDigest = hash('sha256', content)
    const whole = await createSignedData({ signer: signers.rsa, messageDigest, signingTime, encapsulate: content })
    const { toBeSigned, state } = prepare('rsa', { signingTime, encapsulate: content })
    expect(await completeSignedData(carried(state), await signatureOf('rsa', toBeSigned))).toEqual(whole)
  })

  it('take r ‖ s where that is declared', async () => {
    const { toBeSigned, state } = prepare('p256')
    const key = createPrivateKey(signers.p256.privateKeyPem)
    const raw = new Uint8Array(sign('sha256', toBeSigned, { key, dsaEncoding: 'ieee-p1363' }))
    const message = await completeSignedData(state, raw, { signatureFormat: 'raw' })
    expect((await verify(message)).status).toBe('valid')
    await expect(completeSignedData(state, raw)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
  })

  it('refuse a signature over another message, or of another key', async () => {
    const { state } = prepare('sm2')
    const { toBeSigned: other } = prepare('sm2', { messageDigest: hash('sm3', utf8('另一份')) })
    for (const signature of [await signatureOf('sm2', other), new Uint8Array(), utf8('no signature')]) {
      await expect(completeSignedData(state, signature)).rejects.toMatchObject({ code: 'ERR_CRYPTO_SIGNATURE_INVALID' })
    }
  })

  it('carry timestamps and further unsigned attributes', async () => {
    const tsa = await authorities.rsa.createSigner({ commonName: '样例时间戳服务', profile: 'timestamping' })
    const clock = fixedClock(new Date())
    const timestamps = createTimestampSource({
      send: (request) => answerTimestampRequest(request, { signer: tsa, policy: '2.999.1', clock, serial: 1n }),
    })
    const unsignedAttributes = [{ oid: '2.999.7', values: [der.utf8String('样例'), der.utf8String('样例二')] }]
    const { toBeSigned, state } = prepare('p256')
    const message = await completeSignedData(state, await signatureOf('p256', toBeSigned), {
      timestamps,
      unsignedAttributes,
    })
    const result = await verify(message)
    expect(result).toMatchObject({ status: 'valid', timestamp: { status: 'valid' } })
    const [info] = parseSignedData(message).signerInfos
    expect(info?.unsignedAttributes.find(({ oid }) => oid === '2.999.7')?.values).toHaveLength(2)
  })

  it('name the signer by its key on request', async () => {
    const message = await createSignedData({
      signer: signers.sm2,
      messageDigest: hash('sm3', content),
      signerIdentifier: 'subject-key',
    })
    const [info] = parseSignedData(message).signerInfos
    const { subjectKeyIdentifier } = signers.sm2.certificateChain[0]
    expect(info?.identifier).toEqual({ kind: 'subject-key', subjectKeyIdentifier })
    expect((await verify(message)).status).toBe('valid')
    const { state, toBeSigned } = prepare('sm2', { signerIdentifier: 'subject-key' })
    const late = await completeSignedData(carried(state), await signatureOf('sm2', toBeSigned))
    expect(parseSignedData(late).signerInfos[0]?.identifier.kind).toBe('subject-key')
  })

  it('are not for Ed25519, and refuse input that cannot belong together', async () => {
    const spki = Uint8Array.from(Buffer.from('MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', 'base64'))
    const ed25519 = await authorities.rsa.issue({
      publicKey: parsePublicKey(spki),
      commonName: '样例',
      profile: 'document-signing',
    })
    const code = (value: string): unknown => expect.objectContaining({ code: value })
    expect(() => prepareSignedData({ certificateChain: [ed25519], messageDigest: hash('sha512', content) })).toThrow(
      code('ERR_SIGNER_NO_DIGEST'),
    )
    expect(() => prepare('sm2', { digestAlgorithm: 'sha256' })).toThrow(code('ERR_CMS_ALGORITHM_MISMATCH'))
    expect(() => prepare('rsa', { profile: 'gm' })).toThrow(code('ERR_CMS_ALGORITHM_MISMATCH'))
    expect(() => prepare('rsa', { messageDigest: new Uint8Array(20) })).toThrow(code('ERR_CMS_DIGEST_MISMATCH'))
    expect(() => prepare('rsa', { encapsulate: utf8('另一份') })).toThrow(code('ERR_CMS_DIGEST_MISMATCH'))
  })

  it('refuse a damaged state with a code', async () => {
    const { toBeSigned, state } = prepare('p256')
    const signature = await signatureOf('p256', toBeSigned)
    const damages: Record<string, unknown> = {
      nothing: null,
      text: 'state',
      version: { ...state, version: 2 },
      'no certificate': { ...state, certificates: [] },
      'too many certificates': { ...state, certificates: new Array(33).fill(state.certificates[0]) },
      'a broken certificate': { ...state, certificates: ['AAAA'] },
      'a number': { ...state, certificates: [7] },
      'another algorithm': { ...state, algorithm: 'sm2-sm3' },
      'an inherited name': { ...state, digestAlgorithm: 'toString' },
      'no Base64': { ...state, attributes: '%%' },
      'no SET': { ...state, attributes: toBase64(der.sequence(der.null())) },
      'huge attributes': { ...state, attributes: toBase64(der.setOf(der.octetString(new Uint8Array(70_000)))) },
      'a broken type': { ...state, contentType: '9.9' },
      'another profile': { ...state, profile: 'other' },
      'broken content': { ...state, content: 5 },
    }
    for (const [name, damaged] of Object.entries(damages)) {
      await expect(completeSignedData(damaged as PreparedSignedDataState, signature), name).rejects.toMatchObject({
        code: 'ERR_CMS_INVALID',
      })
    }
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it.each([
    ['rsa', 'issuer-and-serial'],
    ['p256', 'subject-key'],
  ] as const)('messages in two halves pass cms -verify: %s by %s', (kind, signerIdentifier) =>
    withWorkbench(async ({ file, openssl }) => {
      const { toBeSigned, state } = prepare(kind, { signerIdentifier })
      const message = await completeSignedData(carried(state), await signatureOf(kind, toBeSigned))
      const root = file('root.pem', formatCertificatePem(authorities[kind].certificate))
      const input = ['-in', file('message.der', message), '-inform', 'DER', '-content', file('content', content)]
      openssl('cms', '-verify', '-binary', ...input, '-CAfile', root, '-purpose', 'any', '-cades')
      const other = ['-in', file('message.der', message), '-inform', 'DER', '-content', file('other', utf8('x'))]
      expect(() => openssl('cms', '-verify', '-binary', ...other, '-CAfile', root, '-purpose', 'any')).toThrow()
    }),
  )
})
