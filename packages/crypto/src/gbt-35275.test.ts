import { utf8 } from '@zhicheng/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { type CmsSignatureInput, createSignedData } from './cms-create.ts'
import { completeSignedData, prepareSignedData } from './cms-deferred.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { der, parseDer } from './der.ts'
import { hash } from './hash.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import { formatPublicKeyPem } from './public-key.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority } from './testing.ts'

// What is sealed is the digest of a file, as an OFD signature of the type Sign has it.
const file = utf8('<ofd:Signature>样例</ofd:Signature>')
const content = hash('sm3', file)
const plainData = '1.2.840.113549.1.7.1'
let signer: Signer & { readonly privateKeyPem: string }

beforeAll(async () => {
  const authority = await createTestAuthority({ algorithm: 'sm2', name: '样例 SM2 根' })
  signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
})

const sign = (change: Partial<CmsSignatureInput>): Promise<Uint8Array> =>
  createSignedData({ signer, messageDigest: hash('sm3', content), profile: 'gm', ...change })

describe('GB/T 35275 without authenticated attributes', () => {
  const form = () => ({ encapsulate: content, signedAttributes: false })

  it('is signed over the content that it carries', async () => {
    const message = parseSignedData(await sign(form()))
    expect(message).toMatchObject({ isGm: true, content, contentType: '1.2.156.10197.6.1.4.2.1', version: 1 })
    expect(message.signerInfos[0]!.signedBytes).toBeUndefined()
    const result = await verifySignedData(message, {})
    expect(result).toMatchObject({ status: 'valid', algorithm: 'sm2-sm3', bindsCertificate: false })
    const other = await verifySignedData({ ...message, content: hash('sm3', utf8('other')) }, {})
    expect(other.status).toBe('signature-invalid')
  })

  it('is made in two halves too', async () => {
    const certificateChain = signer.certificateChain
    const input = { certificateChain, messageDigest: hash('sm3', content), profile: 'gm', ...form() } as const
    const { toBeSigned, state } = prepareSignedData(input)
    expect(toBeSigned).toEqual(content)
    const privateKey = parsePrivateKey(signer.privateKeyPem)
    const signature = await createSignature({ privateKey, message: toBeSigned })
    const message = await completeSignedData(JSON.parse(JSON.stringify(state)) as typeof state, signature)
    expect((await verifySignedData(parseSignedData(message), {})).status).toBe('valid')
  })

  it.each([
    ['for content that stays outside', { encapsulate: undefined } as never],
    ['for another type than plain data', { contentType: '1.2.840.113549.1.9.16.1.4' }],
  ])('is refused %s', async (_title, change) => {
    await expect(sign({ ...form(), ...change })).rejects.toMatchObject({ code: 'ERR_CMS_INVALID' })
  })

  it('is refused for content that could be passed off as the attributes of another message', async () => {
    const encapsulate = parseSignedData(await sign({ contentType: plainData })).signerInfos[0]!.signedBytes!
    await expect(
      sign({ encapsulate, messageDigest: hash('sm3', encapsulate), signedAttributes: false }),
    ).rejects.toMatchObject({ code: 'ERR_CMS_INVALID' })
  })
})

describe('GB/T 35275 with authenticated attributes', () => {
  it('is signed over them, with the type of content that licences in the field carry', async () => {
    const signingTime = new Date('2026-05-06T07:08:09Z')
    const message = parseSignedData(await sign({ contentType: plainData, signingTime }))
    expect(message).toMatchObject({ isGm: true, contentType: plainData, version: 1 })
    expect(message.content).toBeUndefined()
    const result = await verifySignedData(message, { content })
    expect(result).toMatchObject({ status: 'valid', signedAt: signingTime, bindsCertificate: true, findings: [] })
    expect((await verifySignedData(message, { content: file })).status).toBe('digest-mismatch')
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('both signatures pass dgst -sm3 with the standard user identifier', () =>
    withWorkbench(async ({ file: write, openssl }) => {
      const key = write('public.pem', formatPublicKeyPem(signer.certificateChain[0].publicKey))
      for (const change of [{ encapsulate: content, signedAttributes: false }, { contentType: plainData }]) {
        const [info] = parseSignedData(await sign(change)).signerInfos
        const signed = write('signed', info!.signedBytes ?? content)
        const signature = write('signature', info!.signature)
        expect(
          openssl(
            ...['dgst', '-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key],
            ...['-signature', signature, signed],
          ),
        ).toContain('Verified OK')
      }
    }))

  it('asn1parse finds no attributes in the first form', () =>
    withWorkbench(async ({ file: write, openssl }) => {
      const message = await sign({ encapsulate: content, signedAttributes: false })
      const text = openssl('asn1parse', '-inform', 'DER', '-in', write('message', message))
      expect(text).toContain('1.2.156.10197.6.1.4.2.2')
      expect(text).not.toContain('messageDigest')
      expect(parseDer(message).bytes).toEqual(message)
      expect(der.oid('1.2.156.10197.6.1.4.2.2')).toEqual(parseDer(message).children[0]!.bytes)
    }))
})
