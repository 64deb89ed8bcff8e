import { concatBytes, toBase64, utf8 } from '@zhicheng/core'
import { createSignedData, der, hash, parseDer } from '@zhicheng/crypto'
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
import { parseEsSeal } from './es-seal.ts'
import { signOfd } from './sign.ts'
import { type VerifyOfdOptions, verifyOfd } from './verify.ts'

let keys: OfdKeys
let sealed: Uint8Array
const folder = 'Doc_0/Signs/Sign_0'
const listFile = 'Doc_0/Signs/Signatures.xml'
const day = 86_400_000

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

describe('who signed and with which seal', () => {
  test('a signer that is not in the seal fails, though every signature holds', async () => {
    const other = await keys.authority.createSigner({ commonName: '样例他人', profile: 'document-signing' })
    const seal = keys.seal
    // The signer claims to be listed while signing, and is not when the result is verified.
    const listed = await createEsSeal(sealInput(other, keys.maker))
    const document = await sealedOfd(keys, { signer: other, seal: listed })
    const files = await filesOf(document)
    const description = utf8(
      new TextDecoder()
        .decode(files.get(`${folder}/Signature.xml`))
        .replace(toBase64(hash('sm3', listed)), toBase64(hash('sm3', seal))),
    )
    const toSign = der.sequence(
      der.integer(4),
      seal,
      der.generalizedTime(now),
      der.bitString(hash('sm3', description)),
      der.ia5String(`/${folder}/Signature.xml`),
    )
    const value = der.sequence(
      toSign,
      der.octetString(other.certificateChain[0].der),
      der.oid('1.2.156.10197.1.501'),
      der.bitString(await other.sign(toSign)),
    )
    const report = await first(
      await forge(document, {
        [`${folder}/Signature.xml`]: description,
        [`${folder}/Seal.esl`]: seal,
        [`${folder}/SignedValue.dat`]: value,
      }),
    )
    expect(report).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(codes(report)).toEqual(['OFD_LIST_OPEN', 'OFD_MAKERS_NOT_LISTED', 'ERR_OFD_SIGNER_NOT_IN_SEAL'])
  })

  test('a seal that somebody made for himself is not trusted', async () => {
    const stranger = await createOfdKeys()
    const report = await first(await sealedOfd(stranger))
    expect(report).toMatchObject({ verdict: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
    const selfMade = await createEsSeal(sealInput(keys.signer, keys.signer))
    const own = await first(await sealedOfd(keys, { seal: selfMade }))
    expect(own.verdict).toBe('INDETERMINATE')
    expect(codes(own)).toContain('OFD_SEAL_SELF_MADE')
  })

  test('with a list of seal makers, the seal of another maker fails', async () => {
    expect((await first(sealed, { makers: [keys.maker.certificateChain[0]] })).verdict).toBe('TOTAL-PASSED')
    const report = await first(sealed, { makers: [keys.signer.certificateChain[0]] })
    expect(report.verdict).toBe('TOTAL-FAILED')
    expect(codes(report)).toContain('ERR_OFD_MAKER_UNKNOWN')
  })

  test('a signer revoked before the signature fails, one revoked later leaves it open', async () => {
    for (const [offset, verdict, subIndication] of [
      [-1, 'TOTAL-FAILED', 'REVOKED'],
      [1, 'INDETERMINATE', 'REVOKED_NO_POE'],
    ] as const) {
      const own = await createOfdKeys()
      const document = await sealedOfd(own)
      own.authority.revoke(own.signer.certificateChain[0].serialNumber, new Date(now.getTime() + offset * 3_600_000))
      const at = new Date(now.getTime() + 2 * 3_600_000)
      const report = await verifyOfd(document, { trust: own.trust, crls: await own.crls(), at })
      expect(report.signatures[0]).toMatchObject({ verdict, subIndication, revocation: { status: 'revoked' } })
    }
  })

  test('a signature of an expired certificate is left open without a timestamp', async () => {
    const at = new Date(now.getTime() + 400 * day)
    const report = await first(sealed, { at })
    expect(report).toMatchObject({ verdict: 'INDETERMINATE', subIndication: 'OUT_OF_BOUNDS_NO_POE' })
  })

  test('a maker whose certificate was not valid when the seal was made fails', async () => {
    const maker = await keys.authority.createSigner({ commonName: '样例短期制章人', profile: 'seal-making', days: 1 })
    const seal = await createEsSeal(sealInput(keys.signer, maker))
    expect((await first(await sealedOfd(keys, { seal }))).verdict).toBe('TOTAL-PASSED')
    const early = der.generalizedTime(now)
    const late = der.generalizedTime(new Date(now.getTime() + 2 * day))
    const [info, ...rest] = await resign(seal, (bytes) => replaceOnce(bytes, early, late), maker)
    const clock = { now: () => new Date(now.getTime() + 3 * day) }
    const report = await first(await sealedOfd(keys, { seal: der.sequence(info!, ...rest), clock }), {
      at: clock.now(),
    })
    expect(report.verdict).toBe('TOTAL-FAILED')
    expect(codes(report)).toContain('ERR_OFD_MAKER_VALIDITY')
  })
})

describe('timestamps', () => {
  test('prove the time of a signature after its certificate expired', async () => {
    const { timestamps } = keys
    const document = await sealedOfd(keys, { timestamps })
    const tsaExpires = new Date(now.getTime() + 364 * day)
    expect(await first(document, { at: tsaExpires })).toMatchObject({
      verdict: 'TOTAL-PASSED',
      timeSource: 'timestamp',
      signedAt: '2026-11-24T08:00:00+08:00',
    })
    expect(await first(document, { trust: [], at: now })).toMatchObject({
      verdict: 'INDETERMINATE',
      timeSource: 'claimed',
    })
  })

  test('over something else fail', async () => {
    const imprint = { algorithm: 'sm3' as const, value: hash('sm3', utf8('something else')) }
    const timestamps = { timestamp: () => keys.timestamps.timestamp(imprint) }
    const report = await first(await sealedOfd(keys, { timestamps }))
    expect(report).toMatchObject({
      verdict: 'TOTAL-FAILED',
      subIndication: 'SIG_CRYPTO_FAILURE',
      timeSource: 'claimed',
    })
    expect(codes(report)).toContain('ERR_OFD_TIMESTAMP')
  })

  test('of a seal of version 5 hold, and fail when they are older than the seal says it is', async () => {
    const { signer, maker, timestamps } = keys
    const seal = await createEsSeal(sealInput(signer, maker, { version: 5, timestamps }))
    expect(await first(await sealedOfd(keys, { seal }))).toMatchObject({ verdict: 'TOTAL-PASSED', level: 'SES-v5' })
    const createdAt = new Date(now.getTime() + day)
    const early = await createEsSeal(sealInput(signer, maker, { version: 5, timestamps, createdAt }))
    expect(codes(await first(await sealedOfd(keys, { seal: early })))).toContain('ERR_OFD_TIMESTAMP')
  })

  test('have no place in version 1 signatures and in seals before version 5', async () => {
    const { signer, maker, timestamps } = keys
    expect(await codeOf(createEsSeal(sealInput(signer, maker, { timestamps })))).toBe('ERR_OFD_SEAL_INPUT')
    const seal = await createEsSeal(sealInput(signer, maker, { version: 1 }))
    expect(await codeOf(sealedOfd(keys, { seal, timestamps }))).toBe('ERR_OFD_UNSUPPORTED')
  })
})

describe('signatures without seal (Type="Sign")', () => {
  async function signed(value: (description: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
    const open = await forge(sealed, { [listFile]: (x) => x.replace('Type="Seal"', 'Type="Sign"') })
    const files = await filesOf(open)
    return forge(open, { [`${folder}/SignedValue.dat`]: await value(files.get(`${folder}/Signature.xml`)!) })
  }

  test('pass in both forms of GB/T 35275', async () => {
    const { signer } = keys
    const detached = await signed((xml) =>
      createSignedData({ signer, messageDigest: hash('sm3', xml), signingTime: now, profile: 'gm' }),
    )
    const digest = (xml: Uint8Array) => hash('sm3', xml)
    const enclosed = await signed((xml) =>
      createSignedData({
        signer,
        messageDigest: hash('sm3', digest(xml)),
        encapsulate: digest(xml),
        signingTime: now,
        profile: 'gm',
      }),
    )
    for (const document of [detached, enclosed]) {
      expect(await first(document)).toMatchObject({ verdict: 'TOTAL-PASSED', kind: 'signature', level: 'GBT35275' })
      const changed = await forge(document, { [`${folder}/Signature.xml`]: (x) => x.replace('140 220', '10 20') })
      expect(await first(changed)).toMatchObject({ verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' })
    }
  })

  test('are not passed when the value is a bare signature that names nobody', async () => {
    const report = await first(await signed((xml) => keys.signer.sign(xml)))
    expect(report).toMatchObject({
      verdict: 'INDETERMINATE',
      subIndication: 'GENERIC',
      chain: { status: 'not-checked' },
    })
  })
})

describe('what real files do is read, and reported', () => {
  test('r and s of 32 bytes each in place of a SEQUENCE', async () => {
    const value = (await filesOf(sealed)).get(`${folder}/SignedValue.dat`)!
    const fields = parseDer(value).children
    const [r, s] = parseDer(fields[3]!.content.subarray(1)).children.map(({ content }) => {
      const half = new Uint8Array(32)
      const digits = content.subarray(Math.max(0, content.length - 32))
      half.set(digits, 32 - digits.length)
      return half
    })
    const raw = der.sequence(...fields.slice(0, 3).map(({ bytes }) => bytes), der.bitString(concatBytes(r!, s!)))
    const report = await first(await forge(sealed, { [`${folder}/SignedValue.dat`]: raw }))
    expect(report.verdict).toBe('TOTAL-PASSED')
    expect(codes(report)).toContain('SES_SIGNATURE_RAW')
  })

  test('a seal that lists the digest of the certificate in place of the certificate', async () => {
    const { signer, maker } = keys
    const entry = (certificate: Uint8Array) =>
      der.sequence(der.printableString('1.2.156.10197.1.401'), der.octetString(hash('sm3', certificate)))
    const withDigest = async (certificate: Uint8Array) => {
      const [header, id, property, picture] = parseDer(parseEsSeal(keys.seal).info).children
      const [type, name, , , ...times] = property!.children.map(({ bytes }) => bytes)
      const listed = der.sequence(type!, name!, der.integer(2), der.sequence(entry(certificate)), ...times)
      const info = der.sequence(header!.bytes, id!.bytes, listed, picture!.bytes)
      return der.sequence(
        info,
        der.octetString(maker.certificateChain[0].der),
        der.oid('1.2.156.10197.1.501'),
        der.bitString(await maker.sign(info)),
      )
    }
    const own = await withDigest(signer.certificateChain[0].der)
    expect((await first(await sealedOfd(keys, { seal: own }))).verdict).toBe('TOTAL-PASSED')
    expect(await codeOf(sealedOfd(keys, { seal: await withDigest(maker.certificateChain[0].der) }))).toBe(
      'ERR_OFD_SIGNER_NOT_IN_SEAL',
    )
  })

  test('a signature that builds on another, which has to be there', async () => {
    const { signer, seal, clock } = keys
    const second = await signOfd(sealed, { signer, seal, stamps: [stamp], clock })
    const on = (id: string) =>
      forge(second, { [listFile]: (x) => x.replace('ID="s003"', `ID="s003" Relative="${id}"`) })
    expect((await judge(await on('s001'))).verdict).toBe('TOTAL-PASSED')
    const missing = (await judge(await on('s777'))).signatures[1]!
    expect(missing.verdict).toBe('TOTAL-FAILED')
    expect(codes(missing)).toContain('ERR_OFD_BASE_SIGNATURE')
  })

  test('an older namespace, and a relative place of the signature', async () => {
    const { signer, seal, clock } = keys
    const older = (text: string) => text.replace('http://www.ofdspec.org/2016', 'http://www.ofdspec.org')
    const document = await forge(await sampleOfd(), { 'OFD.xml': older, 'Doc_0/Document.xml': older })
    const signed = await signOfd(document, { signer, seal, stamps: [stamp], clock })
    const relative = await forge(signed, { [listFile]: (x) => x.replace('/Doc_0/Signs/Sign_0/', 'Sign_0/') })
    const report = await judge(relative)
    expect(report.verdict).toBe('TOTAL-PASSED')
    expect(report.findings.map(({ code }) => code)).toEqual(['OFD_NAMESPACE'])
  })
})

function replaceOnce(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from)
  const copy = bytes.slice()
  copy.set(to, at)
  return copy
}

/** The parts of a seal whose information was changed and signed again by its maker. */
async function resign(
  seal: Uint8Array,
  change: (info: Uint8Array) => Uint8Array,
  maker: OfdKeys['maker'],
): Promise<Uint8Array[]> {
  const info = change(parseEsSeal(seal).info)
  return [
    info,
    der.octetString(maker.certificateChain[0].der),
    der.oid('1.2.156.10197.1.501'),
    der.bitString(await maker.sign(info)),
  ]
}
