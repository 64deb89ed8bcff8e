import { equalBytes, toBase64, toHex } from '@zhicheng/core'
import { formatPem, hash, parseCertificate, parseDer } from '@zhicheng/crypto'
import { openZip, parseXml } from '@zhicheng/formats'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createOfdKeys,
  filesOf,
  forge,
  type OfdKeys,
  sampleOfd,
  sealedOfd,
  sealInput,
  stamp,
} from '../../test/ofd-support.ts'
import { codeOf, hasTool, now, runTool } from '../../test/support.ts'
import { createEsSeal } from './create-es-seal.ts'
import { parseSesSignature } from './ses-signature.ts'
import { signOfd } from './sign.ts'
import { verifyOfd } from './verify.ts'

let keys: OfdKeys
let sealed: Uint8Array
const folder = 'Doc_0/Signs/Sign_0'

beforeAll(async () => {
  keys = await createOfdKeys()
  sealed = await sealedOfd(keys)
})

async function judge(ofd: Uint8Array) {
  return verifyOfd(ofd, { trust: keys.trust, crls: await keys.crls(), at: now })
}

describe('a sealed document', () => {
  test('passes with the root and its revocation list, and says what is missing without them', async () => {
    const report = await judge(sealed)
    expect(report.signatures[0]?.findings.filter(({ severity }) => severity !== 'info')).toEqual([])
    expect(report).toMatchObject({
      format: 'ofd',
      verdict: 'TOTAL-PASSED',
      findings: [],
      signatures: [
        {
          id: 's001',
          name: '样例市政务服务中心 测试专用',
          kind: 'seal',
          level: 'SES-v4',
          subIndication: null,
          signedAt: '2026-11-24T08:00:00+08:00',
          timeSource: 'claimed',
          algorithm: 'sm2-sm3',
          coverage: 'whole-file',
          changes: { level: 'none' },
          chain: { status: 'trusted' },
          revocation: { status: 'good', source: 'given' },
        },
      ],
    })
    const without = await verifyOfd(sealed, { at: now })
    expect(without.signatures[0]).toMatchObject({
      verdict: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      chain: { status: 'untrusted', trustedBy: null },
      revocation: { status: 'not-checked', source: null },
    })
    const unrevoked = await verifyOfd(sealed, { trust: keys.trust, at: now })
    expect(unrevoked.signatures[0]).toMatchObject({ verdict: 'INDETERMINATE', subIndication: 'TRY_LATER' })
  })

  test('keeps every untouched entry byte for byte, compressed form included', async () => {
    const before = await openZip(await sampleOfd())
    const after = await openZip(sealed)
    for (const entry of before.entries) {
      if (entry.name === 'OFD.xml') continue
      const collect = async (archive: typeof before) => {
        const chunks: Uint8Array[] = []
        for await (const chunk of archive.streamCompressed(entry.name)) chunks.push(chunk)
        return toHex(Buffer.concat(chunks))
      }
      expect(await collect(after)).toBe(await collect(before))
    }
  })

  test('is the same but for the signature when it is made again', async () => {
    const again = await filesOf(await sealedOfd(keys))
    for (const [name, content] of await filesOf(sealed)) {
      if (!name.endsWith('SignedValue.dat')) expect([name, toHex(again.get(name)!)]).toEqual([name, toHex(content)])
    }
  })

  test('changes of OFD.xml nothing but the place of the signatures', async () => {
    const before = new TextDecoder().decode((await filesOf(await sampleOfd())).get('OFD.xml'))
    const after = new TextDecoder().decode((await filesOf(sealed)).get('OFD.xml'))
    expect(after).toBe(
      before.replace('</ofd:DocBody>', '<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>'),
    )
  })

  test('goes on verifying when a second seal is added, and fails when one was added after closing', async () => {
    const { signer, seal, clock } = keys
    const second = await signOfd(sealed, { signer, seal, stamps: [{ ...stamp, page: 2 }], clock, closing: true })
    const report = await judge(second)
    expect(report.verdict).toBe('TOTAL-PASSED')
    expect(report.signatures.map(({ id, coverage, changes }) => [id, coverage, changes.level])).toEqual([
      ['s001', 'whole-revision', 'form-filling'],
      ['s003', 'whole-file', 'none'],
    ])
    expect(await codeOf(signOfd(second, { signer, seal, stamps: [stamp], clock }))).toBe('ERR_OFD_CLOSED')
    const files = await filesOf(second)
    const list = new TextDecoder().decode(files.get('Doc_0/Signs/Signatures.xml'))
    expect(list).toContain('<ofd:MaxSignId>s004</ofd:MaxSignId>')
    const opened = await forge(second, { 'Doc_0/Signs/Signatures.xml': (text) => text.replace('s004', 's009') })
    expect((await judge(opened)).signatures[1]).toMatchObject({
      verdict: 'TOTAL-FAILED',
      subIndication: 'HASH_FAILURE',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'ERR_OFD_SIGNED_AFTER_CLOSING' })]) as unknown,
    })
  })

  test.each([1, 5] as const)('can carry a seal of version %i, and passes all the same', async (version) => {
    const seal = await createEsSeal(sealInput(keys.signer, keys.maker, { version }))
    const report = await judge(await sealedOfd(keys, { seal }))
    expect(report.signatures[0]).toMatchObject({ verdict: 'TOTAL-PASSED', level: `SES-v${version}` })
  })
})

describe('what is refused', () => {
  test('a signer that the seal does not list', async () => {
    const other = await keys.authority.createSigner({ commonName: '样例他人', profile: 'document-signing' })
    expect(await codeOf(sealedOfd(keys, { signer: other }))).toBe('ERR_OFD_SIGNER_NOT_IN_SEAL')
  })

  test('a seal before and after its validity', async () => {
    for (const days of [-1, 301]) {
      const clock = { now: () => new Date(now.getTime() + days * 86_400_000) }
      expect(await codeOf(sealedOfd(keys, { clock }))).toBe('ERR_OFD_SEAL_VALIDITY')
    }
  })

  test('a certificate that has expired, though the seal has not', async () => {
    const signer = await keys.authority.createSigner({ commonName: '样例短期', profile: 'document-signing', days: 1 })
    const seal = await createEsSeal(sealInput(signer, keys.maker))
    const clock = { now: () => new Date(now.getTime() + 2 * 86_400_000) }
    expect(await codeOf(sealedOfd(keys, { signer, seal, clock }))).toBe('ERR_OFD_SIGNER_VALIDITY')
  })

  test('a certificate that is not for signing', async () => {
    const certificate = { ...keys.signer.certificateChain[0], keyUsage: new Set(['keyEncipherment'] as const) }
    const signer = { ...keys.signer, certificateChain: [certificate] as const }
    expect(await codeOf(sealedOfd(keys, { signer }))).toBe('ERR_OFD_SIGNER_KEY_USAGE')
  })

  test('a signer of another algorithm, and one whose key does not fit its certificate', async () => {
    const rsa = { ...keys.signer, algorithm: 'rsa-sha256' as const }
    expect(await codeOf(sealedOfd(keys, { signer: rsa }))).toBe('ERR_OFD_SIGNER_ALGORITHM')
    const wrong = { ...keys.signer, sign: (message: Uint8Array) => keys.maker.sign(message) }
    expect(await codeOf(sealedOfd(keys, { signer: wrong }))).toBe('ERR_OFD_SIGNER_OUTPUT')
  })

  test('a seal whose maker did not sign it', async () => {
    const seal = keys.seal.slice()
    const name = Buffer.from(seal).indexOf(Buffer.from('样例市'))
    seal[name + 2]! ^= 1
    expect(await codeOf(sealedOfd(keys, { seal }))).toBe('ERR_OFD_MAKER_SIGNATURE')
  })

  test('stamps without a place', async () => {
    for (const wrong of [
      [],
      [{ ...stamp, page: 3 }],
      [{ ...stamp, page: 0 }],
      [{ ...stamp, width: 0 }],
      [{ ...stamp, x: Number.NaN }],
    ]) {
      expect(await codeOf(sealedOfd(keys, { stamps: wrong }))).toBe('ERR_OFD_STAMP')
    }
  })

  test('what is no OFD document', async () => {
    const { signer, seal, clock } = keys
    const sign = (input: Uint8Array) => codeOf(signOfd(input, { signer, seal, stamps: [stamp], clock }))
    expect(await sign(new Uint8Array(10))).toBe('ERR_ZIP_END_MISSING')
    expect(await sign(await forge(await sampleOfd(), { 'OFD.xml': undefined }))).toBe('ERR_OFD_MALFORMED')
    expect(await sign(await forge(await sampleOfd(), { 'OFD.xml': '<!DOCTYPE a><a/>' }))).toBe('ERR_OFD_MALFORMED')
    const two = (text: string) =>
      text.replace('</ofd:OFD>', `${/<ofd:DocBody>.*<\/ofd:DocBody>/s.exec(text)![0]}</ofd:OFD>`)
    expect(await sign(await forge(await sampleOfd(), { 'OFD.xml': two }))).toBe('ERR_OFD_UNSUPPORTED')
  })
})

describe('other tools agree', () => {
  const distid = ['-sigopt', 'distid:1234567812345678']
  const publicPem = (certificate: Uint8Array) => formatPem('PUBLIC KEY', parseCertificate(certificate).publicKey.spki)

  test.skipIf(!hasTool('openssl'))('openssl verifies signer and maker over the exact DER (needs openssl)', async () => {
    const value = (await filesOf(sealed)).get(`${folder}/SignedValue.dat`)!
    const { seal, certificate } = parseSesSignature(value)
    const [toSign, , , signature] = parseDer(value).children
    const [info, , , makerSignature] = parseDer(seal.der).children
    const check = (message: Uint8Array, sig: Uint8Array, pem: string) =>
      runTool('openssl', ['dgst', '-sm3', '-verify', 'pub.pem', '-signature', 'sig', ...distid, 'message'], {
        'pub.pem': pem,
        sig,
        message,
      })
    const signer = check(toSign!.bytes, signature!.content.subarray(1), publicPem(certificate))
    expect(signer).toMatchObject({ status: 0, output: expect.stringContaining('Verified OK') as unknown })
    const maker = check(info!.bytes, makerSignature!.content.subarray(1), publicPem(seal.maker.certificate))
    expect(maker).toMatchObject({ status: 0, output: expect.stringContaining('Verified OK') as unknown })
    const wrong = check(info!.bytes, signature!.content.subarray(1), publicPem(certificate))
    expect(wrong.status).not.toBe(0)
  })

  test.skipIf(!hasTool('openssl'))('openssl gives every digest of the description (needs openssl)', async () => {
    const files = await filesOf(sealed)
    const xml = new TextDecoder().decode(files.get(`${folder}/Signature.xml`))
    const references = [...xml.matchAll(/FileRef="\/([^"]+)"><ofd:CheckValue>([^<]+)</g)]
    const names = references.map(([, name]) => name)
    const free = ['Doc_0/Signs/Signatures.xml', `${folder}/Signature.xml`, `${folder}/SignedValue.dat`]
    expect(new Set(names)).toEqual(new Set([...files.keys()].filter((name) => !free.includes(name))))
    for (const [, name, value] of references) {
      const { output } = runTool('openssl', ['dgst', '-sm3', '-r', 'content'], { content: files.get(name!)! })
      expect([name, toBase64(Buffer.from(output.slice(0, 64), 'hex'))]).toEqual([name, value])
    }
    const { output } = runTool('openssl', ['dgst', '-sm3', '-r', 'content'], {
      content: files.get(`${folder}/Signature.xml`)!,
    })
    expect(output.slice(0, 64)).toBe(toHex(parseSesSignature(files.get(`${folder}/SignedValue.dat`)!).dataHash))
    expect(equalBytes(files.get(`${folder}/Seal.esl`)!, keys.seal)).toBe(true)
  })

  test.skipIf(!hasTool('xmllint'))('xmllint reads every XML of the package (needs xmllint)', async () => {
    for (const [name, content] of await filesOf(sealed)) {
      if (!name.endsWith('.xml')) continue
      const { status, output } = runTool('xmllint', ['--noout', '--nonet', 'file.xml'], { 'file.xml': content })
      expect([name, status, output]).toEqual([name, 0, ''])
      expect(parseXml(content).namespace).toBe('http://www.ofdspec.org/2016')
    }
  })

  test.skipIf(!hasTool('unzip'))('unzip tests the package without a complaint (needs unzip)', () => {
    const { status, output } = runTool('unzip', ['-t', 'sealed.ofd'], { 'sealed.ofd': sealed })
    expect(output).toContain('No errors detected')
    expect(status).toBe(0)
  })

  test('the digest of the seal file is in the description', async () => {
    const files = await filesOf(sealed)
    const xml = new TextDecoder().decode(files.get(`${folder}/Signature.xml`))
    expect(xml).toContain(toBase64(hash('sm3', keys.seal)))
  })
})
