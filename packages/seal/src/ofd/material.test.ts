import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCertificate, parsePublicKey, verifySignature } from '@zhicheng/crypto'
import { describe, expect, test } from 'vitest'
import { ofdMaterial } from '../../test/ofd-support.ts'
import type { VerificationReport } from '../report.ts'
import { parseEsSeal } from './es-seal.ts'
import { parseSesSignature } from './ses-signature.ts'
import { verifyOfd } from './verify.ts'

const material = ofdMaterial()
const at = new Date('2026-11-24T00:00:00Z')

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(material!, path)))
}

function judge(name: string): Promise<VerificationReport> {
  return verifyOfd(read(`ofd/${name}`), { file: name, at })
}

function codes(findings: readonly { code: string }[] | undefined): string[] {
  return (findings ?? []).map(({ code }) => code)
}

describe.skipIf(!material)('documents that others signed (set ZHICHENG_MATERIAL to run)', () => {
  test('v4signed.ofd is intact, with a forgiven path and a file nothing refers to', async () => {
    const report = await judge('v4signed.ofd')
    expect(report).toMatchObject({
      verdict: 'INDETERMINATE',
      signatures: [
        {
          subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
          level: 'SES-v4',
          signedAt: '2020-10-10T15:11:20+08:00',
          coverage: 'whole-file',
        },
      ],
    })
    expect(codes(report.findings)).toEqual(['OFD_LOCATION_CASE'])
    expect(codes(report.signatures[0]?.findings)).toContain('OFD_FILE_UNREFERENCED')
    expect(codes(report.signatures[0]?.findings)).toContain('OFD_LIST_OPEN')
  })

  test('999.ofd is intact, but does not protect OFD.xml', async () => {
    const report = await judge('999.ofd')
    expect(report).toMatchObject({
      verdict: 'INDETERMINATE',
      signatures: [
        {
          subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
          signedAt: '2020-08-17T19:13:29+08:00',
          coverage: 'partial',
        },
      ],
    })
    expect(codes(report.findings)).toEqual(['OFD_COUNTER_GAP'])
    expect(codes(report.signatures[0]?.findings)).toContain('OFD_COVERAGE_INCOMPLETE')
  })

  test('V4RideRight.ofd, a seam seal, is intact and covers everything; one resource is missing', async () => {
    const report = await judge('V4RideRight.ofd')
    expect(report).toMatchObject({
      verdict: 'INDETERMINATE',
      signatures: [{ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND', coverage: 'whole-file', changes: { level: 'none' } }],
    })
    expect(codes(report.findings)).toEqual(['OFD_LOCATION_DANGLING'])
    expect(codes(report.signatures[0]?.findings)).not.toContain('OFD_LIST_OPEN')
  })

  test('h.ofd: the second signature is intact, the first fails because the second came after it closed the document', async () => {
    const [first, second] = (await judge('h.ofd')).signatures
    expect(first).toMatchObject({ id: 's001', verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' })
    expect(first?.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual([
      'ERR_OFD_SIGNED_AFTER_CLOSING',
    ])
    expect(second).toMatchObject({ id: 's007', verdict: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
  })

  test('SESV4SignDoc.ofd fails, because seal and certificate had expired', async () => {
    const [signature] = (await judge('SESV4SignDoc.ofd')).signatures
    expect(signature).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'EXPIRED' })
    expect(codes(signature?.findings)).toEqual(
      expect.arrayContaining(['ERR_OFD_SEAL_VALIDITY', 'ERR_OFD_SIGNER_VALIDITY']),
    )
    expect(codes(signature?.findings)).not.toContain('ERR_OFD_SIGNER_SIGNATURE')
  })

  test('n.ofd fails in every digest and in the signature, while the maker of its seal holds', async () => {
    const [signature] = (await judge('n.ofd')).signatures
    expect(signature).toMatchObject({ verdict: 'TOTAL-FAILED', level: 'SES-v1', signedAt: '2020-01-25T15:31:56+08:00' })
    const found = codes(signature?.findings)
    expect(found.filter((code) => code === 'ERR_OFD_DIGEST_MISMATCH')).toHaveLength(6)
    expect(found).toEqual(
      expect.arrayContaining([
        'ERR_OFD_DATA_HASH',
        'ERR_OFD_SIGNER_SIGNATURE',
        'ERR_OFD_SIGNER_NOT_IN_SEAL',
        'SES_TIME_TEXT',
        'SES_HOLDER_UNREADABLE',
      ]),
    )
    expect(found).not.toContain('ERR_OFD_MAKER_SIGNATURE')
    expect(found).not.toContain('ERR_OFD_SEAL_FILE_DIFFERS')
  })

  test('hello-integrity.ofd has a complete list under a valid signature, which protects names only', async () => {
    const report = await judge('hello-integrity.ofd')
    expect(report.signatures).toHaveLength(1)
    expect(report.signatures[0]).toMatchObject({
      kind: 'integrity',
      verdict: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      level: 'GBT35275',
      algorithm: 'sm2-sm3',
    })
    expect(codes(report.signatures[0]?.findings)).toContain('OFD_INTEGRITY_NAMES_ONLY')
  })

  test.each([
    'helloworld.ofd',
    'test-ofda.ofd',
    '透明度文字.ofd',
    'namespace_no_std.ofd',
    '发票监制章-数科.ofd',
    '文字横向-数科.ofd',
  ])('%s opens, and has no signature', async (name) => {
    const report = await judge(name)
    expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', signatures: [] })
    expect(codes(report.findings)).toContain('ERR_SEAL_NO_SIGNATURE')
    const older = ['namespace_no_std.ofd', '发票监制章-数科.ofd', '文字横向-数科.ofd'].includes(name)
    expect(codes(report.findings).includes('OFD_NAMESPACE')).toBe(older)
  })
})

describe.skipIf(!material)('seals and signatures that others made (set ZHICHENG_MATERIAL to run)', () => {
  const check = (certificate: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    verifySignature({ algorithm: 'sm2-sm3', publicKey: parseCertificate(certificate).publicKey, message, signature })

  test.each([
    ['UserV1.esl', 1, false],
    ['UserV4.esl', 4, true],
    ['UserV5.esl', 5, true],
    ['UserV5_ts.esl', 5, true],
  ] as const)(
    '%s is of version %i, and its maker signed by the rule of that version',
    async (name, version, infoAlone) => {
      const seal = parseEsSeal(read(`seals/${name}`))
      expect(seal.version).toBe(version)
      const { certificate, signedBytes, signature } = seal.maker
      expect(await check(certificate, signedBytes, signature)).toBe(true)
      expect(await check(certificate, seal.info, signature)).toBe(infoAlone)
      expect(seal.picture).toMatchObject({ type: 'PNG', width: 40, height: 40 })
    },
  )

  test('UserV5_ts.esl carries a placeholder where the timestamp belongs', () => {
    expect([...(parseEsSeal(read('seals/UserV5_ts.esl')).timestamp ?? [])]).toEqual([1, 2, 3])
  })

  test.each([
    ['SignedValueV4.dat', 4, '2020-10-12T11:14:03.000Z'],
    ['SignedValueV5.dat', 5, '2026-04-24T08:53:26.000Z'],
  ] as const)('%s holds in signer and maker, and belongs to no document', async (name, version, time) => {
    const value = parseSesSignature(read(`seals/${name}`))
    expect([value.version, value.signedAt?.toISOString()]).toEqual([version, time])
    expect(await check(value.certificate, value.toSign, value.signature)).toBe(true)
    expect(await check(value.seal.maker.certificate, value.seal.maker.signedBytes, value.seal.maker.signature)).toBe(
      true,
    )
    expect(value.dataHash.every((byte) => byte === 0)).toBe(true)
  })

  test('the maker of UserV4.esl is not the holder of it', async () => {
    const { maker, holders } = parseEsSeal(read('seals/UserV4.esl'))
    const holder = holders.kind === 'certificates' ? holders.certificates[0]! : new Uint8Array()
    expect(
      await verifySignature({
        algorithm: 'sm2-sm3',
        publicKey: parsePublicKey(parseCertificate(holder).publicKey.spki),
        message: maker.signedBytes,
        signature: maker.signature,
      }),
    ).toBe(false)
  })
})
