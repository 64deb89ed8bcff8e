import { formatPem, type PublicKey, parseCertificate, parseDer, verifySignature } from '@zhicheng/crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createOfdKeys, type OfdKeys, pixel, sealInput } from '../../test/ofd-support.ts'
import { codeOf, hasTool, now, runTool } from '../../test/support.ts'
import { createEsSeal, type EsSealInput } from './create-es-seal.ts'
import { parseEsSeal } from './es-seal.ts'
import { parseClaimedTime } from './ses-signature.ts'

let keys: OfdKeys
let makerKey: PublicKey

beforeAll(async () => {
  keys = await createOfdKeys()
  makerKey = keys.maker.certificateChain[0].publicKey
})

const make = (changes: Partial<EsSealInput> = {}) => createEsSeal(sealInput(keys.signer, keys.maker, changes))

describe('a seal that was made', () => {
  test.each([1, 4, 5] as const)('says in version %i what was asked for', async (version) => {
    const seal = parseEsSeal(await make({ version, type: 4, id: 'SAMPLE-1' }))
    expect(seal).toMatchObject({
      version,
      id: 'SAMPLE-1',
      vendor: 'ZHICHENG',
      type: 4,
      name: '样例市政务服务中心 测试专用',
      createdAt: now,
      validFrom: now,
      picture: { type: 'png', width: 42, height: 42, data: pixel },
      extensions: [],
      deviations: [],
    })
    expect(seal.holders).toEqual({ kind: 'certificates', certificates: [keys.signer.certificateChain[0].der] })
  })

  test.each([
    [1, 'information, certificate and algorithm', false],
    [4, 'the information alone', true],
    [5, 'the information alone', true],
  ] as const)('is signed in version %i over %s', async (version, _, infoAlone) => {
    const { maker, info } = parseEsSeal(await make({ version }))
    const check = (message: Uint8Array) =>
      verifySignature({ algorithm: 'sm2-sm3', publicKey: makerKey, message, signature: maker.signature })
    expect(await check(maker.signedBytes)).toBe(true)
    expect(await check(info)).toBe(infoAlone)
  })

  test.skipIf(!hasTool('openssl'))('is read by openssl, which verifies the maker (needs openssl)', async () => {
    const bytes = await make()
    const { status, output } = runTool('openssl', ['asn1parse', '-inform', 'DER', '-in', 'seal'], { seal: bytes })
    expect(status).toBe(0)
    expect(output).toContain('SM2-with-SM3')
    const [info, certificate, , signature] = parseDer(bytes).children
    const verified = runTool(
      'openssl',
      ['dgst', '-sm3', '-verify', 'pub', '-signature', 'sig', '-sigopt', 'distid:1234567812345678', 'info'],
      {
        pub: formatPem('PUBLIC KEY', parseCertificate(certificate!.content).publicKey.spki),
        sig: signature!.content.subarray(1),
        info: info!.bytes,
      },
    )
    expect(verified.output).toContain('Verified OK')
  })
})

describe('what makes no seal', () => {
  test.each<[string, Partial<EsSealInput>]>([
    ['no name', { name: ' ' }],
    ['no picture', { picture: { type: 'png', data: new Uint8Array(), width: 42, height: 42 } }],
    ['a size in fractions', { picture: { type: 'png', data: pixel, width: 42.5, height: 42 } }],
    ['a type of picture that is not ASCII', { picture: { type: '图', data: pixel, width: 42, height: 42 } }],
    ['nobody to use it', { certificates: [] }],
    ['a validity that ends before it begins', { validUntil: new Date(0) }],
    ['a version that does not exist', { version: 3 as 4 }],
    ['a date that version 1 cannot write', { version: 1, validUntil: new Date('2050-01-02T00:00:00Z') }],
  ])('%s', async (_, changes) => {
    expect(await codeOf(make(changes))).toBe('ERR_OFD_SEAL_INPUT')
  })

  test('a maker whose certificate is not valid yet, or whose key does not fit', async () => {
    expect(await codeOf(make({ createdAt: new Date('2020-01-01T00:00:00Z') }))).toBe('ERR_OFD_SIGNER_VALIDITY')
    const maker = { ...keys.maker, sign: (message: Uint8Array) => keys.signer.sign(message) }
    expect(await codeOf(make({ maker }))).toBe('ERR_OFD_SIGNER_OUTPUT')
  })
})

describe('reading seals from strangers', () => {
  test('every cut and every changed byte is refused with a code or read, and never hangs or throws otherwise', async () => {
    const bytes = await make()
    for (let length = 0; length < bytes.length; length += 7) {
      expect(await codeOf(Promise.resolve().then(() => parseEsSeal(bytes.subarray(0, length))))).toBe(
        'ERR_OFD_SEAL_FORMAT',
      )
    }
    for (let at = 0; at < bytes.length; at += 1) {
      const broken = bytes.slice()
      broken[at]! ^= 0x55
      const code = await codeOf(Promise.resolve().then(() => parseEsSeal(broken)))
      expect([undefined, 'ERR_OFD_SEAL_FORMAT']).toContain(code)
    }
  })

  test('times in text are China time unless they say otherwise', () => {
    expect(parseClaimedTime('2020-07-16 16:04:27')?.toISOString()).toBe('2020-07-16T08:04:27.000Z')
    expect(parseClaimedTime('20200817111329Z')?.toISOString()).toBe('2020-08-17T11:13:29.000Z')
    expect(parseClaimedTime('20200723130907.763Z')?.toISOString()).toBe('2020-07-23T13:09:07.763Z')
    expect(parseClaimedTime('20201010151120')?.toISOString()).toBe('2020-10-10T07:11:20.000Z')
    expect(parseClaimedTime('yesterday')).toBeUndefined()
    expect(parseClaimedTime('20201399000000Z')).toBeUndefined()
  })
})
