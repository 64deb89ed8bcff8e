import { utf8 } from '@zhicheng/core'
import { writeZip } from '@zhicheng/formats'
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
import { codeOf, now } from '../../test/support.ts'
import type { SignatureReport, VerificationReport } from '../report.ts'
import { createEsSeal } from './create-es-seal.ts'
import { signOfd } from './sign.ts'
import { type VerifyOfdOptions, verifyOfd } from './verify.ts'

let keys: OfdKeys
let sealed: Uint8Array
const folder = 'Doc_0/Signs/Sign_0'
const listFile = 'Doc_0/Signs/Signatures.xml'

beforeAll(async () => {
  keys = await createOfdKeys()
  sealed = await sealedOfd(keys)
})

async function judge(ofd: Uint8Array, options: VerifyOfdOptions = {}): Promise<VerificationReport> {
  return verifyOfd(ofd, { trust: keys.trust, crls: await keys.crls(), at: now, ...options })
}

async function first(ofd: Uint8Array, options: VerifyOfdOptions = {}): Promise<SignatureReport> {
  return (await judge(ofd, options)).signatures[0]!
}

function codes(report: Pick<SignatureReport, 'findings'>): string[] {
  return report.findings.map(({ code }) => code)
}

describe('a forgery never passes, and says why', () => {
  test.each<[string, Parameters<typeof forge>[1], string, string]>([
    [
      'a page that was changed',
      { 'Doc_0/Pages/Page_0/Content.xml': (x) => x.replace('食品', '药品') },
      'HASH_FAILURE',
      'ERR_OFD_DIGEST_MISMATCH',
    ],
    [
      'a document structure that was changed',
      { 'Doc_0/Document.xml': (x) => x.replace('297', '298') },
      'HASH_FAILURE',
      'ERR_OFD_DIGEST_MISMATCH',
    ],
    [
      'a title that was changed',
      { 'OFD.xml': (x) => x.replace('样例许可证', '真实许可证') },
      'HASH_FAILURE',
      'ERR_OFD_DIGEST_MISMATCH',
    ],
    [
      'a page that was removed',
      { 'Doc_0/Pages/Page_1/Content.xml': undefined },
      'HASH_FAILURE',
      'ERR_OFD_REFERENCE_MISSING',
    ],
    [
      'a seal that was moved on the page',
      { [`${folder}/Signature.xml`]: (x) => x.replace('140 220', '10 20') },
      'HASH_FAILURE',
      'ERR_OFD_DATA_HASH',
    ],
    [
      'a file that is no longer protected',
      {
        [`${folder}/Signature.xml`]: (x) =>
          x.replace(/<ofd:Reference FileRef="\/Doc_0\/Pages\/Page_1.*?<\/ofd:Reference>/, ''),
      },
      'HASH_FAILURE',
      'ERR_OFD_DATA_HASH',
    ],
    [
      'a weak digest',
      { [`${folder}/Signature.xml`]: (x) => x.replace('1.2.156.10197.1.401"', 'MD5"') },
      'HASH_FAILURE',
      'ERR_OFD_DIGEST_WEAK',
    ],
    [
      'no digest named, which means MD5',
      { [`${folder}/Signature.xml`]: (x) => x.replace(' CheckMethod="1.2.156.10197.1.401"', '') },
      'HASH_FAILURE',
      'ERR_OFD_DIGEST_WEAK',
    ],
    [
      'an unknown digest',
      { [`${folder}/Signature.xml`]: (x) => x.replace('1.2.156.10197.1.401"', '1.2.3"') },
      'FORMAT_FAILURE',
      'ERR_OFD_DIGEST_UNKNOWN',
    ],
    [
      'a protected path that climbs',
      { [`${folder}/Signature.xml`]: (x) => x.replace('/Doc_0/Document.xml', '/Doc_0/../Doc_0/Document.xml') },
      'HASH_FAILURE',
      'ERR_OFD_REFERENCE_MISSING',
    ],
    [
      'a file that nothing refers to',
      { 'Doc_0/extra.bin': 'hidden' },
      'SIG_CONSTRAINTS_FAILURE',
      'ERR_OFD_FILE_UNCOVERED',
    ],
    [
      'a signature value that is missing',
      { [`${folder}/SignedValue.dat`]: undefined },
      'FORMAT_FAILURE',
      'ERR_OFD_ENTRY_MISSING',
    ],
    [
      'a signature value that is none',
      { [`${folder}/SignedValue.dat`]: '\u0030\u0003\u0002\u0001\u0001' },
      'FORMAT_FAILURE',
      'ERR_OFD_SIGNATURE_FORMAT',
    ],
    [
      'a description that is missing',
      { [`${folder}/Signature.xml`]: undefined },
      'FORMAT_FAILURE',
      'ERR_OFD_ENTRY_MISSING',
    ],
    [
      'a seal passed off as a plain signature',
      { [listFile]: (x) => x.replace('Type="Seal"', 'Type="Sign"') },
      'GENERIC',
      'OFD_VALUE_NOT_CHECKED',
    ],
  ])('%s', async (_, changes, subIndication, code) => {
    const report = await judge(await forge(sealed, changes))
    expect(report.verdict).not.toBe('TOTAL-PASSED')
    expect(report.signatures[0]?.subIndication).toBe(subIndication)
    expect(codes(report.signatures[0]!)).toContain(code)
  })

  test('a seal file that was exchanged for another valid seal', async () => {
    const other = await createEsSeal(sealInput(keys.signer, keys.maker, { name: '样例另一机关' }))
    const report = await first(await forge(sealed, { [`${folder}/Seal.esl`]: other }))
    expect(report.verdict).toBe('TOTAL-FAILED')
    expect(codes(report)).toEqual(expect.arrayContaining(['ERR_OFD_DIGEST_MISMATCH', 'ERR_OFD_SEAL_FILE_DIFFERS']))
  })

  test('a signature carried over from another document', async () => {
    const { signer, seal, clock } = keys
    const other = await signOfd(
      await forge(await sampleOfd(), { 'OFD.xml': (x) => x.replace('样例许可证', '另一样例') }),
      { signer, seal, stamps: [stamp], clock },
    )
    const taken = (await filesOf(other)).get(`${folder}/SignedValue.dat`)
    const report = await first(await forge(sealed, { [`${folder}/SignedValue.dat`]: taken }))
    expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' })
    expect(codes(report)).toContain('ERR_OFD_DATA_HASH')
  })

  test('a file that fills a place which the sealed document left empty', async () => {
    const { signer, seal, clock } = keys
    const dangling = await forge(await sampleOfd(), { 'Doc_0/DocumentRes.xml': undefined })
    const document = await signOfd(dangling, { signer, seal, stamps: [stamp], clock })
    expect((await judge(document)).verdict).toBe('TOTAL-PASSED')
    const filled = await first(
      await forge(document, { 'Doc_0/DocumentRes.xml': '<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016"/>' }),
    )
    expect(filled).toMatchObject({ verdict: 'TOTAL-FAILED', coverage: 'partial', changes: { level: 'other' } })
  })

  test('a smuggled file that poses as a part of a second, worthless signature', async () => {
    const { signer, seal, clock } = keys
    const document = await signOfd(await forge(await sampleOfd(), { 'Doc_0/DocumentRes.xml': undefined }), {
      signer,
      seal,
      stamps: [stamp],
      clock,
    })
    const forged = await forge(document, {
      'Doc_0/DocumentRes.xml':
        '<ofd:Signature xmlns:ofd="http://www.ofdspec.org/2016"><ofd:SignedInfo/></ofd:Signature>',
      [listFile]: (x) =>
        x.replace('</ofd:Signatures>', '<ofd:Signature ID="s9" BaseLoc="/Doc_0/DocumentRes.xml"/></ofd:Signatures>'),
    })
    expect((await first(forged)).verdict).toBe('TOTAL-FAILED')
  })

  test('another document that an unprotected OFD.xml leads to', async () => {
    const report = await first(
      await forge(sealed, {
        'OFD.xml': (x) => x.replace('Doc_0/Document.xml', 'Doc_1/Document.xml'),
        'Doc_1/Document.xml': '<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"/>',
      }),
    )
    expect(report.verdict).toBe('TOTAL-FAILED')
  })

  test('a list without the signature, and an entry file without the list', async () => {
    for (const changes of [
      { [listFile]: (x: string) => x.replace(/<ofd:Signature ID.*?\/>/, '') },
      { 'OFD.xml': (x: string) => x.replace(/<ofd:Signatures>.*?<\/ofd:Signatures>/, '') },
    ]) {
      const report = await judge(await forge(sealed, changes))
      expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', signatures: [] })
      expect(report.findings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['ERR_SEAL_NO_SIGNATURE', 'OFD_SIGNATURE_UNLISTED']),
      )
    }
  })

  test('two signatures of one identifier, and a list that is not there', async () => {
    const twice = await judge(
      await forge(sealed, { [listFile]: (x) => x.replace(/(<ofd:Signature ID.*?\/>)/, '$1$1') }),
    )
    expect(twice.verdict).toBe('TOTAL-FAILED')
    expect((await judge(await forge(sealed, { [listFile]: undefined }))).verdict).toBe('TOTAL-FAILED')
  })

  test('names that stand twice, and names that differ in case alone, are not opened', async () => {
    const files = [...(await filesOf(sealed))].map(([name, content]) => ({ name, content }))
    const bytes = Buffer.from(await writeZip([...files, { name: 'Doc_0/PublicRez.xml', content: utf8('x') }]))
    const renamed = (name: string) =>
      new Uint8Array(Buffer.from(bytes.toString('latin1').replaceAll('Doc_0/PublicRez.xml', name), 'latin1'))
    expect((await judge(renamed('Doc_0/PublicRez.xml'))).verdict).toBe('TOTAL-FAILED')
    expect(await codeOf(judge(renamed('Doc_0/PublicRes.xml')))).toBe('ERR_ZIP_DUPLICATE_NAME')
    expect(await codeOf(judge(renamed('Doc_0/PUBLICRES.xml')))).toBe('ERR_ZIP_NAME_TWIN')
    expect(await codeOf(judge(renamed('Doc_0/../Public.xml')))).toBe('ERR_ZIP_NAME_UNSAFE')
  })

  test('bytes before the archive are read, reported, and change nothing', async () => {
    const report = await judge(new Uint8Array([...utf8('prefix'), ...sealed]))
    expect(report.findings.map(({ code }) => code)).toEqual(['ZIP_LEADING_BYTES'])
    expect(report.verdict).toBe('TOTAL-PASSED')
  })

  test('no single changed byte of the signature value passes', async () => {
    const value = (await filesOf(sealed)).get(`${folder}/SignedValue.dat`)!
    const step = Math.max(1, Math.floor(value.length / 60))
    for (let at = 0; at < value.length; at += step) {
      const broken = value.slice()
      broken[at]! ^= 0x01
      const { verdict } = await judge(await forge(sealed, { [`${folder}/SignedValue.dat`]: broken }))
      expect([at, verdict]).toEqual([at, 'TOTAL-FAILED'])
    }
  })
})
