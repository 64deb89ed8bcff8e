import { concatBytes, fromHex, toHex, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from './certificate.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { createSignedData } from './cms-create.ts'
import { parseSignedData } from './cms-parse.ts'
import { verifySignedData } from './cms-verify.ts'
import { parseCertificateList, verifyCertificateList } from './crl.ts'
import { der, parseDer, readOid, readTime } from './der.ts'
import { hash } from './hash.ts'
import { attributeOid } from './lib/cms/cms-oids.ts'
import { formatAttribute } from './lib/cms/signed-data-format.ts'
import { parsePem } from './pem.ts'
import { parsePrivateKey } from './private-key.ts'
import { parsePublicKey } from './public-key.ts'
import { createTestAuthority } from './testing.ts'

// Each of these was found by the fuzzer of this package.

const content = utf8('样例')
const messageDigest = hash('sha256', content)
const authority = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
const invalidDer = expect.objectContaining({ code: 'ERR_DER_INVALID' })

describe('a Buffer, whose slice shares memory where that of other arrays copies', () => {
  it('with a message is not written to, and says the same each time', async () => {
    const message = Buffer.from(await createSignedData({ signer, messageDigest }))
    const before = message.toString('hex')
    for (let round = 0; round < 2; round += 1) {
      const result = await verifySignedData(parseSignedData(message), { content })
      expect(result.status).toBe('valid')
      expect(message.toString('hex')).toBe(before)
    }
  })

  it('may change after a certificate or a key was read from it', () => {
    const [certificate] = signer.certificateChain
    const file = Buffer.from(certificate.der)
    const spki = Buffer.from(certificate.publicKey.spki)
    const read = parseCertificate(file)
    const key = parsePublicKey(spki)
    file.fill(0)
    spki.fill(0)
    expect(read).toEqual(certificate)
    expect(key).toEqual(certificate.publicKey)
    const secret = Buffer.from(parseDer(pkcs8Of(signer.privateKeyPem)).bytes)
    expect(parsePrivateKey(secret).publicKey).toEqual(certificate.publicKey)
  })

  it('with a list whose scope is by reason and by relative name is not written to', async () => {
    const relative = der.sequence(der.oid('2.5.4.3'), der.utf8String('样例'))
    const scope = der.sequence(
      der.explicit(0, der.implicit(1, der.setOf(relative))),
      der.implicit(3, der.namedBits([1, 2])),
    )
    const plain = parseDer(await authority.currentCrl()).children[0]!.children
    const extensions = plain.at(-1)!.children[0]!.children.map(({ bytes }) => bytes)
    const added = der.sequence(der.oid('2.5.29.28'), der.boolean(true), der.octetString(scope))
    const tbs = der.sequence(
      plain.slice(0, -1).map(({ bytes }) => bytes),
      der.explicit(0, der.sequence(extensions, added)),
    )
    const signature = der.bitString(await authority.signer.sign(tbs))
    const file = Buffer.from(der.sequence(tbs, plain[1]!.bytes, signature))
    const before = file.toString('hex')
    const list = parseCertificateList(file)
    await verifyCertificatePath({
      leaf: signer.certificateChain[0],
      anchors: [authority.certificate],
      crls: [list],
      at: new Date(),
    })
    expect(file.toString('hex')).toBe(before)
    await expect(verifyCertificateList(list, authority.certificate.publicKey)).resolves.toBe(true)
  })

  it('given to der.implicit stays what it was', () => {
    const value = Buffer.from(der.octetString(content))
    expect(der.implicit(0, value)[0]).toBe(0x80)
    expect(value[0]).toBe(0x04)
  })
})

describe('values that another reader would read as something else', () => {
  it.each(['260101006000Z', '260101000060Z', '260101240000Z', '260230000000Z', '260001000000Z', '261301000000Z'])(
    'the UTCTime %s is refused',
    (text) => {
      const [node] = parseDer(der.sequence(der.implicit(23, der.octetString(utf8(text))))).children
      const universal = concatBytes(Uint8Array.of(0x17), node!.bytes.subarray(1))
      expect(() => readTime(parseDer(universal))).toThrow(invalidDer)
    },
  )

  it.each(['00501301000000Z', '20260101005961Z', '20250229000000Z'])('the GeneralizedTime %s is refused', (text) => {
    expect(() => readTime(parseDer(concatBytes(Uint8Array.of(0x18, text.length), utf8(text))))).toThrow(invalidDer)
  })

  it('times at the edges of what exists are read', () => {
    for (const date of ['2049-12-31T23:59:59Z', '1950-01-01T00:00:00Z', '2024-02-29T12:00:00Z'].map(
      (text) => new Date(text),
    )) {
      expect(readTime(parseDer(der.utcTime(date)))).toEqual(date)
      expect(readTime(parseDer(der.generalizedTime(date)))).toEqual(date)
    }
    const late = new Date('9999-12-31T23:59:59Z')
    expect(readTime(parseDer(der.generalizedTime(late)))).toEqual(late)
  })

  it('a time or a type of megabytes is refused and costs nothing', () => {
    const digits = new Uint8Array(4_000_000).fill(0x31)
    const time = der.octetString(digits)
    time[0] = 0x17
    expect(() => readTime(parseDer(time))).toThrow(invalidDer)
    const type = der.octetString(digits)
    type[0] = 0x06
    expect(() => readOid(parseDer(type))).toThrow(invalidDer)
  })

  it.each(['AA=', 'AAAA=', 'AAAA==', '=', '=='])('Base64 with wrong padding, %s, is refused with a code', (body) => {
    expect(() => parsePem(`-----BEGIN X-----\n${body}\n-----END X-----`)).toThrow(
      expect.objectContaining({ code: 'ERR_PEM_INVALID' }),
    )
    expect(() => parsePublicKey(body)).toThrow(expect.objectContaining({ code: 'ERR_BYTES_NOT_BASE64' }))
  })
})

describe('messages', () => {
  const [certificate] = signer.certificateChain
  const digest = der.sequence(der.oid('2.16.840.1.101.3.4.2.1'))
  const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2'))

  async function message(options: {
    type?: string
    attributes?: Uint8Array
    algorithm?: Uint8Array
  }): Promise<Uint8Array> {
    const { type = '1.2.840.113549.1.7.1', attributes } = options
    const info = der.sequence(
      der.integer(1),
      der.sequence(certificate.issuer.der, der.unsignedInteger(fromHex(certificate.serialNumber))),
      digest,
      ...(attributes ? [der.implicit(0, attributes)] : []),
      options.algorithm ?? algorithm,
      der.octetString(await signer.sign(attributes ?? content)),
    )
    const body = der.sequence(
      der.integer(1),
      der.setOf(digest),
      der.sequence(der.oid(type)),
      der.implicit(0, der.setOf(certificate.der)),
      der.setOf(info),
    )
    return der.sequence(der.oid('1.2.840.113549.1.7.2'), der.explicit(0, body))
  }

  it('without signed attributes hold plain data only, because nothing protects another type (RFC 5652, 5.3)', async () => {
    const plain = await verifySignedData(parseSignedData(await message({})), { content })
    expect(plain.status).toBe('valid')
    const typed = await verifySignedData(parseSignedData(await message({ type: '1.2.3.4' })), { content })
    expect(typed.status).toBe('signature-invalid')
    expect(typed.findings.map(({ code }) => code)).toContain('CMS_ATTRIBUTE_MISSING')
  })

  it('that protect their algorithms and then name none are refused, not a crash', async () => {
    const attributes = der.setOf(
      formatAttribute(attributeOid.contentType, der.oid('1.2.840.113549.1.7.1')),
      formatAttribute(attributeOid.messageDigest, der.octetString(messageDigest)),
      formatAttribute(attributeOid.algorithmProtection, der.sequence(digest, der.implicit(1, algorithm))),
    )
    const good = await verifySignedData(parseSignedData(await message({ attributes })), { content })
    expect(good.status).toBe('valid')
    const bare = await message({ attributes, algorithm: der.sequence() })
    const result = await verifySignedData(parseSignedData(bare), { content })
    expect(result.status).toBe('signature-invalid')
    expect(result.findings.map(({ code }) => code)).toContain('CMS_ALGORITHM_MISMATCH')
  })
})

function pkcs8Of(pem: string): Uint8Array {
  const [block] = parsePem(pem)
  expect(toHex(block!.bytes)).toMatch(/^30/)
  return block!.bytes
}
